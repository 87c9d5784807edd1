import { status } from '@grpc/grpc-js'
import t from 'tap'
import * as errors from '../../../../lib/errors.ts'
import { failureOf, httpStatusOf } from '../../../../routes/dialects/grpc/status.ts'

t.test('each error has the status that a client of gRPC expects', async t => {
  const expected: Array<[error: Error, code: status]> = [
    [new errors.RequestInvalid('no'), status.INVALID_ARGUMENT],
    [new errors.TensorUnusable('no'), status.INVALID_ARGUMENT],
    [new errors.ImageUnsupported('a', 'b', 'c'), status.INVALID_ARGUMENT],
    [new errors.Unauthorized('no'), status.UNAUTHENTICATED],
    [new errors.ModelUnknown('a', 'b'), status.NOT_FOUND],
    [new errors.RequestTooSlow(), status.DEADLINE_EXCEEDED],
    [new errors.BodyTooLarge(1), status.RESOURCE_EXHAUSTED],
    [new errors.TooManyRequests('no', 1), status.RESOURCE_EXHAUSTED],
    [new errors.ClientGone(), status.CANCELLED],
    [new errors.QueueFull(1), status.UNAVAILABLE],
    [new errors.NotReady('no'), status.UNAVAILABLE],
    [new errors.DeadlinePassed(1), status.DEADLINE_EXCEEDED],
    [new errors.InternalError(), status.INTERNAL]
  ]
  for (const [error, code] of expected) t.match(failureOf(error), { code, details: error.message }, error.message)
})

t.test('details are short, and of whole characters', async t => {
  t.equal(failureOf(new errors.RequestInvalid('x'.repeat(10_000))).details.length, 2048)
  t.doesNotThrow(() => encodeURI(failureOf(new errors.RequestInvalid('\u{1f600}'.slice(0, 1))).details))
})

t.test('a status of gRPC counts as one of HTTP', async t => {
  t.same([status.OK, status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED, status.UNIMPLEMENTED, status.UNAVAILABLE, status.DATA_LOSS].map(httpStatusOf), [200, 400, 413, 501, 503, 500])
})
