// Files that are dropped on the page.

/** Accepts files that are dropped anywhere on the page. The zone lights up while they are dragged over it. */
export function acceptDrops (zone, use) {
  let depth = 0
  const light = change => {
    depth = Math.max(0, depth + change)
    zone.classList.toggle('dragging', depth > 0)
  }
  document.addEventListener('dragenter', () => light(1))
  document.addEventListener('dragleave', () => light(-1))
  document.addEventListener('dragover', event => event.preventDefault())
  document.addEventListener('drop', event => {
    event.preventDefault()
    depth = 0
    light(0)
    use([...event.dataTransfer.files])
  })
}
