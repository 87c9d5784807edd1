// The form for rows: fields with sliders, and whole tables.

import { ask } from './ask.js'
import { acceptDrops } from './drop.js'
import { keepFields } from './fields.js'
import { form, results } from './model.js'
import { fail, fill, newResult, showGlance } from './result.js'
import { answerTable } from './rows.js'
import { columns, strangenessOf, warningOf } from './training.js'

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

/** What is wrong with a field that the service would refuse. Empty if nothing is. */
function faultOf ({ name, type, value, required, validity }) {
  if (validity.badInput) return `${name} is not a number. Type one, such as 1.5.`
  return value.trim() === '' && required ? `${name} is empty. ${type === 'number' ? 'Type a number.' : 'Type a text.'}` : ''
}

/** Says beside a field what is wrong with its value, or that the model has not seen such values. */
function note (field, fault) {
  const value = valueOf(field)
  const why = value === null ? '' : strangenessOf(field, value)
  field.setAttribute('aria-invalid', String(fault !== ''))
  const hint = field.parentElement.querySelector('.hint')
  if (!hint) return
  hint.dataset.usual ??= hint.textContent
  hint.textContent = fault || (why ? `${value}${field.dataset.unit ? ` ${field.dataset.unit}` : ''} is ${why}` : hint.dataset.usual)
  hint.classList.toggle('strange', fault !== '' || why !== '')
}

/** Answers the form of rows on the same page. */
export function start () {
  const fields = [...columns.values()]
  const question = () => [JSON.stringify(fields.map(valueOf)), { 'content-type': 'application/json' }]
  const article = results.appendChild(newResult(question))
  const glance = document.querySelector('.glance')
  keepFields(fields)
  let latest = 0
  let timer
  const answer = async () => {
    clearTimeout(timer)
    const turn = ++latest
    const [json, headers] = question()
    const faults = fields.map(faultOf)
    for (const [at, field] of fields.entries()) note(field, faults[at])
    try {
      const fault = faults.find(Boolean)
      if (fault) throw new Error(fault)
      const answered = await ask('predict', json, headers)
      // If the form has changed since, the answer is out of date.
      if (turn === latest) fill(article, answered, { json }, warningOf(fields.map(field => [field, valueOf(field)])))
    } catch (error) {
      if (turn === latest) fail(article, error)
    }
    if (turn === latest) showGlance(glance, article)
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(answer, PAUSE_MS)
  }
  for (const field of fields) {
    const slider = sliderOf(field)
    if (slider) slider.value = field.value
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
  const answerFile = async given => { if (given) await answerTable(given) }
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
