import t from 'tap'
import { errorPage } from '../../wire/error-page.ts'

t.test('an error says what is wrong, and leads back from where it is', async t => {
  const html = errorPage({ statusCode: 404, code: 'SRV_NOT_FOUND', error: 'Not Found', message: 'There is no GET /<b>/x.' }, '../')
  t.match(html, '<h1>Page not found</h1>')
  t.match(html, 'There is no GET /&#60;b&#62;/x.')
  t.match(html, '404 Not Found, <code>SRV_NOT_FOUND</code>')
  t.match(html, '<a class="button" href="../">')
})

t.test('the heading says whose turn it is', async t => {
  const headingOf = (statusCode: number) => /<h1>(.*)<\/h1>/.exec(errorPage({ statusCode, code: 'A', error: 'b', message: 'c' }, ''))?.[1]
  t.equal(headingOf(401), 'An API key is needed')
  t.equal(headingOf(422), 'This request has no answer')
  t.equal(headingOf(503), 'The service could not answer')
})
