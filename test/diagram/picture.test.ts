import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import t from 'tap'
import { draw, PICTURES, stampOf } from '../../diagram/picture.ts'
import { projectFile } from '../../lib/project.ts'

for (const [name, source, colours] of PICTURES) {
  const svg = readFileSync(projectFile(source))
  const picture = sharp(readFileSync(projectFile(name)))

  t.test(`${name} was drawn from ${source} as it is now`, async t => {
    const { exif } = await picture.metadata()
    t.match(exif?.toString('latin1'), stampOf(svg), 'npm run diagram')
  })

  t.test(`${name} has the shapes of its source, whatever lettering was at hand`, async t => {
    const shapes = sharp(await draw(Buffer.from(svg.toString().replaceAll(/<text[^]*?<\/text>/g, '')), colours))
    const [here, there] = await Promise.all([shapes, picture].map(each => each.clone().greyscale().raw().toBuffer({ resolveWithObject: true })))
    t.same(here!.info, there!.info)
    t.equal(there!.info.width, 1600)
    const different = here!.data.filter((value, at) => Math.abs(value - there!.data[at]!) > 8).length / here!.data.length
    // A panel is 22 % of the picture, the words are 5 %.
    t.ok(different < 0.1, `${different} of the pixels`)
  })
}

t.test('diagram.png says what is integration and what is deployment, in the order of the pipeline', async t => {
  const words = [...readFileSync(projectFile('diagram/pipeline.svg'), 'utf8').matchAll(/<text class="(?:part|name)"[^>]*>([^<]+)</g)].map(([, word]) => word)
  t.same(words, [
    'INTEGRATION', 'Check', 'Fetch model', 'Test', 'Build image', 'Scan',
    'DEPLOYMENT', 'Push image', 'Review', 'Staging', 'Production', 'Rollback',
    'OPERATION', 'Service', 'Probes', 'Prometheus', 'Grafana', 'Alert'
  ])
})

t.test('the boxes of integration and deployment are the stages of .gitlab-ci.yml', t => {
  const [, list = ''] = /^stages:\n((?: {2}- .+\n)+)/m.exec(readFileSync(projectFile('.gitlab-ci.yml'), 'utf8')) ?? []
  const stages = [...list.matchAll(/- (.+)/g)].map(([, stage]) => stage)
  const names = [...readFileSync(projectFile('diagram/pipeline.svg'), 'utf8').matchAll(/<text class="name"[^>]*>([^<]+)</g)].map(([, name = '']) => name.toLowerCase())
  t.same(names.slice(0, stages.length), stages)
  t.equal(stages.length, 10)
  t.end()
})
