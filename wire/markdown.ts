import hljs from 'highlight.js/lib/common'
import { Marked, type Tokens } from 'marked'
import { getHeadingList, gfmHeadingId } from 'marked-gfm-heading-id'
import { markedHighlight } from 'marked-highlight'
import { escapeHtml } from '../lib/html.ts'

/** A heading of a document. */
export interface Heading {
  /** 1 to 6, as in HTML. */
  level: number
  /** Anchor of the heading. */
  id: string
  /** Plain text. */
  text: string
}

/** A rendered document. */
export interface Document {
  /** HTML of the content, without the page around it. */
  html: string
  /** The first heading, as plain text. */
  title: string
  /** All other headings, for a table of contents. */
  headings: Heading[]
}

/** Maps the relative paths of a document to URLs. */
export interface MarkdownOptions {
  /** Returns the URL for a relative link, or `null` to keep only the text of the link. */
  link: (path: string) => string | null
  /** Returns the URL for a relative picture. */
  picture: (path: string) => string
}

/** Metadata in YAML at the top, as in the README of a model of Hugging Face. */
const FRONT_MATTER = /^---\r?\n[^]*?\n---\r?\n/

/**
 * Renders GitHub Flavored Markdown as HTML, with anchors for headings and syntax highlighting.
 *
 * The Markdown may be anybody's: its own HTML is left out, and so are links with other schemes than those of the web.
 *
 * @see https://github.github.com/gfm/
 */
export async function render (markdown: string, { link, picture }: MarkdownOptions): Promise<Document> {
  const isRelative = (href: string) => !/^([a-z][a-z0-9+.-]*:|#|\/)/i.test(href)
  const middle = new WeakMap<Tokens.TableCell, string>()
  const marked = new Marked(
    gfmHeadingId(),
    markedHighlight({
      langPrefix: 'hljs language-',
      highlight: (code, language) => hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : escapeHtml(code)
    }),
    {
      walkTokens: token => {
        if (!isTable(token) || token.header.length !== 3) return
        for (const [, cell] of token.rows) if (cell && cell.tokens.length > 0) middle.set(cell, token.header[1]?.text.replaceAll('`', '') ?? '')
      },
      renderer: {
        link ({ href, tokens }: Tokens.Link): string | false {
          const text = this.parser.parseInline(tokens)
          if (!isRelative(href)) return /^(https?:|mailto:|#|\/)/i.test(href) ? false : text
          const target = link(href)
          return target === null ? text : `<a href="${escapeHtml(target)}">${text}</a>`
        },
        image ({ href, text }: Tokens.Image): string {
          // The pages load nothing from other origins.
          return isRelative(href) ? `<img src="${escapeHtml(picture(href))}" alt="${escapeHtml(text)}" loading="lazy">` : escapeHtml(text)
        },
        // On a phone, the cells of a row stand one below the other: the one in the middle says what it is.
        tablecell (cell: Tokens.TableCell): string | false {
          const label = middle.get(cell)
          return label === undefined ? false : `<td data-label="${escapeHtml(label)}">${this.parser.parseInline(cell.tokens)}</td>\n`
        },
        html: () => ''
      }
    }
  )
  const html = (await marked.parse(markdown.replace(FRONT_MATTER, '')))
    // Makes code and tables focusable, so that the keyboard can scroll them on a small screen.
    .replace(/<(pre|table)>/g, '<$1 tabindex="0">')
    // An empty table cell must not be a header cell for screen readers.
    .replaceAll('<th></th>', '<td></td>')
  const [first, ...headings] = getHeadingList().map(({ level, id, raw }) => ({ level, id, text: raw.replace(/[`*]/g, '') }))
  return { html, title: first?.text ?? '', headings }
}

const isTable = (token: { type: string }): token is Tokens.Table => token.type === 'table'
