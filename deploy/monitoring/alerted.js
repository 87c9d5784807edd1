// Starts an Alertmanager with alertmanager.yml, and a server in the place of Slack. It sends an alert as Prometheus does: a message
// must arrive, and another one when the alert is over. It needs alertmanager.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

const PORT = 8479
const WAIT_MS = 20_000
const folder = mkdtempSync(join(tmpdir(), 'servery-alerted-'))
const messages = []
const slack = createServer(async (request, response) => {
  messages.push(JSON.parse(await text(request)).attachments[0])
  response.end('ok')
}).listen(0, '127.0.0.1')
await once(slack, 'listening')
writeFileSync(join(folder, 'slack.url'), `http://127.0.0.1:${slack.address().port}/services/webhook`)
const configuration = readFileSync(join(import.meta.dirname, 'alertmanager.yml'), 'utf8')
  .replaceAll('/etc/alertmanager/slack.url', join(folder, 'slack.url')).replace('group_wait: 30s', 'group_wait: 1s').replace('group_interval: 5m', 'group_interval: 1s')
writeFileSync(join(folder, 'alertmanager.yml'), configuration)

const alertmanager = spawn(process.env.ALERTMANAGER ?? 'alertmanager', [
  `--config.file=${join(folder, 'alertmanager.yml')}`, `--storage.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${PORT}`, '--cluster.listen-address='
], { stdio: ['ignore', 'ignore', 'ignore'] })
try {
  const alert = { labels: { alertname: 'ServeryTargetDown', severity: 'critical', job: 'servery', instance: 'iris:8000' }, annotations: { summary: 'iris:8000 is not scraped', description: 'Prometheus has had no answer.' } }
  await send(alert)
  console.log(await message('ServeryTargetDown'))
  await send({ ...alert, startsAt: new Date(Date.now() - 1000).toISOString(), endsAt: new Date().toISOString() })
  console.log(await message('Over: ServeryTargetDown'))
} finally {
  alertmanager.kill()
  slack.close()
  rmSync(folder, { recursive: true })
}

async function send (alert) {
  const end = Date.now() + WAIT_MS
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]) }).catch(() => null)
    if (answer?.ok) return
    if (Date.now() > end) throw new Error(`Alertmanager does not take the alert: ${answer ? await answer.text() : 'it does not listen'}`)
    await sleep(200)
  }
}

/** The text of the message with a title, once it has arrived. */
async function message (title) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(100)) {
    const found = messages.find(message => message.title === title)
    if (found) return `${found.title}: ${found.text.trim()}`
  }
  throw new Error(`no message "${title}", but ${JSON.stringify(messages)}`)
}
