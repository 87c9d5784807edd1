// The form for plain tensors: a field for JSON, which can also come from a file.

import { ask } from './ask.js'
import { acceptDrops } from './drop.js'
import { keepFields } from './fields.js'
import { form, results } from './model.js'
import { fail, fill, newResult } from './result.js'

/** Answers the form of plain tensors on the same page. */
export function start () {
  const field = form.querySelector('#json')
  keepFields([field])
  const headers = { 'content-type': 'application/json' }

  async function answer () {
    const json = field.value
    const article = newResult(() => [json, headers])
    results.replaceChildren(article)
    document.querySelector('#empty').hidden = true
    try {
      fill(article, await ask('predict', json, headers), { json })
    } catch (error) {
      fail(article, error)
    }
  }

  async function open (file) {
    if (!file) return
    try {
      field.value = await file.text()
    } catch {
      const article = newResult(() => [])
      results.replaceChildren(article)
      return fail(article, new Error(`${file.name} cannot be read. It may have been moved or changed; choose it again.`))
    }
    await answer()
  }

  form.addEventListener('submit', event => {
    event.preventDefault()
    answer()
  })
  const picker = form.querySelector('#file')
  picker.addEventListener('change', () => {
    open(picker.files[0])
    picker.value = ''
  })
  acceptDrops(form, ([first]) => open(first))
  if (field.value !== field.defaultValue) answer()
}
