import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { checkExternal } from '../../../../lib/card/onnx/external.ts'
import { folderOf } from '../../../fixtures/graph.ts'

/** A tensor of 4 floats, 16 bytes, with its data elsewhere. */
function tensor (external: Record<string, string>, name = 'W') {
  return { name, type: 1, shape: [4], count: 4, external: new Map(Object.entries(external)) }
}

t.test('files inside the folder that are long enough are listed once, with their size', async t => {
  const folder = folderOf(t, { 'model.onnx.data': 'x'.repeat(40), 'weights/a.bin': 'x'.repeat(16) })
  symlinkSync('model.onnx.data', join(folder, 'link'))
  t.same(await checkExternal([
    tensor({ location: 'model.onnx.data' }), tensor({ location: 'model.onnx.data', offset: '24', length: '16' }), tensor({ location: './weights/a.bin', length: '16', checksum: 'abc' })
  ], folder), { locations: ['model.onnx.data', 'weights/a.bin'], bytes: 56 })
  t.same(await checkExternal([tensor({ location: 'link' })], folder), { locations: ['link'], bytes: 40 }, 'a link inside the folder')
  t.same(await checkExternal([], folder), { locations: [], bytes: 0 })
})

t.test('all else is refused before ONNX Runtime opens it', async t => {
  const folder = folderOf(t, { 'model/w': 'x'.repeat(16), outside: 'x'.repeat(16) })
  const model = join(folder, 'model')
  mkdirSync(join(model, 'folder'))
  symlinkSync('../outside', join(model, 'out'))
  symlinkSync('/etc', join(model, 'etc'))
  symlinkSync('/dev/zero', join(model, 'zero'))
  symlinkSync('nothing', join(model, 'broken'))
  execFileSync('mkfifo', [join(model, 'pipe')])
  mkdirSync(join(model, '*'))
  writeFileSync(join(model, '*', '_ORT_MEM_ADDR_'), 'x'.repeat(16))
  const elsewhere = /which may be outside its folder; put the file beside the model and export with its name alone$/
  const cases: Array<[external: Record<string, string>, line: RegExp]> = [
    [{ location: '/etc/passwd' }, elsewhere],
    [{ location: '../outside' }, elsewhere],
    [{ location: 'folder/../../outside' }, elsewhere],
    [{ location: '..' }, elsewhere],
    [{ location: '..\\outside' }, elsewhere],
    [{ location: 'C:\\w' }, elsewhere],
    [{ location: 'c:w' }, elsewhere],
    [{ location: '\\\\server\\w' }, elsewhere],
    [{ location: 'w\0.txt' }, elsewhere],
    [{ location: 'a\nb' }, elsewhere],
    [{ location: 'a'.repeat(2000) }, elsewhere],
    // https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/framework/tensorprotoutils.h: an address in memory
    [{ location: '*/_ORT_MEM_ADDR_/*', offset: '4096' }, elsewhere],
    [{ location: '*/_ORT_MEM_ADDR_' }, elsewhere],
    [{ location: 'out' }, /'out', a link out of its folder; replace the link with the file/],
    [{ location: 'etc/passwd' }, /a link out of its folder/],
    [{ location: 'zero' }, /a link out of its folder/],
    [{ location: 'broken' }, /no such file that can be read; copy it into the same folder/],
    [{ location: 'missing.data' }, /needs 'missing\.data' for its weights, and there is no such file/],
    [{ location: 'folder' }, /'folder', which is no file/],
    [{ location: 'pipe' }, /'pipe', which is no file/],
    [{}, /does not say in which file the data of the tensor 'W' lie; export it again/],
    [{ location: '' }, /does not say in which file/],
    [{ location: 'w', offset: '1' }, /needs 17 bytes of 'w' for the tensor 'W', and the file has 16; copy or download it again/],
    [{ location: 'w', length: '17' }, /needs 17 bytes/],
    [{ location: 'w', length: '1', offset: '8' }, /needs 24 bytes/],
    [{ location: 'w', offset: '-8' }, /at '-8', which is no number of bytes; export it again/],
    [{ location: 'w', offset: '0x8' }, /at '0x8'/],
    [{ location: 'w', length: '1e1' }, /at '1e1'/],
    [{ location: 'w', offset: '' }, /at ''/],
    [{ location: 'w', offset: '99999999999999999999' }, /which is no number of bytes/],
    [{ location: 'w', prepacked_0: 'key|0;8;x' }, /prepacked for another machine/]
  ]
  for (const [external, line] of cases) await t.rejects(checkExternal([tensor(external)], model), { name: 'OnnxFault', message: line }, JSON.stringify(external).slice(0, 80))
})
