import { readFileSync, writeFileSync } from 'node:fs'
import { projectFile } from '../lib/project.ts'
import { cores, horizontalPodAutoscaler } from './autoscaling/manifests.ts'
import { medianOf } from './measured.ts'
import { SERVERY } from './systems.ts'
import { HUNDRED_ROWS, LARGE_PHOTO, ONE_ROW, SMALL_PHOTO } from './works.ts'

/** A pod requests this much for pictures, whatever it takes at the moment: a stranger may send larger ones. */
const REQUESTED_MIB = 768

/** Writes the table of docs/capacity.md from the last benchmark and the settings of the manifests. */
const DOCUMENT = projectFile('docs/capacity.md')
const TABLE = /(?<=<!-- capacity -->\n)[^]*?(?=<!-- end of capacity -->)/
const RATES = [10, 1000, 100_000]
const CONNECTIONS = 16

const { targetUtilization, minReplicas } = horizontalPodAutoscaler()
const { requested } = cores()
const number = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 })

const rows = [SMALL_PHOTO, LARGE_PHOTO, ONE_ROW, HUNDRED_ROWS].map(({ name }) => {
  const cpuMs = medianOf(SERVERY, name, CONNECTIONS, 'cpu')
  const memoryMib = name.startsWith('photo') ? REQUESTED_MIB : medianOf(SERVERY, name, CONNECTIONS, 'peak')
  const perReplica = requested * targetUtilization * 1000 / cpuMs
  const replicas = RATES.map(rate => {
    const count = Math.max(minReplicas, Math.ceil(rate / perReplica))
    return `${count.toLocaleString('en')} (${number(rate * cpuMs / 1000)}, ${number(count * memoryMib / 1024)} GiB)`
  })
  return `| ${name} | ${number(cpuMs)} | ${number(perReplica)} | ${replicas.join(' | ')} |`
})
const table = [
  `| request | CPU ms | requests a second of a replica | ${RATES.map(rate => `replicas for ${rate.toLocaleString('en')}/s (busy cores, memory)`).join(' | ')} |`, `|---|---|---|${RATES.map(() => '---|').join('')}`, ...rows
].join('\n')
const text = readFileSync(DOCUMENT, 'utf8')
if (!TABLE.test(text)) throw new Error(`${DOCUMENT} has no place for the table`)
writeFileSync(DOCUMENT, text.replace(TABLE, () => `\n${table}\n\n`))
process.stdout.write(`${table}\n`)
