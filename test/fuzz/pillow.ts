import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Filter, Pixels } from '../../lib/pixels/pixels.ts'
import { projectFile } from '../../lib/project.ts'

/** Options of a JPEG that Pillow writes. */
export interface PillowOptions {
  width: number
  height: number
  quality: number
  sampling: string
  isProgressive: boolean
  hasOptimisedCodes: boolean
  restartBlocks: number
  restartRows: number
  comment: string
  colours: string
  orientation: number
}

/** Pillow in one process of Python, which answers one question after the other. */
export interface Pillow {
  encode: (pixels: Uint8Array, options: PillowOptions) => Promise<Buffer>
  /** Decodes a picture to RGB pixels: turned upright, or as they are stored. */
  decode: (file: Uint8Array, isUpright: boolean) => Promise<{ pixels: Pixels } | { refusal: string }>
  resize: (pixels: Pixels, width: number, height: number, filter: Filter) => Promise<Uint8Array>
  stop: () => Promise<void>
}

/** @param python the Python to run, which has Pillow 13 or newer */
export function startPillow (python: string): Pillow {
  const child = spawn(python, ['-W', 'ignore', projectFile('test/fuzz/pillow.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  // A process that ended is found out by its missing answer.
  child.stdin.on('error', () => {})
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function ask (what: string, bytes: Uint8Array, options: object): Promise<Record<string, unknown>> {
    child.stdin.write(`${JSON.stringify({ ...options, do: what, bytes: Buffer.from(bytes).toString('base64') })}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error('Pillow ended; its message is above')
    const answer: Record<string, unknown> = JSON.parse(value)
    if (typeof answer['failure'] === 'string') throw new Error(`Pillow failed: ${answer['failure']}`)
    return answer
  }

  return {
    encode: async (pixels, options) => bytesOf(await ask('encode', pixels, options)),
    decode: async (file, isUpright) => {
      const answer = await ask('decode', file, { isUpright })
      if (typeof answer['refusal'] === 'string') return { refusal: answer['refusal'] }
      return { pixels: { data: bytesOf(answer), width: Number(answer['width']), height: Number(answer['height']), channels: 3 } }
    },
    resize: async ({ data, ...size }, toWidth, toHeight, filter) => bytesOf(await ask('resize', data, { ...size, toWidth, toHeight, filter })),
    stop: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    }
  }
}

function bytesOf (answer: Record<string, unknown>): Buffer {
  return Buffer.from(String(answer['bytes']), 'base64')
}
