// A result: the answer to one input, with its bars, reasons and code.

import { ask } from './ask.js'
import { showCode, startCode } from './code.js'
import { doubtOf } from './doubt.js'
import { element, percent, readable, shapeOf, shortened, shown } from './format.js'
import { isValue, labelKey, model, status } from './model.js'
import { featureReasons, pictureReasons } from './reasons.js'

const template = document.querySelector('#result')

/** For each result: how many answers it has shown. An explanation of an earlier one comes too late. */
const turns = new WeakMap()

/**
 * Makes a result that has no answer yet. `question` returns the body and headers that "Why?" sends, and `reasonsOf` the
 * elements that show an explanation.
 */
export function newResult (question, reasonsOf = answer => answer.features ? featureReasons(answer) : pictureReasons(answer)) {
  const article = template.content.cloneNode(true).querySelector('article')
  article.setAttribute('aria-busy', 'true')
  article.querySelector('.label').textContent = '…'
  startCode(article)
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
      reasons.replaceChildren(element('p', { className: 'error', textContent: error.message }))
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

/** How each kind of answer is shown: a heading, what stands beside it, what is said of it, and for screen readers. */
export const WORDS = {
  classes: answer => ({
    heading: readable(answer[labelKey]),
    share: percent(answer.probability),
    verdict: doubtOf(answer),
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

/** Shows a bar for each label. Those that are part of the answer are marked. Bars that are there already only change their length. */
function showBars (list, { top = [], labels }) {
  while (list.children.length > top.length) list.lastElementChild.remove()
  while (list.children.length < top.length) {
    const bar = list.appendChild(element('li'))
    for (const className of ['name', 'track', 'value']) bar.append(element('span', { className }))
    bar.querySelector('.track').append(element('span'))
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

/** Output tensors as terms and values of a list. */
export function outputsOf (outputs) {
  return Object.entries(outputs).flatMap(([name, list]) => {
    const text = element('pre')
    text.tabIndex = 0
    text.setAttribute('aria-label', `The values of ${name}`)
    text.textContent = shortened(JSON.stringify(list))
    const value = element('dd')
    value.append(text)
    return [element('dt', { textContent: `${name} [${shapeOf(list).join(', ')}]` }), value]
  })
}

/** Shows an answer. `sent` is what was sent, as `showCode` takes it. `warning` says why the answer may be worth nothing. */
export function fill (article, { answer, elapsed, timing }, sent, warning = '') {
  turns.set(article, (turns.get(article) ?? 0) + 1)
  const { heading, share = '', verdict = '', spoken } = WORDS[model.output](answer)
  const caution = warning || verdict
  article.removeAttribute('aria-busy')
  article.classList.remove('failed')
  article.classList.toggle('unsure', warning !== '' || (answer.top !== undefined && model.output !== 'labels' && verdict !== ''))
  article.classList.toggle('number', isValue)
  article.querySelector('.label').textContent = heading
  article.querySelector('.share').textContent = share
  article.querySelector('.verdict').textContent = caution
  const { labels = [], outputs = {} } = answer
  const given = article.querySelector('.given')
  given.hidden = labels.length === 0
  given.replaceChildren(...labels.map(({ label }) => element('li', { textContent: readable(label) })))
  showBars(article.querySelector('.bars'), answer)
  article.querySelector('.outputs').hidden = model.output !== 'tensors'
  article.querySelector('.outputs').replaceChildren(...outputsOf(outputs))
  article.querySelector('.error').hidden = true
  const total = /total;dur=([\d.]+)/.exec(timing)?.[1]
  article.querySelector('.timing').textContent = `${Math.round(elapsed)} ms${total ? `, ${Number(total).toFixed(1)} ms of it in the service` : ''}`
  article.querySelector('.use').hidden = false
  article.querySelector('.why').hidden = model.explains === undefined
  closeReasons(article)
  showCode(article, sent, answer)
  status.textContent = caution ? `${spoken}. ${caution}` : spoken
}

/** Shows that there is no answer. */
export function fail (article, error) {
  turns.set(article, (turns.get(article) ?? 0) + 1)
  article.removeAttribute('aria-busy')
  article.classList.add('failed')
  article.classList.remove('number', 'unsure')
  article.querySelector('.label').textContent = 'No answer'
  for (const name of ['.share', '.verdict', '.timing']) article.querySelector(name).textContent = ''
  article.querySelector('.bars').replaceChildren()
  for (const name of ['.use', '.why', '.reasons', '.given', '.outputs']) article.querySelector(name).hidden = true
  Object.assign(article.querySelector('.error'), { hidden: false, textContent: error.message })
  status.textContent = `No answer: ${error.message}`
}

/** Shows the answer in short, where the answer itself is out of sight: on a phone, the form is above it. */
export function showGlance (glance, article) {
  glance.hidden = false
  for (const name of ['failed', 'unsure']) glance.classList.toggle(name, article.classList.contains(name))
  for (const name of ['.label', '.share']) glance.querySelector(name).textContent = article.querySelector(name).textContent
}
