import { copyFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { parseJsonWithComments, withField } from '../lib/card/jsonc.ts'
import { isInside } from '../lib/card/inside.ts'
import type { Classifier } from '../lib/classifier.ts'
import { loadConfig } from '../lib/config.ts'
import { openClassifier, type Opened } from '../lib/load.ts'
import { modalityOf } from '../lib/modalities/index.ts'
import type { Prediction } from '../lib/output/prediction.ts'
import { compareWithReference } from '../lib/reference/compare.ts'
import { isArchive } from '../lib/sources/archive.ts'
import { fetchMissingModel, isElsewhere, modelPath } from '../lib/sources/locate.ts'
import { COMMANDS } from './commands.ts'
import { modelOf, readFlags, Usage } from './flags.ts'
import { watchOn } from './watch.ts'
import { cardPath } from './init.ts'

/** The deadline of one input. It is long, because no caller waits. */
const DEADLINE_MS = 60_000

/** Largest difference of a number to the reference, when no `--tolerance` is given. */
const TOLERANCE = 1e-4

/**
 * `servery check [MODEL]`: loads the model as the service does, and compares it with its golden samples and with a
 * reference from Python. It listens to nothing.
 *
 * @returns the exit code: 1 if there is a fault, with one line on stderr for each
 */
export async function check (args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { values: { reference: references = [], record: recorded = [], tolerance: given = String(TOLERANCE) }, positionals } = readFlags(args, COMMANDS.check.options, 'check')
  const tolerance = Number(given)
  if (!(tolerance >= 0)) throw new Usage(`--tolerance ${given} must be a number of at least 0`)
  const config = loadConfig({ ...environment, ...modelOf(positionals) })
  await fetchMissingModel(config, watchOn(process.stderr))
  const path = modelPath(config)
  const isFetched = await isElsewhere(config)
  if (recorded.length > 0 && (isArchive(path) || isFetched)) throw new Error(`${path} is ${isFetched ? 'elsewhere; copy it to a folder' : 'an archive; unpack it'} to record samples in its card`)

  const opened = await openClassifier(config)
  const { classifier } = opened
  const faults: string[] = []
  try {
    faults.push(...await opened.faults())
    for (const reference of references) faults.push(...await compareWithReference(classifier, reference, tolerance))
    const samples = faults.length === 0 ? await samplesOf(opened, recorded) : []
    if (samples.length > 0) process.stdout.write(`${await record(opened, samples)}: ${counted(samples.length)} added\n`)
    const { card } = classifier
    if (faults.length === 0) process.stdout.write(`${card.name} ${card.version}: in order (${[counted((card.samples?.length ?? 0) + samples.length), ...references].join(', ')})\n`)
  } finally {
    await classifier.close()
  }
  for (const fault of faults) process.stderr.write(`servery: ${fault}\n`)
  return faults.length === 0 ? 0 : 1
}

function counted (samples: number): string {
  return `${samples} golden sample${samples === 1 ? '' : 's'}`
}

type Sample = NonNullable<Classifier['card']['samples']>[number]

/** Answers inputs, and makes golden samples of them. */
async function samplesOf ({ classifier, resolved }: Opened, paths: string[]): Promise<Sample[]> {
  const modality = modalityOf(classifier.card.input, classifier.signature)
  const samples: Sample[] = []
  for (const path of paths) {
    for (const { item } of await modality.fromFile(await readFile(path), path)) {
      const { predictions: [prediction] } = await classifier.predict([item], { topK: 1, deadline: DEADLINE_MS })
      const answer = prediction && answerOf(prediction)
      if (!answer) throw new Error('golden samples of plain tensors cannot be recorded; compare with --reference FILE instead')
      samples.push(Array.isArray(item) ? { row: item, ...answer } : { file: await insideOf(resolved.files.root, path), ...answer })
    }
  }
  return samples
}

/** The part of an answer that a golden sample holds; null for plain tensors. */
function answerOf (prediction: Prediction): Pick<Sample, 'label' | 'labels' | 'probability' | 'value'> | null {
  switch (prediction.kind) {
    case 'classes': return { label: prediction.first.label, probability: prediction.first.probability }
    case 'labels': return { label: prediction.first.label, probability: prediction.first.probability, labels: prediction.labels.map(({ label }) => label) }
    case 'label': return { label: prediction.label }
    case 'value': return { value: prediction.value }
    case 'tensors': return null
  }
}

/** The path of a file relative to the model's folder. A file from elsewhere is copied to `samples/`. */
async function insideOf (folder: string, path: string): Promise<string> {
  const [root, file] = [await realpath(folder), await realpath(resolve(path))]
  if (isInside(root, file)) return relative(root, file).replaceAll(sep, '/')
  const copy = join(root, 'samples', basename(file))
  await mkdir(dirname(copy), { recursive: true })
  await copyFile(file, copy)
  return `samples/${basename(file)}`
}

/** Writes golden samples to the card, which may not be there yet. Returns its path. */
async function record ({ resolved: { files } }: Opened, samples: Sample[]): Promise<string> {
  const path = await cardPath(files)
  const text = await readFile(path, 'utf8').catch(() => '{}')
  const card = await parseJsonWithComments(text)
  const earlier: unknown = card instanceof Object && 'samples' in card ? card.samples : []
  await writeFile(path, await withField(text, 'samples', [...Array.isArray(earlier) ? earlier : [], ...samples]))
  return path
}
