import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { ConfigSchema, loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import { build } from '../helper.ts'

const runtime = read('runtime.yaml')
const examples = readdirSync(projectFile('deploy/kserve/examples')).map(name => read(`examples/${name}`))

/** A file without its comments. */
function read (path: string): string {
  return readFileSync(projectFile(`deploy/kserve/${path}`), 'utf8').replaceAll(/^ *#.*\n/gm, '')
}

t.test('every probe asks a path that answers 200 when the service is ready, on its own port', async t => {
  const app = await build(t)
  const probes = [...runtime.matchAll(/(\w+)Probe:\n +httpGet: \{ path: (\S+), port: (\d+) \}/g)].map(([, probe, path = '', port]) => [probe, path, port] as const)
  t.same(probes.map(([probe]) => probe), ['startup', 'liveness', 'readiness'])
  const port = String(loadConfig({}).PORT)
  for (const [probe, path, number] of probes) {
    t.equal((await app.inject(path)).statusCode, 200, `${probe} ${path}`)
    t.equal(number, port)
  }
  t.match(runtime, new RegExp(`prometheus\\.kserve\\.io/port: '${port}'`))
  t.match(runtime, `containerPort: ${port}, protocol: TCP`)
  t.match(read('podmonitor.yaml'), `portNumber: ${port}`)
  t.equal((await app.inject(/prometheus\.kserve\.io\/path: (\S+)/.exec(runtime)?.[1] ?? '')).statusCode, 200)
})

t.test('what is set is a setting of the service, with a value that it takes, and never a name that Knative keeps', async t => {
  const settings = [runtime, ...examples].flatMap(text => [...text.matchAll(/- \{ name: ([A-Z_]+), value: (.+) \}/g)].map(([, name = '', value = '']) => [name, value.replaceAll("'", '')]))
  t.same(new Set(settings.map(([name]) => name)), new Set(['MODEL_PATH', 'SERVED_NAME', 'MODEL_VERSION', 'GRPC_PORT']))
  for (const [name = '', value = ''] of settings) {
    t.ok(name in ConfigSchema.properties, name)
    // KServe puts the name of the InferenceService there.
    t.doesNotThrow(() => loadConfig({ [name]: value.replace('{{.Name}}', 'my-iris') }), `${name}=${value}`)
  }
})

t.test('every name that KServe allows for an InferenceService may be a name in URLs', async t => {
  // https://github.com/kserve/kserve/blob/v0.17.0/pkg/apis/serving/v1beta1/inference_service_validation.go
  for (const name of ['a', 'a-1', 'iris--2', 'x'.repeat(63)]) t.equal(loadConfig({ SERVED_NAME: name }).SERVED_NAME, name)
})

t.test('every example names the runtime, in a namespace of its own, and each has another name', async t => {
  const services = examples.flatMap(text => parseAllDocuments(text).map((document): unknown => document.toJS())).filter(kind('InferenceService'))
  t.equal(services.length, examples.length)
  for (const service of services) t.match(service, { metadata: { namespace: 'models' }, spec: { predictor: { model: { runtime: 'servery', modelFormat: { name: 'onnx' } } } } })
  t.equal(new Set(services.map(service => JSON.stringify(service.metadata))).size, services.length)
})

t.test('only what runs in the mode Standard has what Knative refuses', async t => {
  for (const text of examples) {
    const isStandard = text.includes('deploymentMode: Standard')
    t.equal(text.includes('lifecycle:'), isStandard)
    t.ok(isStandard || !/deploymentStrategy:|ports:|scaleMetric: cpu/.test(text))
    t.ok(!isStandard || !/canaryTrafficPercent:|scaleMetric: concurrency/.test(text))
  }
  t.notMatch(runtime, /lifecycle:|name: PORT/)
})

t.test('a pod is given longer to end than a request and the shutdown take', async t => {
  const server = readFileSync(projectFile('server.ts'), 'utf8')
  const milliseconds = (name: string) => Number(new RegExp(`^const ${name} = ([\\d_]+)$`, 'm').exec(server)?.[1]?.replaceAll('_', ''))
  const drainSeconds = (milliseconds('NOTICE_MS') + loadConfig({}).DEADLINE_MS + milliseconds('GRACE_MS')) / 1000
  const timeouts = examples.flatMap(text => [...text.matchAll(/ timeout: (\d+)/g)].map(([, seconds]) => Number(seconds)))
  const preStops = examples.flatMap(text => [...text.matchAll(/preStop: \{ sleep: \{ seconds: (\d+) \} \}/g)].map(([, seconds]) => Number(seconds)))
  t.ok(timeouts.length > 0 && timeouts.every(seconds => seconds > drainSeconds), 'Knative')
  // Kubernetes' default of 30 s.
  t.ok(preStops.length > 0 && preStops.every(seconds => seconds + drainSeconds < 30), 'Standard')
})

interface Resource { kind: string, metadata: unknown }

function kind (name: string): (value: unknown) => value is Resource {
  return (value): value is Resource => typeof value === 'object' && value !== null && 'kind' in value && value.kind === name
}
