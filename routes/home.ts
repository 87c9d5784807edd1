import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IMAGE_FORMATS } from '../lib/input/image.ts'
import type { Card } from '../lib/model/card.ts'
import { escapeHtml, page } from '../lib/html.ts'

const home: FastifyPluginAsyncTypebox = async app => {
  const { card } = app.model
  const html = page(card.title, describe(card))

  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.type('text/html; charset=utf-8').send(html))
}

export default home

function fields ({ input }: Card): string {
  if (input.kind === 'image') {
    return `<label for="file">A picture (${IMAGE_FORMATS.join(', ')})</label>
<input id="file" name="file" type="file" accept="image/*" required>`
  }
  return input.features.map(({ name, unit, min, max, example }, at) => `<label for="feature-${at}">${escapeHtml(name)}${unit ? ` in ${escapeHtml(unit)}` : ''}, ${min} to ${max} in training</label>
<input id="feature-${at}" name="${escapeHtml(name)}" type="number" step="any" value="${example}" required>`).join('\n')
}

/** The page, drawn from the card. The form works without JavaScript. */
function describe (card: Card): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const { performance, dataset } = card
  const facts: Array<[string, string]> = [
    ['Architecture', `${card.architecture}, pretrained on ${card.pretrainedOn}`],
    ['Training', card.training],
    ['Data', `${dataset.name}: ${dataset.train} training and ${dataset.test} test examples. ${dataset.licence}`],
    ['Performance', `${percent(performance.top1)} right at the first guess${performance.top5 === undefined ? '' : `, ${percent(performance.top5)} among five`} (${performance.split})`],
    ['Limits', card.limits.join(' ')],
    ['Licence', card.licence]
  ]
  return `<h1>${escapeHtml(card.title)}</h1>
<p>${escapeHtml(card.description)}</p>
<form action="predict" method="post" enctype="multipart/form-data">
${fields(card)}
<button>Tell the ${escapeHtml(card.labelKey)}</button>
</form>
<h2>The model</h2>
<dl>
${facts.map(([term, text]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`).join('\n')}
</dl>
<h2>What it knows</h2>
<ul class="labels">
${card.labels.map(label => `<li>${escapeHtml(label.replaceAll('_', ' '))}</li>`).join('\n')}
</ul>`
}
