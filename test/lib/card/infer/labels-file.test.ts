import t from 'tap'
import { parseLabels } from '../../../../lib/card/infer/labels-file.ts'

const text = (content: string) => parseLabels(content, 'text')?.labels
const json = (content: unknown) => parseLabels(typeof content === 'string' ? content : JSON.stringify(content), 'json')?.labels

t.test('a text file has one label in each line', async t => {
  t.same(text('ant\nbee\n'), ['ant', 'bee'])
  t.same(text('\uFEFFant\r\nhouse fly\r\n'), ['ant', 'house fly'], 'as Windows writes it')
  t.same(text('ant\nbee'), ['ant', 'bee'], 'without a last newline')
  t.same(text("ant\ndog's bone\ncrane\ncrane"), ['ant', "dog's bone", 'crane', 'crane'], 'a label may repeat')
  for (const wrong of ['', '\n\n', 'ant\n\nbee']) t.equal(text(wrong), undefined, JSON.stringify(wrong))
})

t.test('the numbers of Teachable Machine are no part of the label, if every line has its own', async t => {
  t.same(text('0 Rock\n1 Paper sheet\n2 Scissors\n'), ['Rock', 'Paper sheet', 'Scissors'])
  t.same(text('0 Rock\n2 Paper\n'), ['0 Rock', '2 Paper'])
  t.same(text('1 cent\n2 cents\n'), ['1 cent', '2 cents'])
  t.same(text('n01440764 tench, Tinca tinca\nn01443537 goldfish\n'), ['tench, Tinca tinca', 'goldfish'], "nor are WordNet's identifiers")
})

t.test('JSON has the labels as a list or by their index, in any order', async t => {
  t.same(json(['ant', 'bee']), ['ant', 'bee'])
  t.same(json({ 10: 'k', 2: 'c', 0: 'a', 1: 'b', 3: 'd', 4: 'e', 5: 'f', 6: 'g', 7: 'h', 8: 'i', 9: 'j' }), [...'abcdefghijk'])
  t.same(json({ 0: ['n01440764', 'tench'], 1: ['n01443537', 'goldfish'] }), ['tench', 'goldfish'], "ImageNet's class index")
  t.same(json({ bee: 1, ant: 0 }), ['ant', 'bee'])
  t.same(json({ id2label: { 0: 'ant', 1: 'bee' }, version: 2 }), ['ant', 'bee'])
  t.same(json({ class_names: [0, 1] }), ['0', '1'], 'CatBoost')
  for (const wrong of ['{', '3', {}, [], { 0: 'ant', 2: 'bee' }, [{ a: 1 }], { 0: 'ant', x: 'bee' }, ['ant', ''], [['ant']]]) t.equal(json(wrong), undefined, JSON.stringify(wrong))
})
