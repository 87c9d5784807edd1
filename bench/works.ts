import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFile } from '../lib/project.ts'
import { identityModel, noise } from './identity.ts'
import { type closedLoad, largeAnswersLoad } from './measure.ts'
import { photo } from './photo.ts'
import type { HttpRequest } from './request.ts'
import type { System } from './systems.ts'

/** A model, and the question that every request of a load asks it. */
export interface Work {
  name: string
  /** Path of the model's folder. Makes the folder on the first call if the model is not embedded. */
  model: () => string
  /** Multiplies the seconds of a measurement. A slow question has few answers a second. */
  longer: number
  /** How the load is made. Default: `closedLoad`. */
  load?: typeof closedLoad
  /** Makes the question on the first call, and returns the same one afterwards. */
  question: () => Promise<Question>
}

export interface Question {
  /** The request that asks a system this question, if the system takes such a question. */
  requestTo: (system: System) => HttpRequest | undefined
  /** The question itself: a photo, a row or a list of rows. The model also answers it without HTTP. */
  itself?: Buffer | number[] | number[][]
}

export const SMALL_PHOTO = photoWork('photo of 512 pixels', 512)
export const LARGE_PHOTO = photoWork('photo of 12 megapixels', 4000, 3)
export const ONE_ROW = rowsWork('one row', row => row)
export const HUNDRED_ROWS = rowsWork('100 rows', row => Array.from({ length: 100 }, () => row))
export const WORKS: Work[] = [SMALL_PHOTO, LARGE_PHOTO, ONE_ROW, HUNDRED_ROWS, tensorWork()]

function photoWork (name: string, sidePixels: number, longer = 1): Work {
  return {
    name,
    model: () => projectFile('models/tensorfood'),
    longer,
    question: once(async (): Promise<Question> => {
      const bytes = await photo(sidePixels)
      return { requestTo: system => system.photo?.(bytes), itself: bytes }
    })
  }
}

function rowsWork (name: string, rowsOf: (example: number[]) => number[] | number[][]): Work {
  const folder = projectFile('models/iris')
  return {
    name,
    model: () => folder,
    longer: 1,
    question: once(async (): Promise<Question> => {
      const { input } = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'))
      const rows = rowsOf(input.features.map(({ example }: { example: number }) => example))
      return { requestTo: system => system.rows?.(rows), itself: rows }
    })
  }
}

function tensorWork (): Work {
  return {
    name: 'tensor of 1 × 3 × 224 × 224, identity model',
    model: once(identityModel),
    longer: 1,
    load: largeAnswersLoad,
    question: once(async (): Promise<Question> => {
      const tensor = noise()
      return { requestTo: system => system.tensor?.(tensor) }
    })
  }
}

function once<Result> (make: () => Result): () => Result {
  let made: Result | undefined
  return () => (made ??= make())
}
