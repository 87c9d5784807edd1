import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expected, picture } from '../fixtures/expected.ts'

export interface Photo {
  name: string
  bytes: Buffer
  /** The label that it should get, as the page writes it. */
  label: string
}

/**
 * Two pictures with different labels: real photos from the folder PHOTOS, which has one for each label, or else pictures
 * drawn for the tests, with the labels that Python gave them.
 */
export function twoPhotos (): [Photo, Photo] {
  const folder = process.env['PHOTOS']
  const two = folder
    ? ['waffles', 'french_fries'].map(label => {
        const [name = ''] = readdirSync(join(folder, label)).sort()
        return { name, bytes: readFileSync(join(folder, label, name)), label }
      })
    : ['rgb.jpg', 'grey-alpha.png'].map(name => ({ name, bytes: picture(name), label: expected.pictures[name]!.label }))
  const [one, other] = two.map(photo => ({ ...photo, label: photo.label.replaceAll('_', ' ') }))
  return [one!, other!]
}
