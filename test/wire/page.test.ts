import t from 'tap'
import { page, PAGE_POLICY } from '../../wire/page.ts'

t.test('every link is relative, from wherever the page is', async t => {
  for (const root of ['', '../../']) {
    const html = page({ title: 'a', body: '', current: 'try', root })
    const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link).filter(link => !link.startsWith('#'))
    t.ok(links.length >= 7)
    for (const link of links) {
      t.notMatch(link, /^\/|^$/, 'an empty link would be the page itself')
      t.match(new URL(link, `https://a.example/behind/${root ? 'x/y/' : ''}`).href, /^https:\/\/a\.example\/behind\//, link)
    }
    t.ok(links.includes(`${root}assets/style.css`))
  }
})

t.test('the navigation says which page this is, and only that', async t => {
  const html = page({ title: 'a', body: '', current: 'docs' })
  t.same([...html.matchAll(/<a [^>]*aria-current="page">([^<]*)</g)].map(([, text]) => text), ['Docs'])
})

t.test('the title is text, the body and what the head needs are HTML', async t => {
  const html = page({ title: 'R&D <b>', body: '<p>Hello</p>', current: 'try', head: '<script src="a.js"></script>\n' })
  t.match(html, '<title>R&#38;D &#60;b&#62;</title>')
  t.match(html, /<main id="content">\n<p>Hello<\/p>\n<\/main>/)
  t.match(html, /<script src="a\.js"><\/script>\n<\/head>/)
})

t.test('a page may load its own files and picked pictures, and nothing inline or from elsewhere', async t => {
  const rules = new Map(PAGE_POLICY.split('; ').map(rule => [rule.split(' ', 1).join(''), rule.split(' ').slice(1)]))
  t.same(rules.get('default-src'), ["'none'"])
  t.same(rules.get('script-src'), ["'self'"])
  t.same(rules.get('img-src'), ["'self'", 'blob:', 'data:'])
  t.notMatch(PAGE_POLICY, /unsafe|https?:|\*/)
})
