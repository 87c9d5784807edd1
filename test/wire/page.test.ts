import t from 'tap'
import { page, pageHeaders, PAGE_POLICY, pagePolicy, rootOf, topBar } from '../../wire/page.ts'

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

t.test('a page may be given the right to fetch from elsewhere, and to be shown in a frame elsewhere', async t => {
  const policy = pagePolicy({ connect: ['https:'], frames: ['https://shop.example'] })
  t.match(policy, "connect-src 'self' https:;")
  t.match(policy, /frame-ancestors 'self' https:\/\/shop\.example$/)
  t.equal(policy.replace(' https:;', ';').replace(' https://shop.example', ''), PAGE_POLICY, 'and nothing else changes')
  t.same(pageHeaders({ connect: ['https:'] }), { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy({ connect: ['https:'] }) })
})

t.test('the root is as many folders up as the path is deep, as a browser resolves it', async t => {
  for (const path of ['/', '/info', '/docs/', '/docs/models/iris', '/a/b/c/d', '*', `/${'a/'.repeat(5000)}`]) {
    t.equal(new URL(rootOf(path) || './', new URL(path, 'https://a.example')).pathname, '/', path)
    t.ok(rootOf(path).length < 100)
  }
})

t.test('the bar at the top leads home from anywhere', async t => {
  const bar = topBar({ root: '../' })
  t.match(bar, '<a class="brand" href="../">')
  t.notMatch(bar, 'aria-current')
})

t.test('a page in a frame has no navigation', async t => {
  const html = page({ title: 'a', body: '<p>Hello</p>', isEmbedded: true })
  t.notMatch(html, /<nav|<header/)
  t.match(html, '<base target="_blank">')
})
