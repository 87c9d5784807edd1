import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import t from 'tap'
import { ConfigSchema, loadConfig } from '../../lib/config.ts'
import { projectFile } from '../../lib/project.ts'
import { build } from '../helper.ts'

/** The files that run the service somewhere, and the settings in each. */
const PLACES: Record<string, RegExp> = {
  'deploy/vm/compose.yaml': /^ {6}([A-Z][A-Z_]+): ([^$\n]+)$/gm,
  'deploy/vm/servery.service': /^Environment=([A-Z][A-Z_]+)=(.*)$/gm,
  'deploy/ecs/stack.yaml': /\{ Name: ([A-Z][A-Z_]+), Value: !If \[\w+, '(\d+)', '\d+'\] \}/g,
  'deploy/lambda/Dockerfile': /\b(HOST|PORT|TRUST_PROXY|MODEL_CACHE|WORKERS|THREADS|MAX_BATCH)=(\S+)/g,
  'deploy/cloud-run/service.yaml': /\{ name: ([A-Z][A-Z_]+), value: '?([^'}]+?)'? \}/g,
  'deploy/fly/fly.toml': /^ +([A-Z][A-Z_]+) = '(.*)'$/gm
}
/** Settings of Node.js, of glibc and of Caddy. */
const OTHERS = new Set(['NODE_ENV', 'MALLOC_ARENA_MAX', 'SITE_ADDRESS'])

const pages = readdirSync(projectFile('docs/deploy')).filter(name => name.endsWith('.md'))

function read (path: string): string {
  return readFileSync(projectFile(path), 'utf8')
}

/** The first group of each match. */
function all (text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = '']) => group)
}

t.test('what these files set is a setting of the service, with a value that it takes', async t => {
  for (const [path, pattern] of Object.entries(PLACES)) {
    const settings = [...read(path).matchAll(pattern)].flatMap(([, name = '', value = '']) => OTHERS.has(name) ? [] : [[name, value] as const])
    t.not(settings.length, 0, path)
    for (const [name, value] of settings) {
      t.ok(name in ConfigSchema.properties, `${path}: ${name}`)
      t.doesNotThrow(() => loadConfig({ [name]: value }), `${path}: ${name}=${value}`)
    }
  }
})

