import { Final, type OpenSource, type Source, type SourceSettings } from './source.ts'

/** What opens the addresses of a scheme. Each is loaded only when it is needed. */
const SOURCES: Readonly<Record<string, () => Promise<OpenSource>>> = {
  'https:': async () => (await import('./web.ts')).openWeb,
  'http:': async () => (await import('./web.ts')).openWeb,
  'file:': async () => (await import('./file.ts')).openFile,
  's3:': async () => (await import('./s3.ts')).openS3,
  'gs:': async () => (await import('./google.ts')).openGoogle,
  'hf:': async () => (await import('./huggingface.ts')).openHuggingFace,
  'runs:': async () => (await import('./mlflow.ts')).openMlflow,
  'models:': async () => (await import('./mlflow.ts')).openMlflow,
  // Also what ends in `.dvc`, whatever its scheme is.
  'dvc:': async () => (await import('./dvc.ts')).openDvc
}

/** The schemes of addresses, such as `https:`. */
export const SCHEMES: readonly string[] = Object.keys(SOURCES)

/** How many sources may lead to one another: a registry to a bucket, for example. */
const STEPS = 4

/** A scheme has two letters or more: one letter is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i

/** A file of DVC, which says where another file is: its path, or its URL, which may have a query. */
const DVC_FILE = /^[^?#]*[^/\\?#]\.dvc(?:[?#].*)?$/i

/** The scheme of an address, such as `s3:`, or null for a path. That of a file of DVC is `dvc:`. Something like `a:b`, whose scheme nobody knows, is a path. */
export function schemeOf (address: string): string | null {
  if (DVC_FILE.test(address)) return 'dvc:'
  const scheme = SCHEME.exec(address)?.[0].toLowerCase()
  if (scheme === undefined) return null
  return scheme in SOURCES || address.slice(scheme.length).startsWith('//') ? scheme : null
}

/**
 * Opens the source at an address: a URL of one of the schemes, or a path of this machine.
 *
 * @throws Final when the scheme is not known, or as the source's own function
 */
export const openSource: OpenSource = async (address, settings) => await openAfter(0)(address, settings)

function openAfter (steps: number): OpenSource {
  return async (address: string, settings: SourceSettings): Promise<Source> => {
    if (steps > STEPS) throw new Final(`the addresses lead from one to the next more than ${STEPS} times`)
    const open = await openerOf(address)
    return await open(address, { ...settings, openSource: openAfter(steps + 1) })
  }
}

async function openerOf (address: string): Promise<OpenSource> {
  const scheme = schemeOf(address) ?? 'file:'
  const source = SOURCES[scheme]
  if (!source) throw new Final(`the scheme '${scheme}' is not one of ${SCHEMES.join(' ')}`)
  return await source()
}
