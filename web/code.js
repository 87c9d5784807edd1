// How a program sends what the page has sent.

import { quoted } from './format.js'
import { service } from './model.js'

/** Longer JSON does not go on a command line. */
const COMMAND_LIMIT_CHARACTERS = 2000

/** How long a button says "Copied". */
const COPIED_MS = 1500

/** Shows how a program sends the same: `{ file }`, the name of a file, or `{ json }`, the text of a JSON body. */
export function showCode (article, { file, json }) {
  const code = article.querySelector('.curl')
  if (file !== undefined) code.textContent = `curl --form ${quoted(`file=@${file}`)} ${service}`
  else code.textContent = `curl --json ${json.length <= COMMAND_LIMIT_CHARACTERS ? quoted(json) : '@input.json'} ${service}`
}

/** Lets the buttons "Copy" of a part of the page copy the code beside them. */
export function startCopying (part) {
  for (const button of part.querySelectorAll('.copy')) {
    button.addEventListener('click', async () => {
      const text = button.parentElement.querySelector('code').textContent
      await navigator.clipboard?.writeText(text).then(() => { button.textContent = 'Copied' }, () => {})
      setTimeout(() => { button.textContent = 'Copy' }, COPIED_MS)
    })
  }
}
