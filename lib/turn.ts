/** Work that waits for its turn, in order of arrival. */
const waiting: Array<() => void> = []

/** How many bytes to read in one turn of the event loop. JSON of this size takes about 4 milliseconds. */
export const PIECE_BYTES = 64 * 1024

/**
 * Waits for a turn of the event loop in which no other caller of this function works. Work that takes long does a piece,
 * waits, and does the next piece: between two pieces, whoever does them, the event loop serves all other requests.
 *
 * @see https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop#partitioning
 */
export async function nextTurn (): Promise<void> {
  await new Promise<void>(resolve => {
    if (waiting.push(resolve) === 1) setImmediate(begin)
  })
}

function begin (): void {
  waiting.shift()?.()
  // Not before the next turn: callbacks of setImmediate() that are set in the meantime would all run in this one.
  if (waiting.length > 0) setImmediate(begin)
}
