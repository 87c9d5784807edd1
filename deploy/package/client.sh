#!/usr/bin/env bash
# Packs the TypeScript client, installs the package into an empty project, and uses it there: compiled by tsc, in Node.js,
# and bundled for a browser. It needs the built service, dist/server.js.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

folder=$(mktemp --directory)
server=
finish () { if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi; rm -rf "$folder"; }
trap finish EXIT

HOST=127.0.0.1 PORT=0 LOG_LEVEL=info MODEL_NAME=iris node "$root/dist/server.js" > "$folder/log" &
server=$!

(cd "$root/clients/typescript" && npm pack --silent --ignore-scripts=false --pack-destination "$folder" > /dev/null)
[ "$(node --print "require('$root/package.json').version")" = "$(node --print "require('$root/clients/typescript/package.json').version")" ]
contents=$(tar --list --file "$folder"/servery-client-*.tgz)
for file in dist/index.js dist/index.d.ts dist/infer.js README.md LICENSE; do grep --quiet --line-regexp "package/$file" <<< "$contents" || { echo "the package lacks $file" >&2 && exit 1; }; done
if grep '[^d]\.ts$' <<< "$contents"; then echo 'the package holds sources' >&2 && exit 1; fi

cd "$folder"
# The version that the service itself is built with.
version () { node --print "require('$root/node_modules/$1/package.json').version"; }
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --no-audit --no-fund --prefer-offline ./servery-client-*.tgz "esbuild@$(version esbuild)" "@types/node@$(version @types/node)" openapi-typescript typescript@5
npx --no -- tsc --version

for _ in $(seq 150); do grep --quiet '"msg":"Ready"' log && break; sleep 0.2; done
url=$(grep --only-matching 'http://127.0.0.1:[0-9]*' log | head -1)

npx --no -- servery-types "$url" --out model.ts
cat > main.ts <<'TYPESCRIPT'
import { createClient, InferError, type OutputTensor } from 'servery-client'
import { infer } from 'servery-client/infer'
import type { paths } from './model.js'

declare const URL_OF_SERVER: string | undefined
const url = typeof URL_OF_SERVER === 'string' ? URL_OF_SERVER : 'http://localhost:8000'

const client = createClient<paths>(url)
const { data, error } = await client.POST('/predict', { body: [5.9, 3, 5.1, 1.8], params: { query: { top_k: 2 } } })
if (error || !('species' in data)) throw new Error(error?.message)
const species: 'setosa' | 'versicolor' | 'virginica' = data.species
// @ts-expect-error the model has no such label
const wrong: 'rose' = data.species
// @ts-expect-error the service has no such route
await client.GET('/nothing')
const inputs = { X: { shape: [1, 4], data: Float32Array.of(5.9, 3, 5.1, 1.8) } }
const { outputs } = await client.infer('iris', { inputs })
const probabilities: OutputTensor | undefined = outputs['output_probability']
const refused = await infer(url, 'nothing', { inputs }).catch((error: unknown) => error)
console.log(species, wrong, probabilities?.datatype, refused instanceof InferError && refused.status)
TYPESCRIPT
# The examples of the README, each in a file of its own.
awk '/^```ts$/ { file = "example" ++count ".ts"; next } /^```$/ { file = "" } file { print > file }' "$root/clients/typescript/README.md"
strict='--target es2022 --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --noEmit'
# In Node.js, and with a bundler, where nothing of Node.js is known. No type of a library is skipped.
npx --no -- tsc $strict --module nodenext --types node main.ts example*.ts
node "$root/node_modules/typescript/bin/tsc" $strict --module nodenext --types node main.ts
npx --no -- tsc $strict --module esnext --moduleResolution bundler --lib es2022,dom,dom.iterable --typeRoots none main.ts

expected='virginica virginica FP32 404'
npx --no -- esbuild main.ts --log-level=warning --format=esm --outfile=main.js --define:URL_OF_SERVER="\"$url\""
[ "$(node main.js)" = "$expected" ]
npx --no -- esbuild main.ts --log-level=warning --bundle --minify --platform=browser --format=esm --outfile=bundle.js --define:URL_OF_SERVER="\"$url\""
if grep 'node:' bundle.js; then echo 'the bundle imports modules of Node.js' >&2 && exit 1; fi
npx --no -- esbuild example*.ts --log-level=warning --format=esm --outdir=examples
for example in $(grep --files-without-match node:fs examples/*.js); do sed --in-place "s#http://localhost:8000#$url#" "$example" && node "$example"; done
rm -r node_modules/openapi-typescript
{ npx --no -- servery-types "$url" --out never.ts 2>&1 || true; } | grep 'npm install --save-dev openapi-typescript'
rm -r node_modules
[ "$(node bundle.js)" = "$expected" ]
echo "used in Node.js, and bundled for a browser: $(wc --bytes < bundle.js) bytes"
