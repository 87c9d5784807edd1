import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all its descendants use. Linux only. */
export interface Usage {
  /** Resident memory, as `residentBytes` counts it. */
  memoryBytes: number
  /** CPU time since their start. */
  cpuMs: number
}

/** The kernel counts CPU time in /proc in this unit. */
const TICKS_PER_SECOND = 100

export function usageOf (root: number): Usage {
  const members = familyOf(root)
  return {
    memoryBytes: residentBytes(members.map(({ pid }) => pid)),
    cpuMs: members.reduce((sum, { ticks }) => sum + ticks * 1000 / TICKS_PER_SECOND, 0)
  }
}

/** Kills a process and all its descendants at once, also those that left its process group. */
export function killFamily (root: number): void {
  for (const { pid } of familyOf(root)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // The process has ended.
    }
  }
}

/** A process and all its descendants. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function familyOf (root: number): Array<{ pid: number, ticks: number }> {
  const processes = readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The command is in brackets, and may contain spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number)
      return [{ pid: Number(name), parent: fields[1]!, ticks: fields[11]! + fields[12]! }]
    } catch {
      return []
    }
  })
  const family = new Set([root])
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  return processes.filter(({ pid }) => family.has(pid))
}

/** Measures a process and its descendants at this interval, until the function that it returns is called, which returns the most bytes seen. */
export function watchMemory (root: number, intervalMs: number): () => number {
  let peakBytes = 0
  const look = () => { peakBytes = Math.max(peakBytes, usageOf(root).memoryBytes) }
  const timer = setInterval(look, intervalMs)
  return () => {
    clearInterval(timer)
    look()
    return peakBytes
  }
}

/**
 * Resident memory of processes that one program started. For one process it is its resident set size. Memory that several of them
 * share after a fork counts once, and so do the files that they map: the program itself and its libraries, of which the process
 * with the most stands for all. The proportional set size of Linux would not do for the files: it shares the program with
 * processes outside the family, such as a load generator in the same Node.js.
 *
 * @see https://www.kernel.org/doc/html/latest/filesystems/proc.html
 */
function residentBytes (pids: number[]): number {
  let [ownKib, filesKib] = [0, 0]
  for (const pid of pids) {
    try {
      const shares = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      ownKib += kibOf(shares, 'Pss_Anon') + kibOf(shares, 'Pss_Shmem')
      filesKib = Math.max(filesKib, kibOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'RssFile'))
    } catch {
      // The process has ended.
    }
  }
  return (ownKib + filesKib) * 1024
}

/** The figure in a line such as `RssFile:  1234 kB`. */
function kibOf (text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0)
}
