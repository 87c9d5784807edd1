// The forms of the page work without this script. It adds several pictures at once, drop and paste, answers on the same
// page, sliders and tables. All that it shows comes from the answers of the service.

const form = document.querySelector('#ask')
const results = document.querySelector('#results')
const status = document.querySelector('#status')
const template = document.querySelector('#result')
const { kind, labelKey } = form.dataset
const model = document.querySelector('#model').dataset
const isValue = model.output === 'value'

/** Names of the columns that an answer adds to CSV. */
const answerColumns = model.columns.split(' ')

document.documentElement.classList.add('js')

/** An answer with a lower probability gets a warning. */
const SURE_PROBABILITY = 0.5

/** If no cell of a picture has a higher importance, then no single part of it matters much. */
const MINOR_IMPORTANCE = 0.05

/** How long a form must stay unchanged before it is sent. */
const PAUSE_MS = 80

/** How long a button says "Copied". */
const COPIED_MS = 1500

/** How many characters of a JSON text the page shows. A program gets all of it. */
const TEXT_LIMIT = 20_000

/** How many rows of a table the page shows. The download has all of them. */
const ROW_LIMIT = 200

const key = document.querySelector('#key')
if (key) {
  key.value = sessionStorage.getItem('key') ?? ''
  key.addEventListener('change', () => sessionStorage.setItem('key', key.value))
}

/** Sends a request. If the service refuses it, this throws an error with the message of the service. */
async function ask (path, body, headers = {}) {
  const started = performance.now()
  let response
  try {
    response = await fetch(path, { method: 'POST', body, headers: { ...headers, ...key?.value && { authorization: `Bearer ${key.value}` } } })
  } catch {
    throw new Error('The service cannot be reached.')
  }
  const text = await response.text()
  const elapsed = performance.now() - started
  const answer = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text
  if (!response.ok) throw new Error(answer.message ?? `The service answered ${response.status}.`)
  return { answer, elapsed, timing: response.headers.get('server-timing') ?? '' }
}

function percent (probability) {
  return `${(probability * 100).toFixed(1)} %`
}

function readable (label) {
  return label.replaceAll('_', ' ')
}

/** A number for people: at most seven significant digits. */
function shown (number) {
  return Number(number.toPrecision(7)).toLocaleString('en', { maximumSignificantDigits: 7 })
}

