import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { loadConfig } from '../lib/config.ts'
import { loadClassifier } from '../lib/load.ts'

/**
 * Starts the embedded models again and again, first on a quiet machine and then beside processes that burn every core,
 * and prints which layouts were chosen. A start must not depend on what else the machine does.
 */
const { values } = parseArgs({ options: { starts: { type: 'string', default: '10' } } })
const MODELS = ['tensorfood', 'food101', 'fashion-mnist', 'iris']

/** A burner ends by itself, also when nobody stops it. */
const BURNER_LIFE_MS = 600_000

const rows: string[] = []
for (const burners of [0, cpus().length]) {
  const processes = Array.from({ length: burners }, () => {
    return spawn(process.execPath, ['--eval', `const end = Date.now() + ${BURNER_LIFE_MS}; while (Date.now() < end);`], { stdio: 'ignore' })
  })
  for (const model of MODELS) {
    const chosen = new Map<string, number>()
    for (let start = 0; start < Number(values.starts); start++) {
      const classifier = await loadClassifier(loadConfig({ MODEL_NAME: model }))
      const { workers, threads, maxBatch } = classifier.status().layout
      const layout = `${workers} × ${threads}, batch ${maxBatch}`
      chosen.set(layout, (chosen.get(layout) ?? 0) + 1)
      await classifier.close()
    }
    rows.push(`| ${burners} | ${model} | ${[...chosen].map(([layout, count]) => `${count} × (${layout})`).join(', ')} |`)
  }
  for (const each of processes) each.kill('SIGKILL')
}
process.stdout.write(`| burners | model | layouts chosen: workers × threads, batch |\n|---|---|---|\n${rows.join('\n')}\n`)
