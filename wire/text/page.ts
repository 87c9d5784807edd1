import { createRequire } from 'node:module'
import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import { PAIR, TEXT, type TextInput, type TextItem } from '../../lib/modalities/text/input.ts'
import { promiseOf, readable, resultTemplate, SAMPLE_LIMIT } from '../home.ts'
import type { PageFragment } from '../modality.ts'
import { samplesOf } from './example.ts'

/** How many characters of an example the page shows. */
const EXAMPLE_LIMIT = 70

/** The form of the home page for texts: a field for a text, or two for a pair, and a form for many texts. */
export function tryTexts (card: Card, input: TextInput, characters: number): PageFragment {
  const papaparse = createRequire(import.meta.url).resolve('papaparse/papaparse.min.js')
  return { pictures: [], scripts: { 'papaparse.js': papaparse }, html: () => drawForm(card, input, characters) }
}

function drawForm (card: Card, input: TextInput, characters: number): string {
  const examples = examplesOf(card, input).slice(0, SAMPLE_LIMIT).map(drawExample)
  const isPair = input.pair === true
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" class="features texts" action="predict" method="post" enctype="multipart/form-data" data-kind="text" data-label-key="${escapeHtml(card.labelKey)}" data-limit="${characters}" data-tensor="${escapeHtml(input.tensor ?? TEXT)}">
${drawField(TEXT, isPair ? 'First text' : 'Text', 6)}
${isPair ? `${drawField(PAIR, 'Second text', 4)}\n` : ''}<p class="hint" id="count">At most ${characters.toLocaleString('en')} characters.</p>
<button class="without-script">Predict the ${escapeHtml(card.labelKey)}</button>
</form>
${examples.length > 0 ? `<div class="samples with-script"><h2>Examples</h2>\n<ul>${examples.join('\n')}</ul></div>` : ''}
</div>
<div class="answers">
<p class="visually-hidden" role="status" id="status"></p>
<div id="empty" class="empty with-script">
<div class="ghost" aria-hidden="true"><span></span><span></span><span></span></div>
<p>${promiseOf(card)}</p>
</div>
<div id="results"></div>
</div>
</section>
<section class="table of-texts" aria-labelledby="table-title">
<h2 id="table-title">Many texts</h2>
<form id="table" action="predict" method="post" enctype="multipart/form-data">
<div class="drop">
<p class="drop-title with-script"><span class="with-mouse">Drop a file here, or paste lines</span><span class="without-mouse">Answer many texts at once</span></p>
<div class="lines with-script">
<label for="lines">${isPair ? 'Two texts in each line, with a tab between them' : 'One text in each line'}</label>
<textarea id="lines" rows="4" autocomplete="off"></textarea>
</div>
<div class="actions">
<button type="button" class="with-script" id="answer-lines">Predict all lines</button>
<label class="button quiet" for="csv"><span class="with-script">Choose a file</span><span class="without-script">A CSV file</span></label>
<input id="csv" aria-keyshortcuts="o" name="file" type="file" accept=".csv,.tsv,.txt,text/csv,text/plain" required>
<button class="without-script">Predict all texts</button>
</div>
<p class="hint">CSV: a column <q>${TEXT}</q>${isPair ? ` and a column <q>${PAIR}</q>` : ''}, named in the first line; other columns are ignored.<span class="with-script"> A text file: one text in each line.</span></p>
</div>
</form>
<div id="rows"></div>
</section>
${resultTemplate('row')}`
}

function drawField (name: string, label: string, rows: number): string {
  return `<div>
<label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="${rows}" autocomplete="off" aria-describedby="count" required></textarea>
</div>`
}

/** The golden samples, or else the card's own example. */
function examplesOf (card: Card, { example }: TextInput): Array<TextItem & { label?: string | undefined }> {
  const samples = samplesOf(card)
  return samples.length > 0 || example === undefined ? samples : [{ text: example }]
}

function drawExample ({ text, pair, label }: TextItem & { label?: string | undefined }): string {
  const shown = text.length > EXAMPLE_LIMIT ? `${text.slice(0, EXAMPLE_LIMIT).trimEnd()}…` : text
  return `<li><button type="button" class="chip" data-text="${escapeHtml(text)}"${pair === undefined ? '' : ` data-pair="${escapeHtml(pair)}"`}>${escapeHtml(shown)}${label === undefined ? '' : ` <span class="unit">${readable(label)}</span>`}</button></li>`
}