function shortened (text) {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}…` : text
}

/** For each result: how many answers it has shown. An explanation of an earlier one comes too late. */
const turns = new WeakMap()

/**
 * Makes a result that has no answer yet. `question` returns the body and headers that "Why?" sends, and `reasonsOf` the
 * elements that show an explanation.
 */
function newResult (question, reasonsOf = answer => answer.features ? featureReasons(answer) : pictureReasons(answer)) {
  const article = template.content.cloneNode(true).querySelector('article')
  article.setAttribute('aria-busy', 'true')
  article.querySelector('.label').textContent = '…'
  for (const button of article.querySelectorAll('.copy')) {
    button.addEventListener('click', async () => {
      const text = button.parentElement.querySelector('code').textContent
      await navigator.clipboard?.writeText(text).then(() => { button.textContent = 'Copied' }, () => {})
      setTimeout(() => { button.textContent = 'Copy' }, COPIED_MS)
    })
  }
  const why = article.querySelector('.why')
  why.addEventListener('click', async () => {
    const reasons = article.querySelector('.reasons')
    if (!reasons.hidden) return closeReasons(article)
    why.disabled = true
    why.textContent = 'Asking…'
    const turn = turns.get(article)
    const isLate = () => turns.get(article) !== turn
    try {
      const { answer } = await ask('explain', ...question())
      if (isLate()) return
      reasons.replaceChildren(...reasonsOf(answer))
      status.textContent = `The reasons for ${isValue ? shown(answer[labelKey]) : readable(answer[labelKey])} are shown.`
    } catch (error) {
      if (isLate()) return
      reasons.replaceChildren(Object.assign(document.createElement('p'), { className: 'error', textContent: error.message }))
      status.textContent = error.message
    }
    reasons.hidden = false
    why.disabled = false
    why.textContent = 'Hide why'
    why.setAttribute('aria-expanded', 'true')
  })
  return article
}

function closeReasons (article) {
  article.querySelector('.reasons').hidden = true
  const why = article.querySelector('.why')
  why.disabled = false
  why.textContent = 'Why?'
  why.setAttribute('aria-expanded', 'false')
}

function pictureReasons ({ overlay, importance, [labelKey]: label }) {
  const image = Object.assign(document.createElement('img'), { src: overlay, className: 'overlay' })
  const text = document.createElement('p')
  text.className = 'hint'
  if (isValue) {
    image.alt = 'What the model sees. Orange parts raise the number, blue parts lower it.'
    text.textContent = 'Orange parts raise the number: if one is hidden, it becomes smaller. Blue parts lower it.'
    return [image, text]
  }
  const name = readable(label)
  image.alt = `What the model sees. Orange parts speak for ${name}, blue parts against it.`
  text.textContent = Math.max(...importance.flat()) > MINOR_IMPORTANCE
    ? `Orange parts speak for ${name}: if one is hidden, ${name} becomes less probable. Blue parts speak against it.`
    : `No single part matters much: if one is hidden, ${name} stays about as probable.`
  return [image, text]
}

const SVG = 'http://www.w3.org/2000/svg'

function shape (name, attributes) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

/** Draws the probability, or the number, over the range of each feature, and marks the value of the row. */
function featureReasons ({ features, probability, [labelKey]: answer }) {
  const list = Object.assign(document.createElement('ul'), { className: 'effects' })
  const results = features.flatMap(({ curve }) => curve.map(point => isValue ? point.prediction : point.probability))
  const [low, high] = isValue ? [Math.min(...results), Math.max(...results)] : [0, 1]
  const y = result => 29 - 28 * (result - low) / (high - low || 1)
  for (const { name: feature, value, importance, curve } of features) {
    const isNumber = curve.every(({ value }) => typeof value === 'number')
    const [least, most] = isNumber ? [curve[0].value, curve.at(-1).value] : [0, curve.length - 1]
    // Words stand side by side in the order of the model.
    const numberOf = given => isNumber ? given ?? least : Math.max(0, curve.findIndex(({ value }) => value === given))
    const x = given => 100 * Math.min(1, Math.max(0, (numberOf(given) - least) / (most - least || 1)))
    const chart = shape('svg', { viewBox: '0 0 100 30', preserveAspectRatio: 'none', 'aria-hidden': 'true' })
    chart.append(
      shape('polyline', { points: curve.map(({ value, probability, prediction }) => `${x(value)},${y(isValue ? prediction : probability)}`).join(' ') }),
      shape('line', { x1: x(value), x2: x(value), y1: 0, y2: 30 })
    )
    const item = document.createElement('li')
    const effect = isValue ? '' : importance < 0 ? ' points: speaks against it' : ' points: speaks for it'
    const size = isValue ? shown(Math.abs(importance)) : Math.abs(importance * 100).toFixed(1)
    const points = Object.assign(document.createElement('span'), { className: importance < 0 ? 'against' : 'for', textContent: `${importance < 0 ? '−' : '+'}${size}` })
    const title = Object.assign(document.createElement('span'), { className: 'name', textContent: `${feature} ${value ?? 'missing'}` })
    const spoken = Object.assign(document.createElement('span'), { className: 'visually-hidden', textContent: effect })
    item.append(title, points, spoken, chart)
    list.append(item)
  }
  const text = document.createElement('p')
  text.className = 'hint'
  text.textContent = isValue
    ? `The number is ${shown(answer)}. Each other number says by how much it is above or below its mean over the whole range of that feature. The lines show it over that range.`
    : `The probability of ${readable(answer)} is ${percent(probability)}. Each number says by how many percentage points it is above or below its mean over the whole range of that feature. The lines show it over that range.`
  return [list, text]
}

/** How each kind of answer is shown: a heading, what stands beside it, what is said of it, and for screen readers. */
const WORDS = {
  classes: answer => ({
    heading: readable(answer[labelKey]),
    share: percent(answer.probability),
    verdict: answer.probability < SURE_PROBABILITY ? 'The model is not sure. It may be something else.' : '',
    spoken: `${readable(answer[labelKey])}, ${percent(answer.probability)}`
  }),
  labels: ({ labels }) => {
    const heading = labels.length === 0 ? 'No label' : labels.length === 1 ? '1 label' : `${labels.length} labels`
    return { heading, verdict: labels.length === 0 ? 'No label reaches the threshold of the model.' : '', spoken: `${heading}${labels.length > 0 ? ': ' : ''}${labels.map(({ label }) => readable(label)).join(', ')}` }
  },
  label: answer => ({ heading: readable(answer[labelKey]), verdict: 'This model gives no probabilities.', spoken: readable(answer[labelKey]) }),
  value: answer => ({ heading: shown(answer[labelKey]), spoken: shown(answer[labelKey]) }),
  tensors: ({ outputs }) => {
    const count = Object.keys(outputs).length
    const heading = count === 1 ? '1 output' : `${count} outputs`
    return { heading, spoken: heading }
  }
}
WORDS.binary = WORDS.classes

/** The lengths of nested lists, from the outermost one on. */
function shapeOf (list) {
  return Array.isArray(list) ? [list.length, ...shapeOf(list[0])] : []
}

/** Shows a bar for each label. Those that are part of the answer are marked. Bars that are there already only change their length. */
function showBars (list, { top = [], labels }) {
  while (list.children.length > top.length) list.lastElementChild.remove()
  while (list.children.length < top.length) {
    const bar = list.appendChild(document.createElement('li'))
    for (const className of ['name', 'track', 'value']) bar.append(Object.assign(document.createElement('span'), { className }))
    bar.querySelector('.track').append(document.createElement('span'))
  }
  for (const [at, { label, probability }] of top.entries()) {
    const bar = list.children[at]
    bar.classList.toggle('chosen', at < (labels?.length ?? 1))
    bar.querySelector('.name').textContent = readable(label)
    bar.querySelector('.value').textContent = percent(probability)
    const { style } = bar.querySelector('.track span')
    requestAnimationFrame(() => { style.width = `${probability * 100}%` })
  }
}

function outputsOf (outputs) {
  return Object.entries(outputs).flatMap(([name, list]) => {
    const text = document.createElement('pre')
    text.tabIndex = 0
    text.setAttribute('aria-label', `The values of ${name}`)
    text.textContent = shortened(JSON.stringify(list))
    const value = document.createElement('dd')
    value.append(text)
    return [Object.assign(document.createElement('dt'), { textContent: `${name} [${shapeOf(list).join(', ')}]` }), value]
  })
}

function fill (article, { answer, elapsed, timing }, curl) {
  turns.set(article, (turns.get(article) ?? 0) + 1)
  const { heading, share = '', verdict = '', spoken } = WORDS[model.output](answer)
  article.removeAttribute('aria-busy')
  article.classList.remove('failed')
  article.classList.toggle('unsure', answer.probability < SURE_PROBABILITY)
  article.classList.toggle('number', isValue)
  article.querySelector('.label').textContent = heading
  article.querySelector('.share').textContent = share
  article.querySelector('.verdict').textContent = verdict
  const { labels = [], outputs = {} } = answer
  const given = article.querySelector('.given')
  given.hidden = labels.length === 0
  given.replaceChildren(...labels.map(({ label }) => Object.assign(document.createElement('li'), { textContent: readable(label) })))
  showBars(article.querySelector('.bars'), answer)
  article.querySelector('.outputs').hidden = model.output !== 'tensors'
  article.querySelector('.outputs').replaceChildren(...outputsOf(outputs))
  article.querySelector('.error').hidden = true
  const total = /total;dur=([\d.]+)/.exec(timing)?.[1]
  article.querySelector('.timing').textContent = `${Math.round(elapsed)} ms${total ? `, ${Number(total).toFixed(1)} ms of it in the service` : ''}`
  article.querySelector('details').hidden = false
  article.querySelector('.why').hidden = model.explains === undefined
  closeReasons(article)
  article.querySelector('.json').textContent = shortened(JSON.stringify(answer, null, 2))
  article.querySelector('.curl').textContent = curl
  status.textContent = spoken
}

function fail (article, error) {
  turns.set(article, (turns.get(article) ?? 0) + 1)
  article.removeAttribute('aria-busy')
  article.classList.add('failed')
  article.classList.remove('number')
  article.querySelector('.label').textContent = 'No answer'
  for (const name of ['.share', '.verdict', '.timing']) article.querySelector(name).textContent = ''
  article.querySelector('.bars').replaceChildren()
  for (const name of ['details', '.why', '.reasons', '.given', '.outputs']) article.querySelector(name).hidden = true
  Object.assign(article.querySelector('.error'), { hidden: false, textContent: error.message })
  status.textContent = `No answer: ${error.message}`
}

/** Quotes a text for a shell. */
function quoted (text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

const service = new URL('predict', document.baseURI).href

async function classifyPicture (file) {
  const body = new FormData()
  body.append('file', file)
  const article = newResult(() => [body])
  const image = article.querySelector('img')
  image.src = URL.createObjectURL(file)
  image.alt = `Your picture ${file.name}`
  // The service reads some formats that this browser does not.
  image.addEventListener('error', () => { image.hidden = true })
  article.querySelector('figcaption').textContent = file.name
  results.prepend(article)
  document.querySelector('#empty').hidden = true
  try {
    fill(article, await ask('predict', body), `curl --form ${quoted(`file=@${file.name}`)} ${service}`)
  } catch (error) {
    fail(article, error)
  }
}

/** Accepts files that are dropped anywhere on the page. The zone lights up while they are dragged over it. */
function acceptDrops (zone, use) {
  let depth = 0
  const light = change => {
    depth = Math.max(0, depth + change)
    zone.classList.toggle('dragging', depth > 0)
  }
  document.addEventListener('dragenter', () => light(1))
  document.addEventListener('dragleave', () => light(-1))
  document.addEventListener('dragover', event => event.preventDefault())
  document.addEventListener('drop', event => {
    event.preventDefault()
    depth = 0
    light(0)
    use([...event.dataTransfer.files])
  })
}

function startPictures () {
  const classifyAll = files => { for (const file of files) classifyPicture(file) }
  const inputs = [form.querySelector('#file'), form.querySelector('#camera')]
  inputs[0].multiple = true
  for (const input of inputs) {
    input.addEventListener('change', () => {
      classifyAll(input.files)
      input.value = ''
    })
  }
  if (matchMedia('(pointer: coarse)').matches) form.querySelector('.camera').hidden = false
  acceptDrops(form.querySelector('.drop'), classifyAll)
  document.addEventListener('paste', event => classifyAll(event.clipboardData.files))
  for (const sample of document.querySelectorAll('.sample')) {
    sample.addEventListener('click', async () => {
      const blob = await (await fetch(sample.querySelector('img').src)).blob()
      classifyPicture(new File([blob], sample.dataset.file, { type: blob.type }))
    })
  }
}

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

function startRows () {
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
      if (turn === latest) fill(article, answered, `curl --json ${quoted(json)} ${service}`)
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

/** Sends a CSV table, a text or a file, and shows it with its answers, as a table and as a file to download. */
async function answerTable (csv) {
  const place = document.querySelector('#rows')
  let answered
  try {
    answered = await ask('predict', csv, { 'content-type': 'text/csv', accept: 'text/csv' })
  } catch (error) {
    place.replaceChildren(Object.assign(document.createElement('p'), { className: 'error', textContent: error.message }))
    status.textContent = `No answer: ${error.message}`
    return
  }
  if (model.output === 'tensors') {
    // Tensors do not fit into columns, so they come as JSON.
    place.replaceChildren(...answered.answer.predictions.slice(0, ROW_LIMIT).map(({ outputs }) => {
      const list = Object.assign(document.createElement('dl'), { className: 'outputs' })
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
  const element = document.createElement('table')
  const head = element.createTHead().insertRow()
  for (const name of names) head.append(Object.assign(document.createElement('th'), { scope: 'col', textContent: name }))
  const body = element.createTBody()
  for (const row of rows.slice(0, ROW_LIMIT)) {
    const line = body.insertRow()
    row.forEach((value, at) => {
      const cell = line.insertCell()
      const column = answerColumns[at - row.length + answerColumns.length]
      cell.classList.toggle('added', column !== undefined)
      cell.textContent = column === 'probability' ? percent(Number(value)) : value
    })
  }
  const scroll = Object.assign(document.createElement('div'), { className: 'scroll', tabIndex: 0 })
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', 'The table with its answers')
  scroll.append(element)
  const download = Object.assign(document.createElement('a'), {
    href: URL.createObjectURL(new Blob([answered.answer], { type: 'text/csv' })), download: 'answers.csv', textContent: 'Download as CSV'
  })
  const summary = document.createElement('p')
  const shown = rows.length > ROW_LIMIT ? `, of which the first ${ROW_LIMIT} are shown` : ''
  summary.append(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'} in ${Math.round(answered.elapsed)} ms${shown}. `, download)
  place.replaceChildren(summary, scroll)
  status.textContent = `${rows.length} ${rows.length === 1 ? 'row has' : 'rows have'} an answer`
}

/** Forms of other kinds have a script of their own, which is named after them. */
const starts = { image: startPictures, table: startRows }
const start = starts[kind] ?? (await import(`./${kind}.js`)).start
start({ form, results, status, labelKey, isValue, ask, answerTable, newResult, fill, fail, acceptDrops, quoted, service, readable, shown, percent })
