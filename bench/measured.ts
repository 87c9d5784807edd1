import { readFileSync } from 'node:fs'
import { projectFile } from '../lib/project.ts'
import type { Measurement, Results } from './report.ts'
import { median } from './statistics.ts'

let results: Results | undefined

/** The median of the rounds of the last benchmark. @throws Error when it has not measured this */
export function medianOf (system: string, work: string, connections: number, figure: 'cpu' | 'memory' | 'peak' | 'rate' | 'p99' | 'readyAfter'): number {
  const known: Results = results ??= JSON.parse(readFileSync(projectFile('bench/results/measurements.json'), 'utf8'))
  const rounds = known.measurements.filter((each: Measurement) => each.system === system && each.work === work && each.connections === connections)
  if (rounds.length === 0) throw new Error(`the benchmark has not measured ${system}, ${work} at ${connections} connections`)
  return median(rounds.map(round => round[figure]))
}
