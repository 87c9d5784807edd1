import hljs from 'highlight.js/lib/common'
import { Marked, type Tokens } from 'marked'
import { getHeadingList, gfmHeadingId } from 'marked-gfm-heading-id'
import { markedHighlight } from 'marked-highlight'
import { escapeHtml } from '../lib/html.ts'

export interface Heading {
  /** 2 for a section, 3 for a part of one. */
  level: number
  id: string
  /** Plain text. */
  text: string
}

export interface Document {
  html: string
  /** The first heading, as plain text. */
  title: string
  /** The headings below it, for a table of contents. */
  headings: Heading[]
}

export interface MarkdownOptions {
  /** Where a relative link leads, or null when it leads nowhere from here; its text stays. */
  link: (path: string) => string | null
  /** Where a relative picture is. */
  picture: (path: string) => string
}

/**
 * GitHub-flavoured Markdown as HTML, with anchors on its headings and coloured code.
 *
 * @see https://github.github.com/gfm/
 */
export async function render (markdown: string, { link, picture }: MarkdownOptions): Promise<Document> {
  const relative = (href: string) => !/^([a-z]+:|#|\/)/i.test(href)
  const marked = new Marked(
    gfmHeadingId(),
    markedHighlight({
      langPrefix: 'hljs language-',
      highlight: (code, language) => hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : escapeHtml(code)
    }),
    {
      renderer: {
        link ({ href, tokens }: Tokens.Link): string | false {
          if (!relative(href)) return false
          const target = link(href)
          const text = this.parser.parseInline(tokens)
          return target === null ? text : `<a href="${escapeHtml(target)}">${text}</a>`
        },
        image ({ href, text }: Tokens.Image): string {
          return `<img src="${escapeHtml(relative(href) ? picture(href) : href)}" alt="${escapeHtml(text)}" loading="lazy">`
        }
      }
    }
  )
  const html = (await marked.parse(markdown))
    // Comments are for tools that read the Markdown.
    .replace(/<!--.*?-->\n?/gs, '')
    // What scrolls sideways on a small screen must do so from the keyboard, too.
    .replace(/<(pre|table)>/g, '<$1 tabindex="0">')
    // An empty corner is no heading.
    .replaceAll('<th></th>', '<td></td>')
  const [first, ...headings] = getHeadingList().map(({ level, id, raw }) => ({ level, id, text: raw.replace(/[`*]/g, '') }))
  return { html, title: first?.text ?? '', headings }
}
