import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { fakeModel, type FakeModel, type FakeModelOptions } from '../lib/model.ts'

/** Gives a service a model, by the name under which other plugins ask for it. */
export async function registerModel (app: FastifyInstance, options?: FakeModelOptions): Promise<FakeModel> {
  const fake = await fakeModel(options)
  await app.register(fp(async app => { app.decorate('model', fake.model) }, { name: 'model' }))
  return fake
}
