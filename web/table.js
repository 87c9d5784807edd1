// The form for rows: fields with sliders, and whole tables.

import { ask } from './ask.js'
import { acceptDrops } from './drop.js'
import { form, results } from './model.js'
import { fail, fill, newResult } from './result.js'
import { answerTable } from './rows.js'

/** How long a form must stay unchanged before it is sent. */
const PAUSE_MS = 80

/** The value of a field of a row, as the service takes it in JSON. */
function valueOf ({ type, value, dataset, tagName }) {
  // An empty text is a value only if it is one of those to choose from.
  if (value === '' && !(dataset.type === 'string' && tagName === 'SELECT')) return null
  if (dataset.type === 'bool') return value === 'true'
  return type === 'number' || dataset.type === 'integer' || dataset.type === 'float' ? Number(value) : value
}

/** The slider of a field, if it has one. */
function sliderOf (field) {
  return field.parentElement.querySelector('input[type=range]')
}

/** Answers the form of rows on the same page. */
export function start () {
  const fields = [...form.querySelectorAll('[name]')]
  const question = () => [JSON.stringify(fields.map(valueOf)), { 'content-type': 'application/json' }]
  const article = results.appendChild(newResult(question))
  let latest = 0
  let timer
  const answer = async () => {
    const turn = ++latest
    const [json, headers] = question()
    try {
      const answered = await ask('predict', json, headers)
      // If the form has changed since, the answer is out of date.
      if (turn === latest) fill(article, answered, { json })
    } catch (error) {
      if (turn === latest) fail(article, error)
    }
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(answer, PAUSE_MS)
  }
  for (const field of fields) {
    const slider = sliderOf(field)
    slider?.addEventListener('input', () => { field.value = slider.value; soon() })
    field.addEventListener('input', () => {
      if (slider) slider.value = field.value
      soon()
    })
  }
  for (const example of document.querySelectorAll('.chip')) {
    example.addEventListener('click', () => {
      JSON.parse(`[${example.dataset.row}]`).forEach((value, at) => {
        fields[at].value = value ?? ''
        const slider = sliderOf(fields[at])
        if (slider) slider.value = value
      })
      answer()
    })
  }
  form.addEventListener('submit', event => {
    event.preventDefault()
    answer()
  })
  answer()

  const table = document.querySelector('#table')
  const file = table.querySelector('input')
  const answerFile = async given => { if (given) await answerTable(await given.text()) }
  file.addEventListener('change', () => {
    answerFile(file.files[0])
    file.value = ''
  })
  acceptDrops(table.querySelector('.drop'), ([first]) => answerFile(first))
  document.addEventListener('paste', event => {
    if (event.target instanceof HTMLInputElement) return
    const text = event.clipboardData.getData('text')
    if (event.clipboardData.files.length > 0) answerFile(event.clipboardData.files[0])
    else if (text.trim()) answerTable(text)
  })
}
