import t from 'tap'
import { watchOn } from '../../cli/watch.ts'

t.test('progress and warnings are lines on stderr', async t => {
  const lines: string[] = []
  const { onProgress, onWarning } = watchOn({ write: text => lines.push(text) })
  onProgress?.('/a/model.onnx', 5, 10)
  onWarning?.('The copy may be old')
  t.same(lines, ['/a/model.onnx: 50 % of 10 bytes\n', 'servery: The copy may be old\n'])
})
