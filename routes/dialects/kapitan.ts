import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../../lib/config.ts'

const kapitan: FastifyPluginAsyncTypebox<{ config: Config }> = async () => {}

export default kapitan
