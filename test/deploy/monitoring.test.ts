import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { projectFile } from '../../lib/project.ts'
import { picture } from '../fixtures/expected.ts'
import { build } from '../helper.ts'

const alerts = read('monitoring/alerts.yml')

function read (path: string): string {
  return readFileSync(projectFile(`deploy/${path}`), 'utf8')
}

t.test('every series and label that the alerts, the dashboard and the autoscaler ask for is in /metrics', async t => {
  const app = await build(t)
  await app.inject({ method: 'POST', url: '/predict', payload: picture('rgb.png'), headers: { 'content-type': 'image/png' } })
  const series = labelsOf(await pageAfterCollection(app))

  /** What the expressions ask for and nobody exposes. */
  function missing (expressions: string[]): string[] {
    return expressions.flatMap(selectorsOf).flatMap(({ name, labels }) => {
      const known = series.get(name)
      if (!known) return [name]
      return labels.filter(label => !known.has(label) && !TARGET_LABELS.has(label)).map(label => `${name}{${label}}`)
    })
  }

  const rules = expressionsOf(alerts)
  t.equal(rules.length, alerts.match(/\bexpr:/g)?.length, 'every rule was read')
  t.same(missing(rules), [])

  const dashboard = expressionsIn(JSON.parse(read('monitoring/dashboard.json')))
  t.ok(dashboard.length > 30, `${dashboard.length} expressions were read`)
  t.same(missing(dashboard), [])

  t.same(missing([read('kubernetes/components/queue-autoscaling/prometheus-adapter.yaml')]), [])
  t.same(missing(['servery_no_such_metric', 'servery_queue_rows{colour="red"}']), ['servery_no_such_metric', 'servery_queue_rows{colour}'])
})

t.test('every alert is tested where it fires and where it does not, and the README says what to do', async t => {
  const tests = read('monitoring/alerts.test.yml')
  const readme = read('README.md')
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
  t.ok(names.length >= 10)
  for (const name of names) {
    t.match(tests, new RegExp(`- alertname: ${name}\n +eval_time: \\w+\n +exp_alerts:\n`), `${name} fires`)
    t.match(tests, `- { alertname: ${name}, eval_time: `, `${name} does not fire`)
    t.match(readme, `| \`${name}\` |`, `${name} in deploy/README.md`)
  }
})

t.test('the Prometheus Operator is given the same rules', async t => {
  const [, groups] = read('kubernetes/components/monitoring/prometheusrule.yaml').split('\nspec:\n')
  t.equal(groups, alerts.replaceAll(/^#.*\n/gm, '').replaceAll(/^(?=.)/gm, '  '), 'prometheusrule.sh writes it')
})

/** A page of metrics that tells of a collection of garbage: its series begin with the first, which is told of later. */
async function pageAfterCollection (app: FastifyInstance): Promise<string> {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  for (;;) {
    const { body } = await app.inject('/metrics')
    if (body.includes('nodejs_gc_duration_seconds_sum')) return body
    await sleep(10)
  }
}

/** What Prometheus adds to every series that it scrapes. */
const TARGET_LABELS = new Set(['namespace', 'pod', 'job', 'instance'])

/** The labels of each series in a page of metrics, by the name of the series. */
function labelsOf (page: string): Map<string, Set<string>> {
  const series = new Map<string, Set<string>>()
  for (const [, name = '', labels = ''] of page.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = series.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    series.set(name, known)
  }
  return series
}

/** The service's own series that an expression selects, and the labels that it selects them by. */
function selectorsOf (expression: string): Array<{ name: string, labels: string[] }> {
  return [...expression.matchAll(/\b((?:servery|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)]
    .filter(([, name]) => name !== 'servery_queue_utilisation')
    .map(([, name = '', matchers = '']) => ({ name, labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label) }))
}

/** The expressions of Prometheus rules, each from `expr:` to the next key. */
function expressionsOf (rules: string): string[] {
  return [...`${rules}\n- `.matchAll(/\bexpr:([^]*?)\n\s*(?=for:|labels:|- |#)/g)].map(([, expression = '']) => expression)
}

/** Every PromQL expression of a dashboard, those of its variables and annotations too. */
function expressionsIn (dashboard: unknown): string[] {
  const found: string[] = []
  JSON.stringify(dashboard, (key, value: unknown) => {
    if ((key === 'expr' || key === 'definition') && typeof value === 'string') found.push(value)
    return value
  })
  return found
}
