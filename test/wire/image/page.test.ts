import t from 'tap'
import { tryPictures } from '../../../wire/image/page.ts'
import { echoCard, smallPicture } from '../../fixtures/model.ts'

const answer = { label: 'wide', probability: 0.5 }
const samples = Array.from({ length: 8 }, (_, at) => ({ file: `samples/a & ${at}.png`, ...answer }))
const everything = { has: () => true }

t.test('the form sends a picture, also without a script, and says how large it may be', async t => {
  const html = tryPictures({ ...echoCard, input: smallPicture }, smallPicture, 1234).html(everything)
  t.match(html, /<form id="ask" action="predict" method="post" enctype="multipart\/form-data"[^>]* data-label-key="shape" data-upload-limit="1234"/)
  t.match(html, '<input id="file" name="file" type="file" accept="image/*" aria-keyshortcuts="o" required>')
  t.match(html, '<button class="without-script">Predict the shape</button>')
  t.match(html, 'JPEG, PNG, WebP, GIF, AVIF, TIFF. The model sees 8 × 8 pixels of it.')
  t.notMatch(html, 'class="samples')
})

t.test('some samples of the card are offered, those whose files are there', async t => {
  const { pictures, html } = tryPictures({ ...echoCard, samples: [{ row: [1], ...answer }, ...samples] }, smallPicture, 1234)
  t.same(pictures, samples.slice(0, 6).map(({ file }) => file), 'six at most')
  const shown = html({ has: file => file.includes('2') })
  t.same([...shown.matchAll(/data-file="([^"]*)"><img src="([^"]*)" alt="([^"]*)"/g)].map(([, ...groups]) => groups), [
    ['a &#38; 2.png', 'assets/model/samples/a%20%26%202.png', 'a &#38; 2']
  ])
})
