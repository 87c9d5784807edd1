import { CardAmbiguous } from '../errors.ts'
import { PRESETS, type Preset } from './infer/presets.ts'
import type { PartialCard } from './infer/source.ts'
import type { Graph } from './onnx/graph.ts'
import { resolveModel, type Resolved } from './resolve.ts'

/** torchvision and timm resize the shorter side to the size of the input divided by this, and crop the centre. */
const CROP_RATIO = 0.875

/** Names of the presets. */
export const PRESET_NAMES = Object.keys(PRESETS)

/** The preset of this name. @throws Error that lists the names */
export function presetOf (name: string): Preset {
  const preset = Object.keys(PRESETS).find(known => known === name)
  if (!isPreset(preset)) throw new Error(`there is no preset '${name}'; the presets are ${PRESET_NAMES.join(', ')}`)
  return preset
}

function isPreset (name: string | undefined): name is Preset {
  return name !== undefined && name in PRESETS
}

/**
 * Works out the card of a model as `resolveModel` does. What the files do not say is taken from the preset: the parts that
 * would be assumed, and if it is not clear what the model takes or answers, that.
 *
 * @throws the errors of `resolveModel`
 */
export async function resolveWithPreset (path: string, preset: Preset | null): Promise<Resolved> {
  if (preset === null) return await resolveModel(path)
  const { input, output }: PartialCard = PRESETS[preset]
  const attempts: Array<PartialCard | null> = [null, { ...input && { input } }, { ...input && { input }, ...output && { output } }]
  for (const [at, parts] of attempts.entries()) {
    try {
      if (parts) return await resolveModel(path, graph => fitted(parts, graph))
      const { assumptions } = await resolveModel(path)
      return await resolveModel(path, graph => partsAt(fitted({ ...input && { input } }, graph), assumptions.map(({ field }) => field)))
    } catch (error) {
      if (!(error instanceof CardAmbiguous) || at === attempts.length - 1) throw error
    }
  }
  throw new Error(`there is no preset '${preset}'`)
}

/** A preset for the size of the model's own input. */
function fitted (parts: PartialCard, { inputs: [first] }: Graph): PartialCard {
  const { input } = parts
  const axes = first?.shape ?? []
  if (input?.kind !== 'image' || axes.length !== 4) return parts
  if (axes[1] === 1 || (axes[1] !== 3 && axes[3] === 1)) throw new Error('the preset is for colour pictures, and the model takes grey ones; write the values of the pixels to card.json, such as {"input":{"normalisation":{"mean":[0.5],"std":[0.5]}}} for -1 to 1')
  const { width: usual, height: _height, layout, ...rest } = input
  const [height, width] = axes[1] === 1 || axes[1] === 3 ? axes.slice(2) : axes.slice(1, 3)
  if (typeof width !== 'number' || typeof height !== 'number') return parts
  const isScaled = rest.resize?.shorterSide !== undefined && width !== usual
  return { ...parts, input: { ...rest, ...isScaled && { resize: { ...rest.resize, shorterSide: Math.floor(Math.min(width, height) / CROP_RATIO) } } } }
}

/** The parts of a card at these JSON pointers. */
function partsAt (card: PartialCard, pointers: readonly string[]): PartialCard {
  return selected(card, pointers.map(pointer => pointer.split('/').slice(1)))
}

function selected<Part extends object> (part: Part, paths: readonly string[][]): Partial<Part> {
  const result: Partial<Part> = {}
  for (const [key, value] of Object.entries(part)) {
    const below = paths.filter(([first]) => first === key).map(([, ...rest]) => rest)
    if (below.some(rest => rest.length === 0)) Object.assign(result, { [key]: value })
    else if (below.length > 0 && value instanceof Object && !Array.isArray(value)) Object.assign(result, { [key]: { ...'kind' in value && { kind: value.kind }, ...selected(value, below) } })
  }
  return result
}
