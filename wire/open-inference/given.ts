import { BodyTooComplex, RequestInvalid } from '../../lib/errors.ts'
import { lengthOf, type DType, type Tensor } from '../../lib/tensor.ts'
import { tensorFromBytes } from './binary.ts'
import { DATATYPE_NAMES, dtypeOf } from './datatypes.ts'
import type { GivenTensor } from './question.ts'
import { tensorFromValues } from './values.ts'

/** How many characters of what a client sent a message quotes. */
const QUOTE_LIMIT = 60

/** How many texts a tensor may have. A short one takes many times the bytes that were sent of it. */
const TEXTS_LIMIT = 262_144

/** Makes a tensor from what a client sent. @throws TensorUnusable, RequestInvalid, BodyTooComplex */
export async function tensorOfGiven ({ name, datatype, shape, bytes, values }: GivenTensor): Promise<Tensor> {
  const place = placeOf(name)
  const dtype = dtypeIn(datatype, place)
  if (dtype === 'string' && lengthOf(shape) > TEXTS_LIMIT) throw new BodyTooComplex(`${place} has more than ${TEXTS_LIMIT} BYTES elements`)
  if (bytes) return await tensorFromBytes(dtype, shape, bytes, place)
  return await tensorFromValues(dtype, shape, values ?? [], place)
}

function dtypeIn (datatype: string, place: string): DType {
  const dtype = dtypeOf(datatype)
  if (dtype === undefined) throw new RequestInvalid(`${place}: 'datatype' is '${datatype.slice(0, QUOTE_LIMIT)}'; send one of ${DATATYPE_NAMES.join(', ')}.`)
  return dtype
}

/** The name of an input in messages. */
export function placeOf (name: string): string {
  return `input '${name.slice(0, QUOTE_LIMIT)}'`
}
