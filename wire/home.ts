import type { Card } from '../lib/card/card.ts'
import type { Confusion } from '../lib/confusion.ts'
import { escapeHtml } from '../lib/html.ts'
import { columnsOf } from './answer.ts'
import { confusionFigure, INLINE_LABELS_LIMIT } from './confusion.ts'
import { page } from './page.ts'

/** Largest number of samples that the page offers. */
export const SAMPLE_LIMIT = 6

/** Input field for the API key, for services that need one. The key stays in this browser tab. */
const KEY_FIELD = '<p class="key"><label for="key">API key</label> <input id="key" type="password" autocomplete="off" spellcheck="false"></p>'

/** Contents of the home page. */
export interface HomeOptions {
  card: Card
  /** HTML of the modality's form to try the model. */
  form: string
  /** Paths under `/assets/` of the scripts of the form. */
  scripts: string[]
  /** Whether the service needs an API key. */
  needsKey: boolean
  /** Whether the service can explain answers. */
  explains: boolean
  /** The confusion matrix of the model, if its folder has one. */
  confusion?: Confusion
  /** Whether the service speaks the Open Inference Protocol. */
  hasInference: boolean
  /** Whether the model's folder has a picture of its confusion matrix. */
  hasConfusion: boolean
  /** Whether the model's folder has a README. */
  hasReadme: boolean
  /** Whether the page is for a frame on another page: the form, and no description of the model. */
  isEmbedded?: boolean
}

/** The home page: the form to try the model, and the description of the model. */
export function homePage ({ card, form, scripts, needsKey, explains, hasInference, isEmbedded = false, ...model }: HomeOptions): string {
  return page({
    title: titleOf(card),
    current: 'try',
    isEmbedded,
    body: `${hero(card, { explains, hasInference })}
${needsKey ? KEY_FIELD : ''}
${form}
${isEmbedded ? '<p class="links"><a href="./">About this model</a></p>' : about(card, model)}`,
    head: [
      ...scripts.map(path => `<script src="assets/${path}" defer></script>\n`), '<script src="assets/page.js" type="module"></script>\n',
      isEmbedded ? '<script src="assets/embed.js" type="module"></script>\n' : '<script src="assets/shortcuts.js" type="module"></script>\n',
      !isEmbedded && model.confusion && card.labels.length <= INLINE_LABELS_LIMIT ? '<script src="assets/confusion.js" type="module"></script>\n' : ''
    ].join('')
  })
}

/** Title of the model for people. Falls back to its name. */
export function titleOf ({ name, about }: Card): string {
  return about?.title ?? name
}

/** URL path of a picture in the model's folder. Without its first slash, it is relative to the home page. */
export function assetOf (file: string): string {
  return `/assets/model/${file.split('/').map(encodeURIComponent).join('/')}`
}

/** What the page promises before the first answer, as a sentence. */
export function promiseOf ({ labels, output }: Card): string {
  switch (output.kind) {
    case 'classes':
    case 'binary': return `The answer appears here: the most probable of ${labels.length} labels, and how sure the model is.`
    case 'labels': return `The answer appears here: which of ${labels.length} labels apply, and how sure the model is of each.`
    case 'label': return 'The answer appears here: a label.'
    case 'value': return 'The answer appears here: a number.'
    case 'tensors': return 'The answer appears here: the output tensors of the model.'
  }
}

/** A label as HTML, with spaces for underscores. */
export function readable (label: string): string {
  return escapeHtml(label.replaceAll('_', ' '))
}

/**
 * HTML template for an answer. The page's script fills in a copy for each answer.
 *
 * @param className CSS class of the modality
 * @param figure HTML that shows the input
 */
export function resultTemplate (className: string, figure = ''): string {
  return `<template id="result">
<article class="result ${className}">
${figure}<div class="answer">
<h2><span class="label"></span> <span class="share"></span></h2>
<ul class="given" hidden></ul>
<p class="verdict"></p>
<ol class="bars"></ol>
<dl class="outputs" hidden></dl>
<p class="error" hidden></p>
<p class="timing"></p>
<button type="button" class="why quiet" aria-keyshortcuts="y" aria-expanded="false" hidden>Why?</button>
<div class="reasons" hidden></div>
<details class="use" hidden><summary>Use from code</summary>
<div class="tabs" role="tablist" aria-label="Language"></div>
<div class="code" role="tabpanel">
<p class="bar"><a class="save" download="input.json" href="" hidden>Save input.json</a> <button type="button" class="copy">Copy</button></p>
<pre tabindex="0" aria-label="The code"><code class="snippet"></code></pre>
</div>
<div class="code">
<p class="bar">The answer as JSON <button type="button" class="copy" aria-label="Copy the JSON">Copy</button></p>
<pre tabindex="0" aria-label="The answer as JSON"><code class="json"></code></pre>
</div>
</details>
</div>
</article>
</template>`
}

