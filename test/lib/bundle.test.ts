import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { cacheFileOf, compileBundle, loadBundle } from '../../lib/bundle.ts'
import { projectFile } from '../../lib/project.ts'

const CODE = "exports.place = async () => [require('node:path').basename(__filename), typeof module]\n// the end"

t.test('a bundle runs as a module of Node.js', async t => {
  const file = join(t.testdir({ 'a.cjs': CODE }), 'a.cjs')
  t.same(await loadBundle(file)['place']?.(), ['a.cjs', 'object'])
})

t.test('without a code cache, or with a broken one, a bundle is compiled as usual', async t => {
  const file = join(t.testdir({ 'a.cjs': CODE }), 'a.cjs')
  t.same(await loadBundle(file)['place']?.(), ['a.cjs', 'object'])
  // Other code, because V8 remembers what it has compiled.
  writeFileSync(file, `${CODE} of another`)
  writeFileSync(cacheFileOf(file), 'no cache')
  t.equal(compileBundle(file).cachedDataRejected, true)
  t.same(await loadBundle(file)['place']?.(), ['a.cjs', 'object'])
})

t.test('a thread that records leaves a code cache that the next one takes', async t => {
  const file = join(t.testdir({ 'a.cjs': CODE }), 'a.cjs')
  const code = `import { loadAndRecord } from ${JSON.stringify(new URL('../../dist/lib/bundle.js', import.meta.url).href)}; loadAndRecord(${JSON.stringify(file)}).place()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { env: {} })
  t.ok(existsSync(cacheFileOf(file)))
  const takes = code.replace('loadAndRecord(', 'console.log(compileBundle(').replace('.place()', '.cachedDataRejected)').replace('{ loadAndRecord }', '{ compileBundle }')
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', takes], { env: {} })
  t.equal(stdout, 'false\n')
})

t.test('the build leaves a code cache that a start of this version of Node.js takes', async t => {
  for (const name of ['servery.cjs', 'worker.cjs']) {
    const code = `import { compileBundle } from ${JSON.stringify(new URL('../../dist/lib/bundle.js', import.meta.url).href)}; console.log(compileBundle(${JSON.stringify(projectFile(`dist/${name}`))}).cachedDataRejected)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { env: {} })
    t.equal(stdout, 'false\n', name)
  }
})
