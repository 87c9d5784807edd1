import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../../../lib/config.ts'

const grpc: FastifyPluginAsync<{ config: Config }> = async () => {}

export default grpc
