import { setImmediate as turn } from 'node:timers/promises'

/**
 * Counts the turns of the event loop while `work` runs. Other requests are served between two turns, so work that is
 * done in pieces has at least as many turns as pieces, whatever the machine's speed.
 */
export async function turnsOf (work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isOver = false
  const over = work().catch(() => {}).finally(() => { isOver = true })
  for (;;) {
    await turn()
    if (isOver) break
    turns++
  }
  await over
  return turns
}
