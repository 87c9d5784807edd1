import { runInNewContext } from 'node:vm'
import './flags.ts'

const transfer = transferOf()

/** The size of the memory from which Node.js cuts small buffers. It may be a little larger than `Buffer.poolSize`. */
const POOL_BYTES = Buffer.from('pooled').buffer.byteLength

/**
 * Frees the memory of a buffer now, which has no bytes from then on. Otherwise it waits for garbage collection, which
 * does not hurry for memory that V8 has not allocated itself: each worker held the pixels of its last picture until
 * after the next one. What `isPooled` says is left alone.
 */
export function release (memory: ArrayBufferView | ArrayBuffer): void {
  const buffer = ArrayBuffer.isView(memory) ? memory.buffer : memory
  if (buffer instanceof ArrayBuffer && !isPooled(buffer)) transfer?.call(buffer, 0)
}

/**
 * Whether other buffers may be in the same memory: Node.js cuts small ones from a pool, which must not be freed or moved to
 * another thread. `Buffer.from` and `Buffer.concat` give such buffers.
 */
export function isPooled ({ byteLength }: ArrayBuffer): boolean {
  return byteLength === POOL_BYTES
}

/** `ArrayBuffer.prototype.transfer`. In Node.js 20, it is behind a flag of `flags.ts`, which new contexts see. */
function transferOf (): ((length: number) => unknown) | null {
  const method: unknown = runInNewContext('ArrayBuffer.prototype.transfer')
  return isMethod(method) ? method : null
}

function isMethod (value: unknown): value is (length: number) => unknown {
  return typeof value === 'function'
}
