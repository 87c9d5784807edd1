#!/usr/bin/env bash
# Real clients of other systems against the built service: starts it with four models and runs the scripts of this folder.
# dialects.sh FOLDER; FOLDER/tritonclient, FOLDER/kserve and FOLDER/mlserver are Python environments with what the
# requirements-*.txt name. PORT is the first of ten ports to take (default: 8130).
set -euo pipefail
cd "$(dirname "$0")/../.."
environments=$1
port=${PORT:-8130}
work=$(mktemp -d)
servers=()
stop () { for server in "${servers[@]}"; do kill -TERM "$server" 2> /dev/null && wait "$server"; done; servers=(); rm -rf "$work"; }
trap 'stop || true' EXIT

# serve NAME MODEL [VARIABLE=VALUE…]: the service is --NAME of the scripts, with its gRPC one port above its HTTP.
arguments=()
serve () {
  local name=$1 model=$2
  shift 2
  env MODEL_NAME="$model" HOST=127.0.0.1 PORT="$port" GRPC_PORT=$((port + 1)) LOG_LEVEL=warn CORS_ENABLE=true WORKERS=1 THREADS=1 "$@" node dist/server.js &
  servers+=($!)
  arguments+=("--$name" "http://127.0.0.1:$port" "--$name-grpc" "127.0.0.1:$((port + 1))")
  curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors "http://127.0.0.1:$port/readyz" > /dev/null
  port=$((port + 2))
}

node dist/test/dialects/identity.js "$work/identity"
serve iris iris
serve pictures fashion-mnist
serve food tensorfood
serve identity identity MODEL_PATH="$work/identity"

failed=
# run ENVIRONMENT SCRIPT
run () {
  local python=$environments/$1/bin/python
  if [ ! -x "$python" ]; then printf '== NOT RUN: %s: there is no Python environment %s\n' "$2" "$1"; return; fi
  printf -- '-- %s, %s\n' "$2" "$1"
  PYTHONDONTWRITEBYTECODE=1 timeout 300 "$python" "test/dialects/$2" "${arguments[@]}" || failed="$failed $2"
}
run tritonclient protocol.py
run tritonclient malformed.py
run tritonclient triton_http.py
run tritonclient triton_grpc.py
run tritonclient seeds.py
run kserve kserve_sdk.py
run mlserver mlserver_infer.py
if [ -n "$failed" ]; then printf 'It failed:%s\n' "$failed" && exit 1; fi
