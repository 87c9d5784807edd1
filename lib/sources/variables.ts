/**
 * The environment variables of other programs that sources read, and what each is for. They are no settings of Servery: they
 * mean what they mean to the tools that people have already set them for.
 */
export const SOURCE_VARIABLES = {
  // Where downloads are kept.
  XDG_CACHE_HOME: 'folder of caches, which holds that of Servery unless `MODEL_CACHE` is set',
  // s3:

  // gs:

  // hf:

  // runs: and models:

  // .dvc
  DVC_GLOBAL_CONFIG_DIR: "folder of DVC's `config` of the user",
  XDG_CONFIG_HOME: "folder that holds DVC's `dvc/config` of the user, `~/.config` if not set"
} as const satisfies Record<string, string>

/** Picks the variables that sources read. An empty one counts as not set. */
export function sourceVariables (environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.freeze(Object.fromEntries(Object.keys(SOURCE_VARIABLES).flatMap(name => environment[name] ? [[name, environment[name]]] : [])))
}
