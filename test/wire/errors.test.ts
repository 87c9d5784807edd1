import Fastify, { type FastifyError } from 'fastify'
import t from 'tap'
import { DeadlinePassed, QueueFull } from '../../lib/errors.ts'
import { errorBody, translate, type ErrorContext } from '../../wire/errors.ts'

const context: ErrorContext = {
  uploadLimitBytes: 1000, accepted: 'text/csv', method: 'GET', path: '/files/a', contentType: 'image/png', deadline: undefined, isGone: false
}

/** An error as the framework or one of its plugins throws it. */
function thrown (message: string, rest: Partial<FastifyError> = {}): FastifyError {
  return Object.assign(new Error(message), { code: '', name: 'Error' }, rest)
}

t.test('every error leaves with its status, its code, the words of its status and its message', async t => {
  t.same(errorBody(new QueueFull(3)), {
    statusCode: 503, code: 'SRV_QUEUE_FULL', error: 'Service Unavailable', message: 'Over capacity: 3 inputs are already waiting (QUEUE_LIMIT); try again later.'
  })
  t.same(errorBody(Object.assign(new QueueFull(3), { faults: [{ row: 2, message: 'a' }] })).faults, [{ row: 2, message: 'a' }])
  t.equal(errorBody(thrown('', { statusCode: 499 })).error, 'Client Closed Request', 'a status that Node.js has no words for')
})

t.test("the service's own errors are left as they are", async t => {
  const error = new QueueFull(3)
  t.equal(translate(error, { ...context, isGone: true }), error)
})

const cases: Array<[FastifyError, object]> = [
  [thrown('', { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), { code: 'SRV_BODY_TOO_LARGE', statusCode: 413, message: /1000 bytes/ }],
  [thrown('reach files limit', { code: 'FST_FILES_LIMIT', statusCode: 413 }), { code: 'SRV_FORM_TOO_COMPLEX', statusCode: 413, message: /too many files or fields/ }],
  [thrown('', { code: 'FST_ERR_CTP_EMPTY_JSON_BODY', statusCode: 400 }), { code: 'SRV_BODY_MISSING', statusCode: 400, message: /JSON/ }],
  [thrown('not JSON', { code: 'FST_ERR_CTP_INVALID_JSON_BODY', statusCode: 400 }), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: 'not JSON' }],
  [thrown('', { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }), {
    code: 'SRV_MEDIA_TYPE_UNSUPPORTED', statusCode: 415, message: "Content-Type 'image/png' is not supported; send text/csv."
  }],
  [thrown('Multipart: Boundary not found'), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: 'The form is malformed: Multipart: Boundary not found.' }],
  [thrown('The needle cannot have a length bigger than 256.'), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: /boundary .* at most 70 characters/ }],
  [thrown('Forbidden', { statusCode: 403 }), { code: 'SRV_NOT_FOUND', statusCode: 404, message: 'There is no GET /files/a; GET /swagger lists all endpoints.' }],
  [Object.assign(new SyntaxError('Unexpected token'), { code: '' }), { code: 'SRV_BODY_MALFORMED', statusCode: 400, message: 'The body is not JSON: Unexpected token.' }],
  [thrown('read ECONNRESET', { code: 'ECONNRESET' }), { code: 'SRV_CLIENT_GONE', statusCode: 499 }],
  [thrown('rejected', { code: 'FST_SOMETHING', statusCode: 418 }), { code: 'SRV_REQUEST_INVALID', statusCode: 418, message: 'rejected' }],
  [thrown('the password is 1234'), { code: 'SRV_INTERNAL', statusCode: 500, message: /^(?!.*1234)/ }],
  [thrown('the password is 1234', { statusCode: 502 }), { code: 'SRV_INTERNAL', statusCode: 500, message: /^(?!.*1234)/ }]
]

for (const [error, expected] of cases) {
  t.test(`${error.code || error.message} is told in the service's own words`, async t => {
    t.match(translate(error, context), expected)
  })
}

t.test('a deadline that passed is told by the name of whoever set it', async t => {
  t.match(translate(new DeadlinePassed(10_000), context), { code: 'SRV_DEADLINE', statusCode: 504, message: /within 10000 ms \(DEADLINE_MS\)/ })
  t.match(translate(new DeadlinePassed(50), { ...context, deadline: '50' }), { code: 'SRV_DEADLINE', statusCode: 504, message: /within 50 ms \(x-deadline-ms / })
})

t.test('whatever fails once the client has gone is no fault of the service', async t => {
  t.match(translate(thrown('anything'), { ...context, isGone: true }), { code: 'SRV_CLIENT_GONE' })
})

t.test('a request that does not fit its schema is told which field is wrong, and how', async t => {
  const app = Fastify()
  const messages: string[] = []
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { code, statusCode = 0, message } = translate(error, context)
    messages.push(message)
    return reply.code(statusCode).send({ code })
  })
  const number = { type: 'object', required: ['n'], additionalProperties: false, properties: { n: { type: 'number' }, deep: { type: 'object', properties: { er: { type: 'number' } } } } }
  app.post('/', { schema: { body: number } }, async () => 'ok')
  for (const payload of [{ n: 'a' }, {}, { n: 1, deep: { er: 'a' } }]) t.match((await app.inject({ method: 'POST', url: '/', payload })).json(), { code: 'SRV_REQUEST_INVALID' })
  t.same(messages, ["body 'n' must be number.", "body must have required property 'n'.", "body 'deep.er' must be number."])
  await app.close()
})
