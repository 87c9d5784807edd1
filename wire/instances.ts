import { RequestInvalid, TooManyInputs } from '../lib/errors.ts'

/** How many characters of a name that a client sent a message quotes. */
const QUOTE_LIMIT = 40

/**
 * Finds the list of instances in the JSON of a request: the field `instances`, or `inputs`, which is a list too, or an
 * object with a list for each name. Other fields, such as `signature_name`, are passed over, as other servers do.
 *
 * @param limit largest number of instances
 * @throws RequestInvalid, TooManyInputs
 * @see https://www.tensorflow.org/tfx/serving/api_rest#predict_api
 */
export function instancesIn (body: unknown, limit: number): readonly unknown[] {
  const { instances, inputs } = fieldsOf(body)
  if (instances !== undefined && inputs !== undefined) throw new RequestInvalid("body has both 'instances' and 'inputs'; send one of them.")
  const given = instances ?? inputs
  const name = instances === undefined ? 'inputs' : 'instances'
  if (given === undefined) throw new RequestInvalid('body has no list of instances; send {"instances": […]} with one entry for each input.')
  if (Array.isArray(given)) return checked(given, given.length, name, limit)
  if (instances !== undefined || !(given instanceof Object)) throw new RequestInvalid(`'${name}' is no list; send one entry for each input.`)
  return rowsOf(Object.entries(given), limit)
}

function fieldsOf (body: unknown): { instances?: unknown, inputs?: unknown } {
  if (body instanceof Object && !Array.isArray(body)) return body
  throw new RequestInvalid('body must be an object, such as {"instances": […]}.')
}

function checked (list: unknown[], length: number, name: string, limit: number): unknown[] {
  if (length === 0) throw new RequestInvalid(`'${name}' is an empty list.`)
  if (length > limit) throw new TooManyInputs(limit)
  return list
}

/** The rows of columns, each an object by column name. */
function rowsOf (columns: Array<[string, unknown]>, limit: number): unknown[] {
  const lists = columns.map(([name, column]) => {
    if (!Array.isArray(column)) throw new RequestInvalid(`'inputs' has no list under '${name.slice(0, QUOTE_LIMIT)}'; send a list with one entry for each input.`)
    return [name, column] as const
  })
  const length = lists[0]?.[1].length ?? 0
  const other = lists.find(([, column]) => column.length !== length)
  if (other) throw new RequestInvalid(`the lists of 'inputs' differ: '${other[0].slice(0, QUOTE_LIMIT)}' has ${other[1].length} entries, and '${lists[0]?.[0].slice(0, QUOTE_LIMIT)}' has ${length}.`)
  checked([], length, 'inputs', limit)
  return Array.from({ length }, (_, at) => Object.fromEntries(lists.map(([name, column]) => [name, column[at]])))
}
