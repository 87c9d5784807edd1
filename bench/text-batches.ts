import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { openSession } from '../lib/engine/session.ts'
import { textModality } from '../lib/modalities/text/prepare.ts'
import type { Row } from '../lib/modalities/modality.ts'

/**
 * Compares ways to batch texts of mixed lengths, on one thread: all in one batch as long as the longest, batches of about one
 * length as the service makes them, and each text alone.
 *
 *     node dist/bench/text-batches.js FOLDER [WAY]
 *
 * FOLDER holds model.onnx with `input_ids` and `attention_mask`, and tokenizer.json.
 */
const folder = process.argv[2] ?? ''
const ROUNDS = 3
const CHARACTERS = [15, 20, 30, 40, 45, 60, 80, 90, 110, 120, 150, 160, 200, 250, 300, 350, 20, 35, 50, 70, 100, 130, 180, 240, 400, 500, 600, 800, 1000, 1500, 2500, 4000]
const SENTENCE = 'The food was good and the service was quick, but we waited long for a table, and nobody told us why. '

const input = { kind: 'text' as const, tokenizer: { file: 'tokenizer.json', maxTokens: 512, padId: 0 } }
const session = await openSession({ model: join(folder, 'model.onnx'), root: folder, contract: { input, output: { kind: 'tensors' } }, threads: 1 })
const modality = textModality(input, session.signature)
const rows = await Promise.all(CHARACTERS.map(async length => await modality.prepare({ text: SENTENCE.repeat(40).slice(0, length) }, { pixels: 0, characters: Infinity })))

/** The batches that the scheduler would make of rows that wait. */
function batchesOf (rows: readonly Row[]): Row[][] {
  const batches: Row[][] = []
  for (const key of new Set(rows.map(({ batchKey }) => batchKey))) {
    const same = rows.filter(({ batchKey }) => batchKey === key)
    const limit = same[0]?.batchLimit ?? same.length
    for (let at = 0; at < same.length; at += limit) batches.push(same.slice(at, at + limit))
  }
  return batches
}

const WAYS: Record<string, Row[][]> = { 'one batch': [rows], 'by length': batchesOf(rows), alone: rows.map(row => [row]) }
for (const [name, batches] of Object.entries(WAYS)) {
  // Memory is not given back, so that it says something of one way alone.
  if (process.argv[3] !== undefined && process.argv[3] !== name) continue
  let best = Infinity
  let shortest = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    for (const batch of batches) {
      const begun = performance.now()
      await session.run(batch.map(({ content }) => content))
      if (batch.includes(rows[0]!)) shortest = Math.min(shortest, performance.now() - begun)
    }
    best = Math.min(best, performance.now() - started)
  }
  console.log(`${name}: ${batches.length} runs, ${Math.round(best)} ms for ${rows.length} texts, ${Math.round(shortest)} ms for the batch of the shortest, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`)
}
await session.release()
