import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import multipart from '@fastify/multipart'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Fastify from 'fastify'
import { Type } from '../../lib/typebox.ts'

/**
 * What Fastify itself leaves: the same requests and the same answers through routes that do nothing, as Fastify's documentation
 * writes them. A schema checks the request, and another one writes the answer.
 *
 *     BENCH_MODEL=models/iris PORT=3000 node dist/bench/peers/bare-fastify.js
 */
const { BENCH_MODEL = '', PORT } = process.env
const { name, version = '1', labelKey, labels }: { name: string, version?: string, labelKey: string, labels: string[] } = JSON.parse(readFileSync(join(BENCH_MODEL, 'card.json'), 'utf8'))

/** Most labels of an answer. */
const TOP = 5

/** Largest photo. */
const FILE_LIMIT_BYTES = 32 * 1024 * 1024

const Scored = Type.Object({ label: Type.String(), index: Type.Integer(), probability: Type.Number() })
const fields = { [labelKey]: Type.String(), probability: Type.Number(), index: Type.Integer(), top: Type.Array(Scored) }
const about = { model: Type.String(), version: Type.String() }
const Answer = Type.Object({ ...fields, ...about })
const Answers = Type.Object({ predictions: Type.Array(Type.Object(fields)), ...about })
const Row = Type.Array(Type.Number())

const top = labels.slice(0, TOP).map((label, index) => ({ label, index, probability: 0.7469686 / (index + 1) }))
const prediction = { [labelKey]: top[0]!.label, probability: top[0]!.probability, index: 0, top }

const routes: FastifyPluginAsyncTypebox = async app => {
  app.get('/health', async () => ({ status: 'ok' }))

  app.post('/photo', { schema: { response: { 200: Answer } } }, async request => {
    const file = await request.file()
    await file?.toBuffer()
    return { ...prediction, model: name, version }
  })

  app.post('/row', { schema: { body: Row, response: { 200: Answer } } }, async () => ({ ...prediction, model: name, version }))

  app.post('/rows', { schema: { body: Type.Array(Row), response: { 200: Answers } } }, async request => {
    return { predictions: request.body.map(() => prediction), model: name, version }
  })
}

const app = Fastify()
await app.register(multipart, { limits: { fileSize: FILE_LIMIT_BYTES } })
await app.register(routes)
await app.listen({ port: Number(PORT), host: '127.0.0.1' })
