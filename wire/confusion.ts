import { totalOf, worstMistakes, type Confusion } from '../lib/confusion.ts'
import { page } from './page.ts'

/** The most labels whose matrix is part of the home page. A larger one has a page of its own, so that the home page stays small. */
export const INLINE_LABELS_LIMIT = 30

/** The most labels whose matrix is drawn at all. */
export const MATRIX_LABELS_LIMIT = 200

/** The most labels whose matrix stands beside the facts of the model. A larger one stands below them. */
const NARROW_LABELS_LIMIT = 10

/** How many mistakes are named in words. */
const MISTAKES_LIMIT = 5

/** How many shades a cell may have. */
const SHADES = 5

/**
 * The confusion matrix on the home page: the worst mistakes in words, and the matrix or a link to it.
 *
 * @param labels of the card in the order of the matrix, as HTML
 */
export function confusionFigure (labels: readonly string[], confusion: Confusion): string {
  const mistakes = worstMistakes(confusion, MISTAKES_LIMIT)
  const name = (at: number) => labels[at] ?? ''
  const words = mistakes.map(({ truth, answer, count, of }) => `<li><strong>${name(truth)}</strong> taken for <strong>${name(answer)}</strong>: ${count.toLocaleString('en')} of ${of.toLocaleString('en')}</li>`)
  return `<section class="confusion${labels.length > NARROW_LABELS_LIMIT ? ' wide' : ''}" aria-labelledby="confusion-title">
<h3 id="confusion-title">What it confuses</h3>
${words.length === 0 ? '<p>It made no mistake.</p>' : `<ul class="mistakes">\n${words.join('\n')}\n</ul>`}
${labels.length <= INLINE_LABELS_LIMIT ? matrix(labels, confusion) : labels.length <= MATRIX_LABELS_LIMIT ? '<p><a href="confusion">The whole confusion matrix</a></p>' : ''}
</section>`
}

/** The page of a confusion matrix that is too large for the home page. @param labels as HTML */
export function confusionPage (title: string, labels: readonly string[], confusion: Confusion): string {
  return page({
    title: `What ${title} confuses`,
    body: `<div class="hero">
<h1>What it confuses</h1>
</div>
<div class="confusion">
${matrix(labels, confusion)}
</div>
<p class="links"><a href="./">Back to the model</a></p>`,
    head: '<script src="assets/confusion.js" type="module"></script>\n'
  })
}

/** A confusion matrix as a table. Its script says in words what a cell means. The end tags that HTML does not need are left out, because there are many cells. */
function matrix (labels: readonly string[], { counts }: Confusion): string {
  const heads = labels.map(label => `<th scope="col"><span>${label}</span>`)
  const rows = counts.map((row, truth) => {
    const of = totalOf(row)
    return `<tr><th scope="row">${labels[truth] ?? ''}${row.map((count, answer) => cell(count, of, truth === answer)).join('')}`
  })
  return `<p class="hint matrix-hint">Rows: the true label. Columns: the answer of the model. ${counts.reduce((sum, row) => sum + totalOf(row), 0).toLocaleString('en')} examples.</p>
<p class="reading" hidden></p>
<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0"><table class="matrix">
<thead><tr><td>${heads.join('')}
<tbody>
${rows.join('\n')}
</table></div>`
}

function cell (count: number, of: number, isRight: boolean): string {
  return count === 0 ? '<td>' : `<td class=${isRight ? 'r' : 'w'}${Math.ceil(SHADES * Math.sqrt(count / of))}>${count}`
}
