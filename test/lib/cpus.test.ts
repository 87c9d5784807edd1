import { availableParallelism } from 'node:os'
import t from 'tap'
import { cpuCount } from '../../lib/cpus.ts'

const all = availableParallelism()

t.test("a container's quota counts, rounded up, in both versions of control groups", async t => {
  t.equal(cpuCount(t.testdir({ 'cpu.max': '100000 100000\n' })), 1)
  t.equal(cpuCount(t.testdir({ 'cpu.max': '20000 100000\n' })), 1)
  t.equal(cpuCount(t.testdir({ 'cpu.max': '150000 100000\n' })), Math.min(2, all))
  t.equal(cpuCount(t.testdir({ cpu: { 'cpu.cfs_quota_us': '50000\n', 'cpu.cfs_period_us': '100000\n' } })), 1)
})

t.test('without a quota, or with one beyond the machine, the affinity counts', async t => {
  t.equal(cpuCount(t.testdir({ 'cpu.max': 'max 100000\n' })), all)
  t.equal(cpuCount(t.testdir({ cpu: { 'cpu.cfs_quota_us': '-1\n', 'cpu.cfs_period_us': '100000\n' } })), all)
  t.equal(cpuCount(t.testdir({ 'cpu.max': '9900000 100000\n' })), all)
  t.equal(cpuCount(t.testdir({})), all)
})
