import { BodyMalformed, BodyMissing } from '../errors.ts'

/** One thing to classify, under the name that an error about it uses, such as `file 'cat.jpg'`. */
export interface Input {
  name: string
  bytes: Uint8Array
}

/** A file of a form. */
export class Upload {
  readonly filename: string
  readonly bytes: Uint8Array

  constructor (filename: string, bytes: Uint8Array) {
    this.filename = filename
    this.bytes = bytes
  }
}

/**
 * What there is to classify in a body that was parsed and checked against its schema: a form's files, raw bytes, or
 * an object with a base64 image.
 *
 * @throws BodyMissing, BodyMalformed
 */
export function inputsOf (body: unknown): Input[] {
  if (body instanceof Uint8Array) return [{ name: 'the body', bytes: body }]
  if (Array.isArray(body)) {
    return body.filter(part => part instanceof Upload).map(({ filename, bytes }, at, { length }) => ({
      name: `file ${length > 1 ? `${at + 1} of ${length} ` : ''}'${filename}'`, bytes
    }))
  }
  if (body instanceof Object && 'image' in body && typeof body.image === 'string') {
    return [{ name: "field 'image'", bytes: fromBase64(body.image, "field 'image'") }]
  }
  throw new BodyMissing('send an image as a form file, as the raw body, or as base64 in JSON')
}

/** Node skips what is not base64 without a word; too few bytes give it away. */
function fromBase64 (text: string, name: string): Uint8Array {
  const data = text.replace(/^data:[^,]{0,200},/, '').replace(/\s/g, '')
  const bytes = Buffer.from(data, 'base64')
  const characters = data.replace(/={1,2}$/, '').length
  if (characters % 4 === 1 || bytes.length !== Math.floor(characters * 3 / 4)) {
    throw new BodyMalformed(`${name} is not base64.`)
  }
  return bytes
}
