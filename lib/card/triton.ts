/** Name of the file in which a model repository of Triton configures a model. Triton does without it, too. */
export const TRITON_CONFIG = 'config.pbtxt'

/** What matters here of a model's configuration in Triton. Any part may be missing. */
export interface TritonConfig {
  /** Name of the model. */
  name?: string
  /** Name of the model's file in the folder of a version. */
  file?: string
  /** Name of a file with a label in each line, beside the configuration. */
  labels?: string
}

/** Most characters of a configuration that are read. */
const CONFIG_CHARS = 100_000

/**
 * A comment, a bracket, a field that holds one text, or a text elsewhere, which may hold brackets. A text without an end is
 * taken, too: looking for one again and again would take a time that grows with the square of the length.
 */
const TOKEN = /#.*|(?<open>[[{<])|(?<close>[\]}>])|(?:(?<!\w)(?<field>\w+)\s*:\s*)?(?<quote>["'])(?<value>(?:(?!\k<quote>)[^\\\n]|\\.)*)(?<end>\k<quote>)?/g

/**
 * Reads `config.pbtxt`, which is a ModelConfig in protobuf's text format. What it cannot read, it leaves out.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html
 */
export function parseTritonConfig (text: string): TritonConfig {
  const config: TritonConfig = {}
  let depth = 0
  for (const { groups = {} } of text.slice(0, CONFIG_CHARS).matchAll(TOKEN)) {
    const { open, close, field, value, end } = groups
    if (open) depth++
    else if (close) depth--
    else if (!value || !end) continue
    else if (depth === 0 && field === 'name') config.name = value
    else if (depth === 0 && field === 'default_model_filename') config.file = value
    else if (field === 'label_filename') config.labels ??= value
  }
  return config
}

/**
 * The folder of the highest version of a model, of all folders beside its configuration; null when none is a version.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html#model-versions
 */
export function highestVersion (folders: readonly string[]): string | null {
  return folders.filter(isVersion).sort((one, other) => Number(one) - Number(other)).at(-1) ?? null
}

/** Whether a folder of this name holds a version of a model: a number that does not begin with 0. */
export function isVersion (name: string): boolean {
  return /^[1-9]\d*$/.test(name)
}
