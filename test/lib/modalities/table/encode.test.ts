import t from 'tap'
import { openSession } from '../../../../lib/engine/session.ts'
import { tableEncoder } from '../../../../lib/modalities/table/encode.ts'
import type { TableInput } from '../../../../lib/modalities/table/input.ts'
import { PATIENT, patients, patientsCard, patientsModel, patientsSignature } from '../../../fixtures/columns.ts'
import { twoFeatures } from '../../../fixtures/model.ts'

t.test('rows become one tensor, one row behind the other', async t => {
  t.same(await tableEncoder(twoFeatures).encode([[1, 2], [3, 0.5], [5, 6]]), {
    feeds: { x: { dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 0.5, 5, 6) } }, faults: []
  })
})

t.test('columns become tensors of their types and axes', async t => {
  t.same(await tableEncoder(patients, patientsSignature).encode([PATIENT, [1, NaN, -2, false, 'Paris', 0.1]]), {
    feeds: {
      body: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(40, 1.5, 1, NaN) },
      visits: { dtype: 'int64', shape: [2, 1], data: BigInt64Array.of(3n, -2n) },
      member: { dtype: 'bool', shape: [2, 1], data: Uint8Array.of(1, 0) },
      city: { dtype: 'string', shape: [2], data: ['New York', 'Paris'] },
      weight: { dtype: 'float64', shape: [2, 1], data: Float64Array.of(70.25, 0.1) }
    },
    faults: []
  })
})

t.test('each type of number has its own elements', async t => {
  const one = (type: NonNullable<TableInput['type']>): TableInput => ({ kind: 'table', tensor: 'x', type, features: [{ name: 'a' }] })
  const cases = {
    float16: Uint16Array.of(0x4200), int8: Int8Array.of(3), int16: Int16Array.of(3), int32: Int32Array.of(3), uint8: Uint8Array.of(3), uint16: Uint16Array.of(3), uint32: Uint32Array.of(3), uint64: BigUint64Array.of(3n)
  }
  for (const [type, data] of Object.entries(cases) as Array<[keyof typeof cases, unknown]>) {
    t.same(await tableEncoder(one(type)).encode([[3]]), { feeds: { x: { dtype: type, shape: [1, 1], data } }, faults: [] }, type)
  }
})

t.test('a model of columns of every kind gets each value where it belongs', async t => {
  const session = await openSession({ model: patientsModel, contract: patientsCard, threads: 1 })
  t.teardown(async () => { await session.release() })
  t.same(session.signature, patientsSignature)
  t.ok(session.batches)
  const { outcomes } = await session.run([{ payload: PATIENT }, { payload: [1, 2, 0, false, ' Rome', 50] }])
  t.match(outcomes, [{ at: 0, outputs: { y: { shape: [2, 8], data: Float32Array.of(40, 1.5, 3, 1, 0, 1, 0, 70.25, 1, 2, 0, 0, 0, 0, 1, 50) } } }, { at: 1 }])
})
