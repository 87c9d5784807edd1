// Starts the service, writes its log as Docker does, and starts a collector with collector.yaml and loki.yaml, and a server in the
// place of Loki. The line of a prediction must arrive there, with its fields; a line of another container must not. It needs dist/
// and otelcol, a collector with the parts that these files name.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS = 30_000
const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'servery-logs-'))
const file = join(folder, 'containers/abc/abc-json.log')
mkdirSync(join(folder, 'containers/abc'), { recursive: true })
const records = []
const loki = createServer(async (request, response) => {
  const { resourceLogs } = JSON.parse(await text(request))
  for (const { resource, scopeLogs } of resourceLogs) records.push(...scopeLogs.flatMap(({ logRecords }) => logRecords).map(record => ({ path: request.url, ...record, resource })))
  response.setHeader('content-type', 'application/json').end('{}')
}).listen(0, '127.0.0.1')
await once(loki, 'listening')

// As the driver json-file writes them.
const write = line => { appendFileSync(file, `${JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: new Date().toISOString() })}\n`) }
write('{"level":"info","ts":1767225600.1,"msg":"a line of Caddy"}')
write('a line that is no JSON')
const service = spawn(process.execPath, [join(here, '../../dist/server.js')], { env: { ...process.env, HOST: '127.0.0.1', PORT: '0', MODEL_NAME: 'iris' }, stdio: ['ignore', 'pipe', 'inherit'] })
const collector = spawn('otelcol', [
  '--config', join(here, 'collector.yaml'), '--config', join(here, 'loki.yaml'),
  // As JSON, which is easier to read here, and without metrics of its own, which would need a port.
  '--config', 'yaml:exporters::otlphttp/loki::encoding: json', '--config', 'yaml:exporters::otlphttp/loki::compression: none', '--config', 'yaml:service::telemetry::metrics::level: none'
], { env: { ...process.env, LOG_FILES: join(folder, 'containers/*/*-json.log'), STORAGE: join(folder, 'storage'), LOKI_URL: `http://127.0.0.1:${loki.address().port}` }, stdio: ['ignore', 'inherit', 'pipe'] })
let said = ''
collector.stderr.on('data', chunk => { said += chunk })
collector.once('error', error => { said += error.message })

try {
  for await (const line of createInterface({ input: service.stdout })) {
    write(line)
    const [url] = /http:[^" ]+/.exec(line) ?? []
    if (url) fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[5.9,3.0,5.1,1.8]' }).catch(() => {})
    if (line.includes('"path":"/predict"')) break
  }
  const prediction = await found(({ attributes }) => valueOf(attributes, 'path') === '/predict')
  const { path, resource, severityText, body, attributes, timeUnixNano } = prediction
  const got = { path, service: valueOf(resource.attributes, 'service.name'), severityText, body: body.stringValue, label: valueOf(attributes, 'label'), statusCode: valueOf(attributes, 'statusCode') }
  const expected = { path: '/otlp/v1/logs', service: 'servery', severityText: 'info', body: 'request', label: 'virginica', statusCode: 200 }
  if (JSON.stringify(got) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(prediction)} is not ${JSON.stringify(expected)}`)
  if (Math.abs(Number(timeUnixNano) / 1e6 - Date.now()) > 600_000) throw new Error(`the time is ${timeUnixNano}`)
  if (records.some(({ body }) => /Caddy|no JSON/.test(body.stringValue))) throw new Error('a line of another container was sent')
  console.log(`ok: ${records.length} lines, such as ${JSON.stringify(got)}`)
} catch (error) {
  console.error(said)
  throw error
} finally {
  service.kill()
  collector.kill()
  await Promise.race([once(collector, 'exit'), sleep(5000)])
  loki.close()
  loki.closeAllConnections()
  rmSync(folder, { recursive: true })
}

async function found (test) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    const record = records.find(test)
    if (record) return record
  }
  throw new Error(`the line of the prediction did not arrive, but ${records.length} others`)
}

/** The value of an attribute. A number of JSON is a double to the collector. */
function valueOf (attributes, key) {
  const value = attributes.find(attribute => attribute.key === key)?.value
  return value?.stringValue ?? value?.doubleValue ?? value?.intValue
}
