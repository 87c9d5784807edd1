import t from 'tap'
import { start } from '../e2e/process.ts'

/** The Flask tutorial's contract: a bare list of four numbers, sent as JSON. */
t.test("curl -X POST /predict -H 'Content-Type: application/json' -d '[5.9,3.0,5.1,1.8]' names the species", async t => {
  const { url, stop } = await start(t, { MODEL_NAME: 'iris' })
  const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[5.9,3.0,5.1,1.8]' })
  t.equal(response.status, 200)
  const body = await response.json()
  // The tutorial answers the class index, 2; it is here too, beside the species and the probabilities of all three.
  t.match(body, { species: 'virginica', index: 2, probability: Number })
  t.equal(body.top.length, 3)

  await t.test('Accept: text/plain answers the bare class, as the tutorial does', async t => {
    const ask = async (body: string, accept = 'text/plain') => {
      const response = await fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json', accept }, body })
      return [response.status, response.headers.get('content-type'), await response.text()]
    }
    t.same(await ask('[5.9,3.0,5.1,1.8]'), [200, 'text/plain; charset=utf-8', '2'])
    t.same(await ask('[5.0,3.4,1.5,0.2]'), [200, 'text/plain; charset=utf-8', '0'])
    t.same(await ask('[[5.9,3.0,5.1,1.8],[5.0,3.4,1.5,0.2]]'), [200, 'text/plain; charset=utf-8', '2\n0'])
    t.same((await ask('[5.9,3.0,5.1,1.8]', 'application/json, text/plain, */*')).slice(0, 2), [200, 'application/json; charset=utf-8'], 'a browser library that always names both gets JSON')
    const [status, type, text] = await ask('[5.9]')
    t.same([status, type], [422, 'application/json; charset=utf-8'], 'an error is JSON')
    t.match(text, /has 1 values/)
  })
  t.equal(await stop(), 0)
})
