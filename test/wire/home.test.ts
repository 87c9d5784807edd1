import t from 'tap'
import type { Card } from '../../lib/card/card.ts'
import { assetOf, homePage, promiseOf, readable, resultTemplate, titleOf, type HomeOptions } from '../../wire/home.ts'
import { echoCard } from '../fixtures/model.ts'

const draw = (card: Card = echoCard, options: Partial<HomeOptions> = {}) => homePage({ card, form: '<form id="its"></form>', scripts: [], needsKey: false, explains: false, hasInference: false, hasConfusion: false, hasReadme: false, ...options })

t.test('of a model of which nothing is known, the page shows its name and labels and invents nothing', async t => {
  const html = draw()
  t.match(html, '<h1>echo</h1>')
  t.match(html, '<form id="its"></form>')
  t.match(html, '<li><strong>2</strong> labels</li>')
  t.match(html, '<li>wide</li>\n<li>high</li>')
  for (const unknown of ['undefined', 'null', 'NaN', '<dl>', 'confusion', 'API key', 'Limitations', 'accuracy', 'More about this model', 'class="lead"']) t.notMatch(html, unknown)
})

t.test('what is known is shown, as people write it', async t => {
  const html = draw({
    ...echoCard,
    labels: ['ice_cream', 'b'],
    about: {
      title: 'The Echo',
      description: 'It answers.',
      architecture: 'A mirror',
      pretrainedOn: 'ImageNet',
      licence: 'MIT',
      dataset: { name: 'Faces', url: 'https://faces.example', train: 12_000, test: 300, licence: 'CC BY' },
      performance: { split: 'test', top1: 0.885, top5: 0.99 },
      limits: ['It knows two.']
    }
  })
  for (const text of [
    '<h1>The Echo</h1>', '<p class="lead">It answers.</p>', '<strong>88.5 %</strong> top-1 accuracy', '<strong>99.0 %</strong> top-5 accuracy', '<strong>12,000</strong> training examples',
    '<dd>A mirror. Pretrained on ImageNet.</dd>', '<a href="https://faces.example" rel="noreferrer">Faces</a>: 12,000 training and 300 test examples. CC BY', '<dd>test (300)</dd>', '<dd>MIT</dd>',
    '<h3>Limitations</h3>', '<li>It knows two.</li>', '<li>ice cream</li>'
  ]) t.ok(html.includes(text), text)
})

t.test('the card cannot write markup into the page', async t => {
  const mark = '<img src=x onerror="alert(1)">'
  const html = draw({
    ...echoCard,
    name: mark,
    labels: [mark, 'b'],
    about: {
      title: mark, description: mark, architecture: mark, pretrainedOn: mark, licence: mark, training: mark, dataset: { name: mark, url: `"${mark}`, licence: mark }, performance: { top1: 1, split: mark }, limits: [mark]
    }
  })
  t.notMatch(html, '<img src=x')
  t.notMatch(html, '"<')
})

t.test("the scripts of the modality come before the page's own", async t => {
  t.match(draw(echoCard, { scripts: ['papaparse.js'] }), /<script src="assets\/papaparse\.js" defer><\/script>\n<script src="assets\/page\.js" type="module">/)
})

t.test('the page asks for an API key, and shows the confusion matrix and the link to the README, only if there is one', async t => {
  const html = draw(echoCard, { needsKey: true, hasConfusion: true, hasReadme: true })
  t.match(html, '<input id="key" type="password"')
  t.match(html, '<img src="assets/model/confusion.png"')
  t.match(html, '<a href="docs/models/echo">More about this model</a>')
})

