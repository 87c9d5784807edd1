/**
 * The environment variables of other programs that sources read, and what each is for. They are no settings of Servery: they
 * mean what they mean to the tools that people have already set them for.
 */
export const SOURCE_VARIABLES = {
  // Where downloads are kept.
  XDG_CACHE_HOME: 'folder of caches, which holds that of Servery unless `MODEL_CACHE` is set',

  // s3:
  AWS_ACCESS_KEY_ID: 'access key for `s3://`; without any keys, requests are anonymous',
  AWS_SECRET_ACCESS_KEY: 'secret of the access key',
  AWS_SESSION_TOKEN: 'token of temporary keys',
  AWS_REGION: 'region of the bucket; S3 says it where it is wrong',
  AWS_DEFAULT_REGION: 'region, where `AWS_REGION` is not set',
  AWS_ENDPOINT_URL_S3: 'address of a store that is not that of AWS, such as MinIO',
  AWS_ENDPOINT_URL: 'the same, as all services of AWS have it',
  AWS_NO_SIGN_REQUEST: '`true` for anonymous requests although there are keys',
  AWS_PROFILE: 'profile of the two files of AWS (default: `default`)',
  AWS_CONFIG_FILE: 'file of profiles (default: `~/.aws/config`)',
  AWS_SHARED_CREDENTIALS_FILE: 'file of keys (default: `~/.aws/credentials`)',
  AWS_ROLE_ARN: "role of a Kubernetes service account, which Amazon's EKS sets",
  AWS_WEB_IDENTITY_TOKEN_FILE: 'token of the service account, which EKS sets',
  AWS_ROLE_SESSION_NAME: 'name of the session of that role (default: `servery`)',
  AWS_ENDPOINT_URL_STS: 'address of the service that lends keys for the role',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'service that lends keys to a container, which EKS Pod Identity sets',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: 'the same, as ECS sets it',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'token for that service',
  AWS_CONTAINER_AUTHORIZATION_TOKEN: 'the same token, as a value',
  MLFLOW_S3_ENDPOINT_URL: 'what MLflow calls `AWS_ENDPOINT_URL_S3`',
  S3_ENDPOINT: 'what KServe calls it, without a scheme',
  S3_USE_HTTPS: '`0` if `S3_ENDPOINT` has no https',
  S3_USER_VIRTUAL_BUCKET: "`1` if the bucket is a part of the host's name",
  awsAnonymousCredential: 'what KServe calls `AWS_NO_SIGN_REQUEST`',

  // gs:
  GOOGLE_OAUTH_ACCESS_TOKEN: 'token for `gs://`, such as `gcloud auth print-access-token` prints; without any, requests are anonymous',
  CLOUDSDK_AUTH_ACCESS_TOKEN: 'the same, as gcloud calls it',
  STORAGE_EMULATOR_HOST: 'address of a store with the interface of Google Cloud Storage',
  GCE_METADATA_HOST: 'host of the metadata server of Google Cloud',

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
