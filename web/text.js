// The form for texts: answers while somebody types, words in colour, and many texts as a table.

import { ask } from './ask.js'
import { acceptDrops } from './drop.js'
import { keepFields } from './fields.js'
import { element, percent, readable, shown } from './format.js'
import { form, isValue, labelKey, results, status } from './model.js'
import { fail, fill, newResult } from './result.js'
import { answerTable } from './rows.js'

/** How long a text must stay unchanged before it is sent. */
const PAUSE_MS = 120

/** How many words the list of the most important ones has. */
const WORDS_LIMIT = 10

/** How many shades an important word may have. */
const SHADES = 3

/** If no word has a higher importance, then no single one matters much. */
const MINOR_IMPORTANCE = 0.01

const headers = { 'content-type': 'application/json' }

/** Answers the form of texts on the same page. */
export function start () {
  const fields = [...form.querySelectorAll('textarea')]
  keepFields(fields)
  const empty = document.querySelector('#empty')
  const limit = Number(form.dataset.limit)
  /** The texts of the last question: the first one, and the second one of a pair. */
  let asked = []
  /** Whether a question waits for its answer. Only one does at a time, so that answers come in order. */
  let isAsking = false
  let isStale = false
  let timer
  let article

  const textsOf = () => fields.map(({ value }) => value)
  const lengthOf = texts => texts.reduce((sum, { length }) => sum + length, 0)
  const bodyOf = ([text, pair]) => JSON.stringify({ text, ...pair !== undefined && { text_pair: pair } })

  function count () {
    const length = lengthOf(textsOf())
    const isOver = length > limit
    const text = form.querySelector('#count')
    text.textContent = `${length.toLocaleString('en')} of at most ${limit.toLocaleString('en')} characters${fields.length > 1 ? ', both together' : ''}.`
    text.classList.toggle('over', isOver)
    for (const field of fields) field.setAttribute('aria-invalid', String(isOver))
  }

  async function answer () {
    clearTimeout(timer)
    if (isAsking) {
      isStale = true
      return
    }
    const texts = textsOf()
    if (texts.some(text => text.trim() === '')) return clear()
    const length = lengthOf(texts)
    asked = texts
    empty.hidden = true
    article ??= results.appendChild(newResult(() => [bodyOf(asked), headers], reasons))
    if (length > limit) return fail(article, new Error(`The text has ${length.toLocaleString('en')} characters, over the limit of ${limit.toLocaleString('en')}; send a shorter one.`))
    const json = bodyOf(texts)
    isAsking = true
    isStale = false
    try {
      const answered = await ask('predict', json, headers)
      // An answer to a text that has changed would only flicker.
      if (!isStale) fill(article, answered, { json })
    } catch (error) {
      if (!isStale) fail(article, error)
    }
    isAsking = false
    if (isStale) await answer()
  }

  /** Nothing to ask: shows again what it was before the first answer. */
  function clear () {
    article?.remove()
    article = undefined
    empty.hidden = false
    status.textContent = ''
  }

  for (const field of fields) {
    field.addEventListener('input', () => {
      count()
      isStale = true
      clearTimeout(timer)
      timer = setTimeout(answer, PAUSE_MS)
    })
  }
  for (const example of document.querySelectorAll('.chip')) {
    example.addEventListener('click', () => {
      for (const [at, field] of fields.entries()) field.value = (at === 0 ? example.dataset.text : example.dataset.pair) ?? ''
      count()
      answer()
    })
  }
  form.addEventListener('submit', event => {
    event.preventDefault()
    answer()
  })
  count()
  // There may be a text from before a reload.
  answer()

  const table = document.querySelector('#table')
  const lines = table.querySelector('#lines')
  const file = table.querySelector('#csv')
  const answerFile = async given => {
    if (given) await answerTable(/\.(csv|tsv)$/i.test(given.name) ? given : csvOf(await given.text(), fields.length))
  }
  const answerLines = async () => { if (lines.value.trim()) await answerTable(csvOf(lines.value, fields.length)) }
  table.querySelector('#answer-lines').addEventListener('click', answerLines)
  table.addEventListener('submit', event => {
    event.preventDefault()
    answerLines()
  })
  file.addEventListener('change', () => {
    answerFile(file.files[0])
    file.value = ''
  })
  acceptDrops(table.querySelector('.drop'), ([first]) => answerFile(first))
  document.addEventListener('paste', event => {
    const { files } = event.clipboardData
    if (files.length > 0) return answerFile(files[0])
    if (event.target.closest?.('textarea, input')) return
    const text = event.clipboardData.getData('text')
    if (!text.trim()) return
    lines.value = text
    answerLines()
  })

  /** Shows the texts with their important words in colour, and a list of these. */
  function reasons ({ words, probability, [labelKey]: label }) {
    const most = Math.max(...words.map(({ importance }) => Math.abs(importance)), 0)
    const about = isValue ? 'the number' : readable(label)
    const sizeOf = importance => `${importance < 0 ? '−' : '+'}${isValue ? shown(Math.abs(importance)) : Math.abs(importance * 100).toFixed(1)}`
    const effectOf = importance => isValue ? importance < 0 ? 'lowers it' : 'raises it' : importance < 0 ? 'speaks against it' : 'speaks for it'
    const marked = asked.map((text, at) => {
      const paragraph = element('p', { className: 'marked' })
      let end = 0
      for (const { word, start, importance } of words.filter(word => word.text === at)) {
        paragraph.append(text.slice(end, start))
        end = start + word.length
        const shade = most === 0 ? 0 : Math.round(SHADES * Math.abs(importance) / most)
        paragraph.append(shade === 0
          ? word
          : element('span', { className: `${importance < 0 ? 'against' : 'for'} shade-${shade}`, title: `${sizeOf(importance)}${isValue ? '' : ' points'}: ${effectOf(importance)}`, textContent: word }))
      }
      paragraph.append(text.slice(end))
      return paragraph
    })
    const list = element('ul', { className: 'effects' })
    const first = words.filter(({ importance }) => importance !== 0).sort((a, b) => Math.abs(b.importance) - Math.abs(a.importance)).slice(0, WORDS_LIMIT)
    for (const { word, importance } of first) {
      const item = element('li')
      item.append(
        element('span', { className: 'name', textContent: word }),
        element('span', { className: importance < 0 ? 'against' : 'for', textContent: sizeOf(importance) }),
        element('span', { className: 'visually-hidden', textContent: isValue ? `: ${effectOf(importance)}` : ` points: ${effectOf(importance)}` })
      )
      list.append(item)
    }
    const hint = element('p', { className: 'hint' })
    if (!isValue && most < MINOR_IMPORTANCE) hint.textContent = `No single word matters much: without it, ${about} stays about as probable.`
    else if (isValue) hint.textContent = 'Each number says by how much a word raises or lowers the number of the model: without the word, it would be smaller or larger by as much. Words with a solid line raise it, those with a dashed line lower it.'
    else hint.textContent = `The probability of ${about} is ${percent(probability)}. Each number says by how many percentage points it would be lower or higher without the word. Words with a solid line speak for it, those with a dashed line against it.`
    return [...marked, list, hint]
  }
}

/** The CSV of lines of text: one text in each, or two with a tab between them. CSV with a column `text` stays as it is. */
function csvOf (lines, columns) {
  const names = ['text', 'text_pair'].slice(0, columns)
  const { data: [first = []] } = globalThis.Papa.parse(lines.trimStart(), { preview: 1 })
  if (first.length > 1 && first.some(name => name.trim() === 'text')) return lines
  const rows = lines.split(/\r?\n/).filter(line => line.trim() !== '').map(line => {
    if (columns === 1) return [line]
    const [text, ...others] = line.split('\t')
    return [text, others.join(' ')]
  })
  return globalThis.Papa.unparse([names, ...rows], { newline: '\n' })
}
