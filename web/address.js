// A picture by its address. The browser fetches it, not the service: so nobody can make the service ask other machines.

import { form, status } from './model.js'

/** How long a picture may take. */
const DEADLINE_MS = 30_000

const limitBytes = Number(form.dataset.uploadLimit)

/** Answers pictures whose addresses are typed, pasted or dropped. */
export function startAddress (part, use) {
  const field = part.querySelector('input')
  const button = part.querySelector('button')
  const problem = part.querySelector('.error')

  async function fetchPicture () {
    problem.hidden = true
    field.removeAttribute('aria-invalid')
    button.disabled = true
    status.textContent = 'Fetching the picture.'
    try {
      use([await pictureAt(field.value.trim())])
      field.value = ''
    } catch (error) {
      problem.textContent = error.message
      problem.hidden = false
      field.setAttribute('aria-invalid', 'true')
      status.textContent = error.message
    }
    button.disabled = false
  }

  part.addEventListener('submit', event => {
    event.preventDefault()
    fetchPicture()
  })
  // An address that is pasted or dropped anywhere else on the page.
  const take = (event, text) => {
    if (event.target.closest?.('input, textarea') || !/^https?:\/\/\S+$/i.test(text)) return
    event.preventDefault()
    field.value = text
    fetchPicture()
  }
  document.addEventListener('paste', event => {
    if (event.clipboardData.files.length === 0) take(event, event.clipboardData.getData('text').trim())
  })
  document.addEventListener('drop', event => {
    if (event.dataTransfer.files.length === 0) take(event, event.dataTransfer.getData('text/uri-list').split('\n', 1)[0].trim())
  })
}

/** Fetches a picture. Throws an error that says what to do. */
async function pictureAt (address) {
  let url
  try {
    url = new URL(address, document.baseURI)
  } catch {
    throw new Error('This is not an address. Write one such as https://example.com/picture.jpg.')
  }
  // The policy of the page allows these alone.
  if (url.protocol !== 'https:' && url.origin !== location.origin) throw new Error('Only addresses that begin with https:// can be fetched. Save the picture, and choose the file.')
  let response
  try {
    response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', signal: AbortSignal.timeout(DEADLINE_MS) })
  } catch {
    throw new Error(`${url.host} does not let this page read the picture, or cannot be reached. Save the picture, and choose the file.`)
  }
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}. Check the address.`)
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/')) throw new Error('This is the address of a page, not of a picture. Copy the address of the picture itself.')
  return new File(await piecesOf(response), nameOf(url), { type })
}

/** The body in pieces. Stops as soon as it is larger than the service takes. */
async function piecesOf (response) {
  const pieces = []
  let bytes = 0
  try {
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read()
      if (done) return pieces
      bytes += value.length
      if (bytes > limitBytes) {
        await reader.cancel()
        break
      }
      pieces.push(value)
    }
  } catch {
    throw new Error('The picture did not arrive whole. Try again.')
  }
  throw new Error(`The picture is larger than the ${(limitBytes / 2 ** 20).toLocaleString('en', { maximumFractionDigits: 1 })} MiB that the service takes.`)
}

function nameOf ({ pathname }) {
  const name = pathname.split('/').pop()
  try {
    return decodeURIComponent(name) || 'picture'
  } catch {
    return name
  }
}
