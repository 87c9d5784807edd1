import t from 'tap'
import { manualOf, pagePath } from '../../wire/manual.ts'

t.test('each heading of the contents is a group, and the first link of each item a page', async t => {
  const markdown = '# The manual\n\nSome [words](no.md).\n\n## Begin\n\n- [Start](../README.md): the first page, see [more](other.md).\n- **[`servery`](command-line.md)**: commands.\n- no link\n\n## Empty\n\n## Run\n\n- [A machine](deploy/vm.md)\n'
  t.same(manualOf(markdown), [
    { title: 'Begin', pages: [{ text: 'Start', file: 'README.md' }, { text: 'servery', file: 'docs/command-line.md' }] },
    { title: 'Run', pages: [{ text: 'A machine', file: 'docs/deploy/vm.md' }] }
  ])
})

t.test('a list before the first heading is no part of the manual', async t => {
  t.same(manualOf('- [Start](../README.md)\n'), [])
})

t.test('the path of a page is that of its file, without what only files need', async t => {
  const paths = ['README.md', 'docs/README.md', 'docs/errors.md', 'docs/deploy/vm.md', 'docs/decisions/README.md', 'clients/python/README.md', 'SECURITY.md']
  t.same(paths.map(pagePath), ['docs', 'docs/contents', 'docs/errors', 'docs/deploy/vm', 'docs/decisions', 'docs/clients/python', 'docs/security'])
})
