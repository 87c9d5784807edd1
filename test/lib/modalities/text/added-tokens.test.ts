import t from 'tap'
import { splitterOf, type AddedToken } from '../../../../lib/modalities/text/added-tokens.ts'

const splitter = (...tokens: AddedToken[]) => splitterOf(new Map(tokens.map(token => [token.content, token])))

t.test('an added token is found in the text, the longest of several', async t => {
  const split = splitter({ id: 1, content: '<a>' }, { id: 2, content: '<a>b' })
  t.same(split('x<a>by<a>'), [{ text: 'x', start: 0 }, 2, { text: 'y', start: 5 }, 1])
  t.same(split(''), [])
  t.same(splitter()('x'), [{ text: 'x', start: 0 }])
})

t.test('a token may take the blanks beside it', async t => {
  t.same(splitter({ id: 1, content: '<m>', lstrip: true })('a  <m> b'), [{ text: 'a', start: 0 }, 1, { text: ' b', start: 6 }])
  t.same(splitter({ id: 1, content: '<m>', rstrip: true })('a <m>  b'), [{ text: 'a ', start: 0 }, 1, { text: 'b', start: 7 }])
  t.same(splitter({ id: 1, content: '<m>', lstrip: true, rstrip: true })('  <m>  '), [1])
})

t.test('a token that is a word of its own is not found in another word', async t => {
  const split = splitter({ id: 1, content: 'ab', single_word: true })
  t.same(split('ab cab äab abé abc, ab'), [1, { text: ' cab äab abé abc, ', start: 2 }, 1])
  t.same(split('𝔘ab'), [{ text: '𝔘ab', start: 0 }])
})
