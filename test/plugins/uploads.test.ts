import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '../../lib/config.ts'
import errors from '../../plugins/errors.ts'
import json from '../../plugins/json.ts'
import uploads from '../../plugins/uploads.ts'
import { Form } from '../../wire/form.ts'
import { Csv } from '../../wire/table/body.ts'
import { reviews } from '../fixtures/reviews.ts'
import type { FakeModelOptions } from '../lib/model.ts'
import { dial, listen, textFrom } from '../sockets.ts'
import { registerModel } from './fake-model.ts'

const UPLOAD_LIMIT = 100_000

/** A service that answers what became of a body. */
async function open (t: Test, model?: FakeModelOptions) {
  const app = Fastify()
  const config = loadConfig({ UPLOAD_LIMIT: String(UPLOAD_LIMIT) })
  await registerModel(app, model)
  await app.register(errors, { config })
  await app.register(json, { config })
  await app.register(uploads, { config })
  app.post('/', async ({ body }) => {
    if (body instanceof Form) return { fields: Object.fromEntries(body.fields), files: body.files.map(({ filename, bytes }) => [filename, Buffer.from(bytes).toString()]) }
    if (body instanceof Csv) return { csv: Buffer.from(body.bytes).toString() }
    return body instanceof Uint8Array ? { bytes: Buffer.from(body).toString() } : { json: body }
  })
  t.teardown(async () => { await app.close() })
  const send = async (type: string, payload: string) => await app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': type } })
  return { app, send, sendForm: async (...parts: string[]) => await send(FORM, formOf(...parts)) }
}

const FORM = 'multipart/form-data; boundary=b'

function formOf (...parts: string[]): string {
  return `${parts.join('')}--b--\r\n`
}

