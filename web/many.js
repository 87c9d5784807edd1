// Many pictures at once: a list in their order, with what is done, how often each label was the answer, and downloads.

import { element, percent, readable, shown } from './format.js'
import { isValue, labelKey, model, status } from './model.js'
import { answer, fillFrom, resultOf, thumbnailOf } from './picture.js'
import { fail, WORDS } from './result.js'
import { wordsOf } from './waiting.js'

/** How many pictures are sent at the same time: enough to keep the service busy, and few enough to leave room for others. */
const PARALLEL = 4

/** How many labels the summary names. */
const COUNTS_LIMIT = 8

/** After how many pictures screen readers hear how far it is: quarters. */
const SPOKEN_SHARE = 4

/** Programs that open CSV take a text with such a beginning for a formula. */
const FORMULA = /^[=+\-@\t\r]/

const waiting = []
let running = 0

function next () {
  while (running < PARALLEL && waiting.length > 0) {
    running++
    waiting.shift()().finally(() => {
      running--
      next()
    })
  }
}

/**
 * Makes the list of several pictures, `{ file, name }` each, and begins to ask for their answers. Those of an earlier page
 * have their answers already. Returns the element, and `stop`, which gives up what is not answered yet.
 */
export function listOf (items, note = '') {
  const section = document.querySelector('#many').content.cloneNode(true).firstElementChild
  const [title, go, done, progress, list] = ['h2', '.go', '.done', 'progress', '.list'].map(part => section.querySelector(part))
  const rows = items.map(item => list.appendChild(rowOf(item)))
  const total = items.length.toLocaleString('en')
  let stopper
  let isDrawing = false

  title.textContent = `${total} pictures`
  progress.max = items.length
  const remark = section.querySelector('.note')
  remark.textContent = note
  remark.hidden = note === ''

  const left = () => items.filter(({ answered, file }) => !answered && file)

  /** Shows how far it is. Many answers at once draw it once. */
  function draw () {
    if (isDrawing) return
    isDrawing = true
    requestAnimationFrame(() => {
      isDrawing = false
      const answered = items.filter(item => item.answered)
      const failed = items.filter(({ error }) => error).length
      const finished = answered.length + failed
      progress.value = finished
      progress.hidden = !stopper
      done.textContent = `${finished.toLocaleString('en')} of ${total}${failed > 0 ? `, ${failed.toLocaleString('en')} without an answer` : ''}`
      go.hidden = !stopper && left().length === 0
      go.textContent = stopper ? 'Cancel' : finished < items.length ? 'Go on' : 'Try again'
      for (const button of section.querySelectorAll('[data-format]')) button.disabled = finished === 0
      drawSummary(section, answered)
    })
  }

  function start () {
    const { signal } = stopper = new AbortController()
    const todo = left()
    let ended = 0
    status.textContent = `${todo.length} pictures are sent`
    for (const item of todo) {
      item.error = undefined
      const row = rows[items.indexOf(item)]
      say(row, 'Waiting')
      waiting.push(async () => {
        if (!signal.aborted) await ask(item, row, signal)
        ended++
        if (ended === todo.length) {
          stopper = undefined
          const lost = items.filter(({ answered }) => !answered).length
          status.textContent = signal.aborted ? `Stopped. ${remark.textContent} ${lost} pictures have no answer.` : `All ${total} pictures are done${lost > 0 ? `, ${lost} without an answer` : ''}`
        } else if (!signal.aborted && ended % Math.ceil(todo.length / SPOKEN_SHARE) === 0) status.textContent = `${ended} of ${todo.length} pictures`
        draw()
      })
    }
    draw()
    next()
  }

  async function ask (item, row, signal) {
    let words
    const watch = state => {
      if (words !== wordsOf(state)) say(row, words = wordsOf(state))
    }
    watch({})
    item.thumbnail ??= await thumbnailOf(item.file)
    showThumbnail(row, item)
    try {
      await answer(item, { signal, watch })
    } catch (error) {
      if (signal.aborted) return say(row, 'Stopped')
      // Without a key, or without the service, the others would fail, too.
      if (error.status === 401 || error.status === 0) return stop(error.message)
      item.error = error.message
    }
    show(row, item)
    if (row.firstElementChild.getAttribute('aria-expanded') === 'true') open(row, item)
  }

  function stop (reason = '') {
    if (!stopper) return
    stopper.abort(new DOMException('Stopped', 'AbortError'))
    rows.forEach((row, at) => { if (!items[at].answered && !items[at].error) say(row, 'Stopped') })
    remark.textContent = reason
    remark.hidden = reason === ''
  }

  go.addEventListener('click', () => {
    if (stopper) return stop()
    remark.hidden = true
    start()
  })
  list.addEventListener('click', ({ target }) => {
    const row = target.closest('.row')?.parentElement
    if (!row) return
    const isOpen = row.firstElementChild.getAttribute('aria-expanded') === 'true'
    if (isOpen) close(row)
    else open(row, items[rows.indexOf(row)])
  })
  for (const button of section.querySelectorAll('[data-format]')) {
    button.hidden = button.dataset.format === 'csv' && model.output === 'tensors'
    button.addEventListener('click', () => {
      const isCsv = button.dataset.format === 'csv'
      download(`answers.${button.dataset.format}`, isCsv ? csvOf(items) : jsonOf(items), isCsv ? 'text/csv' : 'application/json')
    })
  }
  rows.forEach((row, at) => show(row, items[at]))
  if (items.every(({ answered, error }) => answered || error)) draw()
  else start()
  return { section, stop }
}

