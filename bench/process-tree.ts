import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all its descendants use. Linux only. */
export interface Usage {
  /** Resident memory. */
  memoryBytes: number
  /** CPU time since their start. */
  cpuMs: number
}

/** The kernel counts CPU time in /proc in this unit. */
const TICKS_PER_SECOND = 100

const PAGE_BYTES = 4096

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function usageOf (root: number): Usage {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The command is in brackets, and may contain spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
      return [{ pid: Number(name), parent: fields[1]!, ticks: fields[11]! + fields[12]!, pages: fields[21]! }]
    } catch {
      return []
    }
  })
  const family = new Set([root])
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  const members = processes.filter(({ pid }) => family.has(pid))
  return {
    memoryBytes: members.reduce((sum, { pages }) => sum + pages * PAGE_BYTES, 0),
    cpuMs: members.reduce((sum, { ticks }) => sum + ticks * 1000 / TICKS_PER_SECOND, 0)
  }
}
