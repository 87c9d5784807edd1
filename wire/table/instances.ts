import { columnsOf, exampleOf } from '../../lib/modalities/table/columns.ts'
import type { TableInput } from '../../lib/modalities/table/input.ts'
import type { Instances } from '../modality.ts'
import { rowsIn } from './body.ts'
import { rowSchema } from './openapi.ts'

/** Rows as instances: each a list of values in the order of the features, or an object by feature name. */
export function rowInstances (input: TableInput): Instances {
  // A row as an object has a key and a value for each feature.
  const valuesPerRow = 1 + 2 * columnsOf(input).length
  return {
    read: async list => await rowsIn(list, input, 'instance'),
    valuesOf: count => count * valuesPerRow,
    schema: async () => ({ ...rowSchema(input), examples: [exampleOf(input)] })
  }
}
