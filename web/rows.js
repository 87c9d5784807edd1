// Many rows at once: a CSV table with its answers.

import { ask } from './ask.js'
import { SURE_PROBABILITY } from './doubt.js'
import { element, percent } from './format.js'
import { kind, model, status } from './model.js'
import { outputsOf } from './result.js'
import { columns, strangenessOf } from './training.js'

/** Names of the columns that an answer adds to CSV. */
const answerColumns = model.columns.split(' ')

/** How many rows of a table the page shows. The download has all of them. */
const ROW_LIMIT = 200

/** How often to ask again without faulty rows. An error tells a hundred of them. */
const ROUNDS_LIMIT = 20

const isNumber = text => text.trim() !== '' && !Number.isNaN(numberOf(text))
const numberOf = text => Number(text.includes('.') ? text : text.replace(',', '.'))
const rowsText = count => `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`

/** The character between the fields of CSV, as the service finds it. */
function delimiterOf (csv) {
  const line = csv.trimStart().split(/[\r\n]/, 1)[0].replaceAll(/"[^"]*"/g, '')
  const areDecimals = line.includes(';') && line.split(';').every(field => field.trim() === '' || isNumber(field))
  const count = delimiter => line.split(delimiter).length
  return areDecimals ? ';' : [',', ';', '\t', '|'].reduce((best, one) => count(one) > count(best) ? one : best)
}

/** The records of CSV. Papa Parse is served beside this module. */
const recordsOf = (csv, delimiter) => globalThis.Papa.parse(csv, { delimiter, skipEmptyLines: 'greedy' }).data

/** The text of CSV: of a file in UTF-8 or, with a byte order mark, in UTF-16. */
async function textOf (csv) {
  if (typeof csv === 'string') return csv
  const bytes = new Uint8Array(await csv.arrayBuffer())
  const encoding = { 0xfffe: 'utf-16le', 0xfeff: 'utf-16be' }[bytes[0] * 256 + bytes[1]]
  return new TextDecoder(encoding).decode(bytes)
}

/** Whether the service takes the first record for a header. */
function isHeader (fields) {
  const hasNumber = [...columns.values()].some(({ dataset, required, options }) => dataset.type !== 'string' && dataset.type !== 'bool' && (required || (options && [...options].every(({ value }) => value !== ''))))
  return kind === 'text' || fields.some(field => columns.has(field.trim())) || (hasNumber && !fields.some(isNumber))
}

/**
 * Asks for the answers to all rows. The service refuses a table with a faulty row, and says which rows are faulty: then this
 * asks again without them. Returns the rows in order: the fields, and the fields of the answer or the fault.
 */
async function answersOf (csv) {
  const send = body => ask('predict', body, { 'content-type': 'text/csv', accept: 'text/csv' })
  const text = await textOf(csv)
  const delimiter = delimiterOf(text)
  let given
  /** For each row that is still asked for, its place among all of them. */
  let places
  const faults = new Map()
  let answered
  let elapsed = 0
  for (let body = csv, round = 1; body !== undefined; round++) {
    try {
      answered = await send(body)
      elapsed += answered.elapsed
      body = undefined
    } catch (error) {
      if (!error.faults || model.output === 'tensors' || round === ROUNDS_LIMIT) throw error
      if (!given) {
        const records = recordsOf(text, delimiter)
        given = { header: isHeader(records[0]) ? records.shift() : undefined, records }
        places = records.map((_fields, at) => at)
      }
      for (const { row, message } of error.faults) faults.set(places[row - 1], message.replace(/^row \d+:? /, ''))
      places = places.filter(at => !faults.has(at))
      const rows = places.map(at => given.records[at])
      body = rows.length === 0 ? undefined : globalThis.Papa.unparse([...given.header ? [given.header] : [], ...rows], { delimiter, newline: '\n' })
    }
  }
  if (model.output === 'tensors') return { elapsed, predictions: answered.answer.predictions }
  const records = answered ? recordsOf(answered.answer, delimiter) : []
  const width = answerColumns.length
  const hasHeader = answered ? records[0]?.slice(-width).join(' ') === answerColumns.join(' ') : given.header !== undefined
  const header = answered ? hasHeader && records.shift().slice(0, -width) : given.header
  const answers = answered ? records.map(record => [record.slice(0, -width), record.slice(-width)]) : []
  const orders = new Map(places?.map((at, order) => [at, order]))
  const rows = given
    ? given.records.map((fields, at) => faults.has(at) ? { fields, fault: faults.get(at) } : { fields, answer: answers[orders.get(at)][1] })
    : answers.map(([fields, answer]) => ({ fields, answer }))
  return { elapsed, delimiter, rows, header: header || [...columns.keys()], hasHeader, csv: answered?.answer }
}

