/** Asks a Servery server for predictions, from Node.js or from a browser. Start with `createClient`. */

export { createClient, type ServeryClient } from './client.ts'
export { infer, InferError, type InferAnswer, type InferRequest, type InputTensor, type OutputTensor } from './infer.ts'
export type { components, paths } from './paths.ts'
