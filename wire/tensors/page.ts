import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import { shapeText } from '../../lib/modalities/tensors/values.ts'
import type { Signature, TensorSpec } from '../../lib/tensor.ts'
import { resultTemplate } from '../home.ts'
import type { PageFragment } from '../modality.ts'
import { datatypeOf } from '../open-inference/datatypes.ts'
import { exampleBodyOf } from './example.ts'

/** The form of the home page for plain tensors: what the model takes and gives, and a field for JSON. */
export function tryTensors (card: Card, signature: Signature): PageFragment {
  return { pictures: [], scripts: {}, html: () => drawForm(card, signature) }
}

function drawForm ({ labelKey }: Card, signature: Signature): string {
  const example = exampleBodyOf(signature)
  const body = example ? JSON.stringify(example) : ''
  const outline = `{"inputs": {${signature.inputs.map(({ name, shape }) => `${JSON.stringify(name)}: ${'['.repeat(shape.length)}…${']'.repeat(shape.length)}`).join(', ')}}}`
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" class="features tensors" action="predict" method="post" enctype="multipart/form-data" data-kind="tensors" data-label-key="${escapeHtml(labelKey)}" data-types="${escapeHtml(JSON.stringify(Object.fromEntries(signature.inputs.map(({ name, dtype }) => [name, datatypeOf(dtype)]))))}">
${drawTensors('Inputs', signature.inputs)}
${drawTensors('Outputs', signature.outputs)}
<div>
<label for="json">Input tensors as JSON</label>
<textarea id="json" name="json" rows="8" spellcheck="false" autocomplete="off" placeholder="${escapeHtml(outline)}" required>${escapeHtml(body)}</textarea>
<p class="hint">Lists nested as deep as the tensor has axes, the batch axis included.</p>
</div>
<div class="actions">
<button>Run the model</button>
<label class="button quiet with-script" for="file">Open a JSON file</label>
<input class="with-script" id="file" type="file" accept=".json,application/json">
</div>
</form>
</div>
<div class="answers">
<p class="visually-hidden" role="status" id="status"></p>
<div id="empty" class="empty with-script">
<div class="ghost" aria-hidden="true"><span></span><span></span><span></span></div>
<p>The answer appears here: the output tensors of the model.</p>
</div>
<div id="results"></div>
</div>
</section>
${resultTemplate('row')}`
}

function drawTensors (title: string, specs: TensorSpec[]): string {
  const rows = specs.map(({ name, dtype, shape }) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${dtype}</td><td>${shapeText(shape)}</td></tr>`)
  return `<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table>
<caption>${title}</caption>
<thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">shape</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`
}
