import { basename, extname } from 'node:path'
import type { Card } from '../../lib/card/card.ts'
import { escapeHtml } from '../../lib/html.ts'
import type { ImageInput } from '../../lib/modalities/image/input.ts'
import { IMAGE_FORMATS, IMAGE_TYPES } from '../../lib/modalities/image/formats.ts'
import { assetOf, promiseOf, resultTemplate } from '../home.ts'
import type { PageFragment } from '../modality.ts'

/**
 * Where the page may fetch a picture from whose address a visitor gives: any server over https that lets other pages read it.
 * The browser fetches it, without cookies, so that the service never asks another machine for a stranger. This opens the
 * policy of the page to sending as well. Its scripts are the service's own files alone, and send nothing there.
 */
const PICTURES_FROM = ['https:']

/** Largest number of golden samples that the page offers as examples. Each is a picture that every visitor loads. */
export const PICTURE_LIMIT = 9

/** The form of the home page for pictures, with the golden samples as examples. */
export function tryPictures (card: Card, input: ImageInput, uploadLimitBytes: number): PageFragment {
  const pictures = (card.samples ?? []).flatMap(sample => 'file' in sample ? [sample.file] : []).slice(0, PICTURE_LIMIT)
  return { pictures, scripts: {}, connects: PICTURES_FROM, html: shown => drawForm(card, input, uploadLimitBytes, pictures.filter(file => shown.has(file))) }
}

/** HTML templates for the list of several pictures, and for a picture in it. The page's script fills in copies. */
const listTemplates = `<template id="many">
<section class="many">
<div class="many-head">
<h2></h2>
<p class="done"></p>
<button type="button" class="go quiet" hidden></button>
<progress aria-label="How many pictures are done" value="0"></progress>
</div>
<p class="note hint" hidden></p>
<ol class="counts" aria-label="How often each label was the answer"></ol>
<p class="range hint"></p>
<ol class="list"></ol>
<p class="downloads"><button type="button" class="quiet" data-format="csv" disabled>Download CSV</button> <button type="button" class="quiet" data-format="json" disabled>Download JSON</button></p>
</section>
</template>
<template id="row">
<li><button type="button" class="row" aria-expanded="false"><img alt="" width="44" height="44"><span class="row-label"></span> <span class="share"></span> <span class="file"></span></button></li>
</template>`

function drawForm (card: Card, input: ImageInput, uploadLimitBytes: number, pictures: string[]): string {
  const samples = pictures.map(file => {
    const name = basename(file, extname(file)).replaceAll(/[-_]/g, ' ')
    return `<li><button type="button" class="sample" data-file="${escapeHtml(basename(file))}"><img src="${assetOf(file).slice(1)}" alt="${escapeHtml(name)}"></button></li>`
  })
  return `<section class="try" aria-label="Try it">
<div class="ask">
<form id="ask" action="predict" method="post" enctype="multipart/form-data" data-kind="image" data-label-key="${escapeHtml(card.labelKey)}" data-upload-limit="${uploadLimitBytes}" data-tensor="${escapeHtml(input.tensor)}">
<div class="drop">
<svg class="drop-icon" viewBox="0 0 48 48" aria-hidden="true"><rect x="5" y="9" width="38" height="30" rx="5"/><circle cx="16" cy="19" r="3.5"/><path d="M6 35l11-10 8 7 8-9 9 9"/></svg>
<p class="drop-title with-script"><span class="with-mouse">Drop pictures or a folder here, or paste a picture</span><span class="without-mouse">Show the model a picture</span></p>
<div class="actions">
<label class="button" for="file"><span class="with-script">Choose pictures</span><span class="without-script">A picture</span></label>
<input id="file" name="file" type="file" accept="${IMAGE_TYPES.join()}" aria-keyshortcuts="o" required>
<label class="button quiet camera" for="camera" hidden>Take a photo</label>
<input id="camera" type="file" accept="image/*" capture="environment" hidden>
<button type="button" id="webcam" class="quiet" aria-keyshortcuts="w" hidden>Use the camera</button>
<button class="without-script">Predict the ${escapeHtml(card.labelKey)}</button>
</div>
<p class="hint remark" id="remark"></p>
<p class="hint">${IMAGE_FORMATS.join(', ')}. The model sees ${input.width} × ${input.height} pixels of it.</p>
</div>
</form>
${samples.length > 0 ? `<div class="samples with-script"><h2>No picture at hand? Try one of these</h2>\n<ul>${samples.join('\n')}</ul></div>` : ''}
<form id="from-address" class="address with-script">
<label for="address">Or the address of a picture</label>
<input id="address" inputmode="url" placeholder="https://…" autocomplete="off" spellcheck="false" aria-keyshortcuts="u" required>
<button class="quiet">Fetch</button>
<p class="error" role="alert" hidden></p>
</form>
</div>
<div class="answers">
<p class="visually-hidden" role="status" id="status"></p>
<div id="empty" class="empty with-script">
<div class="ghost" aria-hidden="true"><span></span><span></span><span></span></div>
<p>${promiseOf(card)}</p>
</div>
<div id="tools" class="tools" hidden><button type="button" id="clear" class="quiet" aria-keyshortcuts="x">Clear answers</button></div>
<div id="results"></div>
</div>
</section>
${listTemplates}
${resultTemplate('picture', '<figure class="picture"><img alt=""><figcaption></figcaption></figure>\n')}`
}
