import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import type { Card } from '../lib/card/card.ts'
import type { FloatTensor } from './request.ts'

const { onnx: { ModelProto, TypeProto } } = onnxProto

/** ONNX's number of float32. */
const FLOAT = 1

const SHAPE = [1, 3, 224, 224]

const CARD: Card = { name: 'identity', version: '1', labelKey: 'label', input: { kind: 'tensors' }, output: { kind: 'tensors' }, labels: [] }

/** Writes a model that returns its input, for tensors of the size of ImageNet's pictures. Returns the path of its folder, which lasts as long as this process. */
export function identityModel (): string {
  const folder = mkdtempSync(join(tmpdir(), 'servery-bench-identity-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const value = (name: string) => ({
    name, type: TypeProto.create({ tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'batch' }, ...SHAPE.slice(1).map(dimValue => ({ dimValue }))] } } })
  })
  writeFileSync(join(folder, 'card.json'), JSON.stringify(CARD))
  writeFileSync(join(folder, 'model.onnx'), ModelProto.encode(ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'identity', input: [value('x')], output: [value('y')], node: [{ opType: 'Identity', input: ['x'], output: ['y'] }] }
  })).finish())
  return folder
}

/** The tensor of one picture of noise, normalised as ImageNet's pictures are. Its JSON is as long as that of a photo. */
export function noise (): FloatTensor {
  const length = SHAPE.reduce((product, axis) => product * axis, 1)
  return { name: 'x', shape: SHAPE, values: Float32Array.from({ length }, (_, at) => ((at * 7919) % 256 / 255 - 0.485) / 0.229) }
}
