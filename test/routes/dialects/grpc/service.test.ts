import { status } from '@grpc/grpc-js'
import t from 'tap'
import { encode, INFERENCE, serveFake } from './client.ts'

t.test('a method that throws answers its error, and one that does not exist is UNIMPLEMENTED', async t => {
  const { call } = await serveFake(t)
  t.match(await call(`${INFERENCE}/ModelReady`, encode('ModelReadyRequest', { name: 'nobody' })), { code: status.NOT_FOUND })
  t.match(await call(`${INFERENCE}/Nothing`, Buffer.alloc(0)), { code: status.UNIMPLEMENTED })
  t.match(await call('/another.Service/ModelReady', Buffer.alloc(0)), { code: status.UNIMPLEMENTED })
})
