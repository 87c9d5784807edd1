/** What errors of the operating system say to people. @see https://nodejs.org/api/errors.html#common-system-errors */
const SYSTEM: Record<string, (error: NodeJS.ErrnoException & { port?: number }) => string> = {
  ENOENT: ({ path }) => `${path}: there is no such file or folder`,
  EISDIR: ({ path }) => `${path ?? 'the path'} is a folder, not a file`,
  ENOTDIR: ({ path }) => `${path}: a part of this path is a file, not a folder`,
  EACCES: ({ path, port }) => path === undefined ? `the port ${port} needs more rights; choose one above 1023 with --port` : `${path}: this user may not open it`,
  EADDRINUSE: ({ port }) => `the port ${port} is in use; choose another with --port`
}

/** The message of an error, as one line for people. */
export function messageOf (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const say = 'code' in error && 'syscall' in error ? SYSTEM[String(error.code)] : undefined
  return say ? say(error) : error.message
}
