import type { Card } from '../lib/card/card.ts'
import { escapeHtml } from '../lib/html.ts'
import type { Ranked } from '../lib/output/classify.ts'
import type { Prediction, Predictions } from '../lib/output/prediction.ts'
import { answerOf, answersOf, columnsOf, csvColumnsOf } from './answer.ts'
import { percent, readable, titleOf } from './home.ts'
import type { Question } from './modality.ts'
import { page } from './page.ts'

/** How many answers to several inputs the page shows. Programs get all of them. */
const ANSWERS_LIMIT = 200

/** How many characters of an input, and of the JSON, the page shows. */
const RECORD_LIMIT = 120
const JSON_LIMIT = 20_000

/** The answer of `/predict` as a page, for a browser that sends the form without JavaScript. */
export async function answerPage (card: Card, predictions: Predictions, { isList, table }: Pick<Question, 'isList' | 'table'>): Promise<string> {
  const [first] = predictions
  const shown = predictions.slice(0, ANSWERS_LIMIT)
  const isAlone = predictions.length === 1 && first !== undefined
  const json = await (isList || !first ? answersOf : answerOf)(card, shown)
  const isCut = json.length > JSON_LIMIT || shown.length < predictions.length
  return page({
    title: isAlone ? `${headingOf(first)}: ${titleOf(card)}` : titleOf(card),
    current: 'try',
    body: `<div class="hero">
<h1>${escapeHtml(titleOf(card))}</h1>
</div>
${isAlone ? drawAnswer(first) : drawAnswers(card, shown, predictions.length, table)}
<details${first?.kind === 'tensors' ? ' open' : ''}><summary>${isCut ? 'The beginning of the JSON' : 'The JSON'}</summary>
<pre tabindex="0" aria-label="The answer as JSON"><code>${escapeHtml(json.slice(0, JSON_LIMIT))}${isCut ? '…' : ''}</code></pre>
</details>
<p class="links"><a class="button" href="./">Ask again</a></p>`
  })
}

function headingOf (prediction: Prediction): string {
  switch (prediction.kind) {
    case 'classes': return prediction.first.label.replaceAll('_', ' ')
    case 'labels': return prediction.labels.length === 0 ? 'No label' : prediction.labels.map(({ label }) => label.replaceAll('_', ' ')).join(', ')
    case 'label': return prediction.label.replaceAll('_', ' ')
    case 'value': return prediction.value.toLocaleString('en', { maximumSignificantDigits: 7 })
    case 'tensors': return Object.keys(prediction.outputs).length === 1 ? '1 output' : `${Object.keys(prediction.outputs).length} outputs`
  }
}

function drawAnswer (prediction: Prediction): string {
  const share = prediction.kind === 'classes' ? ` <span class="share">${percent(prediction.first.probability)}</span>` : ''
  const top = 'top' in prediction ? prediction.top : []
  const chosen = prediction.kind === 'labels' ? prediction.labels.length : 1
  return `<article class="result row${prediction.kind === 'value' ? ' number' : ''}">
<div class="answer">
<h2><span class="label">${escapeHtml(headingOf(prediction))}</span>${share}</h2>
${top.length > 0 ? `<ol class="bars">\n${top.map((ranked, at) => drawBar(ranked, at < chosen)).join('\n')}\n</ol>\n` : ''}</div>
</article>`
}

/** A bar is an SVG with a width of its own, because the policy of the page allows no style in an element. */
function drawBar ({ label, probability }: Ranked, isChosen: boolean): string {
  const bar = `<svg class="track" aria-hidden="true"><rect width="${(probability * 100).toFixed(2)}%" height="100%" rx="5"/></svg>`
  return `<li${isChosen ? ' class="chosen"' : ''}><span class="name">${readable(label)}</span>${bar}<span class="value">${percent(probability)}</span></li>`
}

/** A table with the answers to several inputs; with the record of the CSV that each of them answers, if there was one. */
function drawAnswers (card: Card, shown: readonly Prediction[], count: number, table: Question['table']): string {
  const names = columnsOf(card)
  const columns = csvColumnsOf(card, shown)
  const offset = table?.header ? 1 : 0
  const short = (text: string) => escapeHtml(text.length > RECORD_LIMIT ? `${text.slice(0, RECORD_LIMIT)}…` : text)
  const cell = (name: string | undefined, value: string | number | undefined) => name === 'probability' && typeof value === 'number' ? percent(value) : readable(String(value ?? ''))
  const rows = shown.map((_prediction, at) => [
    `<th scope="row">${at + 1}</th>`,
    ...table ? [`<td>${short(table.records[at + offset] ?? '')}</td>`] : [],
    ...columns.map((column, place) => `<td class="added">${cell(names[place], column[at])}</td>`)
  ])
  const heads = ['Number', ...table ? [table.header ? table.header.join(table.delimiter) : 'Row'] : [], ...names]
  return `<p>${count.toLocaleString('en')} answers${shown.length < count ? `, of which the first ${ANSWERS_LIMIT} are shown. A program gets all of them` : ''}.</p>
${names.length === 0
? ''
: `<div class="scroll" role="region" aria-label="The answers" tabindex="0"><table>
<thead><tr>${heads.map(name => `<th scope="col">${short(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(cells => `<tr>${cells.join('')}</tr>`).join('\n')}
</tbody>
</table></div>`}`
}
