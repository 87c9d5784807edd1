import fc from 'fast-check'
import type { AnyKind, Kind } from './kind.ts'

/** Makes a kind ready to run with fast-check. https://fast-check.dev */
export function runnable<Case> (kind: Kind<Case>): AnyKind {
  return {
    name: kind.name,
    run: async ({ seed, cases = kind.cases, path, reduce = path === undefined, onCase }) => {
      const outcomes = new Map<string, number>()
      let hasFailed = false
      let index = 0
      const property = fc.asyncProperty(kind.arbitrary, async value => {
        const bytes = await kind.bytesOf(value)
        onCase?.(bytes, path ?? String(index++))
        try {
          const outcome = await kind.check(value, bytes)
          // After a failure come cases that look for a smaller one.
          if (!hasFailed) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        } catch (error) {
          hasFailed = true
          throw error
        }
      })
      const details = await fc.check(property, { seed, numRuns: path === undefined ? cases : 1, ...path !== undefined && { path }, endOnFailure: !reduce })
      if (!details.failed || !details.counterexample) return { cases: details.numRuns, outcomes, failure: null }
      const [value] = details.counterexample
      const { errorInstance, counterexamplePath } = details
      return {
        cases: details.numRuns,
        outcomes,
        failure: {
          seed,
          path: counterexamplePath ?? '0',
          text: fc.stringify(value),
          bytes: await kind.bytesOf(value).catch(() => new Uint8Array()),
          message: errorInstance instanceof Error ? errorInstance.stack ?? errorInstance.message : String(errorInstance)
        }
      }
    }
  }
}
