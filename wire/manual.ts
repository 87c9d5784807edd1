import { posix } from 'node:path'
import { lexer, type Token, type Tokens } from 'marked'

/** A page of the manual. */
export interface ManualPage {
  /** What the contents call it. */
  text: string
  /** Path of the document from the root of the project, such as `docs/errors.md`. */
  file: string
}

/** Pages of the manual that belong together. */
export interface ManualGroup {
  title: string
  pages: ManualPage[]
}

/** The document whose lists name the pages of the manual, in their order. */
export const CONTENTS = 'docs/README.md'

/**
 * Reads the order of the manual from its contents: each heading of the second level is a group, and the first link of each
 * item below it is a page. So the contents on GitHub and those of the pages never differ.
 *
 * @param markdown the text of `docs/README.md`
 */
export function manualOf (markdown: string): ManualGroup[] {
  const groups: ManualGroup[] = []
  for (const token of lexer(markdown)) {
    if (isHeading(token) && token.depth === 2) groups.push({ title: token.text, pages: [] })
    else if (isList(token)) {
      for (const item of token.items) {
        const link = firstLink(item.tokens)
        if (link) groups.at(-1)?.pages.push({ text: link.text.replaceAll('`', ''), file: posix.join(posix.dirname(CONTENTS), link.href) })
      }
    }
  }
  return groups.filter(({ pages }) => pages.length > 0)
}

/**
 * The path of the page that shows a document: `docs/errors` for `docs/errors.md`, `docs/deploy` for `docs/deploy/README.md`,
 * `docs/clients/python` for `clients/python/README.md`. The README of the project is `docs` itself.
 *
 * @param file path of the document from the root of the project
 */
export function pagePath (file: string): string {
  if (file === 'README.md') return 'docs'
  if (file === CONTENTS) return 'docs/contents'
  return `docs/${file.replace(/^docs\//, '').replace(/(?:\/README)?\.md$/, '').toLowerCase()}`
}

function firstLink (tokens: Token[]): Tokens.Link | undefined {
  for (const token of tokens) {
    if (isLink(token)) return token
    const found = 'tokens' in token && token.tokens ? firstLink(token.tokens) : undefined
    if (found) return found
  }
  return undefined
}

const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading'
const isList = (token: Token): token is Tokens.List => token.type === 'list'
const isLink = (token: Token): token is Tokens.Link => token.type === 'link'
