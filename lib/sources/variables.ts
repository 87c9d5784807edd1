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
  HF_ENDPOINT: 'address of a mirror of the Hugging Face Hub',
  HF_TOKEN: 'token for `hf://`; `MODEL_TOKEN` comes before it',
  HUGGING_FACE_HUB_TOKEN: 'the older name of `HF_TOKEN`',
  HF_TOKEN_PATH: 'file with the token that `hf auth login` stores',
  HF_HOME: 'folder of that file, `~/.cache/huggingface`',
  HF_HUB_OFFLINE: '`1`: the Hub is not asked; a model in the cache is served',
  TRANSFORMERS_OFFLINE: 'as `HF_HUB_OFFLINE`',

  // runs: and models:
  MLFLOW_TRACKING_URI: 'address of the MLflow server, which may hold a user and a password',
  MLFLOW_REGISTRY_URI: 'address of the model registry, if it is another server',
  MLFLOW_TRACKING_USERNAME: 'user for MLflow',
  MLFLOW_TRACKING_PASSWORD: 'password of that user',
  MLFLOW_TRACKING_TOKEN: 'token for MLflow, if there is no user; `MODEL_TOKEN` comes before both',
  MLFLOW_TRACKING_INSECURE_TLS: 'refused: certificates are always checked; `NODE_EXTRA_CA_CERTS` names an authority of your own',

  // .dvc
  DVC_GLOBAL_CONFIG_DIR: "folder of DVC's `config` of the user",
  XDG_CONFIG_HOME: "folder that holds DVC's `dvc/config` of the user, `~/.config` if not set"
} as const satisfies Record<string, string>

/** Picks the variables that sources read. An empty one counts as not set. */
export function sourceVariables (environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  return Object.freeze(Object.fromEntries(Object.keys(SOURCE_VARIABLES).flatMap(name => environment[name] ? [[name, environment[name]]] : [])))
}
