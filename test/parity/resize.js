// Answers resizes for resize.py: a JSON line in, a JSON line out.
import { createInterface } from 'node:readline'
import { JpegScan } from '../../dist/lib/pixels/jpeg.js'
import { resize } from '../../dist/lib/pixels/resize.js'

for await (const line of createInterface({ input: process.stdin })) {
  const { bytes, size, channels, to: [width, height], filter, crop } = JSON.parse(line)
  const data = Buffer.from(bytes, 'base64')
  const source = size ? { data, width: size[0], height: size[1], channels } : new JpegScan(data)
  const [left, top, right, bottom] = crop
  const result = resize(source, width, height, filter, { left, top, width: right - left, height: bottom - top })
  console.log(Buffer.from(result.data).toString('base64'))
}