function rowOf ({ name }) {
  const row = document.querySelector('#row').content.cloneNode(true).firstElementChild
  row.querySelector('.file').textContent = name
  return row
}

function say (row, words) {
  row.querySelector('.row-label').textContent = words
}

function showThumbnail (row, { thumbnail }) {
  if (thumbnail) row.querySelector('img').src = thumbnail
}

function show (row, item) {
  const { answered, error } = item
  showThumbnail(row, item)
  row.firstElementChild.disabled = !answered && !error
  row.classList.toggle('failed', Boolean(error))
  row.classList.toggle('ready', Boolean(answered))
  if (error) say(row, 'No answer')
  if (!answered) return
  const { heading, share = '', verdict = '', spoken } = WORDS[model.output](answered.answer)
  say(row, model.output === 'labels' ? spoken : heading)
  row.querySelector('.share').textContent = share
  row.classList.toggle('unsure', share !== '' && verdict !== '')
}

/** Shows the full result below a row. If it does not fit into the list, the row moves up. */
function open (row, item) {
  close(row)
  row.firstElementChild.setAttribute('aria-expanded', 'true')
  const article = row.appendChild(resultOf(item))
  if (item.answered) fillFrom(article, item)
  else if (item.error) fail(article, new Error(item.error))
  const list = row.parentElement
  const { top, bottom } = list.getBoundingClientRect()
  list.scrollBy({ top: Math.max(0, Math.min(row.getBoundingClientRect().bottom - bottom, row.getBoundingClientRect().top - top)) })
}

function close (row) {
  row.firstElementChild.setAttribute('aria-expanded', 'false')
  row.querySelector('article')?.remove()
}

/** How often each label was the answer, or the range of the numbers. */
function drawSummary (section, answered) {
  const counts = section.querySelector('.counts')
  const range = section.querySelector('.range')
  const answers = answered.map(({ answered: { answer } }) => answer)
  if (isValue && answers.length > 0) {
    const numbers = answers.map(answer => answer[labelKey])
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length
    range.textContent = `From ${shown(Math.min(...numbers))} to ${shown(Math.max(...numbers))}, ${shown(mean)} on average.`
    return
  }
  const counted = new Map()
  for (const answer of answers) {
    for (const label of model.output === 'labels' ? answer.labels.map(({ label }) => label) : [answer[labelKey]].flat()) {
      if (label !== undefined) counted.set(label, (counted.get(label) ?? 0) + 1)
    }
  }
  const ordered = [...counted].sort(([, one], [, other]) => other - one)
  counts.replaceChildren(...ordered.slice(0, COUNTS_LIMIT).map(([label, count]) => {
    const item = element('li')
    const bar = element('span', { className: 'track' })
    bar.append(element('span'))
    bar.firstElementChild.style.width = percent(count / ordered[0][1]).replace(' ', '')
    item.append(element('span', { className: 'name', textContent: readable(label) }), bar, element('span', { className: 'value', textContent: count.toLocaleString('en') }))
    item.title = `${percent(count / answers.length)} of the answers`
    return item
  }))
  const others = ordered.slice(COUNTS_LIMIT)
  range.textContent = others.length > 0 ? `${others.reduce((sum, [, count]) => sum + count, 0)} more, of ${others.length} other ${others.length === 1 ? 'label' : 'labels'}.` : ''
}

/** The answers as CSV: the file, the columns that the service writes, and what went wrong. */
function csvOf (items) {
  const columns = model.columns.split(' ')
  const hasErrors = items.some(({ error }) => error)
  const rows = items.filter(({ answered, error }) => answered || error).map(({ name, answered, error = '' }) => {
    const cells = columns.map(column => {
      const value = answered?.answer[column] ?? ''
      return Array.isArray(value) ? value.map(({ label }) => label).join(';') : value
    })
    return [name, ...cells, ...hasErrors ? [error] : []].map(cell => FORMULA.test(cell) && typeof cell === 'string' ? `'${cell}` : cell)
  })
  return [['file', ...columns, ...hasErrors ? ['error'] : []], ...rows].map(row => `${row.map(quotedForCsv).join(',')}\r\n`).join('')
}

function quotedForCsv (value) {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function jsonOf (items) {
  const answers = items.filter(({ answered, error }) => answered || error).map(({ name, answered, error }) => ({ file: name, ...answered ? answered.answer : { error } }))
  return `${JSON.stringify(answers, null, 2)}\n`
}

function download (name, text, type) {
  const link = element('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href))
}
