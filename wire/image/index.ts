import type { Card } from '../../lib/card/card.ts'
import { IMAGE_FORMATS } from '../../lib/modalities/image/formats.ts'
import type { ImageInput } from '../../lib/modalities/image/input.ts'
import { SMALL_FIELD_BYTES } from '../form.ts'
import type { WireModality } from '../modality.ts'
import { picturesOf } from './body.ts'
import { pictureInstances } from './instances.ts'
import { explanationOf, pictureBody } from './openapi.ts'
import { tryPictures } from './page.ts'
import { picturesOfTensors, pictureTensors } from './tensors.ts'

/** The HTTP side of the image modality. Pictures come as files of a form, as raw bytes, or as base64 in JSON. */
export function imageWire (card: Card, input: ImageInput): WireModality {
  return {
    parsers: [{ types: [/^image\//, 'application/octet-stream'], read: body => body }],
    accepted: 'multipart/form-data, image/*, application/octet-stream or application/json',
    file: `A picture (${IMAGE_FORMATS.join(', ')}). Repeat the field to send several pictures.`,
    fileKind: 'image',
    subject: 'Image',
    question: picturesOf,
    instances: pictureInstances(input),
    itemsOfTensors: (tensors, options) => picturesOfTensors(tensors, input, options),
    exampleTensors: () => pictureTensors(input),
    jsonValuesPerInput: 3,
    body: async () => await pictureBody(input),
    answers: {},
    explanation: explanationOf(card),
    formFieldBytes: SMALL_FIELD_BYTES,
    page: ({ uploadBytes }) => tryPictures(card, input, uploadBytes)
  }
}
