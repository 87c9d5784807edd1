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
  t.equal(await stop(), 0)
})
