// One picture: sending it, showing it with its answer, and its thumbnail.

import { ask } from './ask.js'
import { form } from './model.js'
import { fill, newResult } from './result.js'

/** How often a picture is sent to a service that is too busy for it. */
const TRIES = 10

/** Longest edge of a thumbnail. */
const THUMBNAIL_PIXELS = 96

const uploadLimitBytes = Number(form.dataset.uploadLimit)

function bodyOf (file) {
  const body = new FormData()
  body.append('file', file)
  return body
}

/**
 * Asks for the answer to the picture of an item, and keeps it there: `{ name, file }`, or `load` for a file that has to be
 * fetched first. Throws what they throw.
 */
export async function answer (item, options) {
  const file = item.file ??= await item.load()
  if (file.size > uploadLimitBytes) throw new Error(`${item.name} has ${megabytes(file.size)} MB, over the limit of ${megabytes(uploadLimitBytes)} MB; send a smaller one.`)
  try {
    await file.slice(0, 1).arrayBuffer()
  } catch {
    throw new Error(`${item.name} cannot be read. It may have been moved or changed; choose it again.`)
  }
  item.answered = await ask('predict', bodyOf(file), {}, { tries: TRIES, ...options })
}

/** As people count them, and as file managers show them. */
function megabytes (bytes) {
  return Number((bytes / 2 ** 20).toFixed(1))
}

/** A result for the picture of an item, without its answer. */
export function resultOf (item) {
  const { file, name, thumbnail } = item
  const article = newResult(() => [bodyOf(item.file)])
  const image = article.querySelector('img')
  image.alt = `Your picture ${name}`
  // The service reads some formats that this browser does not.
  image.addEventListener('error', () => { image.hidden = true })
  if (file) {
    image.src = URL.createObjectURL(file)
    for (const event of ['load', 'error']) image.addEventListener(event, () => URL.revokeObjectURL(image.src))
  } else if (thumbnail) image.src = thumbnail
  else image.hidden = true
  article.querySelector('figcaption').textContent = name
  return article
}

/** Shows the answer of an item. */
export function fillFrom (article, { file, name, answered }) {
  fill(article, answered, { file: name })
  if (file) return
  article.querySelector('.why').hidden = true
  article.querySelector('.timing').textContent = 'Answered before this page was reloaded. To ask why, choose the picture again.'
}

/** A small copy of a picture as a data URL, or nothing if this browser cannot read it. */
export async function thumbnailOf (file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 2 * THUMBNAIL_PIXELS, resizeQuality: 'medium' })
    const scale = THUMBNAIL_PIXELS / Math.max(bitmap.width, bitmap.height)
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, bitmap.width * scale)
    canvas.height = Math.max(1, bitmap.height * scale)
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    bitmap.close()
    return canvas.toDataURL('image/webp', 0.75)
  } catch {
    return undefined
  }
}
