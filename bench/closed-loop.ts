import { Connection, isOk } from './connection.ts'

export interface ClosedLoop {
  port: number
  /** A whole request, as its bytes on the wire. */
  request: Buffer
  connections: number
  seconds: number
}

/** What came back within the time. */
export interface Answers {
  /** Milliseconds from a request to the last byte of its answer 200. */
  times: number[]
  /** Other answers, and connections that broke before an answer. */
  failed: number
  elapsedSeconds: number
}

/**
 * Each connection sends its next request when it has its answer. It uses plain sockets: for answers of some hundred
 * kilobytes, autocannon takes more CPU time than the server, and so would measure itself.
 */
export async function closedLoop ({ port, request, connections, seconds }: ClosedLoop): Promise<Answers> {
  const times: number[] = []
  let failed = 0
  const started = performance.now()
  const all = new Set<Connection>()
  return await new Promise(resolve => {
    const timer = setTimeout(end, seconds * 1000)
    function end (): void {
      clearTimeout(timer)
      for (const connection of all) connection.close()
      resolve({ times, failed, elapsedSeconds: (performance.now() - started) / 1000 })
    }
    for (let count = 0; count < connections; count++) {
      const connection: Connection = new Connection(port, (head, since) => {
        if (isOk(head)) times.push(performance.now() - since)
        else failed++
        connection.ask(request, performance.now())
      }, () => {
        // A broken connection asks no more. The report shows it as an error.
        failed++
        all.delete(connection)
        if (all.size === 0) end()
      })
      all.add(connection)
      connection.ask(request, performance.now())
    }
  })
}