function field (name: string, value = 'value'): string {
  return `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
}

function file (filename: string, content = 'content', name = 'file'): string {
  return `--b\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: application/octet-stream\r\n\r\n${content}\r\n`
}

t.test('a form', async t => {
  const { send, sendForm } = await open(t)

  t.test('is read into its fields and its files, in order', async t => {
    const response = await sendForm(field('a', '1'), file('one.png'), field('b', '2'), file('two.png', 'other', 'more'))
    t.same(response.json(), { fields: { a: '1', b: '2' }, files: [['one.png', 'content'], ['two.png', 'other']] })
  })

  t.test('may have file fields that were left alone, which count as nothing', async t => {
    t.same((await sendForm(file('', ''), file('', '', 'camera'), file('one.png'))).json().files, [['one.png', 'content']])
  })

  t.test('keeps an empty file that has a name, and names a file without one after its field', async t => {
    t.same((await sendForm(file('empty.png', ''), file('', 'content', 'photo'))).json().files, [['empty.png', ''], ['photo', 'content']])
  })

  t.test('has files without any name, which are empty texts as names', async t => {
    t.same((await sendForm('--b\r\ncontent-disposition: form-data; filename=""\r\n\r\ncontent\r\n')).json().files, [['', 'content']])
  })

  t.test('says which field each file is of, and names a file as the client does', async t => {
    const { app } = await open(t)
    app.post('/fields', async ({ body }) => body instanceof Form ? body.files.map(({ field, filename }) => [field, filename]) : [])
    const payload = formOf(file('one.png'), file('album/two.png', 'other', 'more'), file('', 'content', 'photo'))
    t.same((await app.inject({ method: 'POST', url: '/fields', payload, headers: { 'content-type': FORM } })).json(), [['file', 'one.png'], ['more', 'album/two.png'], ['photo', 'photo']])
  })

  t.test('may come up to each limit', async t => {
    const fields = Array.from({ length: 256 }, (_, at) => field(`f${at}`, at === 0 ? 'x'.repeat(1023) : ''))
    const files = [file('half', 'x'.repeat(UPLOAD_LIMIT / 2)), ...Array.from({ length: 62 }, () => file('small', '')), file('rest', 'x'.repeat(UPLOAD_LIMIT / 2 - 1))]
    const response = await sendForm(...fields, ...files)
    t.equal(response.statusCode, 200)
    t.equal(Object.keys(response.json().fields).length, 256)
    t.equal(response.json().files.length, 64)
  })

  const mistakes: Array<[string, string[], number, string, string]> = [
    ['two fields of one name', [field('a'), field('a')], 400, 'SRV_BODY_MALFORMED', "The form has two fields 'a'."],
    ['a field named as what every object has', [field('__proto__')], 400, 'SRV_BODY_MALFORMED', 'prototype property is not allowed as field name'],
    ['a field that is too long', [field('a', 'x'.repeat(1025))], 413, 'SRV_FORM_TOO_COMPLEX', "The form is over a limit: field 'a' is longer than 1024 bytes."],
    ['too many fields', Array.from({ length: 300 }, (_, at) => field(`f${at}`)), 413, 'SRV_FORM_TOO_COMPLEX', 'The form is over a limit: it has more than 256 fields.'],
    ['too many files', Array.from({ length: 65 }, () => file('a')), 413, 'SRV_TOO_MANY_INPUTS', 'The request holds more than 64 inputs; send fewer at once.'],
    ['a file over the limit', [file('a', 'x'.repeat(UPLOAD_LIMIT + 1))], 413, 'SRV_BODY_TOO_LARGE', 'The request body is over the limit of 100000 bytes (UPLOAD_LIMIT); send a smaller picture, or fewer at once.'],
    ['files over the limit together', [file('a', 'x'.repeat(60_000)), file('b', 'x'.repeat(60_000))], 413, 'SRV_BODY_TOO_LARGE', 'The request body is over the limit of 100000 bytes (UPLOAD_LIMIT); send a smaller picture, or fewer at once.']
  ]
  for (const [name, parts, statusCode, code, message] of mistakes) {
    t.test(`with ${name} is refused with ${statusCode}`, async t => {
      t.match((await sendForm(...parts)).json(), { statusCode, code, message })
    })
  }

  t.test('may have a boundary of any length that RFC 2046 allows, and a longer one is refused with 400', async t => {
    const sendWith = async (boundary: string) => (await send(`multipart/form-data; boundary=${boundary}`, formOf(field('a', '1')).replaceAll('--b', `--${boundary}`))).json()
    t.match(await sendWith('b'.repeat(70)), { fields: { a: '1' } })
    for (const length of [253, 1000]) {
      t.match(await sendWith('b'.repeat(length)), {
        statusCode: 400, code: 'SRV_BODY_MALFORMED', message: 'The boundary of the form is too long; RFC 2046 allows at most 70 characters.'
      })
    }
  })

  t.test('with parameters that nobody knows is read, and without a boundary it is refused with 400', async t => {
    for (const type of ['multipart/form-data; charset=klingon; boundary=b', 'MULTIPART/FORM-DATA; BOUNDARY="b"']) t.match((await send(type, formOf(field('a', '1')))).json(), { fields: { a: '1' } }, type)
    for (const type of ['multipart/form-data; =;', 'multipart/form-data;', 'multipart/form-data; boundary', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=""']) {
      const { statusCode } = await send(type, formOf(field('a', '1')))
      t.ok(statusCode === 400 || statusCode === 415, `${type}: ${statusCode}`)
    }
  })

  t.test('that is cut off, or has no boundary, is refused with 400', async t => {
    for (const [type, payload] of [[FORM, field('a').slice(0, -4)], [FORM, 'no form'], ['multipart/form-data', formOf(field('a'))]] as const) {
      t.match((await send(type, payload)).json(), { statusCode: 400, code: 'SRV_BODY_MALFORMED' })
    }
  })
})

t.test('a form with a long part that is no field gets its answer', async t => {
  const { sendForm } = await open(t)
  for (const disposition of ['attachment; name="file"; filename="a"', 'form-data', 'form-data; name="a\rb"']) {
    const skipped = `--b\r\ncontent-disposition: ${disposition}\r\n\r\n${'x'.repeat(90_000)}\r\n`
    t.same((await sendForm(skipped, file('one.png'))).json().files?.at(-1) ?? ['one.png', 'content'], ['one.png', 'content'], disposition)
  }
})

t.test('a part of JSON that is not JSON is malformed', async t => {
  const { sendForm } = await open(t)
  t.match((await sendForm('--b\r\ncontent-disposition: form-data; name="a"\r\ncontent-type: application/json\r\n\r\n{\r\n')).json(), { statusCode: 400, code: 'SRV_BODY_MALFORMED' })
})

t.test('no more files are let in than the queue could hold', async t => {
  const { sendForm } = await open(t, { queueLimit: 2 })
  t.equal((await sendForm(file('', ''), file('', ''), file('', ''), file('a'), file('b'))).statusCode, 200)
  t.match((await sendForm(file('a'), file('b'), file('c'))).json(), { statusCode: 413, message: /more than 2 inputs/ })
})

t.test('a form that is refused is received to its end, whatever is wrong with it: the client sends all of it, then reads why', async t => {
  const { app } = await open(t)
  await listen(t, app)
  const LARGE = file('large', 'x'.repeat(1_000_000))
  const forms: Record<string, [start: string, statusCode: number]> = {
    'too many fields': [Array.from({ length: 300 }, (_, at) => field(`f${at}`)).join(''), 413],
    'two fields of one name': [field('a') + field('a'), 400],
    'too many files': [Array.from({ length: 65 }, () => file('a')).join(''), 413],
    'a file over the limit': [file('a', 'x'.repeat(UPLOAD_LIMIT + 1)), 413],
    'no boundary that fits': ['--other\r\n', 413]
  }
  for (const [name, [start, statusCode]] of Object.entries(forms)) {
    const socket = await dial(t, app)
    socket.pause()
    // Its length is not announced: what says that it is too large is refused before its first byte.
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: ${FORM}\r\ntransfer-encoding: chunked\r\n\r\n`)
    for (const piece of [start, ...Array.from({ length: 20 }, () => LARGE), '--b--\r\n', '']) {
      await new Promise(resolve => socket.write(`${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`, resolve))
    }
    socket.resume()
    t.match(await textFrom(socket), new RegExp(`^HTTP/1\\.1 ${statusCode} `), name)
  }
})

