import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isFresh } from '../../deploy/package/fresh.js'

/** A built tree: the sources are from the second 1000, the build from the second 2000. */
function built (t: Test): string {
  const root = t.testdir({
    'server.ts': '', 'package.json': '', lib: { engine: { 'pool.ts': '' } }, dist: { 'server.js': '', cli: { 'servery.js': '' }, lib: { engine: { 'worker.js': '' } } }
  })
  for (const path of ['server.ts', 'package.json', 'lib/engine/pool.ts', 'lib/engine', 'lib']) utimesSync(join(root, path), 1000, 1000)
  for (const path of ['server.js', 'cli/servery.js', 'lib/engine/worker.js']) utimesSync(join(root, 'dist', path), 2000, 2000)
  return root
}

t.test('what is built is fresh until a source changes, comes or goes, or the build is gone', async t => {
  t.equal(isFresh(built(t)), true)
  for (const path of ['server.ts', 'package.json', 'lib/engine/pool.ts']) {
    const root = built(t)
    utimesSync(join(root, path), 3000, 3000)
    t.equal(isFresh(root), false, path)
  }
  const withoutPool = built(t)
  rmSync(join(withoutPool, 'lib/engine/pool.ts'))
  t.equal(isFresh(withoutPool), false, 'a file is deleted')
  const withoutBuild = built(t)
  rmSync(join(withoutBuild, 'dist/server.js'))
  t.equal(isFresh(withoutBuild), false, 'the build is gone')
})
