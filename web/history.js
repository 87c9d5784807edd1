// The answers of this browser tab survive a reload. Nothing but small thumbnails of the pictures is kept, and only in the tab.

import { model } from './model.js'

/** Answers of another model, or of another version, are not shown. */
const NAME = `answers of ${model.name}`

/** What the page shows, the newest first: `{ items, lost }`, pictures that came together, and how many an earlier reload has lost. */
const entries = []

/** Keeps an entry. It may still change until the page goes. */
export function keep (entry) {
  entries.unshift(entry)
}

/** Forgets all entries. */
export function forget () {
  entries.length = 0
  try {
    sessionStorage.removeItem(NAME)
  } catch {
    // A browser that keeps nothing for pages has nothing to forget.
  }
}

/** The entries of this tab before the reload, the newest first. */
export function kept () {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? []
  } catch {
    return []
  }
}

// Nothing is written while answers come: a page that goes hears one of these.
for (const event of ['pagehide', 'visibilitychange']) addEventListener(event, save)

function save () {
  const slim = isWithThumbnails => entries.map(({ items, lost = 0 }) => {
    const done = items.filter(({ answered, error }) => answered || error)
    return {
      items: done.map(({ name, thumbnail, answered, error }) => ({ name, answered, error, ...isWithThumbnails && { thumbnail } })),
      lost: lost + items.length - done.length
    }
  }).filter(({ items }) => items.length > 0)
  const all = slim(true)
  const small = slim(false)
  // A tab may keep about five million characters: then the thumbnails go first, and the oldest answers next.
  for (let count = all.length; count > 0; count--) {
    for (const some of [all, small]) {
      try {
        return sessionStorage.setItem(NAME, JSON.stringify(some.slice(0, count)))
      } catch {}
    }
  }
}
