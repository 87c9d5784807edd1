import { pino } from 'pino'
import pretty from 'pino-pretty'
import { Writable } from 'node:stream'
import t from 'tap'
import { addressesOf, PRETTY, readyLines, requestLine } from '../../lib/terminal.ts'
import { echoCard } from '../fixtures/model.ts'

const interfaces: Parameters<typeof addressesOf>[2] = {
  lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true, netmask: '255.0.0.0', mac: '00:00:00:00:00:00', cidr: '127.0.0.1/8' }],
  eth0: [
    { address: '192.0.2.7', family: 'IPv4', internal: false, netmask: '255.255.255.0', mac: '00:00:00:00:00:01', cidr: '192.0.2.7/24' },
    { address: 'fe80::1', family: 'IPv6', internal: false, netmask: 'ffff::', mac: '00:00:00:00:00:01', cidr: 'fe80::1/64', scopeid: 2 }
  ]
}

t.test('a service on all addresses is opened as localhost, and from other devices by the address of the machine', async t => {
  for (const host of ['0.0.0.0', '::']) t.same(addressesOf(host, 8000, interfaces), { here: 'http://localhost:8000', elsewhere: ['http://192.0.2.7:8000'] }, host)
})

t.test('a service on one address is opened there', async t => {
  t.same(addressesOf('127.0.0.1', 9000, interfaces), { here: 'http://127.0.0.1:9000', elsewhere: [] })
  t.same(addressesOf('::1', 9000, interfaces), { here: 'http://[::1]:9000', elsewhere: [] })
})

t.test('what is served comes before where to open it', async t => {
  const lines = readyLines({ card: echoCard, sources: ['card.json'], assumptions: [], addresses: { here: 'http://localhost:8000', elsewhere: ['http://192.0.2.7:8000'] } })
  t.equal(lines[0], 'model    echo 1')
  t.same(lines.slice(-4), ['', 'Open http://localhost:8000', '     http://192.0.2.7:8000 from other devices', 'Stop with Ctrl-C'])
})

t.test('a request is one line in words', async t => {
  t.equal(requestLine({ method: 'POST', path: '/predict', statusCode: 200, durationMs: 12.3, inputs: 1, label: 'pizza', client: 'laboratory' }), 'POST  /predict  200  12.3 ms  pizza  laboratory')
  t.equal(requestLine({ method: 'POST', path: '/predict', statusCode: 200, durationMs: 12.3, inputs: 3 }), 'POST  /predict  200  12.3 ms  3 inputs')
  t.equal(requestLine({ method: 'POST', path: '/predict', statusCode: 200, durationMs: 1, inputs: 1, value: 0 }), 'POST  /predict  200  1 ms  0')
  t.equal(requestLine({ method: 'GET', path: '/\u001b[2J', durationMs: 1, aborted: true }), 'GET  / [2J  the client left  1 ms')
})

t.test('the log of a terminal shows the line of a request alone, and the other fields of other messages', async t => {
  let text = ''
  const output = new Writable({ write: (chunk, _encoding, done) => { text += String(chunk); done() } })
  const log = pino({ formatters: { level: label => ({ level: label }) } }, pretty({ ...PRETTY, colorize: false, destination: output, sync: true }))
  log.info({ reqId: 'one', method: 'GET', path: '/', statusCode: 200, durationMs: 2, address: '127.0.0.1' }, 'request')
  log.warn({ file: 'a.onnx' }, 'The copy may be old')
  t.match(text, /^\[\d\d:\d\d:\d\d\] INFO: GET {2}\/ {2}200 {2}2 ms *\n\[\d\d:\d\d:\d\d\] WARN: The copy may be old \{"file":"a\.onnx"\}\n$/)
})
