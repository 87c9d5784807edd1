#!/usr/bin/env bash
# Builds the image and runs it like in production: read-only, without privileges and capabilities, in 512 MiB.
#   deploy/image/check.sh                 builds with Docker or Podman on the base images that the Dockerfile names
#   deploy/image/check.sh --stand-ins     builds on the substitutes that base.sh makes, where no registry is reachable
#   deploy/image/check.sh --image NAME    checks an image that is already built
set -euo pipefail
cd "$(dirname "$0")/../.."

image=servery:check
limit_bytes=300000000
port=${PORT:-8431}
url=http://127.0.0.1:$port
container=servery-check-$$

section () { printf '\n== %s\n' "$*"; }
missing () { printf '\n== NOT RUN: %s\n' "$*"; }
fail () { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

if docker info > /dev/null 2>&1; then
  engine () { docker "$@"; }
  build=(build --network host)
elif command -v podman > /dev/null; then
  # runc comes first, because crun refuses a machine that mixes both versions of control groups. Without systemd, Podman
  # has no timers for health checks, so they are run by hand below.
  engine () { podman --runtime "$(command -v runc || command -v crun)" --log-level fatal "$@"; }
  build=(build --isolation chroot --network host --format docker)
else
  missing 'the image: there is no Docker daemon and no Podman'
  exit 0
fi

arguments=()
case ${1:-} in
  --stand-ins)
    if ! command -v mmdebstrap > /dev/null || ! command -v podman > /dev/null || [ "$(id -u)" != 0 ]; then
      missing 'the image: the substitutes need root, Podman and mmdebstrap'
      exit 0
    fi
    section 'substitutes for the base images'
    deploy/image/base.sh
    arguments=(--build-arg NODE_IMAGE=localhost/servery-node --build-arg DEBIAN_IMAGE=localhost/servery-debian)
    missing 'the build from the base images of the Dockerfile'
    ;;
  --image) image=$2 ;;
  '') ;;
  *) fail "there is no option $1" ;;
esac

if [ "${1:-}" != --image ]; then
  section 'build'
  log=$(mktemp)
  engine "${build[@]}" "${arguments[@]}" --tag "$image" . > "$log" 2>&1 || { tail -n 40 "$log"; fail "the build failed, see $log"; }
  rm "$log"
fi
size_bytes=$(engine image inspect --format '{{.Size}}' "$image")
echo "$((size_bytes / 1000000)) MB"
[ "$size_bytes" -lt "$limit_bytes" ] || fail "the image has more than $((limit_bytes / 1000000)) MB"

# Like in production. The limits on files and processes are low, for machines that do not allow higher ones.
hardened=(--read-only --cap-drop ALL --security-opt no-new-privileges --memory 512m --network host
  --ulimit nofile=4096:4096 --ulimit nproc=4096:4096)
if podman --version > /dev/null 2>&1 && ! docker info > /dev/null 2>&1; then hardened+=(--read-only-tmpfs=false); fi
stop () { engine rm --force "$container" > /dev/null 2>&1 || true; }
trap stop EXIT
serve () {
  stop
  engine run --detach --name "$container" "${hardened[@]}" --env PORT="$port" --env HOST=127.0.0.1 "$@" > /dev/null
  for _ in $(seq 300); do curl --silent --fail "$url/readyz" > /dev/null && return; sleep 0.1; done
  engine logs "$container"
  fail 'the service did not become ready'
}
within () { engine run --rm "${hardened[@]}" "$@"; }

section 'content'
inside () { within --entrypoint sh "$image" -c "$1"; }
[ "$(inside 'id -u; id -g' | xargs)" = '10001 10001' ] || fail 'it does not run as 10001:10001'
writable=$(inside 'find / -xdev -writable ! -type l ! -path "/proc/*" ! -path "/dev*" 2> /dev/null | grep -v -x -e /tmp -e /var/tmp -e /run/lock -e /cache || true')
[ -z "$writable" ] || fail "it can write to $writable"
[ "$(inside 'find node_modules -name onnxruntime_binding.node | wc -l')" = 1 ] || fail 'it holds libraries of another platform'
found=$(inside 'command -v npm; ls -d node_modules/typescript test models/*/train.py 2> /dev/null || true')
[ -z "$found" ] || fail "it holds files that no service needs: $found"
inside 'node --version'

section 'the command line, also as another user number'
answer=$(within --user 1000650000:0 "$image" predict models/tensorfood/samples/chips.png)
echo "$answer"
[[ $answer == *'"label":"french_fries"'* ]] || fail 'servery predict'

section 'the service'
serve "$image"
answer=$(curl --silent --fail --form file=@models/tensorfood/samples/chips.png "$url/predict?top_k=1")
echo "$answer"
[[ $answer == *'"food":"french_fries"'* ]] || fail 'POST /predict'
for path in / /info /docs /docs/models/tensorfood /swagger/ /openapi.json /metrics; do
  curl --silent --fail --location --output /dev/null "$url$path" || fail "GET $path"
done
if podman --version > /dev/null 2>&1 && ! docker info > /dev/null 2>&1; then
  engine healthcheck run "$container"
else
  for _ in $(seq 30); do [ "$(engine inspect --format '{{.State.Health.Status}}' "$container")" = healthy ] && break; sleep 1; done
  [ "$(engine inspect --format '{{.State.Health.Status}}' "$container")" = healthy ] || fail 'the health check'
fi

section 'SIGTERM with 192 pictures in progress'
files=()
for _ in $(seq 64); do files+=(--form file=@models/tensorfood/samples/chips.png); done
answers=$(mktemp --directory)
requests=()
for each in 1 2 3; do
  curl --silent --output "$answers/$each" --write-out '%{http_code}' "${files[@]}" "$url/predict" > "$answers/$each.status" &
  requests+=($!)
done
sleep 0.3
engine stats --no-stream --format '{{.MemUsage}}' "$container"
for each in 1 2 3; do [ ! -s "$answers/$each.status" ] || fail "answer $each came before the signal, so the check proves nothing"; done
engine kill --signal TERM "$container" > /dev/null
sleep 0.1
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/readyz")" = 503 ] || fail '/readyz still says ready'
wait "${requests[@]}"
for each in 1 2 3; do
  [ "$(cat "$answers/$each.status")" = 200 ] || fail "answer $each: $(cat "$answers/$each.status" "$answers/$each")"
  [ "$(grep --only-matching '"food":"french_fries"' "$answers/$each" | wc -l)" = 64 ] || fail "answer $each has not 64 predictions"
done
code=$(engine wait "$container")
[ "$code" = 0 ] || fail "exit code $code"
rm -r "$answers"
echo 'all answered, exit code 0'
