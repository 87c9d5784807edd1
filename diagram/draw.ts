import { readFile, writeFile } from 'node:fs/promises'
import { projectFile } from '../lib/project.ts'
import { draw, PICTURES } from './picture.ts'

for (const [picture, source, colours] of PICTURES) {
  await writeFile(projectFile(picture), await draw(await readFile(projectFile(source)), colours))
}
