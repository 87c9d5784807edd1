import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectFile } from '../lib/project.ts'

/** Folders whose tests mirror them: lib/engine/pool.ts is tested by test/lib/engine/pool.test.ts. */
const MIRRORED = ['lib', 'wire', 'plugins', 'routes', 'cli']

/** Files of types alone: what the compiler checks needs no test. */
const TYPES = ['lib/card/infer/source.ts', 'lib/engine/runner.ts', 'lib/modalities/modality.ts', 'wire/modality.ts', 'wire/open-inference/question.ts']

/** Other files without a test of their own, and why. */
const EXCEPTIONS: Record<string, string> = {
  'lib/typebox.ts': 'hands on a library',
  'lib/sources/source.ts': 'types, and two classes of errors without code of their own',
  'lib/pixels/simd/colour.ts': 'AssemblyScript: runs inside lib/pixels/jpeg.ts',
  'lib/pixels/simd/entropy.ts': 'AssemblyScript: runs inside lib/pixels/jpeg.ts',
  'lib/pixels/simd/transform.ts': 'AssemblyScript: runs inside lib/pixels/jpeg.ts',
  'lib/pixels/simd/resize.ts': 'AssemblyScript: runs inside lib/pixels/resize.ts',
  'wire/image/index.ts': 'names its parts, which wire/index.ts chooses from',
  'wire/table/index.ts': 'names its parts, which wire/index.ts chooses from',
  'wire/tensors/index.ts': 'names its parts, which wire/index.ts chooses from',
  'wire/text/index.ts': 'names its parts, which wire/index.ts chooses from'
}

const sources = MIRRORED.flatMap(folder => {
  return readdirSync(projectFile(folder), { recursive: true }).map(String).filter(name => name.endsWith('.ts')).map(name => join(folder, name).replaceAll('\\', '/'))
})

t.test('every source file has a test file at the same place', async t => {
  const untested = sources.filter(path => !existsSync(projectFile(`test/${path.replace(/\.ts$/, '.test.ts')}`)))
  t.same(untested.filter(path => !TYPES.includes(path) && !(path in EXCEPTIONS)), [])
  t.same([...TYPES, ...Object.keys(EXCEPTIONS)].filter(path => !untested.includes(path)), [], 'and what is excepted is there and has none')
})

t.test('files of types alone hold no code', async t => {
  for (const path of TYPES) {
    t.notMatch(readFileSync(projectFile(path), 'utf8'), /^(?:export )?(?:default |async |abstract )*(?:const|let|var|function|class|enum)\b/m, path)
  }
})
