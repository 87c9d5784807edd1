import t from 'tap'
import { progressTo } from '../../../lib/sources/progress.ts'

const MIB = 1024 * 1024

t.test('elsewhere than on a terminal, each tenth of a file is a line', async t => {
  const lines: string[] = []
  const onProgress = progressTo({ write: text => lines.push(text) })
  for (let bytes = 0; bytes <= 1000; bytes += 50) onProgress('/a/model.onnx', bytes, 1000)
  onProgress('/a/other', 250, 1000)
  onProgress('/a/unknown', 250, null)
  t.same(lines, [...[10, 20, 30, 40, 50, 60, 70, 80, 90].map(percent => `/a/model.onnx: ${percent} % of 1000 bytes\n`), '/a/other: 20 % of 1000 bytes\n'])
})

t.test('a terminal has a bar, with the speed and the time that remains', async t => {
  let [time, text] = [0, '']
  const onProgress = progressTo({ isTTY: true, columns: 100, write: more => { text += more } }, () => time)
  const at = (ms: number, bytes: number, total: number | null) => {
    time = ms
    text = ''
    onProgress('/a/model.onnx', bytes, total)
    return text
  }
  at(0, 0, 200 * MIB)
  t.equal(at(50, MIB, 200 * MIB), '', 'not more often than one can see')
  t.equal(at(10_000, 50 * MIB, 200 * MIB), '\r\u001b[Kmodel.onnx  ██████░░░░░░░░░░░░░░░░░░  25 % of 200.0 MiB  5.0 MiB/s  30 s left')
  t.match(at(20_000, 60 * MIB, 200 * MIB), /30 % of 200\.0 MiB {2}3\.0 MiB\/s {2}47 s left$/)
  t.match(at(100_000, 70 * MIB, 200 * MIB), / {2}3:06 min left$/)
  t.match(at(100_001, 200 * MIB, 200 * MIB), /100 % of 200\.0 MiB {2}2\.0 MiB\/s\n$/)
})

t.test('a file of unknown size, an empty one and a narrow terminal are shown, too', async t => {
  let text = ''
  const output = { isTTY: true, columns: 20, write: (more: string) => { text += more } }
  progressTo(output, () => 0)('/a/model.onnx', 3 * MIB, null)
  t.equal(text, '\r\u001b[Kmodel.onnx  3.0 MiB')
  text = ''
  progressTo({ ...output, columns: 100 }, () => 0)('/a/empty', 0, 0)
  t.match(text, /100 % of 0\.0 MiB/)
  text = ''
  progressTo({ ...output, columns: 0 }, () => 0)('/a/model.onnx', MIB, 4 * MIB)
  t.match(text, /25 % of 4\.0 MiB/, 'a terminal that says it has no columns')
})
