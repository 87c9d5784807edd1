import { ModelInvalid } from '../../errors.ts'
import { printable } from '../onnx/tensor.ts'
import { HIDDEN_COLOUR, imageOf, isNoPicture, labelsOf, pictureTensorOf, resizeBeside, scoresOf } from './picture.ts'
import { readPythonLiteral, type PythonValue } from './python-literal.ts'
import type { Evidence, Source } from './source.ts'

/**
 * Reads the metadata that Ultralytics writes into the ONNX file: `task`, `imgsz` and `names`. Only `classify` answers labels;
 * detectors and other tasks are served as plain tensors.
 *
 * @see https://github.com/ultralytics/ultralytics/blob/v8.4.190/ultralytics/engine/exporter.py metadata
 * @see https://github.com/ultralytics/ultralytics/blob/v8.4.190/ultralytics/data/augment.py classify_transforms
 */
export const inferUltralytics: Source = async (evidence, known) => {
  const { graph, files } = evidence
  const { task, names, imgsz } = graph.metadata
  if (task === undefined || imgsz === undefined || names === undefined || isNoPicture(known)) return null
  if (task !== 'classify') {
    return {
      from: `metadata of the ONNX file (Ultralytics, task ${printable(task, 64)}: it does not classify pictures, so its tensors are served as they are)`,
      card: { input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }
    }
  }
  const tensor = pictureTensorOf(graph)
  const scores = scoresOf(graph)
  if (tensor === null || scores === null) {
    throw new ModelInvalid(files.model,
      'its metadata say task classify, but its tensors are not those of such a model; export it again')
  }
  const labels = labelsIn(names, evidence)
  if (scores.classes !== null && labels.length !== scores.classes) {
    throw new ModelInvalid(files.model, `has ${labels.length} names in its metadata, but ${scores.classes} classes; export it again`)
  }
  const [height, width] = sizeIn(imgsz, evidence)
  const size = { height: tensor.height ?? height, width: tensor.width ?? width }
  const channels = Array.from({ length: tensor.channels })
  return {
    from: 'metadata of the ONNX file (Ultralytics)',
    card: {
      input: {
        ...imageOf(tensor),
        ...size.height !== undefined && { height: size.height },
        ...size.width !== undefined && { width: size.width },
        colour: tensor.channels === 1 ? 'grey' : 'rgb',
        resize: resizeBeside(known, { fit: size.height === size.width ? 'cover' : 'stretch', filter: 'bilinear', rounding: 'torchvision' }),
        background: HIDDEN_COLOUR,
        normalisation: tensor.type === 'uint8' ? null : { mean: channels.map(() => 0), std: channels.map(() => 1) }
      },
      // The exporter puts the softmax into the graph.
      output: { kind: 'classes', tensor: scores.name, activation: 'none' },
      labels
    }
  }
}

function labelsIn (names: string, evidence: Evidence): string[] {
  const value = literal(names, 'names', evidence)
  const labels = value instanceof Map ? labelsOf(value) : Array.isArray(value) ? labelsOf(value.entries()) : null
  if (labels === null || labels.length === 0) throw wrong('names', 'it must have a text for each class from 0 on', evidence)
  return labels
}

/** Height and width. */
function sizeIn (text: string, evidence: Evidence): number[] {
  const value = literal(text, 'imgsz', evidence)
  const sides = Array.isArray(value) ? value : [value, value]
  const numbers = sides.flatMap(side => typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= 8192 ? [side] : [])
  if (numbers.length !== 2 || sides.length !== 2) throw wrong('imgsz', 'it must be one or two sides in pixels', evidence)
  return numbers
}

function literal (text: string, field: string, evidence: Evidence): PythonValue {
  try {
    return readPythonLiteral(text)
  } catch (error) {
    throw wrong(field, error instanceof Error ? error.message : String(error), evidence)
  }
}

function wrong (field: string, reason: string, { files }: Evidence): Error {
  return new ModelInvalid(files.model, `the field '${field}' of its metadata cannot be read: ${reason}; export it again`)
}
