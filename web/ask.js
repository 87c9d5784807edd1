// Requests to the service.

const key = document.querySelector('#key')
if (key) {
  key.value = sessionStorage.getItem('key') ?? ''
  key.addEventListener('change', () => sessionStorage.setItem('key', key.value))
}

/** Sends a request. If the service refuses it, this throws an error with the message of the service, and
 * with the faulty rows of a table as `faults`. */
export async function ask (path, body, headers = {}) {
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
  if (!response.ok) throw Object.assign(new Error(answer.message ?? `The service answered ${response.status}.`), { faults: answer.faults })
  return { answer, elapsed, timing: response.headers.get('server-timing') ?? '' }
}
