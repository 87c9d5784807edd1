// The search of the manual. Its index is fetched when someone begins to search; what is typed stays in the tab.

/** Most results that are listed. */
const RESULTS = 12

/** How much of a text is shown before and after the first word that was found, in characters. */
const BEFORE = 50
const AFTER = 110

const form = document.querySelector('.search')
const input = form.querySelector('input')
const status = form.querySelector('[role=status]')
const list = form.querySelector('.found')
const root = new URL('..', import.meta.url)

document.documentElement.classList.add('js')

let sections
function load () {
  sections ??= fetch(new URL('docs/search.json', root)).then(async response => {
    if (!response.ok) throw new Error(String(response.status))
    const pages = await response.json()
    return pages.flatMap(({ path, title, sections }) => sections.map(({ id, heading, text }) => ({
      url: new URL(`${path.split('/').map(encodeURIComponent).join('/')}#${id}`, root), title, heading, text, found: [title, heading, text].map(part => part.toLowerCase())
    })))
  }).catch(error => {
    sections = undefined
    throw error
  })
  return sections
}

/** How well a section fits: each word counts where it weighs most. 0 if one of the words is nowhere. */
function score ({ found: [title, heading, text] }, words) {
  let total = 0
  for (const word of words) {
    const one = heading === word ? 12 : heading.includes(word) ? 8 : title.includes(word) ? 4 : text.includes(word) ? 1 : 0
    if (one === 0) return 0
    total += one
  }
  // Words that stand together, such as those of QUEUE_LIMIT, are what was meant.
  const together = phrasesOf(words)
  return total + (together.some(phrase => heading.includes(phrase)) ? 10 : 0) + (together.some(phrase => text.includes(phrase)) ? 5 : 0)
}

/** How several words may stand together in a text. */
function phrasesOf (words) {
  return words.length < 2 ? [] : [words.join(' '), words.join('_'), words.join('-')]
}

/** The part of a text around what was found in it, with the words marked. */
function excerpt ({ text, found: [,, lower] }, words) {
  const places = terms => terms.map(term => lower.indexOf(term)).filter(at => at >= 0)
  const at = Math.min(...(places(phrasesOf(words)).length > 0 ? places(phrasesOf(words)) : places(words)))
  // Not in the middle of a word.
  const start = at > BEFORE && at < Infinity ? lower.indexOf(' ', at - BEFORE) + 1 : 0
  const shown = text.slice(start, start + BEFORE + AFTER).replace(/\s\S*$/, start + BEFORE + AFTER < text.length ? '' : '$&')
  const line = document.createElement('span')
  line.append(start > 0 ? '… ' : '')
  // Every other piece is one of the words, since they are the group of the separator.
  const pieces = shown.split(new RegExp(`(${words.map(word => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`, 'i'))
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) line.append(piece)
    else line.append(Object.assign(document.createElement('mark'), { textContent: piece }))
  }
  line.append(start + shown.length < text.length ? ' …' : '')
  return line
}

function item (section, words) {
  const link = document.createElement('a')
  link.href = section.url
  const name = document.createElement('strong')
  name.textContent = section.heading === section.title ? section.title : `${section.title}: ${section.heading}`
  link.append(name, excerpt(section, words))
  const item = document.createElement('li')
  item.append(link)
  return item
}

async function search () {
  const typed = input.value
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.join('').length < 2) return close()
  let all
  try {
    all = await load()
  } catch {
    list.hidden = true
    status.textContent = 'The search cannot be loaded. Check that the service still runs, then type again.'
    return
  }
  if (input.value !== typed) return
  const best = all.map(section => ({ section, score: score(section, words) })).filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
  list.replaceChildren(...best.slice(0, RESULTS).map(({ section }) => item(section, words)))
  list.hidden = best.length === 0
  status.textContent = best.length === 0 ? `Nothing has “${typed.trim()}”.` : best.length === 1 ? '1 result' : best.length > RESULTS ? `The best ${RESULTS} of ${best.length} results` : `${best.length} results`
}

function close () {
  list.hidden = true
  status.textContent = ''
}

input.addEventListener('input', () => search())
input.addEventListener('focus', () => {
  load().catch(() => {})
  if (input.value) search()
})
form.addEventListener('submit', event => {
  event.preventDefault()
  if (!list.hidden) list.querySelector('a').click()
})
form.addEventListener('keydown', event => {
  const links = [...list.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  if (event.key === 'Escape' && !list.hidden) {
    event.preventDefault()
    input.focus()
    close()
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !list.hidden) {
    event.preventDefault()
    const next = at + (event.key === 'ArrowDown' ? 1 : -1)
    if (next < 0) input.focus()
    else links[Math.min(next, links.length - 1)].focus()
  }
})
// A link to a part of this page leaves the list open over it.
list.addEventListener('click', () => close())
document.addEventListener('pointerdown', event => { if (!form.contains(event.target)) close() })
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '')) return
  event.preventDefault()
  input.focus()
})

// Where there is room, the contents stand beside the document and are open, also for browsers that cannot style a closed one so.
const contents = document.querySelector('.contents')
const room = matchMedia('(min-width: 62rem)')
const fit = () => { contents.open = room.matches }
fit()
room.addEventListener('change', fit)
