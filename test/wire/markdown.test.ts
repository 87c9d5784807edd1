import t from 'tap'
import { render } from '../../wire/markdown.ts'

const to = { link: (path: string) => path.endsWith('.md') ? `docs/${path}` : null, picture: (path: string) => `pictures/${path}` }

t.test('headings have the anchors that they have on GitHub', async t => {
  const { html, title, headings } = await render('# The `title`\n\n## Bring your own\n\n### A & B\n\n## Bring your own\n', to)
  t.equal(title, 'The title')
  t.match(html, '<h2 id="bring-your-own">')
  t.same(headings.map(({ level, id }) => [level, id]), [[2, 'bring-your-own'], [3, 'a--b'], [2, 'bring-your-own-1']])
})

t.test('code of a known language is coloured, other code is left alone; neither can hold HTML', async t => {
  const { html } = await render('```sh\necho "hi" # <b>\n```\n\n```nonsense\n<b>\n```\n', to)
  t.match(html, 'class="hljs-string"')
  t.notMatch(html, '<b>')
  t.match(html, '&lt;b&gt;')
  t.match(html, '<pre tabindex="0">', 'what scrolls can be reached by keyboard')
})

t.test('relative links and pictures go where they are served; links that lead nowhere are text', async t => {
  const { html } = await render('[a](a.md) [b](b.ts) [c](https://example.org/c) [d](#d)\n\n![A picture](p.png)\n', to)
  t.match(html, '<a href="docs/a.md">a</a> b <a href="https://example.org/c">c</a> <a href="#d">d</a>')
  t.match(html, '<img src="pictures/p.png" alt="A picture" loading="lazy">')
})

t.test('a table can be scrolled by keyboard, and its empty corner is no heading', async t => {
  const { html } = await render('| | a |\n|---|---|\n| b | c |\n', to)
  t.match(html, '<table tabindex="0">')
  t.match(html, '<td></td>\n<th>a</th>')
})

t.test('comments are not shown', async t => {
  t.notMatch((await render('a\n\n<!-- test: iris -->\n\nb\n', to)).html, 'iris')
})

t.test('what the Markdown of a stranger brings along stays out: HTML, scripts, other origins, metadata', async t => {
  const hostile = '---\nlicence: mit\ntags: [a]\n---\n# Model\n\n<meta http-equiv="refresh" content="0;url=https://example.org">\n\nText <b onclick="x()">bold</b>\n\n[run](javascript:alert(1)) [data](data:text/html,x) ![far](https://example.org/a.png)\n'
  const { html, title } = await render(hostile, to)
  t.equal(title, 'Model')
  t.match(html, '<p>Text bold</p>')
  t.match(html, '<p>run data far</p>')
  t.notMatch(html, /licence|meta|onclick|javascript|data:|example\.org/)
})
