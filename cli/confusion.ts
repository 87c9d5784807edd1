import sharp from 'sharp'
import { escapeHtml } from '../lib/html.ts'
import type { Report } from '../lib/evaluation.ts'

/** Pixels of a cell of the matrix, and of the margin that holds the labels. */
const CELL = 14
const MARGIN = 170

/** A picture of a confusion matrix as PNG: truth down, answers across, each row shaded by its share. */
export async function confusionPicture (title: string, { classes, confusion }: Report): Promise<Buffer> {
  const cell = classes.length > 40 ? CELL : CELL * 2
  const side = classes.length * cell
  const shapes = confusion.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    return row.flatMap((count, answer) => count === 0
      ? []
      : [`<rect x="${MARGIN + answer * cell}" y="${MARGIN + truth * cell}" width="${cell}" height="${cell}" fill="${truth === answer ? '#166534' : '#b91c1c'}" fill-opacity="${Math.sqrt(count / total).toFixed(3)}"/>`])
  })
  const labels = classes.map(({ label }, at) => {
    const middle = MARGIN + (at + 0.5) * cell
    const text = escapeHtml(label.replaceAll('_', ' '))
    return `<text x="${MARGIN - 6}" y="${middle}" text-anchor="end" dominant-baseline="central">${text}</text>
<text transform="translate(${middle} ${MARGIN - 6}) rotate(-90)" dominant-baseline="central">${text}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${MARGIN + side + 20}" height="${MARGIN + side + 20}" font-family="sans-serif" font-size="${Math.min(13, cell - 2)}">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="10" y="24" font-size="14" font-weight="bold">${escapeHtml(title)}</text>
<text x="10" y="42" font-size="12">down: truth, across: answer</text>
<rect x="${MARGIN}" y="${MARGIN}" width="${side}" height="${side}" fill="none" stroke="#a8a29e"/>
${shapes.join('\n')}
${labels.join('\n')}
</svg>`
  // The service never opens SVG; this one was written two lines above.
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  try {
    return await sharp(Buffer.from(svg)).png({ palette: true }).toBuffer()
  } finally {
    sharp.block({ operation: ['VipsForeignLoadSvgBuffer'] })
  }
}