/** The address of the download that the page shows. */
let address = ''

/** How many tables were sent. The answer to an earlier one comes too late. */
let latest = 0

/** Sends a CSV table, a text or a file, and shows it with its answers, as a table and as a file to download. */
export async function answerTable (given) {
  const place = document.querySelector('#rows')
  const turn = ++latest
  let answered
  try {
    answered = await answersOf(given)
    if (turn !== latest) return
  } catch (error) {
    if (turn !== latest) return
    place.replaceChildren(element('p', { className: 'error', textContent: error.message }))
    status.textContent = `No answer: ${error.message}`
    return
  }
  if (answered.predictions) {
    // Tensors do not fit into columns, so they come as JSON.
    place.replaceChildren(...answered.predictions.slice(0, ROW_LIMIT).map(({ outputs }) => {
      const list = element('dl', { className: 'outputs' })
      list.append(...outputsOf(outputs))
      return list
    }))
    return
  }
  const { rows, header, elapsed } = answered
  const faulty = rows.filter(({ fault }) => fault).length
  const fields = header.map(name => columns.get(name.trim()))
  const isStrange = ({ fields: values }) => values.some((value, at) => whyStrange(fields[at], value))
  const strange = rows.filter(isStrange).length
  const parts = [
    `${rowsText(rows.length)} in ${Math.round(elapsed)} ms.`,
    ...faulty > 0 ? [`${rowsText(faulty)} ${faulty === 1 ? 'has' : 'have'} no answer: the last columns say why.`] : [],
    ...strange > 0 ? [`${rowsText(strange)} ${strange === 1 ? 'has a value' : 'have values'} outside those of training: there, the answer is a guess.`] : [],
    ...rows.length > ROW_LIMIT ? [`The first ${ROW_LIMIT} rows are shown.`] : []
  ]
  URL.revokeObjectURL(address)
  address = URL.createObjectURL(new Blob([csvOf(answered)], { type: 'text/csv' }))
  const summary = element('p')
  summary.append(`${parts.join(' ')} `, element('a', { href: address, download: 'answers.csv', textContent: 'Download as CSV' }))
  place.replaceChildren(summary, tableOf(rows, header, fields))
  status.textContent = faulty > 0 ? parts.slice(0, 2).join(' ') : `${rowsText(rows.length)} ${rows.length === 1 ? 'has' : 'have'} an answer`
}

function whyStrange (field, text) {
  if (!field || kind !== 'table' || text.trim() === '') return ''
  return strangenessOf(field, field.type === 'number' ? numberOf(text) : text)
}

function tableOf (rows, header, fields) {
  const table = element('table')
  const head = table.createTHead().insertRow()
  for (const name of [...header, ...answerColumns]) head.append(element('th', { scope: 'col', textContent: name }))
  const body = table.createTBody()
  for (const { fields: values, answer, fault } of rows.slice(0, ROW_LIMIT)) {
    const line = body.insertRow()
    let isGuess = false
    header.forEach((_name, at) => {
      const value = values[at] ?? ''
      const cell = line.insertCell()
      cell.textContent = value
      const why = whyStrange(fields[at], value)
      if (!why) return
      isGuess = true
      cell.className = 'strange'
      cell.title = `${value} is ${why}`
      cell.append(element('span', { className: 'visually-hidden', textContent: `, ${why}` }))
    })
    if (fault) {
      line.append(element('td', { className: 'added fault', colSpan: answerColumns.length, textContent: fault }))
      continue
    }
    answer.forEach((value, at) => {
      const isProbability = answerColumns[at] === 'probability'
      const cell = line.insertCell()
      cell.className = 'added'
      cell.classList.toggle('doubtful', isGuess || (isProbability && numberOf(value) < SURE_PROBABILITY))
      cell.textContent = isProbability ? percent(numberOf(value)) : value
    })
  }
  const scroll = element('div', { className: 'scroll', tabIndex: 0 })
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', 'The table with its answers')
  scroll.append(table)
  return scroll
}

/** The table with its answers as CSV. Where rows are faulty, it has a column that says why. */
function csvOf ({ rows, header, hasHeader, delimiter, csv }) {
  if (!rows.some(({ fault }) => fault)) return csv
  const lines = rows.map(({ fields, answer, fault = '' }) => [...header.map((_name, at) => fields[at] ?? ''), ...answer ?? answerColumns.map(() => ''), fault])
  return globalThis.Papa.unparse([...hasHeader ? [[...header, ...answerColumns, 'error']] : [], ...lines], { delimiter, newline: '\n' })
}
