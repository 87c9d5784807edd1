import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../../lib/config.ts'

const max: FastifyPluginAsyncTypebox<{ config: Config }> = async () => {}

export default max