t.test('a body that says it is too large is refused before its first byte', async t => {
  const { app } = await open(t)
  await listen(t, app)
  for (const [type, limit] of [['image/png', UPLOAD_LIMIT + 65_536], [FORM, UPLOAD_LIMIT + 65_536], ['application/json', Math.ceil(UPLOAD_LIMIT * 4 / 3) + 1024]] as const) {
    const socket = await dial(t, app)
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${limit + 1}\r\n\r\n`)
    t.match(await textFrom(socket, '}'), /^HTTP\/1\.1 413 .*SRV_BODY_TOO_LARGE/s, type)
    socket.destroy()
  }
})

t.test('a model of rows reads CSV and JSON, and says so of what it does not read', async t => {
  const { send } = await open(t)
  t.same((await send('text/csv', '1,2,3,4')).json(), { csv: '1,2,3,4' })
  t.same((await send('text/csv; charset=utf-8', '1,2,3,4')).json(), { csv: '1,2,3,4' })
  t.same((await send('application/json', '[1,2,3,4]')).json(), { json: [1, 2, 3, 4] })
  for (const type of ['image/png', 'application/octet-stream', 'text/plain', 'application/x-www-form-urlencoded']) {
    t.match((await send(type, 'a')).json(), {
      statusCode: 415, code: 'SRV_MEDIA_TYPE_UNSUPPORTED', message: `Content-Type '${type}' is not supported; send application/json, text/csv or multipart/form-data.`
    })
  }
})

t.test('a raw body over the limit without an announced length is refused, and its client can send all of it, then read why', async t => {
  const { app } = await open(t, { folder: 'tensorfood' })
  await listen(t, app)
  for (const type of ['image/png', 'application/json']) {
    const socket = await dial(t, app)
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`)
    for (let at = 0; at < 20; at++) await new Promise(resolve => socket.write(`${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`, resolve))
    socket.write('0\r\n\r\n')
    t.match(await textFrom(socket, '}'), /^HTTP\/1\.1 413 .*SRV_BODY_TOO_LARGE/s, type)
  }
})

t.test('a model of pictures reads the bytes of any image type, and no CSV', async t => {
  const { send } = await open(t, { folder: 'tensorfood' })
  for (const type of ['image/png', 'image/unheard-of', 'application/octet-stream']) t.same((await send(type, 'bytes')).json(), { bytes: 'bytes' }, type)
  for (const type of ['text/csv', 'text/plain']) {
    t.match((await send(type, 'a')).json(), {
      statusCode: 415, message: `Content-Type '${type}' is not supported; send multipart/form-data, image/*, application/octet-stream or application/json.`
    })
  }
})

t.test('a field may be as long as a body where the model takes texts, but all together are no longer', async t => {
  const { sendForm } = await open(t, { card: { input: reviews } })
  const text = 'é'.repeat(UPLOAD_LIMIT / 2)
  t.same((await sendForm(field('text', text))).json(), { fields: { text }, files: [] })
  t.match((await sendForm(field('text', `${text}a`))).json(), { statusCode: 413, message: `The form is over a limit: field 'text' is longer than ${UPLOAD_LIMIT} bytes.` })
  t.match((await sendForm(...['a', 'b'].map(name => field(name, text)))).json(), { statusCode: 413, code: 'SRV_BODY_TOO_LARGE' })
})
