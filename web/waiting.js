// What a result shows until its answer comes: how much of the picture has been sent, then that the model works on it.

import { element, percent } from './format.js'
import { status } from './model.js'

/** An answer that comes sooner needs no words before it. */
const NOTICE_MS = 200

/** What to say of a request that goes on like this: `{ sent }` or `{ pauseSeconds }`, as `ask` tells it. */
export function wordsOf ({ sent = 0, pauseSeconds }) {
  if (pauseSeconds) return `Busy, next try in ${pauseSeconds} s`
  return sent < 1 ? 'Sending…' : 'Thinking…'
}

/**
 * Shows in a result, from the first moment that somebody notices, how the request goes. Returns `watch`, which `ask` calls,
 * and `end`, to be called when the answer is there.
 */
export function showWaiting (article, name) {
  const [label, share] = ['.label', '.share'].map(part => article.querySelector(part))
  const bar = element('progress', { max: 1, hidden: true })
  bar.setAttribute('aria-label', `Progress of ${name}`)
  article.querySelector('h2').after(bar)
  let state = {}
  let isNoticed = false
  let spoken = ''
  const show = () => {
    if (!isNoticed) return
    const { sent = 0, pauseSeconds } = state
    bar.hidden = false
    label.textContent = wordsOf(state)
    const isSending = sent < 1 && !pauseSeconds
    share.textContent = isSending ? percent(sent).replace(/\.\d/, '') : ''
    if (isSending) bar.value = sent
    else bar.removeAttribute('value')
    // Not each second of a pause, and not each percent.
    const kind = pauseSeconds ? 'The service is busy. The page tries again.' : isSending ? `Sending ${name}` : 'The model is thinking'
    if (spoken !== kind) status.textContent = spoken = kind
  }
  const timer = setTimeout(() => {
    isNoticed = true
    show()
  }, NOTICE_MS)
  return {
    watch: next => {
      state = next
      show()
    },
    end: () => {
      clearTimeout(timer)
      bar.remove()
    }
  }
}
