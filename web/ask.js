// Requests to the service.

/** The field for the API key, if the service needs one. */
export const key = document.querySelector('#key')

/** A service that wants a longer pause gets no second request: its message is shown. */
const PAUSE_LIMIT_MS = 120_000

/** Until when the service wants no request that can wait, in milliseconds since 1970. */
let busyUntil = 0

if (key) {
  try {
    key.value = sessionStorage.getItem('key') ?? ''
  } catch {
    // A browser that keeps nothing for pages does not keep the key.
  }
  key.addEventListener('change', () => {
    try {
      sessionStorage.setItem('key', key.value)
    } catch {}
    key.removeAttribute('aria-invalid')
    document.querySelector('#key-error')?.remove()
  })
}

/**
 * Sends a request. If the service refuses it, this throws an error with the message of the service, its `status`, its
 * whole `answer`, and the faulty rows of a table as `faults`. `watch` hears how it goes: `{ sent }`, a share from 0 to 1,
 * and `{ pauseSeconds }` while the service is busy. `tries`: how often to send it to a service that is busy and says when
 * to come back.
 */
export async function ask (path, body, headers = {}, { signal, watch, tries = 1 } = {}) {
  for (let left = tries - 1; ; left--) {
    if (tries > 1) await pause(signal, watch)
    try {
      return await send(path, body, headers, signal, watch)
    } catch (error) {
      if (left <= 0 || !(error.pauseMs <= PAUSE_LIMIT_MS)) throw error
      busyUntil = Math.max(busyUntil, Date.now() + error.pauseMs)
    }
  }
}

async function pause (signal, watch) {
  for (let rest; (rest = busyUntil - Date.now()) > 0;) {
    watch?.({ pauseSeconds: Math.ceil(rest / 1000) })
    await new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      setTimeout(resolve, Math.min(rest, 1000))
    })
  }
}

// XMLHttpRequest, because fetch does not tell how much of a body has been sent.
function send (path, body, headers, signal, watch) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const request = new XMLHttpRequest()
    request.open('POST', path)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    if (key?.value) request.setRequestHeader('authorization', `Bearer ${key.value}`)
    if (watch) {
      request.upload.addEventListener('progress', ({ loaded, total }) => watch({ sent: loaded / total }))
      request.upload.addEventListener('load', () => watch({ sent: 1 }))
    }
    const abort = () => request.abort()
    signal?.addEventListener('abort', abort)
    request.addEventListener('loadend', () => signal?.removeEventListener('abort', abort))
    request.addEventListener('abort', () => reject(signal.reason))
    request.addEventListener('error', () => reject(unreachable()))
    const started = performance.now()
    request.addEventListener('load', () => {
      const elapsed = performance.now() - started
      const { status, responseText: text } = request
      const isOk = status >= 200 && status < 300
      let answer = text
      try {
        if (request.getResponseHeader('content-type')?.startsWith('application/json')) answer = JSON.parse(text)
      } catch {
        return reject(new Error(`The answer of the service broke off (status ${status}). Try again.`))
      }
      if (isOk) return resolve({ answer, elapsed, timing: request.getResponseHeader('server-timing') ?? '' })
      const error = new Error(answer?.message ?? `The service answered with status ${status}. Try again later.`)
      if (status === 401) askForKey(error.message)
      reject(Object.assign(error, { status, answer, faults: answer?.faults, pauseMs: pauseOf(request.getResponseHeader('retry-after')) }))
    })
    request.send(body)
  })
}

/** The error of a request that did not arrive. Its `status` is 0. */
export function unreachable () {
  return Object.assign(new Error(navigator.onLine
    ? 'The service cannot be reached. Check that it is running and that you are connected to it, then try again.'
    : 'You are offline. Connect to the network, then try again.'), { status: 0 })
}

/** How long the service wants no request: Retry-After is a number of seconds or a date. */
function pauseOf (text) {
  if (text === null) return undefined
  return /^\d+$/.test(text) ? Number(text) * 1000 : Math.max(0, Date.parse(text) - Date.now())
}

/** Says at the field for the API key what is wrong, and puts the cursor there unless somebody types elsewhere. */
function askForKey (message) {
  if (!key) return
  let text = document.querySelector('#key-error')
  if (!text) {
    text = Object.assign(document.createElement('span'), { id: 'key-error', className: 'key-error' })
    key.after(text)
  }
  text.textContent = message
  key.setAttribute('aria-invalid', 'true')
  key.setAttribute('aria-describedby', 'key-error')
  if (!document.activeElement?.matches('input:not([type=file]), textarea, select')) key.focus()
}
