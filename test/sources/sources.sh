#!/usr/bin/env bash
# Real servers of models against the built service: each section is a file NAME.sh of this folder, which starts servers, has the
# tools of others fill them, and checks what Servery takes from them.
# sources.sh ENVIRONMENTS [SECTION…]; ENVIRONMENTS/sources-NAME are Python environments, which are made from requirements-NAME.txt
# where they are missing. Tools in Go are built into $XDG_CACHE_HOME/servery-sources. PORT is the first of ten ports for each
# section (default: 8150). What is missing is NOT RUN.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p "$1"
environments=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- web s3 google huggingface mlflow dvc
tools=${XDG_CACHE_HOME:-$HOME/.cache}/servery-sources
port=${PORT:-8150}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
export PYTHONDONTWRITEBYTECODE=1
# What the machine has set is not what is tested.
unset "${!AWS_@}" "${!GOOGLE_@}" "${!HF_@}" "${!MLFLOW_@}" "${!DVC_@}" "${!MODEL_@}" S3_ENDPOINT STORAGE_EMULATOR_HOST
machine_home=$HOME
export HOME=$root AWS_CONFIG_FILE=$root/none AWS_SHARED_CREDENTIALS_FILE=$root/none

missing () { printf '== NOT RUN: %s\n' "$*"; }

# Servers in Go, by their modules: for the sections.
# shellcheck disable=SC2034
versitygw=github.com/versity/versitygw/cmd/versitygw@v1.8.0
# shellcheck disable=SC2034
fake_gcs=github.com/fsouza/fake-gcs-server@v1.56.1

