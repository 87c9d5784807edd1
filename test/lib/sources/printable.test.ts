import t from 'tap'
import { printable } from '../../../lib/sources/printable.ts'

t.test('an address for messages holds no credentials and no query', async t => {
  for (const [address, shown] of [
    ['https://a.example/wine.onnx?signature=hush', 'https://a.example/wine.onnx?…'],
    ['https://a.example/wine.onnx#hush', 'https://a.example/wine.onnx?…'],
    ['https://me:hush@a.example/wine.onnx', 'https://a.example/wine.onnx'],
    ['https://hush@a.example/wine.onnx', 'https://a.example/wine.onnx'],
    ['https://me:hu/sh@a.example/wine.onnx', 'https://a.example/wine.onnx'],
    ['s3://KEY:hush@bucket/wine?versionId=1', 's3://bucket/wine?…'],
    ['hf://org/repo@rev/model.onnx', 'hf://org/repo@rev/model.onnx'],
    ['models:/wine@champion', 'models:/wine@champion'],
    ['/srv/what?/wine.onnx', '/srv/what?/wine.onnx'], ['C:\\wine.onnx', 'C:\\wine.onnx']
  ] as const) {
    t.equal(printable(address), shown)
    t.notMatch(printable(address), 'hush')
  }
})
