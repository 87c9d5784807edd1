#!/usr/bin/env bash
# Packs the service, installs the package and its dependencies into an empty folder, and uses it there.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp --directory)
server=
finish () { if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi; rm -rf "$folder"; }
trap finish EXIT

npm run --silent package -- --pack-destination "$folder"
cp models/tensorfood/samples/chips.png "$folder"
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts ./servery-*.tgz
npx --no -- servery --help | grep '^Usage: servery'
answer=$(npx --no -- servery predict chips.png)
echo "$answer"
[[ $answer == '{"file":"chips.png","label":"french_fries","probability":0.'* ]]

# Not with npx, which does not forward the signal.
HOST=127.0.0.1 PORT=8432 LOG_LEVEL=warn node_modules/.bin/servery start &
server=$!
for _ in $(seq 150); do if curl --silent --fail http://127.0.0.1:8432/readyz > /dev/null; then break; fi; sleep 0.2; done
for path in / /info /docs /swagger/ /openapi.json; do
  curl --silent --fail --output /dev/null "http://127.0.0.1:8432$path" || { echo "GET $path failed" >&2 && exit 1; }
done
curl --silent --fail --form file=@chips.png 'http://127.0.0.1:8432/predict?top_k=1'