# tool NAME MODULE@VERSION: builds a command of Go as $tools/NAME-VERSION, where it is not there, and names it in $tool.
tool () {
  tool=$tools/$1-${2##*@}
  [ -x "$tool" ] && return
  command -v go > /dev/null || { missing "$1: there is no Go to build it"; return 1; }
  mkdir -p "$tools"
  if ! GOBIN=$tools/bin HOME=$machine_home go install "$2" > "$root/go.log" 2>&1; then tail -n 3 "$root/go.log"; missing "$1: it could not be built"; return 1; fi
  mv "$tools/bin/$1" "$tool"
}
# python NAME: the environment of requirements-NAME.txt, as $python.
python () {
  python=$environments/sources-$1/bin/python
  [ -x "$python" ] && return
  if ! { python3 -m venv "$environments/sources-$1" && "$python" -m pip install --quiet --disable-pip-version-check --requirement "test/sources/requirements-$1.txt"; } > "$root/pip.log" 2>&1; then
    tail -n 3 "$root/pip.log"
    missing "$1: no such Python environment could be made"
    rm -rf "$environments/sources-$1"
    return 1
  fi
}
# start NAME COMMAND…: a server in the background, until the section ends; its log is $work/NAME.log.
start () { "${@:2}" > "$work/$1.log" 2>&1 & servers+=($!); }
# reachable URL: waits until something answers, whatever it says, or until the newest server has ended.
reachable () {
  local newest=${servers[-1]}
  for _ in $(seq 600); do
    curl --silent --output "$work/reachable" --max-time 5 "$1" && return
    kill -0 "$newest" 2> /dev/null || break
    sleep 0.2
  done
  printf 'nothing answers at %s\n' "$1"
  tail -n 3 "$work"/*.log
  return 1
}
stop () { for server in "${servers[@]}"; do kill -TERM "$server" 2> /dev/null && wait "$server"; done; servers=(); }
# exec: a signal is for the service.
servery () { exec env MODEL_CACHE="$work/cache" NO_COLOR=1 "${variables[@]}" node dist/cli/servery.js "$@"; }

# answers ADDRESS [VARIABLE=VALUE…]: the service starts with the model of iris from there, and answers. $secret must not be in what it
# prints.
answers () {
  local address=$1 status=0 variables=("${@:2}" HOST=127.0.0.1 "PORT=$((port + 9))" WORKERS=1 THREADS=1)
  rm -rf "$work/cache"
  start service servery start "$address"
  local service=${servers[-1]}
  reachable "http://127.0.0.1:$((port + 9))/readyz" || status=1
  curl --silent --fail --header 'content-type: application/json' --data '[5.9,3.0,5.1,1.8]' "http://127.0.0.1:$((port + 9))/predict" > "$work/answer" || status=1
  kill -TERM "$service" 2> /dev/null || true
  wait "$service" || status=1
  unset 'servers[-1]'
  grep --quiet '"species":"virginica"' "$work/answer" || status=1
  told "$status" "$address" answers "$work/service.log"
}
# fetches ADDRESS [VARIABLE=VALUE…]: the model of the address is downloaded, into $work/fetched.
fetches () {
  local address=$1 status=0 variables=("${@:2}" "MODEL_PATH=$work/fetched" "MODEL_URL=$1")
  rm -rf "$work/fetched"
  (servery fetch) > "$work/fetch.log" 2>&1 || status=1
  told "$status" "$address" 'is fetched' "$work/fetch.log"
}
# builds ADDRESS [VARIABLE=VALUE…]: the command of the Dockerfile that fetches a model does so, with the address as an argument of the
# build and the variables in the build secret, and with all in the secret; $secret is in no file that it makes.
builds () {
  local address=$1 status=0 image=$work/image secrets=$work/secrets command where
  command=$(sed --quiet '/^RUN --mount=type=bind,from=dependencies/,/[^\\]$/p' Dockerfile \
    | sed "s|^RUN ||; s|--mount=[^ ]*||; s|/run/secrets|$secrets|g")
  [[ $command == *'servery.js fetch'* ]] || { printf 'the Dockerfile has no such command\n'; return 1; }
  for where in argument secret; do
    rm -rf "$image" "$secrets"
    mkdir -p "$image/models" "$secrets"
    cp -r dist package.json "$image"
    ln -s "$PWD/node_modules" "$image/node_modules"
    printf '%s\n' "${@:2}" > "$secrets/model_env"
    local arguments=(MODEL_NAME=mine)
    if [ "$where" = argument ]; then arguments+=("MODEL_URL=$address"); else printf 'MODEL_URL=%s\n' "$address" >> "$secrets/model_env"; fi
    (cd "$image" && env --ignore-environment "PATH=$PATH" "${arguments[@]}" sh -c "$command") > "$work/build.log" 2>&1 || status=1
    # The service runs as another user.
    [ -z "$(find "$image/models" ! -perm -o=r)" ] || { printf 'the service could not read the model\n'; status=1; }
    if [ -n "${secret:-}" ] && grep --recursive --quiet --fixed-strings "$secret" "$image/models" "$image/dist"; then printf 'the secret is in the image\n'; status=1; fi
    (cd "$image" && env --ignore-environment "PATH=$PATH" MODEL_NAME=mine node dist/cli/servery.js check) >> "$work/build.log" 2>&1 || status=1
  done
  told "$status" "$address" 'is fetched into an image' "$work/build.log"
}
# refuses ADDRESS PATTERN [VARIABLE=VALUE…]: the download fails, and says what matches the pattern, and leaves no file.
refuses () {
  local address=$1 pattern=$2 status=0 variables=("${@:3}" "MODEL_PATH=$work/fetched" "MODEL_URL=$1")
  rm -rf "$work/fetched"
  if (servery fetch) > "$work/fetch.log" 2>&1; then status=1; fi
  grep --quiet --extended-regexp "$pattern" "$work/fetch.log" || status=1
  if [ -d "$work/fetched" ] && [ -n "$(ls -A "$work/fetched")" ]; then status=1; fi
  told "$status" "$address" "is refused ($pattern)" "$work/fetch.log"
}
# told STATUS ADDRESS WHAT LOG: says how a check ended. A secret in the log is a failure.
told () {
  local status=$1
  if [ -n "${secret:-}" ] && grep --quiet --fixed-strings "$secret" "$4"; then printf 'a secret is in the log\n'; status=1; fi
  if [ "$status" = 0 ]; then printf '   %s %s\n' "$2" "$3"; return; fi
  printf 'FAILED: %s %s\n' "$2" "$3"
  tail -n 5 "$4" | sed "s/${secret:-no secret}/(secret)/g"
  return 1
}

failed=
for name; do
  printf -- '-- %s\n' "$name"
  if [ ! -f "test/sources/$name.sh" ]; then missing "$name: there is no test/sources/$name.sh"; continue; fi
  work=$root/$name
  mkdir "$work"
  # A section is a process of its own, which ends at its first failure, and its servers with it. Not in an `if`, which switches
  # off `set -e`.
  set +e
  # shellcheck source=/dev/null
  (set -e; servers=(); secret=; trap 'stop || true' EXIT; . "test/sources/$name.sh")
  status=$?
  set -e
  [ "$status" = 0 ] || failed="$failed $name"
  port=$((port + 10))
done
if [ -n "$failed" ]; then printf 'It failed:%s\n' "$failed" && exit 1; fi
