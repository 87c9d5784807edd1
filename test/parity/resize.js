// Answers resizes for resize.py: a JSON line in, a JSON line out.
import { createInterface } from 'node:readline'
import { writeImage } from '../../dist/lib/modalities/image/fit.js'
import { JpegScan } from '../../dist/lib/pixels/jpeg.js'
import { resize } from '../../dist/lib/pixels/resize.js'

for await (const line of createInterface({ input: process.stdin })) {
  const { bytes, size, channels, input, ...question } = JSON.parse(line)
  const data = Buffer.from(bytes, 'base64')
  const source = size ? { data, width: size[0], height: size[1], channels } : new JpegScan(data)
  console.log(Buffer.from(input ? fitted(source, input) : resized(source, question)).toString('base64'))
}

function resized (source, { to: [width, height], filter, crop: [left, top, right, bottom] }) {
  return resize(source, width, height, filter, { left, top, width: right - left, height: bottom - top }).data
}

function fitted (source, input) {
  const { width, height, colour } = input
  const tensor = new Uint8Array(width * height * (colour === 'grey' ? 1 : 3))
  // Grey pixels are as good as RGB ones of equal levels.
  const pixels = source.channels === 1 ? { ...source, data: Uint8Array.from([...source.data].flatMap(level => [level, level, level])), channels: 3 } : source
  writeImage(pixels, input, tensor, 0)
  return tensor
}
