import { basename } from 'node:path'
import type { OnProgress } from './download.ts'

/** How often a bar is drawn. */
const DRAW_MS = 100

/** Width of a bar, in characters. */
const BAR = 24

/** Between two lines of a file, so many percent arrive. */
const STEP_PERCENT = 10

/** Where progress is written. */
export interface Output {
  isTTY?: boolean
  columns?: number
  write: (text: string) => unknown
}

/**
 * Shows how a download goes: a bar on a terminal, with the speed and the time that remains, and elsewhere a line for each tenth.
 *
 * @param now the time, in milliseconds
 */
export function progressTo (output: Output, now: () => number = () => performance.now()): OnProgress {
  return output.isTTY ? barTo(output, now) : linesTo(output)
}

function linesTo (output: Output): OnProgress {
  let [last, shown] = ['', 0]
  return (file, receivedBytes, totalBytes) => {
    if (file !== last) [last, shown] = [file, 0]
    if (!totalBytes) return
    const percent = Math.floor(receivedBytes / totalBytes * 100 / STEP_PERCENT) * STEP_PERCENT
    if (percent <= shown || percent >= 100) return
    shown = percent
    output.write(`${file}: ${percent} % of ${totalBytes} bytes\n`)
  }
}

function barTo (output: Output, now: () => number): OnProgress {
  let last = { file: '', startedMs: 0, startedBytes: 0, drawnMs: -Infinity }
  return (file, receivedBytes, totalBytes) => {
    const time = now()
    // The first bytes may be of an earlier attempt.
    if (file !== last.file) last = { file, startedMs: time, startedBytes: receivedBytes, drawnMs: -Infinity }
    const isDone = receivedBytes === totalBytes
    if (!isDone && time - last.drawnMs < DRAW_MS) return
    last.drawnMs = time
    const bytesPerMs = (receivedBytes - last.startedBytes) / Math.max(time - last.startedMs, 1)
    const line = lineOf(basename(file), receivedBytes, totalBytes, bytesPerMs)
    // One column less than there are, for terminals that go to the next line after the last. Some say that they have none.
    output.write(`\r\u001b[K${line.slice(0, (output.columns || 80) - 1)}${isDone ? '\n' : ''}`)
  }
}

function lineOf (name: string, receivedBytes: number, totalBytes: number | null, bytesPerMs: number): string {
  const speed = `${mebibytes(bytesPerMs * 1000)} MiB/s`
  if (totalBytes === null) return `${name}  ${mebibytes(receivedBytes)} MiB  ${speed}`
  const share = totalBytes === 0 ? 1 : receivedBytes / totalBytes
  const filled = Math.floor(share * BAR)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
  const remaining = share < 1 && bytesPerMs > 0 ? `  ${duration((totalBytes - receivedBytes) / bytesPerMs)} left` : ''
  return `${name}  ${bar}  ${Math.floor(share * 100)} % of ${mebibytes(totalBytes)} MiB  ${speed}${remaining}`
}

function mebibytes (bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}

function duration (milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`
}
