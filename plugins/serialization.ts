import { SerializerSelector, type SerializerFactory } from '@fastify/fast-json-stringify-compiler'

/**
 * Compiles the serializer of an answer when a route first sends one. Most routes of a service never answer most of their statuses, and
 * to compile all serializers would take a third of the start.
 */
const buildSerializer: SerializerFactory = (schemas, options) => {
  return route => {
    let serialize: ((answer: unknown) => string) | undefined
    return (answer: unknown) => {
      serialize ??= SerializerSelector()(schemas, options)(route)
      return serialize(answer)
    }
  }
}

/** @see https://fastify.dev/docs/latest/Reference/Server/#schemacontroller */
export const serverOptions = { schemaController: { compilersFactory: { buildSerializer } } }
