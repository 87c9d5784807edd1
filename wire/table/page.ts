import { createRequire } from 'node:module'
import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import { columnsOf, exampleOf, type Column } from '../../lib/modalities/table/columns.ts'
import type { TableInput, Value } from '../../lib/modalities/table/input.ts'
import { readable, resultTemplate, SAMPLE_LIMIT } from '../home.ts'
import type { PageFragment } from '../modality.ts'

/** How many known values a list to choose from may have. More of them are suggestions for a text field. */
const CHOICES_LIMIT = 100

/** How many characters a text field takes: a field of a form may have 1024 bytes. */
const TEXT_LIMIT = 250

/** How many suggestions a text field may have. */
const SUGGESTIONS_LIMIT = 500

/** How many columns the form shows one below the other. More of them stand side by side. */
const TALL_LIMIT = 12

/** How many values of an example without a label its button shows. */
const VALUES_LIMIT = 8

/** How many names of columns the page lists. */
const NAMES_LIMIT = 50

/** The form of the home page for rows: a field for each feature, with a slider if its range is known, and a field for a CSV file. */
export function tryRows (card: Card, input: TableInput): PageFragment {
  const papaparse = createRequire(import.meta.url).resolve('papaparse/papaparse.min.js')
  return { pictures: [], scripts: { 'papaparse.js': papaparse }, html: () => drawForm(card, input) }
}

function drawForm (card: Card, input: TableInput): string {
  const columns = columnsOf(input)
  const example = exampleOf(input)
  const fields = columns.map((column, at) => `<div class="feature">
<label for="feature-${at}">${escapeHtml(column.name)}${column.unit ? ` <span class="unit">in ${escapeHtml(column.unit)}</span>` : ''}</label>
${drawField(column, at, example[at] ?? null)}
</div>`)
  const names = columns.slice(0, NAMES_LIMIT).map(({ name }) => `<q>${escapeHtml(name)}</q>`).join(', ') + (columns.length > NAMES_LIMIT ? ` and ${columns.length - NAMES_LIMIT} more` : '')
  const rows = examplesOf(card, columns).map(({ row, text }) => `<li><button type="button" class="chip" data-row="${escapeHtml(row.map(value => JSON.stringify(value)).join())}">${text}</button></li>`)
  return `<section class="try" aria-label="Try it">
<div class="ask">
<a class="glance with-script" href="#results" hidden><span class="label"></span> <span class="share"></span></a>
<form id="ask" class="features${columns.length > TALL_LIMIT ? ' many' : ''}" action="predict" method="post" enctype="multipart/form-data" data-kind="table" data-label-key="${escapeHtml(card.labelKey)}">
${fields.join('\n')}
<button class="without-script">Predict the ${escapeHtml(card.labelKey)}</button>
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
<p class="drop-title with-script"><span class="with-mouse">Drop a CSV file here, or paste rows</span><span class="without-mouse">Answer the rows of a CSV file</span></p>
<div class="actions">
<label class="button" for="csv"><span class="with-script">Choose a file</span><span class="without-script">A CSV file</span></label>
<input id="csv" aria-keyshortcuts="o" name="file" type="file" accept=".csv,.tsv,.txt,text/csv" required>
<button class="without-script">Predict all rows</button>
</div>
<p class="hint">With a header: columns ${names}, in any order; other columns are ignored. Without a header: these columns in this order. Decimal commas are read where semicolons separate the values.</p>
</div>
</form>
<div id="rows"></div>
</section>
${resultTemplate('row')}`
}

/** The golden samples, each once, and what their buttons say, as HTML. No two say the same. */
function examplesOf (card: Card, columns: Column[]): Array<{ row: Value[], text: string }> {
  const samples = (card.samples ?? []).flatMap(sample => 'row' in sample ? [sample] : [])
  const different = [...new Map(samples.map(sample => [JSON.stringify(sample.row), sample])).values()].slice(0, SAMPLE_LIMIT)
  return different.map(({ row, label }) => {
    const valuesText = row.slice(0, VALUES_LIMIT).join(', ') + (row.length > VALUES_LIMIT ? ', …' : '')
    if (label === undefined) return { row, text: escapeHtml(valuesText) }
    const alike = different.filter(sample => sample.label === label)
    if (alike.length === 1) return { row, text: readable(label) }
    const telling = columns.findIndex((_column, at) => new Set(alike.map(sample => sample.row[at])).size === alike.length)
    const detail = telling < 0 ? `example ${alike.findIndex(sample => sample.row === row) + 1}` : `${columns[telling]!.name} ${row[telling]}`
    return { row, text: `${readable(label)} <span class="unit">${escapeHtml(detail)}</span>` }
  })
}

/** The input field of a column, with what belongs to it. The page's script knows its type by `data-type`. */
function drawField (column: Column, at: number, example: Value): string {
  const { family, name, values, others, optional, min, max, unit } = column
  const attributes = `id="feature-${at}" name="${escapeHtml(name)}"${unit ? ` data-unit="${escapeHtml(unit)}"` : ''}`
  const need = optional ? 'placeholder="missing"' : 'required'
  if (family === 'bool' || (values && !others && values.length <= CHOICES_LIMIT)) {
    const choices = values ?? [true, false]
    // Of the text of an option without a value, browsers take away the blanks at both ends.
    const option = (value: Value) => `<option value="${escapeHtml(String(value))}"${value === example ? ' selected' : ''}>${escapeHtml(String(value))}</option>`
    return `<select ${attributes} data-type="${family}">${optional ? '<option value="">missing</option>' : ''}${choices.map(option).join('')}</select>`
  }
  const list = values && `<datalist id="known-${at}">${values.slice(0, SUGGESTIONS_LIMIT).map(value => `<option value="${escapeHtml(String(value))}"></option>`).join('')}</datalist>`
  // Without all of them, the page cannot know which values are strange.
  const suggested = list ? ` list="known-${at}"${values.length <= SUGGESTIONS_LIMIT ? ` data-known aria-describedby="range-${at}"` : ''}` : ''
  const hint = list && values.length <= SUGGESTIONS_LIMIT ? `<p class="hint" id="range-${at}"></p>` : ''
  if (family === 'string') return `<input ${attributes} type="text" data-type="string" value="${escapeHtml(String(example ?? ''))}" maxlength="${TEXT_LIMIT}" ${need}${suggested}>${list ?? ''}${hint}`
  const step = family === 'integer' ? '1' : 'any'
  if (min === undefined || max === undefined) return `<input ${attributes} type="number" step="${step}" value="${example}" ${need}${suggested}>${list ?? ''}${hint}`
  return `<input ${attributes} type="number" step="${step}" value="${example}" data-min="${min}" data-max="${max}" aria-describedby="range-${at}" ${need}>
<input class="with-script" type="range" min="${min}" max="${max}" step="${family === 'integer' ? Math.max(1, stepOf(min, max)) : stepOf(min, max)}" value="${example}" aria-label="${escapeHtml(name)}, slider">
<p class="hint" id="range-${at}">${min} to ${max} in training</p>`
}

/** Step of a slider: a power of ten, for 20 to 200 positions. */
function stepOf (min: number, max: number): number {
  return max > min ? Number((10 ** Math.floor(Math.log10((max - min) / 20))).toPrecision(1)) : 1
}
