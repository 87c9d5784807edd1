import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type Socket as ProxyCall } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { picture } from '../fixtures/expected.ts'
import { start } from './process.ts'

/**
 * Predictions, and the pause before each, in milliseconds: together more than the 8 seconds that ONNX Runtime lets pass
 * after it has loaded a model before it calls.
 */
const PREDICTIONS = 160
const PAUSE_MS = 100

/** An internet socket of a process: its own address and that of its peer, as the kernel writes them, in hex. */
interface Socket {
  protocol: string
  local: string
  peer: string
}

t.test('a service that predicts has no sockets but its own: it calls nobody', { skip: !existsSync('/proc/net/tcp') && 'only Linux tells the sockets of a process' }, async t => {
  // ONNX Runtime calls through a proxy where there is one. This one takes calls and never answers, so that the socket of
  // a call is there long enough to be seen, also where no name is resolved and nothing can be reached.
  const calls: ProxyCall[] = []
  const proxy = createServer(call => calls.push(call.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const hangUp = () => calls.forEach(call => call.destroy())
  t.teardown(() => { hangUp(); proxy.close() })
  const address = proxy.address()
  const HTTPS_PROXY = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

  // Whatever the shell has set, the service itself turns telemetry off.
  const service = await start(t, { WORKERS: '1', ORT_DISABLE_TELEMETRY: '0', HTTPS_PROXY, https_proxy: HTTPS_PROXY, NO_PROXY: '', no_proxy: '' })
  const port = Number(new URL(service.url).port).toString(16).toUpperCase().padStart(4, '0')
  const seen = new Map<string, Socket>()
  let listening = 0
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      for (const socket of socketsOf(service.process.pid!)) {
        if (isAnywhere(socket.peer)) listening++
        seen.set(`${socket.protocol} ${socket.local} ${socket.peer}`, socket)
      }
      await sleep(5)
    }
  })()
  for (let sent = 0; sent < PREDICTIONS; sent++) {
    await sleep(PAUSE_MS)
    const response = await fetch(`${service.url}/predict`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: picture('rgb.jpg') })
    await response.arrayBuffer()
    if (response.status !== 200) t.fail(`prediction ${sent} was answered with ${response.status}`)
  }
  over.abort()
  await watching
  t.equal(calls.length, 0, 'nobody was called')
  // A call that is not answered would hold the process.
  hangUp()
  t.equal(await service.stop(), 0)

  t.ok(listening > 0, 'the listening socket was seen')
  t.ok(seen.size > 1, 'so were those of the client')
  const foreign = [...seen.values()].filter(({ protocol, local, peer }) => {
    const isOwn = protocol.startsWith('tcp') && local.endsWith(`:${port}`)
    return !isOwn || !(isAnywhere(peer) || isLoopback(peer))
  })
  t.same(foreign, [])
})

/**
 * The internet sockets of a process at this moment.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
 */
function socketsOf (pid: number): Socket[] {
  const inodes = new Set<string>()
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? []
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // It was closed meanwhile.
    }
  }
  return ['tcp', 'tcp6', 'udp', 'udp6'].filter(protocol => existsSync(`/proc/${pid}/net/${protocol}`)).flatMap(protocol => {
    const [, ...lines] = readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8').trimEnd().split('\n')
    return lines.flatMap(line => {
      const [, local = '', peer = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
      return inodes.has(inode) ? [{ protocol, local, peer }] : []
    })
  })
}

/** Whether an address is that of no peer: the socket listens, or is not connected. */
function isAnywhere (address: string): boolean {
  return /^0+:0000$/.test(address)
}

/** Whether an address is 127.0.0.0/8, also mapped into IPv6, or ::1; the kernel writes words of 4 bytes, the last byte first. */
function isLoopback (address: string): boolean {
  return /^(?:0{16}F{4}0{4}|0{16}0000FFFF)?[0-9A-F]{6}7F:|^0{24}01000000:/.test(address)
}
