// Many rows at once: a CSV table with its answers.

import { ask } from './ask.js'
import { element, percent } from './format.js'
import { form, model, status } from './model.js'
import { outputsOf } from './result.js'

/** Names of the columns that an answer adds to CSV. */
const answerColumns = model.columns.split(' ')

/** How many rows of a table the page shows. The download has all of them. */
const ROW_LIMIT = 200

/** Sends a CSV table, a text or a file, and shows it with its answers, as a table and as a file to download. */
export async function answerTable (csv) {
  const place = document.querySelector('#rows')
  let answered
  try {
    answered = await ask('predict', csv, { 'content-type': 'text/csv', accept: 'text/csv' })
  } catch (error) {
    place.replaceChildren(element('p', { className: 'error', textContent: error.message }))
    status.textContent = `No answer: ${error.message}`
    return
  }
  if (model.output === 'tensors') {
    // Tensors do not fit into columns, so they come as JSON.
    place.replaceChildren(...answered.answer.predictions.slice(0, ROW_LIMIT).map(({ outputs }) => {
      const list = element('dl', { className: 'outputs' })
      list.append(...outputsOf(outputs))
      return list
    }))
    return
  }
  // Papa Parse is served beside this module. The service reads CSV with it, too.
  const { data } = globalThis.Papa.parse(answered.answer.trim())
  const features = [...form.querySelectorAll('[name]')].map(({ name }) => name)
  const [first] = data
  const hasHeader = first.slice(-answerColumns.length).join(' ') === answerColumns.join(' ')
  const rows = hasHeader ? data.slice(1) : data
  const names = hasHeader ? first : [...features, ...answerColumns]
  const table = element('table')
  const head = table.createTHead().insertRow()
  for (const name of names) head.append(element('th', { scope: 'col', textContent: name }))
  const body = table.createTBody()
  for (const row of rows.slice(0, ROW_LIMIT)) {
    const line = body.insertRow()
    row.forEach((value, at) => {
      const cell = line.insertCell()
      const column = answerColumns[at - row.length + answerColumns.length]
      cell.classList.toggle('added', column !== undefined)
      cell.textContent = column === 'probability' ? percent(Number(value)) : value
    })
  }
  const scroll = element('div', { className: 'scroll', tabIndex: 0 })
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', 'The table with its answers')
  scroll.append(table)
  const download = element('a', {
    href: URL.createObjectURL(new Blob([answered.answer], { type: 'text/csv' })), download: 'answers.csv', textContent: 'Download as CSV'
  })
  const summary = element('p')
  const shown = rows.length > ROW_LIMIT ? `, of which the first ${ROW_LIMIT} are shown` : ''
  summary.append(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'} in ${Math.round(answered.elapsed)} ms${shown}. `, download)
  place.replaceChildren(summary, scroll)
  status.textContent = `${rows.length} ${rows.length === 1 ? 'row has' : 'rows have'} an answer`
}