t.test('every place sends requests to the port of the service, and asks paths that answer', async t => {
  const app = await build(t)
  const { PORT } = loadConfig({})
  for (const [path, pattern] of Object.entries({
    'deploy/vm/Caddyfile': /servery:(\d+)/g,
    'deploy/ecs/stack.yaml': /(?:ContainerPort|FromPort|ToPort|^ {6}Port): (8\d{3})\b/gm,
    'deploy/lambda/Dockerfile': /PORT=(\d+)/g,
    'deploy/cloud-run/service.yaml': /(?:containerPort|port): (\d+)/g,
    'deploy/fly/fly.toml': /internal_port = (\d+)/g
  })) {
    const ports = all(read(path), pattern)
    t.not(ports.length, 0, path)
    t.same([...new Set(ports)], [String(PORT)], path)
  }
  for (const path of ['deploy/ecs/stack.yaml', 'deploy/lambda/Dockerfile', 'deploy/cloud-run/service.yaml', 'deploy/fly/fly.toml']) {
    const probes = all(read(path), /(?:HealthCheckPath: |CHECK_PATH=|path: |path = '|8000)(\/\w+z)\b/g)
    t.not(probes.length, 0, path)
    for (const probe of probes) t.equal((await app.inject(probe)).statusCode, 200, `${path}: ${probe}`)
  }
})

t.test('every place gives the service longer to end than it takes, and lets the largest request through', async t => {
  const milliseconds = (name: string) => Number(all(read('server.ts'), new RegExp(`^const ${name} = ([\\d_]+)$`, 'gm'))[0]?.replaceAll('_', ''))
  const { DEADLINE_MS, UPLOAD_LIMIT } = loadConfig({})
  const drain = milliseconds('NOTICE_MS') + DEADLINE_MS + milliseconds('GRACE_MS')
  t.ok(drain > DEADLINE_MS)
  for (const [path, pattern] of Object.entries({
    'deploy/vm/compose.yaml': /stop_grace_period: (\d+)s/g,
    'deploy/vm/servery.service': /TimeoutStopSec=(\d+)/g,
    'deploy/ecs/stack.yaml': /StopTimeout: (\d+)/g,
    'deploy/fly/fly.toml': /kill_timeout = '(\d+)s'/g,
    'deploy/lambda/stack.yaml': /Timeout: (\d+)/g,
    'deploy/cloud-run/service.yaml': /timeoutSeconds: (\d{2,})/g
  })) {
    const [seconds] = all(read(path), pattern)
    t.ok(Number(seconds) * 1000 > drain, path)
  }
  const [megabytes] = all(read('deploy/vm/Caddyfile'), /max_size (\d+)MB/g)
  t.ok(Number(megabytes) * 1e6 >= UPLOAD_LIMIT * 4 / 3 + 1024, 'as base64 in JSON')
})

t.test('every place asks for a key', async t => {
  for (const path of ['deploy/vm/compose.yaml', 'deploy/ecs/stack.yaml', 'deploy/lambda/stack.yaml', 'deploy/cloud-run/service.yaml']) t.ok(read(path).includes('API_KEYS'), path)
  for (const page of ['vm', 'ecs', 'lambda', 'cloud-run', 'fly', 'kubernetes', 'kserve']) t.ok(/API_KEYS|ApiKey=|servery-keys/.test(read(`docs/deploy/${page}.md`)), page)
})

t.test('the pipeline deploys the stack of the page, with its key, and names only parameters that there are', async t => {
  const workflow = read('.github/workflows/deploy.yml')
  const stack = read('deploy/ecs/stack.yaml')
  t.match(workflow, 'aws cloudformation deploy')
  t.match(workflow, '--template-file deploy/ecs/stack.yaml')
  t.notMatch(workflow, 'register-task-definition')
  const named = all(workflow, /--parameter-overrides "(\w+)=/g)
  t.same(named, ['Image'], 'all others, such as the key, keep their values')
  for (const name of named) t.match(stack, new RegExp(`^  ${name}:$`, 'm'))
})

t.test('every page leads to an address, says how each command was tested and what was checked, and links to what exists', async t => {
  t.ok(pages.length > 8)
  const index = read('docs/deploy/README.md')
  for (const page of pages) {
    const text = read(`docs/deploy/${page}`)
    if (page !== 'README.md') {
      t.ok(index.includes(`](${page})`), `${page} is listed`)
      t.ok(/\*\*https?:\/\/\S+\*\*/.test(text), `${page} leads to an address`)
      t.ok(text.includes('\n## What was checked\n'), `${page} says what was checked`)
    }
    t.equal(all(text, /^ *```(sh)$/gm).length, all(text, /^ *<!-- (?:not )?test(ed)?: .*-->\n *```sh$/gm).length, `${page}: each command`)
    for (const target of all(text, /\]\(((?!https?:|#)[^)#]+)/g)) t.doesNotThrow(() => read(normalize(join('docs/deploy', target))), `${page}: ${target}`)
    for (const file of all(text, /\b(deploy\/[\w./-]+\.(?:sh|js|py|yaml|toml|yml))\b/g)) t.doesNotThrow(() => read(file), `${page}: ${file}`)
  }
})

t.test('images have versions', async t => {
  for (const path of ['deploy/vm/compose.yaml', 'deploy/lambda/Dockerfile', 'docs/deploy/logs.md']) {
    for (const image of all(read(path), /(?:image: |_IMAGE=|\n {2})((?:[\w./-]+\/)?[\w-]+:[\w.]+)(?=\n| --)/g)) t.match(image, /:(?:local|\d+\.\d+\.\d+)$/, `${path}: ${image}`)
  }
})
