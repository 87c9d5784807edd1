import { readFile, writeFile } from 'node:fs/promises'
import { projectFile } from '../lib/project.ts'
import { draw } from './picture.ts'

await writeFile(projectFile('diagram.png'), await draw(await readFile(projectFile('diagram/pipeline.svg'))))
