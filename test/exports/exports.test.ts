import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectFile } from '../../lib/project.ts'
import { build } from '../helper.ts'
import type { Reference } from './judge.ts'
import { judgements, requestsOf } from './requests.ts'

// The smallest of the exports that make.py makes; compare.ts asks all of them.
const FOLDER = projectFile('test/fixtures/exports')
/** Nothing to measure at the start, and no worker to wait for: there are many models. compare.ts has workers. */
const ONE_THREAD = { WORKERS: '0', THREADS: '1', MAX_BATCH: '8' }

const SUFFIX = '.reference.json'
const names = (await readdir(FOLDER)).filter(name => name.endsWith(SUFFIX)).map(name => name.slice(0, -SUFFIX.length))

t.test('there are exports of every family', async t => {
  const references = await Promise.all(names.map(referenceOf))
  const families = new Set(references.map(({ family }) => family))
  t.same([...families].toSorted(), [
    'CatBoost', 'LightGBM', 'XGBoost', 'huggingface', 'image metadata', 'keras', 'mlflow', 'scikit-learn', 'tensors', 'texts', 'timm', 'torch'
  ])
  const kinds = new Set(references.map(({ expect }) => expect))
  t.same([...kinds].toSorted(), ['binary', 'classes', 'label', 'labels', 'refused', 'tensors', 'value'])
})

for (const name of names) {
  const reference = await referenceOf(name)
  const { expect, reason = '' } = reference
  if (expect === 'refused') {
    t.test(`${name} is refused without a card, and the error names '${reason}'`, async t => {
      await t.rejects(build(t, { ...ONE_THREAD, MODEL_PATH: join(FOLDER, reference.model) }), { message: new RegExp(reason) })
    })
    continue
  }
  t.test(`${name} is answered as its framework answers`, async t => {
    const app = await build(t, { ...ONE_THREAD, MODEL_PATH: await modelOf(t, reference) })
    for (const request of requestsOf(FOLDER, reference)) {
      const response = await app.inject({
        method: 'POST', url: request.url, payload: request.body, ...request.type !== undefined && { headers: { 'content-type': request.type } }
      })
      t.equal(response.statusCode, 200, response.statusCode === 200 ? 'it is answered' : response.body)
      const faults = judgements(reference, request, response.json()).flatMap(({ faults }) => faults)
      t.same(faults, [], request.cases.length === 1 ? 'alone' : 'all in one request')
    }
  })
}

async function referenceOf (name: string): Promise<Reference> {
  return JSON.parse(await readFile(join(FOLDER, `${name}${SUFFIX}`), 'utf8'))
}

/** The model as its exporter wrote it; a copy with a card where its files leave something open. */
async function modelOf (t: Test, { model, settledBy }: Reference): Promise<string> {
  if (settledBy === undefined) return join(FOLDER, model)
  const copy = join(t.testdir({}), model)
  await mkdir(copy, { recursive: true })
  await cp(join(FOLDER, model), copy, { recursive: true })
  await writeFile(join(copy, 'card.json'), JSON.stringify(settledBy))
  return copy
}
