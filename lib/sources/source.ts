/** A file of a source. */
export interface Entry {
  /** Where to put it in the model's folder: a relative path with `/` between folders, such as `onnx/model.onnx`. */
  path: string
  /** Its size; `null` if it is not known before the file is opened. */
  bytes: number | null
  /** Identifies these bytes: a version, a checksum or an ETag; `null` if it is not known before the file is opened. */
  version: string | null
  /** Expected digest of the whole file, if the source knows it. The download is compared with it. */
  digest?: { algorithm: 'sha256' | 'md5', hex: string }
  /** Whether the model does without the file, so that it may be absent. */
  isOptional?: boolean
}

/** The part of a file that an earlier attempt has received. */
export interface Received {
  /** Number of bytes that are on disk. */
  offsetBytes: number
  /** Identifies the version of the file: an ETag, a Last-Modified date, or size and time of a local file. */
  validator: string
}

/** The bytes of a file from `offsetBytes` on. */
export interface Piece extends Received {
  bytes: AsyncIterable<Uint8Array>
  /** Size of the whole file, or `null` if it is unknown. */
  totalBytes: number | null
  /** Expected digest of the whole file, if the source knows it only now. */
  digest?: Entry['digest']
}

/** A place that holds a model: a file, a folder, a prefix of a bucket, a repository. */
export interface Source {
  /** Default name of the model, such as the name of the folder. */
  name: string
  /** Where it is, for messages: without credentials, and without the query of a URL, which may hold a signature. */
  address: string
  /**
   * The files of the model. The caller stops at its limits of files and bytes, so that a large listing comes page by page.
   *
   * @throws Final, Absent, or any other error if another attempt may succeed
   */
  list: () => AsyncIterable<Entry>
  /**
   * Opens a file. Continues after the received bytes if the file has not changed since, otherwise starts again.
   *
   * @throws Final, Absent, or any other error if another attempt may succeed
   */
  open: (entry: Entry, received: Received) => Promise<Piece>
}

/** What sources need from outside. */
export interface SourceSettings {
  /** MODEL_TOKEN: comes before what other programs call a token. */
  token?: string | undefined
  /** The variables that other programs of the source read, such as AWS_REGION and HF_TOKEN. */
  environment: Readonly<Record<string, string | undefined>>
  /** Opens the address of another source, for one that names where the files really are, such as a registry. */
  openSource?: OpenSource
}

/**
 * Opens a source by its address, such as `s3://bucket/prefix`.
 *
 * @throws Final when the address is malformed, or when a variable that it needs is missing
 */
export type OpenSource = (address: string, settings: SourceSettings) => Promise<Source>

/** An error that another attempt cannot fix. Its message says what to do, and holds no secrets. */
export class Final extends Error {}

/** There is no such file, or, as stores say for a file that is not there, nobody may read it. */
export class Absent extends Final {}
