import { readFileSync } from 'node:fs'
import { projectFile } from '../project.ts'

/** Bytes past a place that the SIMD instructions may touch, and what places are aligned to. */
const SLACK = 64

const WASM_PAGE = 65_536

/** Functions of WebAssembly, compiled from simd/*.ts by the build; what they take and answer is told there. */
type Loops = Record<'across' | 'down' | 'seek' | 'move' | 'place' | 'isAligned' | 'decode' | 'rgbOfFull' | 'rgbOfHalf', (...numbers: number[]) => number>

/** The inner loops of the way from bytes to tensor, and the memory that they work in. */
export const simd: Readonly<Loops & { memory: WebAssembly.Memory }> = open()

/** Where the module's own constants end. */
const CONSTANTS = 4096

/**
 * Places in WebAssembly's memory, one after the other. All of it is free: what one picture left there, the next one
 * overwrites.
 */
export class Places {
  #end = CONSTANTS

  /** Takes so many bytes. */
  of (length: number): number {
    const start = this.#end + SLACK
    this.#end = Math.ceil((start + length) / SLACK) * SLACK
    return start
  }

  /** The memory, large enough for all of them. */
  memory (): Uint8Array {
    const missing = this.#end + SLACK - simd.memory.buffer.byteLength
    if (missing > 0) simd.memory.grow(Math.ceil(missing / WASM_PAGE))
    return new Uint8Array(simd.memory.buffer)
  }
}

function open (): typeof simd {
  const module = new WebAssembly.Module(readFileSync(projectFile('dist/lib/input/simd/simd.wasm')))
  const { exports } = new WebAssembly.Instance(module)
  const { memory, across, down, seek, move, place, isAligned, decode, rgbOfFull, rgbOfHalf } = exports
  const loops = { across, down, seek, move, place, isAligned, decode, rgbOfFull, rgbOfHalf }
  if (!isLoops(loops) || !(memory instanceof WebAssembly.Memory)) throw new Error('simd.wasm was built from something else')
  return { ...loops, memory }
}

function isLoops (loops: Record<string, unknown>): loops is Loops {
  return Object.values(loops).every(loop => typeof loop === 'function')
}
