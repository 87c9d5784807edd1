import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, extname, join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Config } from '../lib/config.ts'
import { escapeHtml, page, PAGE_POLICY } from '../lib/html.ts'
import { IMAGE_FORMATS } from '../lib/input/image.ts'
import type { Card, ImageInput, TableInput } from '../lib/model/card.ts'

/** Samples that the page offers at most. */
const SAMPLE_LIMIT = 6

/** Where a key is wanted, it is asked for here, and stays in this tab. */
const KEY_FIELD = '<p class="key"><label for="key">API key</label> <input id="key" type="password" autocomplete="off" spellcheck="false"></p>'

/** The page to try the model on, drawn from its card, and the model's pictures that it shows. */
const home: FastifyPluginAsyncTypebox<{ config: Config }> = async (app, { config }) => {
  const { card, folder } = app.model
  const pictures = new Map<string, Buffer>()
  for (const file of [...sampleFiles(card), 'confusion.png']) {
    const bytes = await readFile(join(folder, file)).catch(() => null)
    if (bytes) pictures.set(file, bytes)
  }
  const draw = () => page({
    title: card.title,
    current: 'try',
    body: `${hero(card)}
${config.API_KEYS === undefined ? '' : KEY_FIELD}
${card.input.kind === 'image' ? tryPictures(card, card.input, config.UPLOAD_LIMIT, pictures) : tryRows(card, card.input)}
${about(card, pictures.has('confusion.png'))}`,
    head: `${card.input.kind === 'table' ? '<script src="assets/papaparse.js" defer></script>\n' : ''}<script src="assets/page.js" type="module"></script>\n`
  })

  // Drawn when it is asked for: Node.js reads how English writes numbers first, which a start would wait for.
  let html: string | undefined
  app.get('/', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(html ??= draw())
  })
  for (const [file, bytes] of pictures) {
    app.get(assetOf(file), { schema: { hide: true } }, async (_request, reply) => {
      // Loaded when it is needed: the start would wait for it.
      const { fileTypeFromBuffer } = await import('file-type')
      return reply.type((await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream').send(bytes)
    })
  }
  if (card.input.kind === 'table') {
    const papaparse = await readFile(createRequire(import.meta.url).resolve('papaparse/papaparse.min.js'))
    app.get('/assets/papaparse.js', { schema: { hide: true } }, async (_request, reply) => reply.type('text/javascript').send(papaparse))
  }
}

export default home

function sampleFiles ({ samples = [] }: Card): string[] {
  return samples.flatMap(sample => 'file' in sample ? [sample.file] : []).slice(0, SAMPLE_LIMIT)
}

/** Path of one of the model's pictures; relative to the page without its first slash. */
function assetOf (file: string): string {
  return `/assets/model/${file.split('/').map(encodeURIComponent).join('/')}`
}

function percent (share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function readable (label: string): string {
  return escapeHtml(label.replaceAll('_', ' '))
}

function hero (card: Card): string {
  return `<div class="hero">
<h1>${escapeHtml(card.title)}</h1>
<p class="lead">${escapeHtml(card.description)}</p>
</div>`
}

function tryPictures (card: Card, input: ImageInput, uploadLimit: number, pictures: Map<string, unknown>): string {
  const samples = sampleFiles(card).filter(file => pictures.has(file)).map(file => {
    const name = basename(file, extname(file))
    return `<li><button type="button" class="sample" data-file="${escapeHtml(basename(file))}"><img src="${assetOf(file).slice(1)}" alt="${escapeHtml(name)}"></button></li>`
  })
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" action="predict" method="post" enctype="multipart/form-data" data-kind="image" data-label-key="${escapeHtml(card.labelKey)}" data-upload-limit="${uploadLimit}">
<div class="drop">
<svg class="drop-icon" viewBox="0 0 48 48" aria-hidden="true"><rect x="5" y="9" width="38" height="30" rx="5"/><circle cx="16" cy="19" r="3.5"/><path d="M6 35l11-10 8 7 8-9 9 9"/></svg>
<p class="drop-title with-script">Drop pictures here, or paste one</p>
<div class="actions">
<label class="button" for="file"><span class="with-script">Choose pictures</span><span class="without-script">A picture</span></label>
<input id="file" name="file" type="file" accept="image/*" required>
<label class="button quiet camera" for="camera" hidden>Take a photo</label>
<input id="camera" type="file" accept="image/*" capture="environment" hidden>
<button class="without-script">Tell the ${escapeHtml(card.labelKey)}</button>
</div>
<p class="hint">${IMAGE_FORMATS.join(', ')}. The model sees ${input.width} × ${input.height} pixels of it.</p>
</div>
</form>
${samples.length > 0 ? `<div class="samples with-script"><h2>No picture at hand? Try one of these</h2>\n<ul>${samples.join('\n')}</ul></div>` : ''}
</div>
<div class="answers">
<p class="visually-hidden" role="status" id="status"></p>
<div id="empty" class="empty with-script">
<div class="ghost" aria-hidden="true"><span></span><span></span><span></span></div>
<p>The answer appears here: the most probable of ${card.labels.length} labels, and how sure the model is.</p>
</div>
<div id="results"></div>
</div>
</section>
${resultTemplate('picture')}`
}

function tryRows (card: Card, { features }: TableInput): string {
  const fields = features.map(({ name, unit, min, max, example }, at) => `<div class="feature">
<label for="feature-${at}">${escapeHtml(name)}${unit ? ` <span class="unit">in ${escapeHtml(unit)}</span>` : ''}</label>
<input id="feature-${at}" name="${escapeHtml(name)}" type="number" step="any" value="${example}" data-min="${min}" data-max="${max}" aria-describedby="range-${at}" required>
<input class="with-script" type="range" min="${min}" max="${max}" step="${stepOf(min, max)}" value="${example}" aria-label="${escapeHtml(name)}, slider">
<p class="hint" id="range-${at}">${min} to ${max} in training</p>
</div>`)
  const rows = (card.samples ?? []).flatMap(sample => 'row' in sample ? [sample] : []).slice(0, SAMPLE_LIMIT)
    .map(({ row, label }) => `<li><button type="button" class="chip" data-row="${row.join()}">${readable(label)}</button></li>`)
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" class="features" action="predict" method="post" enctype="multipart/form-data" data-kind="table" data-label-key="${escapeHtml(card.labelKey)}">
${fields.join('\n')}
<button class="without-script">Tell the ${escapeHtml(card.labelKey)}</button>
</form>
${rows.length > 0 ? `<div class="samples with-script"><h2>Examples</h2>\n<ul>${rows.join('\n')}</ul></div>` : ''}
</div>
<div class="answers">
<p class="visually-hidden" role="status" id="status"></p>
<div id="results"></div>
</div>
</section>
<section class="table" aria-labelledby="table-title">
<h2 id="table-title">A whole table</h2>
<form id="table" action="predict" method="post" enctype="multipart/form-data">
<div class="drop">
<p class="drop-title with-script">Drop a CSV file here, or paste rows</p>
<div class="actions">
<label class="button" for="csv"><span class="with-script">Choose a file</span><span class="without-script">A CSV file</span></label>
<input id="csv" name="file" type="file" accept=".csv,.tsv,.txt,text/csv" required>
<button class="without-script">Answer every row</button>
</div>
<p class="hint">With a header: columns named ${features.map(({ name }) => `<q>${escapeHtml(name)}</q>`).join(', ')}, among any others. Without: in this order.</p>
</div>
</form>
<div id="rows"></div>
</section>
${resultTemplate('row')}`
}

/** A slider step that gives about a hundred positions, as a power of ten. */
function stepOf (min: number, max: number): number {
  return max > min ? Number((10 ** Math.floor(Math.log10((max - min) / 20))).toPrecision(1)) : 1
}

/** What the script fills in for each answer. */
function resultTemplate (kind: 'picture' | 'row'): string {
  return `<template id="result">
<article class="result ${kind}">
${kind === 'picture' ? '<figure class="picture"><img alt=""><figcaption></figcaption></figure>\n' : ''}<div class="answer">
<h2><span class="label"></span> <span class="share"></span></h2>
<p class="verdict"></p>
<ol class="bars"></ol>
<p class="error" hidden></p>
<p class="timing"></p>
<button type="button" class="why quiet" aria-expanded="false">Why?</button>
<div class="reasons" hidden></div>
<details><summary>JSON and curl</summary>
<div class="code"><button type="button" class="copy" aria-label="Copy the JSON">Copy</button><pre tabindex="0" aria-label="The answer as JSON"><code class="json"></code></pre></div>
<div class="code"><button type="button" class="copy" aria-label="Copy the command">Copy</button><pre tabindex="0" aria-label="The same with curl"><code class="curl"></code></pre></div>
</details>
</div>
</article>
</template>`
}

function about (card: Card, confusion: boolean): string {
  const { performance, dataset } = card
  const count = (number: number) => number.toLocaleString('en')
  const figures: Array<[string, string]> = [
    [percent(performance.top1), 'right at the first guess'],
    ...(performance.top5 === undefined ? [] : [[percent(performance.top5), 'right among five'] as [string, string]]),
    [count(dataset.train), 'training examples'],
    [String(card.labels.length), 'labels']
  ]
  const facts: Array<[string, string]> = [
    ['Architecture', escapeHtml(`${card.architecture}. Pretrained on ${card.pretrainedOn}.`)],
    ['Training', escapeHtml(card.training)],
    ['Data', `<a href="${escapeHtml(dataset.url)}" rel="noreferrer">${escapeHtml(dataset.name)}</a>: ${count(dataset.train)} training and ${count(dataset.test)} test examples. ${escapeHtml(dataset.licence)}`],
    ['Measured on', escapeHtml(`${performance.split} (${count(dataset.test)})`)],
    ['Licence', escapeHtml(card.licence)]
  ]
  return `<section class="about" aria-labelledby="about-title">
<h2 id="about-title">The model</h2>
<ul class="figures">
${figures.map(([figure, text]) => `<li><strong>${figure}</strong> ${text}</li>`).join('\n')}
</ul>
<div class="columns">
<div>
<dl>
${facts.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('\n')}
</dl>
${card.limits.length > 0 ? `<h3>What it cannot do</h3>\n<ul class="limits">\n${card.limits.map(limit => `<li>${escapeHtml(limit)}</li>`).join('\n')}\n</ul>` : ''}
<p><a href="docs/models/${encodeURIComponent(card.name)}">More about this model</a></p>
</div>
${confusion ? `<figure class="confusion"><img src="${assetOf('confusion.png').slice(1)}" loading="lazy" alt="Confusion matrix: each row a true label, each column an answer; most of the weight is on the diagonal."><figcaption>Down: the truth. Across: the answer. Off the diagonal: what it takes for what.</figcaption></figure>` : ''}
</div>
<h3>What it knows</h3>
<ul class="labels">
${card.labels.map(label => `<li>${readable(label)}</li>`).join('\n')}
</ul>
<p class="links"><a href="docs">How to call it from a program</a> <a href="swagger/">Every endpoint, to try out</a></p>
</section>`
}
