import { escapeHtml } from '../lib/html.ts'
import { page } from './page.ts'
import type { Info } from './schemas.ts'

/** Bytes of a mebibyte. */
const MEBIBYTE = 2 ** 20

/** How many labels the page lists. */
const LABELS_LIMIT = 1000

/** What `/info` says, as a page for a browser. What is not known is left out. */
export function infoPage (info: Info): string {
  const { model, version, title = model, description, 'input-size': size, 'num-classes': classes, 'label-key': key, labels, formats, assumptions, sources, service } = info
  const { kind } = info.output
  return page({
    title: `About ${title}`,
    current: 'info',
    body: `<div class="hero">
<h1>${escapeHtml(title)}</h1>
${description ? `<p class="lead">${escapeHtml(description)}</p>\n` : ''}</div>
${section('The model', table([
  ['Name', escapeHtml(model)],
  ['Version', escapeHtml(version)],
  ['Size of an input', escapeHtml(size.replaceAll('x', ' × '))],
  ['Formats', escapeHtml(formats.join(', '))],
  ['Answer', escapeHtml(`${ANSWERS[kind]}${classes > 0 ? `, of ${classes.toLocaleString('en')} labels` : ''}`)],
  ['Name of the answer', `<code>${escapeHtml(key)}</code>`],
  ['Worked out from', escapeHtml(sources.join('; '))]
]))}
${assumptions.length === 0
? ''
: section('What was assumed', `<p>The files of the model do not say this. Lines in <code>card.json</code> settle it.</p>
<dl class="assumptions">
${assumptions.map(({ assumed, because, card }) => `<dt>${escapeHtml(sentence(assumed))}</dt>\n<dd>${escapeHtml(sentence(because))} <code>${escapeHtml(card)}</code></dd>`).join('\n')}
</dl>`)}
${section('Limits of this service', table([
  ['Largest request', `${(service['upload-limit'] / MEBIBYTE).toLocaleString('en', { maximumFractionDigits: 1 })} MiB`],
  ['Longest wait', `${(service['deadline-ms'] / 1000).toLocaleString('en')} seconds`],
  ['Inputs at once', service['queue-limit'].toLocaleString('en')],
  ['Workers', service.workers === 0 ? 'none: the model runs on the event loop' : `${service.workers}, with ${service.threads} ${service.threads === 1 ? 'thread' : 'threads'} each`],
  ['Largest batch', service['max-batch'].toLocaleString('en')],
  ['Runs on', escapeHtml(service['execution-providers'].join(', '))]
]))}
${labels.length === 0 ? '' : section('Labels', `<ul class="labels">\n${labels.slice(0, LABELS_LIMIT).map(label => `<li>${escapeHtml(label.replaceAll('_', ' '))}</li>`).join('\n')}\n</ul>${labels.length > LABELS_LIMIT ? `\n<p>The first ${LABELS_LIMIT} of ${labels.length.toLocaleString('en')}.</p>` : ''}`)}
${section('For programs', `<p>A program that asks for this address gets JSON: all of this, and more. A browser gets this page, because its header <code>Accept</code> names <code>text/html</code>.</p>
<details><summary>The JSON</summary>
<pre tabindex="0" aria-label="All of it as JSON"><code>${escapeHtml(JSON.stringify({ ...info, labels: labels.slice(0, LABELS_LIMIT) }, null, 2))}</code></pre>
</details>`)}`
  })
}

/** What an answer is, by its kind. */
const ANSWERS: Record<Info['output']['kind'], string> = {
  classes: 'The most probable label', binary: 'The more probable label', labels: 'All labels that apply', label: 'A label', value: 'A number', tensors: 'Output tensors'
}

function section (title: string, html: string): string {
  return `<section class="facts">\n<h2>${title}</h2>\n${html}\n</section>`
}

/** Names and values as a table. Leaves out what has no value. */
function table (rows: Array<[name: string, html: string]>): string {
  const known = rows.filter(([_name, html]) => html !== '')
  return `<table>\n${known.map(([name, html]) => `<tr><th scope="row">${name}</th><td>${html}</td></tr>`).join('\n')}\n</table>`
}

function sentence (text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}
