import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../../../lib/config.ts'

const v2: FastifyPluginAsyncTypebox<{ config: Config }> = async () => {}

export default v2
