/** Bytes at the start of a file that tell its format. */
const HEAD_BYTES = 4096

/** A format that people take for ONNX: how to know it, what it is, and what to do. */
interface Format {
  is: (head: Buffer, text: string) => boolean
  says: string
}

const TO_ONNX = {
  torch: 'export it with torch.onnx.export(model, example, "model.onnx")',
  keras: 'export it with model.export("model.onnx", format="onnx"), or python -m tf2onnx.convert',
  tensorflow: 'convert it with python -m tf2onnx.convert',
  sklearn: 'export it with skl2onnx.to_onnx(model, X) where it was trained',
  booster: 'export it with onnxmltools'
}

/** The first that fits is the format, so the special ones come before the general ones. */
const FORMATS: readonly Format[] = [
  { is: (_, text) => text.startsWith('version https://git-lfs'), says: 'is a Git LFS pointer, not the model; run git lfs pull in its repository' },
  { is: (_, text) => /^\s*(?:<!doctype html|<html|<head|<body)/i.test(text), says: 'is an HTML page, not the model; download the file itself (on Hugging Face: /resolve/ instead of /blob/ in its address)' },
  { is: (_, text) => /^\s*<\?xml|^\s*<net /.test(text), says: 'is an XML file (an error of a file store, OpenVINO or PMML), not ONNX; download or export the .onnx file' },
  { is: (head, text) => isZip(head) && /\/?data\.pkl|\/byteorder|\/constants\.pkl|\.data\/serialization_id/.test(text), says: `is a PyTorch checkpoint, not ONNX; ${TO_ONNX.torch}` },
  { is: (head, text) => isZip(head) && /model\.weights\.h5|metadata\.json|config\.json/.test(text), says: `is a Keras model, not ONNX; ${TO_ONNX.keras}` },
  { is: (head, text) => isZip(head) && /\.npy/.test(text.slice(0, 200)), says: 'is a NumPy archive (.npz), not ONNX; export the model itself' },
  { is: isZip, says: 'is a ZIP archive, not an ONNX file; name it .zip, or unpack it and give its folder' },
  { is: starts(0x1f, 0x8b), says: 'is compressed (gzip), not an ONNX file; decompress it (gunzip), or name a packed folder .tar.gz' },
  { is: starts('BZh'), says: 'is compressed (bzip2), not an ONNX file; decompress it (bunzip2)' },
  { is: starts(0xfd, '7zXZ'), says: 'is compressed (xz), not an ONNX file; decompress it (unxz)' },
  { is: starts(0x28, 0xb5, 0x2f, 0xfd), says: 'is compressed (zstd), not an ONNX file; decompress it (unzstd)' },
  { is: starts("7z\xbc\xaf'"), says: 'is a 7z archive, not an ONNX file; unpack it' },
  { is: starts('Rar!'), says: 'is a RAR archive, not an ONNX file; unpack it' },
  { is: head => head.subarray(257, 262).toString('latin1') === 'ustar', says: 'is a tar archive, not an ONNX file; name it .tar, or unpack it and give its folder' },
  { is: starts(0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9), says: `is a PyTorch checkpoint, not ONNX; ${TO_ONNX.torch}` },
  { is: head => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5, says: `is a Python pickle (joblib, scikit-learn or PyTorch), not ONNX; ${TO_ONNX.sklearn}, or with torch.onnx.export` },
  { is: head => head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1]!), says: `is compressed by zlib (a joblib file?), not ONNX; ${TO_ONNX.sklearn}` },
  { is: starts(0x89, 'HDF\r\n'), says: `is HDF5 (Keras .h5), not ONNX; ${TO_ONNX.keras}` },
  { is: head => head.subarray(4, 8).toString('latin1') === 'TFL3', says: `is a TensorFlow Lite model, not ONNX; ${TO_ONNX.tensorflow} --tflite FILE` },
  { is: head => head.subarray(4, 8).toString('latin1') === 'ORTM', says: "is in ONNX Runtime's own format (.ort), not ONNX; give the .onnx file that it was made from" },
  { is: head => head.length > 9 && head[8] === 0x7b && head.readBigUInt64LE(0) < 1n << 32n && head[9] === 0x22, says: `is a safetensors file: weights without a graph; ${TO_ONNX.torch}, or optimum-cli export onnx` },
  { is: starts('GGUF'), says: 'is a GGUF file (llama.cpp), not ONNX; export the original model to ONNX' },
  { is: starts('CBM1'), says: 'is a CatBoost model, not ONNX; export it with model.save_model("model.onnx", format="onnx")' },
  { is: (_, text) => text.startsWith('tree\nversion='), says: `is a LightGBM model, not ONNX; ${TO_ONNX.booster}` },
  { is: (_, text) => /^\{L?.{0,32}learner/s.test(text), says: `is an XGBoost model, not ONNX; ${TO_ONNX.booster}` },
  { is: starts(0x93, 'NUMPY'), says: 'is a NumPy array (.npy), not ONNX; export the model itself' },
  { is: head => starts(0x89, 'PNG')(head) || starts(0xff, 0xd8, 0xff)(head) || starts('GIF8')(head), says: 'is a picture, not an ONNX file; give the model first' },
  { is: starts('%PDF'), says: 'is a PDF file, not ONNX; give the .onnx file' },
  { is: starts(0x7f, 'ELF'), says: 'is a program or library, not ONNX; give the .onnx file' },
  { is: (_, text) => /^\s*[[{]/.test(text) && isText(text), says: 'is a JSON file, not ONNX; give the .onnx file' },
  { is: (_, text) => isText(text), says: 'is a text file, not ONNX; give the .onnx file as its exporter wrote it' },
  { is: head => head.every(byte => byte === 0), says: 'holds nothing but zeros at its start, so it was not downloaded to the end; download it again' }
]

/**
 * What a file is that cannot be read as ONNX, and what to do; null when its start tells nothing.
 *
 * @param bytes the file, or its start
 */
export function otherFormat (bytes: Buffer): string | null {
  const head = bytes.subarray(0, HEAD_BYTES)
  const text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  return FORMATS.find(({ is }) => is(head, text))?.says ?? null
}

function starts (...parts: Array<number | string>): (head: Buffer) => boolean {
  const prefix = Buffer.concat(parts.map(part => typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1')))
  return head => head.subarray(0, prefix.length).equals(prefix)
}

function isZip (head: Buffer): boolean {
  return starts('PK\x03\x04')(head) || starts('PK\x05\x06')(head)
}

/** Protobuf starts with control characters; a text has none but white space. */
function isText (text: string): boolean {
  return /^[\t\n\f\r\x20-\x7e\x80-\xff]+$/.test(text)
}
