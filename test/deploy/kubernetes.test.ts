import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { ConfigSchema, loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import { build } from '../helper.ts'

const deployment = read('deploy/kubernetes/base/deployment.yaml')
const compose = read('docker-compose.yml')
const manifests = readdirSync(projectFile('deploy/kubernetes'), { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.yaml')).map(path => read(`deploy/kubernetes/${path}`))

/** A file without its comments. */
function read (path: string): string {
  return readFileSync(projectFile(path), 'utf8').replaceAll(/^ *#.*\n/gm, '')
}

/** The only match of a pattern's group. */
function one (text: string, pattern: RegExp): string {
  const matches = [...text.matchAll(new RegExp(pattern, 'gm'))]
  if (matches.length !== 1) throw new Error(`${matches.length} matches of ${pattern}`)
  return matches[0]?.[1] ?? ''
}

t.test('every probe asks a path that answers 200 when the service is ready', async t => {
  const app = await build(t)
  const paths = [...deployment.matchAll(/(\w+)Probe:\n +httpGet: \{ path: (\S+), port: http \}/g)].map(([, probe, path = '']) => [probe, path] as const)
  t.same(paths.map(([probe]) => probe), ['startup', 'liveness', 'readiness'])
  for (const [probe, path] of paths) t.equal((await app.inject(path)).statusCode, 200, `${probe} ${path}`)
  t.equal((await app.inject(one(read('deploy/kubernetes/components/monitoring/servicemonitor.yaml'), /path: ([^ ,]+)/))).statusCode, 200)
})

t.test('a pod or a container is given longer to end than the service takes to drain', async t => {
  const server = read('server.ts')
  const milliseconds = (name: string): number => Number(one(server, new RegExp(`^const ${name} = ([\\d_]+)$`)).replaceAll('_', ''))
  const { DEADLINE_MS } = loadConfig({})
  const drain = milliseconds('NOTICE_MS') + DEADLINE_MS + milliseconds('GRACE_MS')
  t.ok(drain > DEADLINE_MS)
  const preStop = Number(one(deployment, /preStop: \{ sleep: \{ seconds: (\d+) \} \}/)) * 1000
  t.ok(Number(one(deployment, /terminationGracePeriodSeconds: (\d+)/)) * 1000 > preStop + drain, 'Kubernetes')
  t.ok(Number(one(compose, /stop_grace_period: (\d+)s/)) * 1000 > drain, 'Docker Compose')
})

t.test('what is set is a setting of the service, with a value that it takes', async t => {
  const literals = manifests.flatMap(manifest => [...manifest.matchAll(/^ +- ([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
  const environments = [...compose.matchAll(/environment: \{ (\w+): (\S+) \}/g)].map(([, name = '', value = '']) => [name, value.replace(/^'\$\{\w+:-(.*)\}'$/, '$1')])
  t.ok(literals.length >= 3)
  t.equal(environments.length, 5)
  for (const [name = '', value = ''] of [...literals, ...environments]) {
    t.ok(name in ConfigSchema.properties, name)
    t.doesNotThrow(() => loadConfig({ [name]: value }), `${name}=${value}`)
  }
})

t.test('ports are those that the service listens on when nobody says otherwise', async t => {
  const { PORT } = loadConfig({})
  t.equal(Number(one(deployment, /containerPort: (\d+)/)), PORT)
  const published = [...compose.matchAll(/ports: \['127\.0\.0\.1:80\d\d:(\d+)'\]/g)].map(([, port]) => Number(port))
  t.same(published, [PORT, PORT, PORT, PORT, PORT])
  const targets = [...read('deploy/monitoring/prometheus.yml').matchAll(/'([\w-]+):(\d+)'/g)]
    .filter(([, host]) => compose.includes(`MODEL_NAME: ${host} }`)).map(([, , port]) => Number(port))
  t.same(targets, [PORT, PORT, PORT])
})

t.test('what stands before the service lets the largest request through', async t => {
  // JSON carries a picture as base64, four bytes for three.
  const largest = loadConfig({}).UPLOAD_LIMIT * 4 / 3 + 1024
  for (const overlay of ['staging', 'production']) {
    const limit = Number(one(read(`deploy/kubernetes/overlays/${overlay}/ingress.yaml`), /proxy-body-size: (\d+)m/)) * 1024 ** 2
    t.ok(limit >= largest, overlay)
  }
})

t.test('every image has a version, and none is latest', async t => {
  const images = [...compose.matchAll(/image: (\S+)/g)].map(([, image = '']) => image)
  t.equal(images.length, 6)
  for (const image of images) t.match(image, /^[\w/-]+:(?:local|v?\d+\.\d+\.\d+)$/)
  t.match(one(read('deploy/kubernetes/base/kustomization.yaml'), /newTag: (\S+)/), /^\d+\.\d+\.\d+$/)
})
