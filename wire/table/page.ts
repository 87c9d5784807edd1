import { createRequire } from 'node:module'
import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import type { TableInput } from '../../lib/modalities/table/input.ts'
import { readable, resultTemplate, SAMPLE_LIMIT } from '../home.ts'
import type { PageFragment } from '../modality.ts'

/** The form of the home page for rows: a field with a slider for each feature, and a field for a CSV file. */
export function tryRows (card: Card, input: TableInput): PageFragment {
  const papaparse = createRequire(import.meta.url).resolve('papaparse/papaparse.min.js')
  return { pictures: [], scripts: { 'papaparse.js': papaparse }, html: () => drawForm(card, input) }
}

function drawForm (card: Card, { features }: TableInput): string {
  const fields = features.map(({ name, unit, min = 0, max = 1, example = 0 }, at) => `<div class="feature">
<label for="feature-${at}">${escapeHtml(name)}${unit ? ` <span class="unit">in ${escapeHtml(unit)}</span>` : ''}</label>
<input id="feature-${at}" name="${escapeHtml(name)}" type="number" step="any" value="${example}" data-min="${min}" data-max="${max}" aria-describedby="range-${at}" required>
<input class="with-script" type="range" min="${min}" max="${max}" step="${stepOf(min, max)}" value="${example}" aria-label="${escapeHtml(name)}, slider">
<p class="hint" id="range-${at}">${min} to ${max} in training</p>
</div>`)
  const rows = (card.samples ?? []).flatMap(sample => 'row' in sample ? [sample] : []).slice(0, SAMPLE_LIMIT)
    .map(({ row, label }) => `<li><button type="button" class="chip" data-row="${row.join()}">${readable(label ?? row.join(', '))}</button></li>`)
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" class="features" action="predict" method="post" enctype="multipart/form-data" data-kind="table" data-label-key="${escapeHtml(card.labelKey)}">
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
<p class="drop-title with-script">Drop a CSV file here, or paste rows</p>
<div class="actions">
<label class="button" for="csv"><span class="with-script">Choose a file</span><span class="without-script">A CSV file</span></label>
<input id="csv" name="file" type="file" accept=".csv,.tsv,.txt,text/csv" required>
<button class="without-script">Predict all rows</button>
</div>
<p class="hint">With a header: columns ${features.map(({ name }) => `<q>${escapeHtml(name)}</q>`).join(', ')}, in any order; other columns are ignored. Without a header: these columns in this order.</p>
</div>
</form>
<div id="rows"></div>
</section>
${resultTemplate('row')}`
}

/** Step of a slider: a power of ten, for 20 to 200 positions. */
function stepOf (min: number, max: number): number {
  return max > min ? Number((10 ** Math.floor(Math.log10((max - min) / 20))).toPrecision(1)) : 1
}
