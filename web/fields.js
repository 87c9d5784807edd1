// What is typed into the form survives a reload, and stays in the tab. The answer is then asked for again.

import { model } from './model.js'

/** Values for another model, or for another version, are not filled in. */
const NAME = `fields of ${model.name}`

/** Fills in what the fields held before a reload, and keeps what they hold when the page goes. */
export function keepFields (fields) {
  for (const event of ['pagehide', 'visibilitychange']) {
    addEventListener(event, () => {
      try {
        sessionStorage.setItem(NAME, JSON.stringify(fields.map(({ value }) => value)))
      } catch {
        // A text that is too long to keep, or a browser that keeps nothing for pages.
      }
    })
  }
  try {
    const values = JSON.parse(sessionStorage.getItem(NAME)) ?? []
    if (values.length === fields.length) for (const [at, field] of fields.entries()) field.value = values[at]
  } catch {}
}
