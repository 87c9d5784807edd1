// Says in words what a cell of the confusion matrix means, under the pointer or the finger.

const table = document.querySelector('.matrix')
const reading = document.querySelector('.reading')

/** The headings of the cell that was read last. */
let marked = []

function read ({ target }) {
  const cell = target.closest('tbody td')
  if (!cell) return
  const { cells } = cell.parentElement
  const heads = [cells[0], table.tHead.rows[0].cells[cell.cellIndex]]
  for (const head of marked) head.classList.remove('lit')
  for (const head of heads) head.classList.add('lit')
  marked = heads
  const [truth, answer] = heads.map(({ textContent }) => textContent.trim())
  const count = Number(cell.textContent)
  const of = [...cells].slice(1).reduce((sum, { textContent }) => sum + Number(textContent), 0)
  const share = of === 0 ? '' : ` (${(count / of * 100).toFixed(1)} %)`
  reading.textContent = truth === answer
    ? `Of ${of} × ${truth}, ${count}${share} were recognised.`
    : `Of ${of} × ${truth}, ${count}${share} were taken for ${answer}.`
}

if (table) {
  reading.hidden = false
  reading.textContent = 'Point at a cell, or tap it, to read it.'
  table.addEventListener('pointerover', read)
  table.addEventListener('click', read)
}
