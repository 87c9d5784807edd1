import { existsSync } from 'node:fs'
import t from 'tap'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import { tryRows } from '../../../wire/table/page.ts'
import { echoCard, twoFeatures } from '../../fixtures/model.ts'

const nothing = { has: () => false }

t.test('the form has a field and a slider for each feature, with its unit, range and example', async t => {
  const html = tryRows(echoCard, twoFeatures).html(nothing)
  t.match(html, 'width <span class="unit">in cm</span>')
  t.match(html, '<input id="feature-1" name="height" type="number" step="any" value="0.75" data-min="0" data-max="10"')
  t.match(html, '<input class="with-script" type="range" min="0" max="10" step="0.1" value="0.75"')
  t.match(html, '<p class="hint" id="range-1">0 to 10 in training</p>')
  t.match(html, 'data-label-key="shape"')
  t.match(html, '<q>width</q>, <q>height</q>')
  t.notMatch(html, 'class="samples')
})

t.test('a slider has tens to hundreds of positions, whatever the range', async t => {
  for (const [min, max] of [[0, 1], [4.3, 7.9], [0, 1e6], [-3e-5, 2e-5], [10, 90]] as const) {
    const input: TableInput = { ...twoFeatures, features: [{ name: 'a', min, max, example: min }] }
    const [, step] = / type="range" .* step="([^"]*)"/.exec(tryRows(echoCard, input).html(nothing)) ?? []
    const positions = (max - min) / Number(step)
    t.ok(positions >= 20 && positions <= 200, `${min} to ${max} in steps of ${step}`)
  }
  t.match(tryRows(echoCard, { ...twoFeatures, features: [{ name: 'a', min: 1, max: 1, example: 1 }] }).html(nothing), 'step="1"', 'and a range of one value has one')
})

t.test('some golden samples are offered as rows', async t => {
  const samples = Array.from({ length: 8 }, (_, at) => ({ row: [at, 1], label: 'very_wide', probability: 0.5 }))
  const html = tryRows({ ...echoCard, samples: [{ file: 'a.png', label: 'a', probability: 0.5 }, ...samples] }, twoFeatures).html(nothing)
  const rows = [...html.matchAll(/data-row="([^"]*)">([^<]*)</g)].map(([, row, label]) => [row, label])
  t.same(rows, Array.from({ length: 6 }, (_, at) => [`${at},1`, 'very wide']))
})

t.test('the name of a feature is text', async t => {
  const html = tryRows(echoCard, { ...twoFeatures, features: [{ name: '"><script>', unit: '<b>', min: 0, max: 1, example: 0 }] }).html(nothing)
  t.notMatch(html, /<script>|<b>/)
})

t.test('the script that reads CSV comes with the service', async t => {
  const { scripts, pictures } = tryRows(echoCard, twoFeatures)
  t.ok(existsSync(scripts['papaparse.js'] ?? ''))
  t.same(pictures, [])
})
