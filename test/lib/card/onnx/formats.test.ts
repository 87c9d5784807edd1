import t from 'tap'
import { deflateSync, gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { otherFormat } from '../../../../lib/card/onnx/formats.ts'
import { projectFile } from '../../../../lib/project.ts'

/** The first bytes of a ZIP archive with this file. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7 */
const zip = (name: string) => Buffer.from(`PK\x03\x04\x00\x00\x00\x00\x00\x00${'\x00'.repeat(16)}${String.fromCharCode(name.length)}\x00\x00\x00${name}`, 'latin1')

t.test('each format that people take for ONNX is named, with how to make ONNX from it', async t => {
  const cases: Array<[bytes: Buffer | string, line: RegExp]> = [
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', /^is a Git LFS pointer, not the model; run git lfs pull/],
    ['<!DOCTYPE html>\n<html>', /^is an HTML page, not the model; download/],
    ['\ufeff\n<html lang="en">', /^is an HTML page/],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /^is an XML file/],
    [zip('archive/data.pkl'), /^is a PyTorch checkpoint, not ONNX; export it with torch\.onnx\.export/],
    [zip('model/data.pkl'), /^is a PyTorch checkpoint/],
    [Buffer.from('80028a0a6cfc9c46f920', 'hex'), /^is a PyTorch checkpoint/],
    [zip('metadata.json'), /^is a Keras model, not ONNX; export it with model\.export/],
    [zip('arr_0.npy'), /^is a NumPy archive/],
    [zip('model.onnx'), /^is a ZIP archive, not an ONNX file; name it \.zip/],
    [Buffer.from('8004955c', 'hex'), /^is a Python pickle .*skl2onnx\.to_onnx/],
    [deflateSync('joblib'), /zlib \(a joblib file\?\)/],
    [gzipSync('a model'), /^is compressed \(gzip\)/],
    [Buffer.from('425a6839', 'hex'), /bzip2/],
    [Buffer.from('fd377a585a00', 'hex'), /\(xz\)/],
    [Buffer.from('28b52ffd', 'hex'), /zstd/],
    [Buffer.from('377abcaf271c', 'hex'), /7z/],
    ['Rar!\x1a\x07', /RAR/],
    [Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\0')]), /^is a tar archive/],
    [Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /^is HDF5 \(Keras \.h5\), not ONNX; export it with model\.export/],
    [Buffer.from('\x1c\0\0\0TFL3', 'latin1'), /^is a TensorFlow Lite model, not ONNX; convert it with python -m tf2onnx\.convert --tflite/],
    [Buffer.from('\x18\0\0\0ORTM', 'latin1'), /ONNX Runtime's own format/],
    [Buffer.from('\x40\0\0\0\0\0\0\0{"__metadata__":{', 'latin1'), /^is a safetensors file: weights without a graph/],
    ['GGUF\x03', /GGUF/],
    ['CBM1\x10', /^is a CatBoost model/],
    ['tree\nversion=v4\n', /^is a LightGBM model/],
    ['{"learner":{"attributes":{}', /^is an XGBoost model/],
    [Buffer.from('{L\0\0\0\0\0\0\x07learner{', 'latin1'), /^is an XGBoost model/],
    [Buffer.from('\x93NUMPY\x01', 'latin1'), /NumPy array/],
    [readFileSync(projectFile('models/tensorfood/confusion.png')), /^is a picture/],
    ['%PDF-1.7', /PDF/],
    [Buffer.from('\x7fELF\x02', 'latin1'), /program or library/],
    ['{"labels": []}', /^is a JSON file/],
    ['import torch\n', /^is a text file/],
    [Buffer.alloc(100), /^holds nothing but zeros.*download it again/]
  ]
  for (const [bytes, line] of cases) t.match(otherFormat(Buffer.from(bytes)), line, String(line))
})

t.test('an ONNX file is none of them', async t => {
  for (const name of ['iris', 'tensorfood', 'fashion-mnist', 'food101']) t.equal(otherFormat(readFileSync(projectFile(`models/${name}/model.onnx`))), null, name)
})
