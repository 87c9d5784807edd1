import { join } from 'node:path'
import t from 'tap'
import { isDvcFile, trackedAt } from '../../../../lib/sources/dvc/tracked.ts'

t.test('a .dvc file is told by its name', t => {
  t.same(['a.dvc', 'a.DVC', '.dvc', 'a.dvc.txt', 'dvc'].map(isDvcFile), [true, true, false, false, false])
  t.end()
})

t.test('what DVC tracks is a path that is not there, or a folder with .dvc files', async t => {
  const root = t.testdir({ 'model.onnx.dvc': '', 'there.onnx': '', 'there.onnx.dvc': '', empty: {}, 'folder.dvc': {} })
  t.equal(await trackedAt(join(root, 'model.onnx')), join(root, 'model.onnx.dvc'))
  t.equal(await trackedAt(root), root)
  for (const name of ['there.onnx', 'lost.onnx', 'folder', 'empty']) t.equal(await trackedAt(join(root, name)), null, name)
})