t.test('what a card leaves empty is not mentioned', async t => {
  const html = draw({ ...echoCard, about: { description: ' ', pretrainedOn: '', architecture: '', licence: '', limits: ['', ' '], dataset: { name: '', url: '', train: 0, test: 0 }, performance: { top1: 0, top5: 0, split: 'test' } } })
  t.notMatch(html, /0\.0 %|Pretrained|Limitations|<dl>|<dt>|accuracy|training examples|class="lead"/)
  const half = draw({ ...echoCard, about: { architecture: 'A mirror', dataset: { name: 'Faces', url: '', train: 0 } } })
  t.match(half, '<dd>A mirror.</dd>')
  t.match(half, '<dt>Data</dt><dd>Faces</dd>')
})

t.test('the confusion matrix takes the place of its picture, and a large one is a page of its own', async t => {
  const small = draw(echoCard, { hasConfusion: true, confusion: { counts: [[3, 1], [0, 4]] } })
  t.match(small, '<table class="matrix">')
  t.notMatch(small, 'confusion.png')
  t.match(small, '<script src="assets/confusion.js" type="module"></script>')
  const labels = Array.from({ length: 31 }, (_, at) => `label_${at}`)
  const large = draw({ ...echoCard, labels }, { confusion: { counts: labels.map(() => labels.map(() => 1)) } })
  t.match(large, '<a href="confusion">')
  t.notMatch(large, /<table|confusion\.js/)
})

t.test('the page in a frame has the form alone, and its links open beside it', async t => {
  const html = draw(echoCard, { isEmbedded: true, needsKey: true })
  t.match(html, '<form id="its"></form>')
  t.match(html, '<input id="key"')
  t.match(html, '<base target="_blank">')
  t.notMatch(html, /<nav|<h3>Labels|Keyboard shortcuts/)
})

t.test('a model is called by its title, else by its name', async t => {
  t.equal(titleOf(echoCard), 'echo')
  t.equal(titleOf({ ...echoCard, about: { title: 'The Echo' } }), 'The Echo')
})

t.test("a picture's path is one that a URL can hold", async t => {
  t.equal(assetOf('samples/a b?#%.png'), '/assets/model/samples/a%20b%3F%23%25.png')
})

t.test('a label is shown without underscores, and as text', async t => {
  t.equal(readable('fish_and_chips'), 'fish and chips')
  t.equal(readable('<b>'), '&#60;b&#62;')
})

t.test('what the script fills in shows the input where there is something to show', async t => {
  t.match(resultTemplate('picture', '<figure></figure>'), /<template id="result">\n<article class="result picture">\n<figure><\/figure>/)
  t.notMatch(resultTemplate('row'), 'figure')
})

t.test('the page of a model without labels has no list of them, and says how it answers', async t => {
  const html = draw({ ...echoCard, labels: [], labelKey: 'value', output: { kind: 'value', tensor: 'y' } }, { explains: true })
  t.notMatch(html, /<h3>Labels|<ul class="labels">|<ul class="figures">|labels<|The model/)
  t.match(html, '<a href="docs">')
  t.match(html, / id="model" data-name="[^"]+" data-output="value" data-columns="value" data-explains>/)
  t.match(draw(), / id="model" data-name="echo [^"]+" data-output="classes" data-columns="shape probability">/)
  t.match(draw({ ...echoCard, name: 'a b' }, { hasInference: true }), 'data-infer="v2/models/a%20b/infer">', 'and where it speaks the Open Inference Protocol')
})

t.test('before the first answer, the page promises no more than its kind of answer gives', async t => {
  t.match(promiseOf(echoCard), /most probable of 2 labels, and how sure/)
  t.match(promiseOf({ ...echoCard, output: { kind: 'labels', tensor: 'y', activation: 'none' } }), /which of 2 labels apply/)
  t.equal(promiseOf({ ...echoCard, output: { kind: 'label', label: 'z' } }), 'The answer appears here: a label.')
  t.equal(promiseOf({ ...echoCard, labels: [], output: { kind: 'value', tensor: 'y' } }), 'The answer appears here: a number.')
  t.equal(promiseOf({ ...echoCard, labels: [], output: { kind: 'tensors' } }), 'The answer appears here: the output tensors of the model.')
})
