import { readFileSync } from 'node:fs'
import { projectFile } from '../lib/project.ts'
import { photo } from './photo.ts'
import type { HttpRequest } from './request.ts'
import type { System } from './systems.ts'

/** A model, and the question that every request of a load asks it. */
export interface Work {
  name: string
  model: string
  /** Multiplies the seconds of a measurement. A slow question has few answers a second. */
  longer: number
  /** Makes the question on the first call, and returns the same one afterwards. */
  question: () => Promise<Question>
}

export interface Question {
  requestTo: (system: System) => HttpRequest
  /** The photo itself. The model also answers it without HTTP. */
  photo?: Buffer
}

export const SMALL_PHOTO = photoWork('photo of 512 pixels', 512)
export const LARGE_PHOTO = photoWork('photo of 12 megapixels', 4000, 4)
export const WORKS: Work[] = [SMALL_PHOTO, LARGE_PHOTO, rowsWork('one row', row => row), rowsWork('100 rows', row => Array.from({ length: 100 }, () => row))]

function photoWork (name: string, sidePixels: number, longer = 1): Work {
  return {
    name,
    model: 'tensorfood',
    longer,
    question: once(async () => {
      const bytes = await photo(sidePixels)
      return { requestTo: system => system.photo(bytes), photo: bytes }
    })
  }
}

function rowsWork (name: string, rowsOf: (example: number[]) => number[] | number[][]): Work {
  const model = 'iris'
  return {
    name,
    model,
    longer: 1,
    question: once(async () => {
      const { input } = JSON.parse(readFileSync(projectFile(`models/${model}/card.json`), 'utf8'))
      const rows = rowsOf(input.features.map(({ example }: { example: number }) => example))
      return { requestTo: system => system.rows(rows) }
    })
  }
}

function once<Result> (make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined
  return () => (made ??= make())
}
