import { createHash } from 'node:crypto'

const [RETURN, NEWLINE] = [13, 10]

/**
 * Passes the bytes of a file on, and compares their MD5 as DVC 2 computes it: of a text file, with the ends of lines of Unix.
 *
 * @throws Error after the last byte, when neither the MD5 of the bytes nor that of the lines is the expected one
 * @see https://dvc.org/doc/user-guide/upgrade#md5-dos2unix
 */
export async function * checkedLines (bytes: AsyncIterable<Uint8Array>, md5: string): AsyncGenerator<Uint8Array> {
  const [whole, lines] = [createHash('md5'), createHash('md5')]
  let endsInReturn = false
  for await (const piece of bytes) {
    if (piece.length === 0) continue
    whole.update(piece)
    if (endsInReturn && piece[0] !== NEWLINE) lines.update('\r')
    let start = 0
    for (let at = piece.indexOf(RETURN); at !== -1; at = piece.indexOf(RETURN, at + 1)) {
      if (at + 1 < piece.length && piece[at + 1] !== NEWLINE) continue
      lines.update(piece.subarray(start, at))
      start = at + 1
    }
    lines.update(piece.subarray(start))
    endsInReturn = piece.at(-1) === RETURN
    yield piece
  }
  if (endsInReturn) lines.update('\r')
  if (whole.digest('hex') !== md5 && lines.digest('hex') !== md5) throw new Error(`its MD5 is not ${md5}, which the .dvc file says`)
}
