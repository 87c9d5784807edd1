import t from 'tap'
import { build } from '../helper.ts'

t.test('GET / is a page about the model with a form that works without JavaScript', async t => {
  const app = await build(t)
  const response = await app.inject('/')
  t.equal(response.headers['content-type'], 'text/html; charset=utf-8')
  t.match(response.body, '<h1>TensorFood</h1>')
  t.match(response.body, /<form action="predict" method="post" enctype="multipart\/form-data">/)
  t.match(response.body, '<li>spaghetti carbonara</li>')
  t.match(response.body, /Food-101/)
  t.notMatch(response.body, /https?:\/\/[^"]*\.(js|css)/, 'nothing comes from elsewhere')
})
