import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { resolveModel, type Resolved } from '../lib/card/resolve.ts'
import type { GraphValue } from '../lib/card/onnx/graph.ts'
import { loadConfig } from '../lib/config.ts'
import { fetchMissingModel, locateModel } from '../lib/sources/locate.ts'
import { summaryLines } from '../lib/summary.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags } from './flags.ts'
import { watchOn } from './watch.ts'

/** What `servery inspect --json` prints. */
interface Inspection {
  name: string
  version: string
  /** The ONNX file and its external data. */
  files: Array<{ path: string, bytes: number, sha256: string }>
  producer: string
  irVersion: number
  opsets: Graphs['opsets']
  /** How many nodes of each operator the main graph has, the most frequent first. */
  operators: Record<string, number>
  /** Number of weights. */
  parameters: number
  inputs: readonly GraphValue[]
  outputs: readonly GraphValue[]
  card: Resolved['card']
  sources: string[]
  assumptions: Resolved['assumptions']
  /** Whether `start` also runs examples, to see whether the output holds probabilities. */
  settledByRun: boolean
}

type Graphs = Resolved['graph']

/**
 * `servery inspect [MODEL]`: prints what the model takes and answers, and how that was found. It reads the files alone and
 * runs nothing.
 *
 * @returns the exit code
 */
export async function inspect (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = readFlags(args, COMMANDS.inspect.options, 'inspect')
  const config = loadConfig({ ...environment, ...modelOf(positionals) })
  await fetchMissingModel(config, watchOn(process.stderr))
  const found = await inspectionOf(await resolveModel(await locateModel(config)))
  process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : textOf(found))
  return 0
}

async function inspectionOf ({ card, files, graph, sources, assumptions, probe }: Resolved): Promise<Inspection> {
  const paths = [files.model, ...graph.externalFiles.map(path => join(dirname(files.model), path))]
  const counts = new Map<string, number>()
  for (const { opType, domain } of graph.nodes) {
    const name = domain === '' ? opType : `${domain}.${opType}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const { producer, irVersion, opsets, parameters, inputs, outputs } = graph
  return {
    name: card.name,
    version: card.version,
    files: await Promise.all(paths.map(async path => ({ path, bytes: (await stat(path)).size, sha256: await checksumOf(path) }))),
    producer,
    irVersion,
    opsets,
    operators: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
    parameters,
    inputs,
    outputs,
    card,
    sources,
    assumptions,
    settledByRun: probe
  }
}

async function checksumOf (path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function textOf ({ card, sources, assumptions, files, producer, irVersion, opsets, operators, parameters, inputs, outputs, settledByRun }: Inspection): string {
  const lines = [
    ...summaryLines(card, sources, assumptions),
    ...settledByRun ? ['assumed  whether the output holds probabilities is seen at the start, by running examples'] : [],
    '',
    ...files.map(({ path, bytes, sha256 }) => `file     ${path}, ${bytes} bytes, sha256 ${sha256}`),
    `made by  ${producer || 'unknown'}, IR ${irVersion}, opset ${Object.entries(opsets).map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`).join(', ')}`,
    `weights  ${parameters}`,
    `nodes    ${Object.entries(operators).map(([name, count]) => `${name} ${count}`).join(', ')}`,
    ...inputs.map(value => `takes    ${valueText(value)}`),
    ...outputs.map(value => `gives    ${valueText(value)}`)
  ]
  return `${lines.map(line => line.replaceAll(/\p{Cc}/gu, ' ')).join('\n')}\n`
}

function valueText ({ name, type, dtype, shape }: GraphValue): string {
  if (type !== 'tensor') return `'${name}': a ${type}`
  return `'${name}': ${dtype ?? 'unknown type'} ${shape === null ? 'of any shape' : `[${shape.map(axis => axis ?? '?').join(', ')}]`}`
}
