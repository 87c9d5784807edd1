import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { expected, picture } from '../fixtures/expected.ts'
import { servery } from './servery.ts'

const folder = t.testdir({ 'notes.jpg': 'hello' })
const png = join(folder, 'a.png')
writeFileSync(png, picture('rgb.png'))
const { label, probability } = expected.pictures['rgb.png']!

t.test('prints the label and the probability of each picture', async t => {
  const { code, stdout } = await servery(['predict', png, png])
  t.equal(code, 0)
  t.same(stdout.split('\n'), [`${png}: ${label} ${probability.toFixed(4)}`, `${png}: ${label} ${probability.toFixed(4)}`, ''])
})

t.test('prints JSON with as many labels as wanted', async t => {
  const { stdout } = await servery(['predict', '--json', '--top-k', '2', png])
  t.match(JSON.parse(stdout), { file: png, top: [{ label }, {}] })
})

t.test('a file that is not an image, or is not there, is one clear line and exit code 1; the others are answered', async t => {
  const { code, stdout, stderr } = await servery(['predict', join(folder, 'notes.jpg'), png, join(folder, 'nothing.jpg')])
  t.equal(code, 1)
  t.match(stdout, label)
  const [first, second, rest] = stderr.split('\n')
  t.match(first, /^servery: file '.*notes\.jpg' is not an image; send one of JPEG/)
  t.match(second, /^servery: .*nothing\.jpg/)
  t.equal(rest, '')
})

t.test('what to answer must be said, and in full', async t => {
  t.match(await servery(['predict']), { code: 1, stderr: /^servery: name at least one picture: servery predict photo\.jpg\n$/ })
  t.match(await servery(['predict', '--top-k', 'all', png]), { code: 1, stderr: /^servery: --top-k all must be a whole number of at least 1\n$/ })
})
