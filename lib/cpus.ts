import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * Number of CPUs that this process may use: the smaller of its CPU affinity and its container's quota, at least 1.
 *
 * Node.js before version 22 ignores the quota.
 *
 * @param root path of the control groups, version 2 or 1
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
export function cpuCount (root = '/sys/fs/cgroup'): number {
  const [quota, period] = read(join(root, 'cpu.max'))?.split(' ') ??
    [read(join(root, 'cpu/cpu.cfs_quota_us')), read(join(root, 'cpu/cpu.cfs_period_us'))]
  const share = Number(quota) / Number(period)
  return share > 0 ? Math.max(1, Math.min(availableParallelism(), Math.ceil(share))) : availableParallelism()
}

function read (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
