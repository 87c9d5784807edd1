/**
 * Does work on several items at once, and gives the results in the order of the items.
 *
 * @param width how many are in work at most
 * @param work never rejects: an error is a result, too
 */
export async function * ordered<Item, Result> (items: Iterable<Item> | AsyncIterable<Item>, width: number, work: (item: Item) => Promise<Result>): AsyncGenerator<Result> {
  const pending: Array<Promise<Result>> = []
  for await (const item of items) {
    pending.push(work(item))
    const first = pending.length >= width ? pending.shift() : undefined
    if (first) yield await first
  }
  for (const each of pending) yield await each
}
