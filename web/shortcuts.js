// Keys for the parts of the page that have an attribute aria-keyshortcuts, and a list of them.

import { element } from './format.js'

/** Where the browser keeps whether the keys are off. Who speaks to the computer may press them without meaning to. */
const OFF = 'shortcuts-off'

/** What needs no attribute: keys of the browser, or of several parts. */
const OTHERS = [
  ['Ctrl V', 'Paste a picture, its address, or rows', '#ask[data-kind=image], #table'],
  ['1 to 9', 'Try an example', '.sample, .chip'],
  ['Esc', 'Close a dialog', 'body']
]

const isVisible = part => part.checkVisibility?.() ?? part.offsetParent !== null

/** The visible part that each key belongs to. */
function partsByKey () {
  const parts = new Map()
  for (const part of document.querySelectorAll('[aria-keyshortcuts]')) {
    const key = part.getAttribute('aria-keyshortcuts').toLowerCase()
    // The picker of files is out of sight, but its label is not.
    if (!parts.has(key) && isVisible(part.labels?.[0] ?? part)) parts.set(key, part)
  }
  return parts
}

const nameOf = part => (part.title || part.getAttribute('aria-label') || part.labels?.[0]?.innerText || part.innerText).trim()

const isOff = () => {
  try {
    return localStorage.getItem(OFF) !== null
  } catch {
    return false
  }
}

function showList () {
  const dialog = element('dialog', { className: 'shortcuts' })
  dialog.setAttribute('aria-labelledby', 'shortcuts-title')
  const list = element('dl')
  const add = (key, text) => {
    const name = element('dt')
    name.append(...key.split(' ').map(part => part === 'to' ? ' to ' : element('kbd', { textContent: part })))
    list.append(name, element('dd', { textContent: text }))
  }
  for (const [key, part] of partsByKey()) add(key.toUpperCase(), nameOf(part))
  for (const [key, text, where] of OTHERS) if (document.querySelector(where)) add(key, text)
  const box = element('input', { type: 'checkbox', checked: !isOff() })
  box.addEventListener('change', () => {
    try {
      if (box.checked) localStorage.removeItem(OFF)
      else localStorage.setItem(OFF, '')
    } catch {
      // A browser that keeps nothing keeps the keys on.
    }
  })
  const choice = element('label')
  choice.append(box, ' Single letters and digits work as shortcuts')
  const close = element('button', { type: 'button', textContent: 'Close' })
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  dialog.append(element('h2', { id: 'shortcuts-title', textContent: 'Keyboard shortcuts' }), list, choice, close)
  document.body.append(dialog)
  dialog.showModal()
  close.focus()
}

const button = document.querySelector('#shortcuts')
button.hidden = false
button.addEventListener('click', showList)

document.addEventListener('keydown', event => {
  const { target, key, ctrlKey, metaKey, altKey } = event
  if (ctrlKey || metaKey || altKey || event.defaultPrevented || document.querySelector('dialog[open]')) return
  if (target.closest('input:not([type=range], [type=file], [type=checkbox]), textarea, select')) return
  if (isOff() && key !== '?') return
  const example = /^[1-9]$/.test(key) ? document.querySelectorAll('.sample, .chip')[key - 1] : undefined
  const part = example ?? partsByKey().get(key.toLowerCase())
  if (!part) return
  event.preventDefault()
  if (part.matches('button, a, [type=file]')) part.click()
  part.focus()
})
