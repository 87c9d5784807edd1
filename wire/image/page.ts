import { basename, extname } from 'node:path'
import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import type { ImageInput } from '../../lib/modalities/image/input.ts'
import { IMAGE_FORMATS } from '../../lib/modalities/image/formats.ts'
import { assetOf, promiseOf, resultTemplate } from '../home.ts'
import type { PageFragment } from '../modality.ts'

/** Largest number of golden samples that the page offers as examples. Each is a picture that every visitor loads. */
export const PICTURE_LIMIT = 9

/** The form of the home page for pictures, with the golden samples as examples. */
export function tryPictures (card: Card, input: ImageInput, uploadLimitBytes: number): PageFragment {
  const pictures = (card.samples ?? []).flatMap(sample => 'file' in sample ? [sample.file] : []).slice(0, PICTURE_LIMIT)
  return { pictures, scripts: {}, html: shown => drawForm(card, input, uploadLimitBytes, pictures.filter(file => shown.has(file))) }
}

function drawForm (card: Card, input: ImageInput, uploadLimitBytes: number, pictures: string[]): string {
  const samples = pictures.map(file => {
    const name = basename(file, extname(file)).replaceAll(/[-_]/g, ' ')
    return `<li><button type="button" class="sample" data-file="${escapeHtml(basename(file))}"><img src="${assetOf(file).slice(1)}" alt="${escapeHtml(name)}"></button></li>`
  })
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" action="predict" method="post" enctype="multipart/form-data" data-kind="image" data-label-key="${escapeHtml(card.labelKey)}" data-upload-limit="${uploadLimitBytes}">
<div class="drop">
<svg class="drop-icon" viewBox="0 0 48 48" aria-hidden="true"><rect x="5" y="9" width="38" height="30" rx="5"/><circle cx="16" cy="19" r="3.5"/><path d="M6 35l11-10 8 7 8-9 9 9"/></svg>
<p class="drop-title with-script">Drop pictures here, or paste one</p>
<div class="actions">
<label class="button" for="file"><span class="with-script">Choose pictures</span><span class="without-script">A picture</span></label>
<input id="file" name="file" type="file" accept="image/*" required>
<label class="button quiet camera" for="camera" hidden>Take a photo</label>
<input id="camera" type="file" accept="image/*" capture="environment" hidden>
<button class="without-script">Predict the ${escapeHtml(card.labelKey)}</button>
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
<p>${promiseOf(card)}</p>
</div>
<div id="results"></div>
</div>
</section>
${resultTemplate('picture', '<figure class="picture"><img alt=""><figcaption></figcaption></figure>\n')}`
}
