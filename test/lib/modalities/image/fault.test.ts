import t from 'tap'
import { faultOf } from '../../../../lib/modalities/image/fault.ts'

t.test('where the system gives no memory, the picture is not at fault', async t => {
  for (const message of [
    'VipsJpeg: Insufficient memory (case 4)', 'out of memory --- size == 143MB', 'std::bad_alloc', 'Array buffer allocation failed',
    'WebAssembly.Memory(): could not allocate memory', 'heif: Failed to allocate image'
  ]) t.same(faultOf(new Error(message)), { error: message, fault: 'memory' })
})

t.test('a line that only the cause has counts too', async t => {
  t.same(faultOf(new Error('pngload_buffer: read error', { cause: new Error('pngload_buffer: read error\nvips: unable to allocate 12 bytes') })), {
    error: 'pngload_buffer: read error', fault: 'memory'
  })
})

t.test('a picture that took too long may be in order', async t => {
  t.same(faultOf(new Error('timeout: 12% complete')), { error: 'timeout: 12% complete', fault: 'time' })
})

t.test('damage, and limits of a loader that the next attempt would meet again, are faults of the picture', async t => {
  for (const message of ['VipsJpeg: premature end of JPEG image', 'heif: Memory allocation error: out of memory (security limit exceeded)']) {
    t.same(faultOf(new Error(message)), { error: message })
  }
  t.same(faultOf('not an error'), { error: 'not an error' })
})
