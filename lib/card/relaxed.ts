const made = new WeakMap<object, object>()

/**
 * A JSON Schema of an object in which no field is required, also in the objects that are its fields. The items of lists
 * stay as they are: a list of a card is whole or missing.
 */
export function relaxed (schema: object): object {
  const known = made.get(schema)
  if (known) return known
  const entries = Object.entries(schema).filter(([key]) => key !== 'required')
  const result = Object.fromEntries(entries.map(([key, value]) => [key, key === 'properties' && value instanceof Object ? relaxedFields(value) : value]))
  made.set(schema, result)
  return result
}

function relaxedFields (fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema instanceof Object ? relaxed(schema) : schema]))
}
