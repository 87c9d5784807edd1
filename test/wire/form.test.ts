import t from 'tap'
import { Form } from '../../wire/form.ts'

t.test('the files of one field are a form without the other files, and without text', async t => {
  const form = new Form()
  const [one, two, other] = [{ field: 'file', filename: 'a', bytes: Buffer.from('1') }, { field: 'file', filename: 'b', bytes: Buffer.from('2') }, { field: 'image', filename: 'c', bytes: Buffer.from('3') }]
  form.files.push(one, other, two)
  form.fields.set('note', 'text')
  const only = form.filesOf('file')
  t.same(only.files, [one, two])
  t.equal(only.fields.size, 0)
  t.same(form.filesOf('nothing').files, [])
  t.equal(form.files.length, 3)
})
