import { Final } from '../source.ts'

/** What a section of a configuration sets, by name. */
export type Section = ReadonlyMap<string, string>

/** The configuration of a DVC repository: the parts that say where files are. */
export interface DvcConfig {
  /** Name of the default remote. */
  defaultRemote: string | null
  /** Path of the cache, if it is not the default one. */
  cache: string | null
  /** The remotes by name, in lower case. */
  remotes: ReadonlyMap<string, Section>
}

/** A place that files are pushed to. */
export interface Remote {
  name: string
  /** Its address; an absolute path for a folder of this machine. */
  url: string
  settings: Section
}

/** Settings that name a file or a folder from that of the configuration on. */
const PATHS = ['url', 'credentialpath', 'configpath']

/** ConfigObj takes three for a value with both kinds. */
const QUOTES = ["'''", '"""', "'", '"']

/** Most lines of a configuration that are read. */
const LINES = 10_000

/** How many remotes may refer to one another. */
const REFERENCES = 8

/**
 * Reads one file of a configuration. DVC writes it with ConfigObj: INI with quoted section names, `#` comments and no nested
 * names, so that a dot in the name of a remote is a dot.
 *
 * @param resolve turns a path of the file into an absolute one
 * @see https://dvc.org/doc/user-guide/project-structure/configuration
 */
export function parseConfig (text: string, resolve: (path: string) => string): DvcConfig {
  const remotes = new Map<string, Map<string, string>>()
  const sections = new Map<string, Map<string, string>>()
  let section = new Map<string, string>()
  for (const line of text.split('\n', LINES).map(each => each.trim())) {
    const equals = line.indexOf('=')
    if (line.startsWith('[')) {
      const name = unquoted(line.slice(1, line.lastIndexOf(']')).trim())
      const [, remote] = /^remote +"(.*)"$/.exec(name) ?? []
      const [table, key] = remote === undefined ? [sections, name.toLowerCase()] : [remotes, remote.toLowerCase()]
      section = table.get(key) ?? new Map<string, string>()
      table.set(key, section)
    } else if (equals > 0 && !line.startsWith('#')) {
      section.set(line.slice(0, equals).trim().toLowerCase(), valueOf(line.slice(equals + 1).trim()))
    }
  }
  for (const remote of remotes.values()) {
    for (const name of PATHS) {
      const path = remote.get(name)
      if (path !== undefined && !isUrl(path)) remote.set(name, resolve(path))
    }
  }
  const cache = sections.get('cache')?.get('dir')
  return { defaultRemote: sections.get('core')?.get('remote')?.toLowerCase() ?? null, cache: cache === undefined ? null : resolve(cache), remotes }
}

/** Puts configurations together; each comes before the ones that it follows. */
export function mergeConfigs (configs: readonly DvcConfig[]): DvcConfig {
  const remotes = new Map<string, Section>()
  for (const config of configs) {
    for (const [name, section] of config.remotes) remotes.set(name, new Map([...remotes.get(name) ?? [], ...section]))
  }
  return {
    defaultRemote: configs.findLast(each => each.defaultRemote !== null)?.defaultRemote ?? null,
    cache: configs.findLast(each => each.cache !== null)?.cache ?? null,
    remotes
  }
}

/**
 * The settings of a remote, `url` among them. One whose URL is `remote://NAME/path` has those of NAME, too.
 *
 * @param name the name, or null for the default remote, or else the only one
 * @throws Final when there is no such remote
 */
export function remoteOf ({ defaultRemote, remotes }: DvcConfig, name: string | null): Remote {
  const chosen = name?.toLowerCase() ?? defaultRemote ?? (remotes.size === 1 ? [...remotes.keys()][0] : undefined)
  if (chosen !== undefined) return withReferences(remotes, chosen, REFERENCES)
  throw new Final(remotes.size === 0
    ? 'the configuration names no remote; add one (dvc remote add -d NAME URL)'
    : 'the configuration has several remotes and no default one; choose one (dvc remote default NAME)')
}

function withReferences (remotes: DvcConfig['remotes'], name: string, left: number): Remote {
  const settings = remotes.get(name)
  const url = settings?.get('url')
  if (settings === undefined || url === undefined) throw new Final(`the configuration has no remote ${JSON.stringify(name.slice(0, 80))} with a url; add it (dvc remote add NAME URL)`)
  const [, base, path = ''] = /^remote:\/\/([^/]*)(.*)$/.exec(url) ?? []
  if (base === undefined) return { name, url, settings }
  if (left === 0) throw new Final(`more than ${REFERENCES} remotes refer to one another (remote://)`)
  const other = withReferences(remotes, base.toLowerCase(), left - 1)
  return { name, url: `${other.url.replace(/\/$/, '')}${path}`, settings: new Map([...other.settings, ...settings]) }
}

/** Whether a switch is on, as ConfigObj's users write it. */
export function isOn (value: string | undefined): boolean {
  return /^(?:true|yes|on|1)$/i.test(value ?? '')
}

function isUrl (value: string): boolean {
  return /^\w+:\/\//.test(value)
}

/** A value without its quotes, or without the comment after it. */
function valueOf (value: string): string {
  const quote = QUOTES.find(each => value.startsWith(each))
  const end = quote === undefined ? -1 : value.indexOf(quote, quote.length)
  if (quote !== undefined && end !== -1) return value.slice(quote.length, end)
  const comment = value.indexOf('#')
  return comment === -1 ? value : value.slice(0, comment).trimEnd()
}

function unquoted (value: string): string {
  return /^(['"]).*\1$/.test(value) ? value.slice(1, -1) : value
}
