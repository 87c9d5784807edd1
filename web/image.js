// The form for pictures: one or many, by choosing, dropping, pasting or with a camera.

import { startAddress } from './address.js'
import { key, unreachable } from './ask.js'
import { acceptDrops, FILES_LIMIT } from './drop.js'
import { element } from './format.js'
import { forget, keep, kept } from './history.js'
import { listOf } from './many.js'
import { form, results, status } from './model.js'
import { answer, fillFrom, resultOf, thumbnailOf } from './picture.js'
import { fail } from './result.js'
import { showWaiting } from './waiting.js'
import { startWebcam } from './webcam.js'

const empty = document.querySelector('#empty')
const tools = document.querySelector('#tools')

/** What the page says of files that were left out. */
const remark = document.querySelector('#remark')

/** What gives up the questions that wait for an answer. */
const stops = new Set()

/** Shows a result above the others. If it is out of sight there, the page moves to it. */
function place (result) {
  results.prepend(result)
  empty.hidden = true
  tools.hidden = false
  // A list is long, and its head says all at first.
  const { top, bottom } = (result.querySelector('.many-head') ?? result).getBoundingClientRect()
  if (top >= 0 && bottom <= innerHeight) return
  result.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth' })
}

/** Shows the result of one picture, in full, in the place of an earlier one or above all. */
async function showOne (item, earlier) {
  const article = resultOf(item)
  if (earlier) earlier.replaceWith(article)
  else place(article)
  const stopper = new AbortController()
  const stop = () => stopper.abort(new DOMException('Stopped', 'AbortError'))
  stops.add(stop)
  const { watch, end } = showWaiting(article, item.name)
  try {
    await answer(item, { watch, signal: stopper.signal })
    end()
    fillFrom(article, item)
    item.thumbnail ??= await thumbnailOf(item.file)
  } catch (error) {
    end()
    if (!stopper.signal.aborted) showFailure(article, item, error)
  }
  stops.delete(stop)
}

/** Shows that there is no answer, with a button for another try. */
function showFailure (article, item, error) {
  fail(article, error)
  const retry = () => { if (article.isConnected) showOne(item, article) }
  const button = element('button', { type: 'button', className: 'again quiet', textContent: 'Try again' })
  button.addEventListener('click', retry)
  article.querySelector('.error').after(button)
  if (error.status === 401) key?.addEventListener('change', retry, { once: true })
}

function showMany (items, note) {
  const { section, stop } = listOf(items, note)
  stops.add(stop)
  place(section)
}

/** Answers pictures: one gets a large result, several get a list. `note` says what was left out before. */
export function classify (files, note = '') {
  const items = [...files].slice(0, FILES_LIMIT).map(file => ({ file, name: file.name }))
  const notes = [note, files.length > FILES_LIMIT ? `Only the first ${FILES_LIMIT.toLocaleString('en')} of ${files.length.toLocaleString('en')} files are taken.` : ''].filter(Boolean).join(' ')
  remark.textContent = items.length > 1 ? '' : notes
  if (items.length === 0) {
    status.textContent = notes
    return
  }
  keep({ items })
  if (items.length > 1) showMany(items, notes)
  else showOne(items[0])
}

/** Gives up what is asked, and takes all answers away. */
function clear () {
  for (const stop of stops) stop()
  stops.clear()
  forget()
  results.replaceChildren()
  empty.hidden = false
  tools.hidden = true
  remark.textContent = ''
  status.textContent = 'The answers are cleared.'
  form.querySelector('#file').focus()
}

/** Shows the answers from before the page was reloaded. */
function restore () {
  for (const { items, lost } of kept().reverse()) {
    if (items.length === 1 && items[0].error) continue
    keep({ items, lost })
    if (items.length > 1) {
      results.prepend(listOf(items, lost > 0 ? `${lost} more had no answer when the page was reloaded. Choose them again to get one.` : '').section)
    } else {
      const article = resultOf(items[0])
      results.prepend(article)
      fillFrom(article, items[0])
    }
  }
  tools.hidden = results.childElementCount === 0
  empty.hidden = !tools.hidden
  status.textContent = ''
}

/** Answers the form of pictures on the same page. */
export function start () {
  const inputs = [form.querySelector('#file'), form.querySelector('#camera')]
  inputs[0].multiple = true
  for (const input of inputs) {
    input.addEventListener('change', () => {
      classify(input.files)
      input.value = ''
    })
  }
  if (matchMedia('(pointer: coarse)').matches) form.querySelector('.camera').hidden = false
  acceptDrops(form.querySelector('.drop'), classify)
  document.addEventListener('paste', event => classify(event.clipboardData.files))
  tools.querySelector('#clear').addEventListener('click', clear)
  for (const sample of document.querySelectorAll('.sample')) {
    const { src } = sample.querySelector('img')
    const name = sample.dataset.file
    sample.addEventListener('click', () => {
      const item = { name, thumbnail: src, load: () => fileFrom(src, name) }
      keep({ items: [item] })
      showOne(item)
    })
  }
  startAddress(document.querySelector('#from-address'), classify)
  startWebcam(document.querySelector('#webcam'), classify)
  restore()
}

async function fileFrom (address, name) {
  let response
  try {
    response = await fetch(address)
  } catch {
    throw unreachable()
  }
  if (!response.ok) throw new Error(`${name} could not be loaded: the service answered with status ${response.status}.`)
  const blob = await response.blob()
  return new File([blob], name, { type: blob.type })
}
