/** A file in a form. */
export interface Upload {
  /** Name that the client gave. */
  filename: string
  bytes: Uint8Array
}

/** A parsed body of the type multipart/form-data. */
export class Form {
  readonly files: Upload[] = []
  /** Text fields by name. */
  readonly fields = new Map<string, string>()
}
