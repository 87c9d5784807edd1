import { readFileSync } from 'node:fs'
import t from 'tap'
import * as errors from '../../lib/errors.ts'
import { projectFile } from '../../lib/project.ts'

/** Errors whose code is not their name. */
const OTHER_CODES: Record<string, string> = {
  // A program that sends pictures treats both alike: it sends a smaller one.
  ImageTooLong: 'SRV_IMAGE_TOO_LARGE',
  ImageTooHeavy: 'SRV_IMAGE_TOO_LARGE',
  AnswerTooLong: 'SRV_ANSWER_TOO_LARGE',
  DeadlinePassed: 'SRV_DEADLINE',
  AskedDeadlinePassed: 'SRV_DEADLINE',
  InternalError: 'SRV_INTERNAL'
}

/** Codes that no caller meets: nobody waits for the answer, no route asks for tensors, or gRPC has a status of its own. */
const UNDOCUMENTED = ['SRV_CLIENT_GONE', 'SRV_TENSOR_UNUSABLE', 'SRV_SERVICE_UNKNOWN']

const all = Object.entries(errors).map(([name, ErrorClass]) => {
  const { code, statusCode, message } = Reflect.construct(ErrorClass, ['first', 'second', 3])
  return { name, code: String(code), statusCode: Number(statusCode), message: String(message) }
})

t.test('the code of an error is its name, so that no two share one by accident', async t => {
  for (const { name, code } of all) t.equal(code, OTHER_CODES[name] ?? `SRV_${name.replace(/(?!^)(?=[A-Z])/g, '_').toUpperCase()}`, name)
})

t.test('the manual lists each code with its status', async t => {
  const rows = readFileSync(projectFile('docs/errors.md'), 'utf8').split('\n').filter(line => line.startsWith('| ') && line.includes('`SRV_'))
  for (const { name, code, statusCode } of all.filter(({ code }) => !UNDOCUMENTED.includes(code))) {
    const row = rows.find(row => row.includes(`\`${code}\``)) ?? ''
    const [, first = ''] = row.split('|')
    // The table of errors that stop the start has no statuses.
    t.match(first, /^(Config|Model(?!\w*Unknown$)|Card)/.test(name) ? /^ `SRV_/ : new RegExp(`\\b${statusCode}\\b`), `${code}: ${row}`)
  }
  const listed = [...rows.join('\n').matchAll(/`(SRV_\w+)`/g)].map(([, code = '']) => code)
  t.same(listed.filter(code => !all.some(error => error.code === code)), [], 'and no other')
})

t.test('an error that the next attempt may not meet says to try again', async t => {
  const later = all.filter(({ statusCode }) => statusCode === 429 || statusCode === 503 || statusCode === 504)
  t.ok(later.length > 4)
  // A probe asks again in any case.
  for (const { code, message } of later.filter(({ code }) => code !== 'SRV_NOT_READY')) t.match(message, /try again/, code)
})

t.test('a refusal under load carries no stack', async t => {
  for (const error of [new errors.QueueFull(1), new errors.Overloaded()]) t.notMatch(error.stack, /\n +at /, error.code)
  t.match(new errors.RequestInvalid('no').stack, /\n +at /)
})
