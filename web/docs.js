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
  return total
}

/** The part of a text around the first word that is in it, with the words marked. */
function excerpt ({ text, found: [,, lower] }, words) {
  const at = Math.min(...words.map(word => lower.indexOf(word)).filter(at => at >= 0))
  const start = Number.isFinite(at) ? Math.max(0, at - BEFORE) : 0
  const shown = text.slice(start, start + BEFORE + AFTER)
  const line = document.createElement('span')
  if (start > 0) line.append('…')
  for (let rest = shown; rest;) {
    const next = words.map(word => [rest.toLowerCase().indexOf(word), word.length]).filter(([at]) => at >= 0).sort(([a], [b]) => a - b)[0]
    if (!next) {
      line.append(rest)
      break
    }
    const mark = document.createElement('mark')
    mark.textContent = rest.slice(next[0], next[0] + next[1])
    line.append(rest.slice(0, next[0]), mark)
    rest = rest.slice(next[0] + next[1])
  }
  if (start + shown.length < text.length) line.append('…')
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
