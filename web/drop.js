// Files and folders that are dropped on the page.

/** How many files are taken at once. */
export const FILES_LIMIT = 2000

/** How many entries of folders are looked at: a folder may have many files of other kinds. */
const ENTRIES_LIMIT = 20_000

/**
 * Accepts files and folders that are dropped anywhere on the page. The zone lights up while they are dragged over it. `use`
 * gets the files, and what there is to say of those that were left out.
 */
export function acceptDrops (zone, use) {
  let depth = 0
  const light = change => {
    depth = Math.max(0, depth + change)
    zone.classList.toggle('dragging', depth > 0)
  }
  document.addEventListener('dragenter', () => light(1))
  document.addEventListener('dragleave', () => light(-1))
  document.addEventListener('dragover', event => event.preventDefault())
  document.addEventListener('drop', async event => {
    event.preventDefault()
    depth = 0
    light(0)
    const files = [...event.dataTransfer.files]
    // The entries are there only until the handler returns.
    const entries = [...event.dataTransfer.items].flatMap(item => item.webkitGetAsEntry?.() ?? [])
    if (!entries.some(({ isDirectory }) => isDirectory)) return use(files, '')
    const { files: found, note } = await openFolders(entries)
    use(found, note)
  })
}

/** The pictures in these files and folders, those of a folder in the order of their names. */
async function openFolders (entries) {
  const files = []
  let others = 0
  let looked = 0
  const isFull = () => files.length >= FILES_LIMIT || looked >= ENTRIES_LIMIT
  const open = async (entry, isInside) => {
    if (isFull()) return
    looked++
    try {
      if (entry.isDirectory) {
        for (const inside of await childrenOf(entry)) await open(inside, true)
        return
      }
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject))
      const isPicture = !file.name.startsWith('.') && /^image\/|^$/.test(file.type) && (file.type !== '' || /\.(tiff?|avif|hei[cf]|bmp)$/i.test(file.name))
      if (isInside && !isPicture) others++
      else files.push(isInside ? new File([file], entry.fullPath.slice(1), { type: file.type }) : file)
    } catch {
      others++
    }
  }
  for (const entry of entries) await open(entry, false)
  const notes = []
  if (isFull()) notes.push(`Of these folders, only the first ${files.length.toLocaleString('en')} pictures are taken.`)
  if (others > 0) notes.push(others === 1 ? '1 file that is not a picture was left out.' : `${others.toLocaleString('en')} files that are not pictures were left out.`)
  if (files.length === 0) notes.unshift('No picture was found in the folder.')
  return { files, note: notes.join(' ') }
}

async function childrenOf (folder) {
  const reader = folder.createReader()
  const children = []
  // It gives about a hundred at a time, and none at the end.
  for (let some; children.length < ENTRIES_LIMIT && (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length > 0;) children.push(...some)
  return children.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
}
