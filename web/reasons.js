// Which parts of the input matter for an answer: a picture with colours, or a curve for each feature.

import { element, percent, readable, shown } from './format.js'
import { isValue, labelKey } from './model.js'

/** If no cell of a picture has a higher importance, then no single part of it matters much. */
const MINOR_IMPORTANCE = 0.05

export function pictureReasons ({ overlay, importance, [labelKey]: label }) {
  const image = element('img', { src: overlay, className: 'overlay' })
  const text = element('p')
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
export function featureReasons ({ features, probability, [labelKey]: answer }) {
  const list = element('ul', { className: 'effects' })
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
    const item = element('li')
    const effect = isValue ? '' : importance < 0 ? ' points: speaks against it' : ' points: speaks for it'
    const size = isValue ? shown(Math.abs(importance)) : Math.abs(importance * 100).toFixed(1)
    const points = element('span', { className: importance < 0 ? 'against' : 'for', textContent: `${importance < 0 ? '−' : '+'}${size}` })
    const title = element('span', { className: 'name', textContent: `${feature} ${value ?? 'missing'}` })
    const spoken = element('span', { className: 'visually-hidden', textContent: effect })
    item.append(title, points, spoken, chart)
    list.append(item)
  }
  const text = element('p')
  text.className = 'hint'
  text.textContent = isValue
    ? `The number is ${shown(answer)}. Each other number says by how much it is above or below its mean over the whole range of that feature. The lines show it over that range.`
    : `The probability of ${readable(answer)} is ${percent(probability)}. Each number says by how many percentage points it is above or below its mean over the whole range of that feature. The lines show it over that range.`
  return [list, text]
}
