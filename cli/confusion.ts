import sharp from 'sharp'
import { escapeHtml } from '../lib/html.ts'
import type { Report } from '../lib/evaluation.ts'

/** Side of a cell, and width of the margin for the labels. */
const CELL_PIXELS = 14
const MARGIN_PIXELS = 170

/** Draws a confusion matrix as PNG. A row is a true label, a column a predicted one, a shade the share of the row. */
export async function confusionPicture (title: string, { classes, confusion }: Report): Promise<Buffer> {
  const cell = classes.length > 40 ? CELL_PIXELS : CELL_PIXELS * 2
  const side = classes.length * cell
  const shapes = confusion.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    return row.flatMap((count, answer) => count === 0
      ? []
      : [`<rect x="${MARGIN_PIXELS + answer * cell}" y="${MARGIN_PIXELS + truth * cell}" width="${cell}" height="${cell}" fill="${truth === answer ? '#166534' : '#b91c1c'}" fill-opacity="${Math.sqrt(count / total).toFixed(3)}"/>`])
  })
  const labels = classes.map(({ label }, at) => {
    const middle = MARGIN_PIXELS + (at + 0.5) * cell
    const text = escapeHtml(label.replaceAll('_', ' '))
    return `<text x="${MARGIN_PIXELS - 6}" y="${middle}" text-anchor="end" dominant-baseline="central">${text}</text>
<text transform="translate(${middle} ${MARGIN_PIXELS - 6}) rotate(-90)" dominant-baseline="central">${text}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${MARGIN_PIXELS + side + 20}" height="${MARGIN_PIXELS + side + 20}" font-family="sans-serif" font-size="${Math.min(13, cell - 2)}">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="10" y="24" font-size="14" font-weight="bold">${escapeHtml(title)}</text>
<text x="10" y="42" font-size="12">rows: true label, columns: predicted label</text>
<rect x="${MARGIN_PIXELS}" y="${MARGIN_PIXELS}" width="${side}" height="${side}" fill="none" stroke="#a8a29e"/>
${shapes.join('\n')}
${labels.join('\n')}
</svg>`
  // SVG is blocked, because the service never reads it. This one is our own.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  try {
    return await sharp(Buffer.from(svg)).png({ palette: true }).toBuffer()
  } finally {
    sharp.block({ operation: ['VipsForeignLoadSvgBuffer'] })
  }
}
