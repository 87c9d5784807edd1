import { existsSync } from 'node:fs'
import t from 'tap'
import type { TableInput } from '../../../lib/modalities/table/input.ts'
import { tryRows } from '../../../wire/table/page.ts'
import { patients, patientsCard } from '../../fixtures/columns.ts'
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
  const chips = (html: string) => [...html.matchAll(/data-row="([^"]*)">(.*?)<\/button>/g)].map(([, row, text]) => [row, text])
  t.same(chips(html), Array.from({ length: 6 }, (_, at) => [`${at},1`, `very wide <span class="unit">width ${at}</span>`]), 'and no two read the same')
  const alike = [{ row: [1, 1], label: 'a' }, { row: [1, 2], label: 'b' }, { row: [1, 1], label: 'a' }, { row: [2, 1], label: 'a' }, { row: [2, 2], label: 'a' }, { row: [3, 3] }]
  t.same(chips(tryRows({ ...echoCard, samples: alike }, twoFeatures).html(nothing)).map(([, text]) => text), [
    'a <span class="unit">example 1</span>', 'b', 'a <span class="unit">example 2</span>', 'a <span class="unit">example 3</span>', '3, 3'
  ], 'a sample that is given twice is one example')
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

t.test('a column has the field that its values need', async t => {
  const html = tryRows(patientsCard, patients).html(nothing)
  t.match(html, '<input id="feature-0" name="age / years" type="number" step="any" value="40" data-min="0" data-max="100"', 'a number with a range')
  t.match(html, '<input id="feature-1" data-unit="mg/l" name="iron" type="number" step="any" value="0" placeholder="missing">', 'a number without a range, which may be missing')
  t.match(html, '<input id="feature-2" name="visits" type="number" step="1" value="2"')
  t.match(html, '<input class="with-script" type="range" min="0" max="5" step="1" value="2"', 'a whole number')
  t.match(html, '<select id="feature-3" name="is_member" data-type="bool"><option value="true">true</option><option value="false" selected>false</option></select>')
  t.match(html, '<select id="feature-4" name="city" data-type="string"><option value="Paris" selected>Paris</option><option value="New York">New York</option><option value=" Rome"> Rome</option></select>')
  t.equal(html.match(/type="range"/g)?.length, 3, 'only known ranges have a slider')
})

t.test('values that are only some of all, or too many to choose from, are suggestions', async t => {
  const open: TableInput = { kind: 'table', tensor: 'x', type: 'string', features: [{ name: 'a', values: ['b"', 'c'], others: true }] }
  const html = tryRows(echoCard, open).html(nothing)
  t.match(html, '<input id="feature-0" name="a" type="text" data-type="string" value="b&#34;" maxlength="250" required list="known-0" data-known aria-describedby="range-0"><datalist id="known-0"><option value="b&#34;"></option><option value="c"></option></datalist><p class="hint" id="range-0"></p>')
  const coded: TableInput = { kind: 'table', tensor: 'x', type: 'int64', features: [{ name: 'a', values: Array.from({ length: 10_000 }, (_, at) => at) }] }
  const many = tryRows(echoCard, coded).html(nothing)
  t.match(many, '<input id="feature-0" name="a" type="number" step="1" value="0" required list="known-0">', 'the page has not all values, so it calls none strange')
  t.equal(many.match(/<option/g)?.length, 500)
})

t.test('words of a golden sample come back as they were', async t => {
  const row = [1, 'a, "b"', true, null]
  const html = tryRows({ ...patientsCard, samples: [{ row, label: 'age', probability: 0.5 }] }, patients).html(nothing)
  const [, data = ''] = /data-row="([^"]*)"/.exec(html) ?? []
  t.same(JSON.parse(`[${data.replaceAll('&#34;', '"')}]`), row)
})

t.test('many columns stand side by side, and their list is cut', async t => {
  const wide: TableInput = { kind: 'table', tensor: 'x', features: Array.from({ length: 64 }, (_, at) => ({ name: `pixel ${at}` })) }
  const html = tryRows(echoCard, wide).html(nothing)
  t.match(html, '<form id="ask" class="features many"')
  t.match(html, '<q>pixel 49</q> and 14 more, in any order')
})
