import sax from 'sax'
import { nextTurn, PIECE_BYTES } from '../turn.ts'
import type { Answer } from './http.ts'
import { Final } from './source.ts'

/** Most elements inside each other. The answers of S3 and STS have five. */
const DEPTH_LIMIT = 16

/** Longest text of an element. A key of S3 has up to 1,024 bytes, each of which may be written as `%XX`. */
const TEXT_LIMIT = 16 * 1024

/**
 * Reads an answer in XML as it arrives. Expands no entities but the five of XML, and accepts no document type.
 *
 * @param limitBytes largest size of the document
 * @param onElement called at the end of each element with its path, such as `ListBucketResult/Contents/Key`, and its text
 * @throws Final when the answer is not XML, or over a limit
 */
export async function readXml ({ body, discard }: Pick<Answer, 'body' | 'discard'>, limitBytes: number, onElement: (path: string, text: string) => void): Promise<void> {
  const [parser, decoder] = [sax.parser(true), new TextDecoder()]
  const path: string[] = []
  let [text, bytes, hasRoot] = ['', 0, false]
  parser.onopentag = ({ name }) => {
    // The prefix of a namespace says nothing.
    if (path.push(name.slice(name.indexOf(':') + 1)) > DEPTH_LIMIT) throw new Final(`its XML has more than ${DEPTH_LIMIT} elements inside each other`)
    text = ''
    hasRoot = true
  }
  parser.ontext = parser.oncdata = more => {
    text += more
    if (text.length > TEXT_LIMIT) throw new Final(`its XML has an element with more than ${TEXT_LIMIT} characters`)
  }
  parser.onclosetag = () => {
    onElement(path.join('/'), text)
    path.pop()
    text = ''
  }
  parser.ondoctype = () => { throw new Final('its XML has a document type, which may define entities') }
  parser.onerror = ({ message }) => { throw new Final(`it is not XML: ${message.split('\n', 1)[0]}`) }
  try {
    for await (const piece of body) {
      bytes += piece.length
      if (bytes > limitBytes) throw new Final(`its XML has more bytes than the limit of ${limitBytes}`)
      for (let start = 0; start < piece.length; start += PIECE_BYTES) {
        await nextTurn()
        parser.write(decoder.decode(piece.subarray(start, start + PIECE_BYTES), { stream: true }))
      }
    }
    parser.close()
    if (!hasRoot) throw new Final('it is not XML: it has no element')
  } catch (error) {
    discard()
    throw error
  }
}
