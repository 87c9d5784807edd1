// Writes JSON schemas for kubeconform, from the API descriptions of Kubernetes, and from custom resources, as JSON or YAML:
//   node schemas.js FOLDER swagger.json                      schemas of a Kubernetes version
//   node schemas.js FOLDER servicemonitors-crd.json …        schemas of custom resources
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const [folder, ...sources] = process.argv.slice(2)

for (const source of sources) {
  const { definitions, spec } = read(source)
  if (spec) {
    for (const { name, schema } of spec.versions) {
      write({ kind: spec.names.kind, group: spec.group, version: name }, strict({ ...schema.openAPIV3Schema, required: ['apiVersion', 'kind', 'metadata', 'spec'] }))
    }
  }
  for (const definition of Object.values(definitions ?? {})) {
    const [identity, another] = definition['x-kubernetes-group-version-kind'] ?? []
    // DeleteOptions and similar kinds belong to many groups. No manifest holds one.
    if (identity && !another) write(identity, { ...strict(definition), definitions: closure(definition, definitions) })
  }
}

function read (source) {
  const text = readFileSync(source, 'utf8')
  return source.endsWith('.json') ? JSON.parse(text) : parse(text)
}

function write ({ kind, group, version }, schema) {
  const suffix = [group.split('.')[0], version].filter(Boolean).join('-')
  writeFileSync(join(folder, `${kind}-${suffix}.json`.toLowerCase()), JSON.stringify(schema))
}

/** All definitions that a definition refers to, directly or through others. */
function closure (definition, definitions, found = {}) {
  for (const [, name] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    if (name in found) continue
    found[name] = strict(definitions[name])
    closure(definitions[name], definitions, found)
  }
  return found
}

/** Makes a schema refuse unknown fields, like `kubectl --validate=strict`, and accept numbers where the API does. */
function strict (schema) {
  const { format, description, properties, items, additionalProperties, ...rest } = schema
  if (format === 'int-or-string' || schema['x-kubernetes-int-or-string'] || description?.startsWith('Quantity is ')) return { type: ['string', 'number'] }
  const open = !properties || schema['x-kubernetes-preserve-unknown-fields']
  return {
    ...rest,
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, strict(each)])) }),
    ...(items && { items: strict(items) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: strict(additionalProperties) } : !open && { additionalProperties: false })
  }
}
