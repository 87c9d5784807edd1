import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { anyRequests, binaryBodies, dialectForms, inferBodies, instances, packedBodies } from './dialects.ts'
import { anyBytes, csvBodies, damagedPictures, forms, jsonBodies, startService, type Service } from './http.ts'
import { damagedJpegs, wholeJpegs } from './jpeg.ts'
import type { AnyKind, Failure, Result } from './kind.ts'
import { pillowRecipes, sharpRecipes, writtenRecipes } from './pictures.ts'
import { startPillow, type Pillow } from './pillow.ts'
import { runnable } from './property.ts'
import { jpegResizes, resizes } from './resize.ts'
import { makeSamples } from './samples.ts'
import { startWatchdog } from './watchdog.ts'

/**
 * The fuzzer: what a stranger sends cannot hurt. `npm run fuzz` checks a fixed number of pseudo-random cases of each kind,
 * the same in each run; with `--rounds` or `--minutes`, more rounds of them, each with the next seed. It exits 1 when a case fails.
 */

const USAGE = `Usage: npm run fuzz -- [options]
  --seed N        pseudo-random cases to take (default: 1)
  --rounds N      go on with the next seed for this many rounds (default: 1)
  --minutes N     go on with the next seed for this many minutes
  --cases N       cases of each kind (default: different for each kind)
  --kind TEXT     only the kinds whose name contains the text
  --path P        one case of one kind, as printed for a failure
  --python FILE   Python with pillow>=13, to compare with Pillow
  --models A,B    embedded models to ask (default: tensorfood,fashion-mnist,food101,iris and a model of texts); a folder has a slash
  --out FOLDER    folder for the bytes of failed cases
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '0' },
    cases: { type: 'string' },
    kind: { type: 'string', default: '' },
    path: { type: 'string' },
    python: { type: 'string' },
    models: { type: 'string', default: 'tensorfood,fashion-mnist,food101,iris,test/fixtures/reviews' },
    out: { type: 'string', default: join(tmpdir(), 'servery-fuzz') },
    help: { type: 'boolean', default: false }
  }
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const firstSeed = Number(values.seed)
const stopAt = Date.now() + Number(values.minutes) * 60_000
process.stdout.write(`seed ${firstSeed}\n`)

const pillow = values.python === undefined ? null : startPillow(values.python)
if (!pillow) process.stdout.write('NOT RUN: comparison with Pillow: give its Python with --python\n')
const services = await Promise.all(values.models.split(',').map(startService))
const watchdog = startWatchdog()
const kinds = (await allKinds(pillow, services)).filter(({ name }) => name.includes(values.kind))
const totals = new Map(kinds.map(({ name }) => [name, { cases: 0, milliseconds: 0, outcomes: new Map<string, number>() }]))
let rounds = 0
let hasFailed = false
while (!hasFailed && (rounds < Number(values.rounds) || Date.now() < stopAt)) {
  // All kinds have their turn, also after one of them failed.
  for (const kind of kinds) hasFailed = !await holds(kind, firstSeed + rounds) || hasFailed
  const cases = [...totals.values()].reduce((sum, total) => sum + total.cases, 0)
  process.stdout.write(`seed ${firstSeed + rounds} is done: ${cases} cases so far\n`)
  rounds++
}
report()
await Promise.all([watchdog.stop(), pillow?.stop(), ...services.map(async ({ stop }) => { await stop() })])
process.exitCode = hasFailed ? 1 : 0

async function allKinds (pillow: Pillow | null, services: Service[]): Promise<AnyKind[]> {
  const samples = await makeSamples()
  const pictures = services.filter(({ kind }) => kind === 'image')
  return [
    runnable(wholeJpegs('JPEGs that the test writes', writtenRecipes(), 600, pillow)),
    runnable(wholeJpegs('JPEGs that sharp writes', sharpRecipes(), 400, pillow)),
    ...pillow ? [runnable(wholeJpegs('JPEGs that Pillow writes', pillowRecipes(), 400, pillow))] : [],
    runnable(damagedJpegs('JPEGs with a damaged header', 'header', 4000, pillow)),
    runnable(damagedJpegs('JPEGs with a damaged scan', 'scan', 4000, pillow)),
    runnable(resizes(300)),
    ...pillow ? [runnable(resizes(300, pillow))] : [],
    runnable(jpegResizes(300)),
    ...pictures.length > 0 ? [runnable(damagedPictures(1500, pictures, samples))] : [],
    runnable(forms(1500, services, samples)),
    runnable(jsonBodies(2000, services, samples)),
    ...services.some(({ kind }) => kind === 'table') ? [runnable(csvBodies(1500, services))] : [],
    runnable(anyBytes(1500, services)),
    runnable(inferBodies(3000, services)),
    runnable(binaryBodies(2000, services)),
    runnable(packedBodies(1500, services)),
    runnable(instances(1500, services, samples)),
    ...pictures.length > 0 ? [runnable(dialectForms('max', 750, pictures, samples))] : [],
    runnable(dialectForms('kapitan', 750, services, samples)),
    runnable(anyRequests(2000, services))
  ]
}

/** Checks a kind and says whether all of its cases were right. */
async function holds (kind: AnyKind, seed: number): Promise<boolean> {
  const start = Date.now()
  let last = { bytes: new Uint8Array(), path: '0' }
  // An error that no check catches: of a stream, or of a promise that nobody awaits.
  const onUncaught = (error: unknown) => {
    fail(kind.name, { seed, ...last, text: 'see its bytes', message: `uncaught: ${error instanceof Error ? error.stack : String(error)}` })
    process.exit(1)
  }
  process.on('uncaughtException', onUncaught)
  const result = await kind.run({
    seed,
    ...values.cases !== undefined && { cases: Number(values.cases) },
    ...values.path !== undefined && { path: values.path },
    onCase: (bytes, path) => {
      last = { bytes: Uint8Array.from(bytes), path }
      watchdog.watch({ name: kind.name, file: fileFor(kind.name, seed), bytes: last.bytes, replay: replayOf(kind.name, seed, path) })
    }
  })
  process.off('uncaughtException', onUncaught)
  watchdog.watch(null)
  add(kind.name, result, Date.now() - start)
  if (result.failure) fail(kind.name, result.failure)
  return result.failure === null
}

function add (name: string, result: Result, milliseconds: number): void {
  const total = totals.get(name)!
  total.cases += result.cases
  total.milliseconds += milliseconds
  for (const [outcome, count] of result.outcomes) total.outcomes.set(outcome, (total.outcomes.get(outcome) ?? 0) + count)
}

function fail (name: string, { seed, path, text, bytes, message }: Failure): void {
  const file = fileFor(name, seed)
  mkdirSync(values.out, { recursive: true })
  writeFileSync(file, bytes)
  process.stdout.write(`FAILED: ${name}\n  ${message.replaceAll('\n', '\n  ')}\n  smallest case: ${text}\n  its bytes: ${file}\n  replay: ${replayOf(name, seed, path)}\n`)
}

/** The command that checks one case again. Which cases there are depends on the models, and on Pillow. */
function replayOf (name: string, seed: number, path: string): string {
  const python = values.python === undefined ? '' : ` --python ${values.python}`
  return `npm run fuzz -- --kind '${name}' --seed ${seed} --path ${path} --models ${values.models}${python}`
}

function fileFor (name: string, seed: number): string {
  return join(values.out, `${name.replaceAll(/[^\w]+/g, '-')}-${seed}.bin`)
}

function report (): void {
  for (const [name, { cases, milliseconds, outcomes }] of totals) {
    process.stdout.write(`${name}: ${cases} cases, ${(milliseconds / 1000).toFixed(1)} s\n`)
    for (const [outcome, count] of [...outcomes].sort(([, a], [, b]) => b - a)) process.stdout.write(`  ${String(count).padStart(7)}  ${outcome}\n`)
  }
  process.stdout.write(`${rounds} ${rounds === 1 ? 'round' : 'rounds'} from seed ${firstSeed}: ${hasFailed ? 'FAILED' : 'all cases are right'}\n`)
}
