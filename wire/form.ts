/** A file of a form. */
export interface Upload {
  filename: string
  bytes: Uint8Array
}

/** A form that was sent as multipart/form-data. */
export class Form {
  readonly files: Upload[] = []
  readonly fields = new Map<string, string>()
}
