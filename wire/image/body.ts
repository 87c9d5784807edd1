import { BodyMissing, FileMissing, RequestInvalid } from '../../lib/errors.ts'
import type { PictureItem } from '../../lib/modalities/image/input.ts'
import { Form } from '../form.ts'
import type { Question } from '../modality.ts'
import { fromBase64 } from './base64.ts'

/**
 * Reads the pictures from a parsed body: the files of a form, raw bytes, or JSON with an image in base64.
 *
 * @throws BodyMissing when there is no body
 * @throws RequestInvalid when the JSON is something else
 * @throws BodyMalformed when the image is not base64
 * @throws FileMissing when the form has no file
 */
export async function picturesOf (body: unknown): Promise<Question> {
  // No other code needs the body, so the bytes may move to a worker.
  const items = (await pictures(body)).map(item => ({ ...item, isMovable: true }))
  return { items, isList: items.length > 1 }
}

async function pictures (body: unknown): Promise<PictureItem[]> {
  if (body instanceof Uint8Array) return [{ name: 'the body', bytes: body }]
  if (body instanceof Form) {
    if (body.files.length === 0) throw new FileMissing()
    return body.files.map(({ filename, bytes }, at, { length }) => ({
      name: `file ${length > 1 ? `${at + 1} of ${length} ` : ''}'${filename}'`, bytes
    }))
  }
  if (body === undefined || body === null) throw new BodyMissing('send an image as a form file, as the raw body, or as base64 in JSON')
  if (!(body instanceof Object && 'image' in body && typeof body.image === 'string')) {
    throw new RequestInvalid("body must be an object with the text 'image': a picture in base64.")
  }
  const extra = Object.keys(body).find(key => key !== 'image')
  if (extra !== undefined) throw new RequestInvalid(`body has an unknown field '${extra}' beside 'image'.`)
  return [{ name: "field 'image'", bytes: await fromBase64(body.image, "field 'image'") }]
}
