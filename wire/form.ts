/** How many bytes a text field of a form may have, where it holds a number, a name or a choice. */
export const SMALL_FIELD_BYTES = 1024

/** A file in a form. */
export interface Upload {
  /** Name of its field. */
  field: string
  /** Name that the client gave. */
  filename: string
  bytes: Uint8Array
}

/** A parsed body of the type multipart/form-data. */
export class Form {
  readonly files: Upload[] = []
  /** Text fields by name. */
  readonly fields = new Map<string, string>()

  /** The files of one field, as a form of their own: a protocol that names the field passes over all others. */
  filesOf (field: string): Form {
    const form = new Form()
    form.files.push(...this.files.filter(file => file.field === field))
    return form
  }
}
