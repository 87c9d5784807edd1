import { Form } from '../../wire/form.ts'

/** A form as the multipart parser leaves it. */
export function form (files: Record<string, string>, fields: Record<string, string> = {}): Form {
  const form = new Form()
  for (const [filename, text] of Object.entries(files)) form.files.push({ field: 'file', filename, bytes: Buffer.from(text) })
  for (const [name, value] of Object.entries(fields)) form.fields.set(name, value)
  return form
}
