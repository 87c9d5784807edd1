import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { examplePhoto, examplePicture, findExamples } from '../../../../lib/modalities/image/examples.ts'
import { readJpegFrame } from '../../../../lib/pixels/jpeg-header.ts'
import { smallPicture } from '../../../fixtures/model.ts'

t.test('the folder that holds a picture is its label, however deep it is', async t => {
  const folder = t.testdir()
  for (const [name, text] of [['b/pizza/1.jpg', 'one'], ['a/pizza/2.jpg', 'two'], ['T-shirt_top/3.png', 'three'], ['pizza/.hidden', ''], ['sushi/4.jpg', 'four'], ['5.jpg', 'five']] as const) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const examples = await findExamples(folder, ['T-shirt/top', 'pizza'])
  const items = await Promise.all(examples.map(async ({ truth, read }) => ({ truth, item: await read() })))
  t.same(items, [
    { truth: 0, item: { name: `file '${join(folder, 'T-shirt_top/3.png')}'`, bytes: Buffer.from('three') } },
    { truth: 1, item: { name: `file '${join(folder, 'a/pizza/2.jpg')}'`, bytes: Buffer.from('two') } },
    { truth: 1, item: { name: `file '${join(folder, 'b/pizza/1.jpg')}'`, bytes: Buffer.from('one') } }
  ])
})

t.test('the photo to measure with is a common JPEG with detail', async t => {
  const photo = await examplePhoto()
  t.same(readJpegFrame(photo), { width: 512, height: 384 })
  t.match(await sharp(photo).metadata(), { chromaSubsampling: '4:2:0' })
})

t.test("the picture for documents has the size of the model's input, and is small", async t => {
  const png = await examplePicture({ ...smallPicture, width: 40, height: 30 })
  t.match(await sharp(png).metadata(), { format: 'png', width: 40, height: 30 })
  t.ok(png.length < 1000)
})
