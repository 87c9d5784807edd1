// Compares what lib/sources/huggingface.ts lists and reads with what Hugging Face's own client has downloaded:
// huggingface.js HUB THEIRS, where HUB is what hub.js wrote, and THEIRS the folder of huggingface.py.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHuggingFace } from '../../lib/sources/huggingface.ts'
import type { Piece } from '../../lib/sources/source.ts'

interface Theirs { commit: string, files: Record<string, { bytes: number, etag: string, sha256: string | null, commit: string }> }

const START = { offsetBytes: 0, validator: '' }
const [, , hub = '', theirs = ''] = process.argv
const { commit }: { commit: string } = JSON.parse(await readFile(hub, 'utf8'))
let count = 0

async function bytesOf ({ bytes }: Piece): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}

for (const repository of ['acme/iris', 'acme/large']) {
  const known: Theirs = JSON.parse(await readFile(join(theirs, `${repository}.json`), 'utf8'))
  equal(known.commit, commit)
  const source = await openHuggingFace(`hf://${repository}`, { environment: process.env })
  for await (const entry of source.list()) {
    const { bytes, etag, sha256 } = known.files[entry.path]!
    deepEqual([entry.bytes, entry.version, entry.digest?.hex ?? null], [bytes, etag, sha256], entry.path)
    const piece = await source.open(entry, START)
    deepEqual([piece.totalBytes, piece.validator], [bytes, `"${etag}"`], entry.path)
    const content = await bytesOf(piece)
    ok(content.equals(await readFile(join(theirs, repository, entry.path))), entry.path)
    if (sha256 !== null) equal(createHash('sha256').update(content).digest('hex'), sha256)
    const middle = Math.floor(bytes / 2)
    const rest = await source.open(entry, { offsetBytes: middle, validator: piece.validator })
    equal(rest.offsetBytes, middle)
    ok((await bytesOf(rest)).equals(content.subarray(middle)), entry.path)
    count++
  }
}
equal(count, 5, 'the card and the model of iris; the configuration, the model and its data of the other')
console.log(`${count} files are as huggingface_hub downloads them: bytes, sizes, ETags, digests and commit`)
process.exit()
