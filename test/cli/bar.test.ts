import t from 'tap'
import { Bar } from '../../cli/bar.ts'

function terminal (isTTY: boolean) {
  const written: string[] = []
  return { written, output: { isTTY, columns: 80, write: (text: string) => { written.push(text) } } }
}

t.test('a bar is drawn at most ten times a second, and taken away', async t => {
  const { written, output } = terminal(true)
  let now = 0
  const bar = new Bar(output, 4, () => now)
  bar.step()
  bar.step()
  now = 100
  bar.step()
  bar.clear()
  bar.clear()
  t.same(written, [`\r\u001b[K${'█'.repeat(6)}${'░'.repeat(18)}  1 of 4`, `\r\u001b[K${'█'.repeat(18)}${'░'.repeat(6)}  3 of 4`, '\r\u001b[K'])
})

t.test('lines are written where the bar was, and it comes back below them until all is done', async t => {
  const { written, output } = terminal(true)
  const bar = new Bar(output, 1, () => 0)
  bar.add(1)
  bar.step()
  bar.around(() => output.write('a line\n'))
  bar.step()
  bar.around(() => output.write('another\n'))
  t.match(written, [/1 of 2$/, '\r\u001b[K', 'a line\n', /1 of 2$/, '\r\u001b[K', 'another\n'])
  t.equal(written.length, 6)
})

t.test('nothing is drawn for one input, or where there is no terminal', async t => {
  for (const [isTTY, total] of [[true, 1], [false, 9]] as const) {
    const { written, output } = terminal(isTTY)
    const bar = new Bar(output, total)
    bar.step()
    bar.around(() => output.write('a line\n'))
    bar.clear()
    t.same(written, ['a line\n'])
  }
})

t.test('a narrow terminal gets a shorter bar', async t => {
  const { written, output } = terminal(true)
  new Bar({ ...output, columns: 10 }, 4).step()
  t.equal(written[0]?.length, '\r\u001b[K'.length + 9)
})
