// What a value of a row looks like beside those that the model was trained with.

import { form } from './model.js'

/** The columns of the model: the fields of the form, by name. */
export const columns = new Map([...form.querySelectorAll('[name]')].map(field => [field.name, field]))

/** How many strange values a warning names. */
const NAMES_LIMIT = 3

/**
 * Why the model cannot know a value of a column: outside of what, or among what it is not. Empty if it may.
 *
 * @param value a number or a text
 */
export function strangenessOf ({ dataset: { min, max, known, unit }, list }, value) {
  if (typeof value === 'number' && min !== undefined && max !== undefined) {
    return value < Number(min) || value > Number(max) ? `outside the ${min} to ${max}${unit ? ` ${unit}` : ''} of training` : ''
  }
  const isKnown = known === undefined || [...list.options].some(option => option.value === String(value))
  return isKnown ? '' : 'not among the values of training'
}

/** A warning that names the strange values of a row: `[field, value]`. Empty if there are none. */
export function warningOf (row) {
  const strange = row.flatMap(([field, value]) => {
    const why = value === null ? '' : strangenessOf(field, value)
    return why ? [`${field.name} ${value}${field.dataset.unit ? ` ${field.dataset.unit}` : ''} is ${why}`] : []
  })
  if (strange.length === 0) return ''
  const others = strange.length > NAMES_LIMIT ? `, and ${strange.length - NAMES_LIMIT} more` : ''
  return `This is a guess: ${strange.slice(0, NAMES_LIMIT).join(', ')}${others}.`
}