/** The head of the page. The script reads there what kind of answer the model gives. */
function hero (card: Card, { explains, hasInference }: Pick<HomeOptions, 'explains' | 'hasInference'>): string {
  const description = card.about?.description?.trim()
  return `<div class="hero" id="model" data-name="${escapeHtml(`${card.name} ${card.version}`)}" data-output="${card.output.kind}" data-columns="${columnsOf(card).join(' ')}"${explains ? ' data-explains' : ''}${hasInference ? ` data-infer="v2/models/${encodeURIComponent(card.name)}/infer"` : ''}>
<h1>${escapeHtml(titleOf(card))}</h1>
${!description ? '' : `<p class="lead">${escapeHtml(description)}</p>\n`}</div>`
}

/** The section about the model. What the card leaves out or leaves empty is not mentioned. */
function about ({ name, labels, about = {} }: Card, { confusion, hasConfusion, hasReadme }: Pick<HomeOptions, 'confusion' | 'hasConfusion' | 'hasReadme'>): string {
  const { performance, dataset } = about
  const limits = (about.limits ?? []).filter(limit => limit.trim() !== '')
  const count = (number: number) => number.toLocaleString('en')
  // A model that is right in 0 % is a card that was not filled in.
  const figure = (value: number | undefined, write: (value: number) => string, text: string): Array<[string, string]> => value ? [[write(value), text]] : []
  const figures = [
    ...figure(performance?.top1, percent, 'top-1 accuracy'),
    ...figure(performance?.top5, percent, 'top-5 accuracy'),
    ...figure(dataset?.train, count, 'training examples'),
    ...figure(labels.length, count, 'labels')
  ]
  const text = [
    factsAbout(about),
    limits.length > 0 ? `<h3>Limitations</h3>\n<ul class="limits">\n${limits.map(limit => `<li>${escapeHtml(limit)}</li>`).join('\n')}\n</ul>\n` : '',
    hasReadme ? `<p><a href="docs/models/${encodeURIComponent(name)}">More about this model</a></p>\n` : ''
  ].join('')
  const matrix = confusion ? `${confusionFigure(labels.map(readable), confusion)}\n` : hasConfusion ? `${picture()}\n` : ''
  const links = '<p class="links"><a href="docs/calling">How to call it from a program</a> <a href="swagger/">Every endpoint, to try out</a> <button type="button" id="shortcuts" class="quiet" aria-keyshortcuts="?" hidden>Keyboard shortcuts</button></p>'
  if (figures.length === 0 && !text && !matrix) return `<section class="about" aria-label="More">\n${links}\n</section>`
  return `<section class="about" aria-labelledby="about-title">
<h2 id="about-title">The model</h2>
${figures.length > 0 ? `<ul class="figures">\n${figures.map(([figure, text]) => `<li><strong>${figure}</strong> ${text}</li>`).join('\n')}\n</ul>\n` : ''}${text || matrix ? `<div class="columns">\n${text && `<div>\n${text}</div>\n`}${matrix}</div>\n` : ''}${labels.length > 0 ? `<h3>Labels</h3>\n<ul class="labels">\n${labels.map(label => `<li>${readable(label)}</li>`).join('\n')}\n</ul>\n` : ''}${links}
</section>`
}

/** A picture of the confusion matrix, for a model whose folder has no numbers of it. */
function picture (): string {
  return `<figure class="confusion"><img src="${assetOf('confusion.png').slice(1)}" loading="lazy" alt="Confusion matrix: each row is a true label, each column a predicted label; most of the weight is on the diagonal."><figcaption>Rows: true label. Columns: predicted label. Off the diagonal: wrong predictions.</figcaption></figure>`
}

/** The facts from the card's `about`, as HTML. Empty if there are none. */
function factsAbout ({ architecture, pretrainedOn, training, dataset, performance, licence }: NonNullable<Card['about']>): string {
  const facts: Array<[string, string | undefined]> = [
    ['Architecture', sentences(architecture, pretrainedOn && `Pretrained on ${pretrainedOn}`)],
    ['Training', training && escapeHtml(training)],
    ['Data', dataset?.name && dataText(dataset)],
    ['Measured on', performance?.top1 && performance.split ? escapeHtml(performance.split + (dataset?.test ? ` (${dataset.test.toLocaleString('en')})` : '')) : ''],
    ['Licence', licence && escapeHtml(licence)]
  ]
  const known = facts.filter(([, text]) => text?.trim())
  return known.length === 0 ? '' : `<dl>\n${known.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('\n')}\n</dl>\n`
}

function dataText ({ name, url, train, test, licence }: NonNullable<NonNullable<Card['about']>['dataset']>): string {
  const link = !url ? escapeHtml(name) : `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(name)}</a>`
  const counts = [[train, 'training'], [test, 'test']].flatMap(([count, split]) => !count ? [] : [`${count.toLocaleString('en')} ${split}`])
  return `${link}${counts.length > 0 ? `: ${counts.join(' and ')} examples.` : ''}${licence ? ` ${escapeHtml(licence)}` : ''}`
}

/** Joins the given parts to sentences, as HTML. */
function sentences (...parts: Array<string | undefined>): string {
  return parts.flatMap(part => part ? [`${escapeHtml(part)}.`] : []).join(' ')
}

/** A share from 0 to 1 as per cent. */
export function percent (share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
