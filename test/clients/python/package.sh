#!/usr/bin/env bash
# Builds the wheel and the sdist of the Python client, installs each in a fresh environment, and uses it with a running
# service: dist/server.js, on a free port of this machine.
#
#     test/clients/python/package.sh [FOLDER]   leaves the wheel and the sdist in FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
python=${PYTHON:-python3}

folder=$(mktemp --directory)
out=${1:-$folder/built}
mkdir -p "$out"
out=$(cd "$out" && pwd)
server=
finish () { if [ -n "$server" ]; then kill "$server" 2> /dev/null || true; fi; rm -rf "$folder"; }
trap finish EXIT

HOST=127.0.0.1 PORT=0 LOG_LEVEL=info MODEL_NAME=tensorfood node "$root/dist/server.js" > "$folder/log" &
server=$!

"$python" -m venv "$folder/build"
"$folder/build/bin/pip" install --quiet --disable-pip-version-check build hatchling
# The wheel is made from the sdist, so that this holds everything, too.
"$folder/build/bin/python" -m build --no-isolation --outdir "$out" "$root/clients/python" > "$folder/build.log" || { cat "$folder/build.log" >&2; exit 1; }
grep --quiet "^version = \"$(node --print "require('$root/package.json').version")\"$" "$root/clients/python/pyproject.toml"
packages=("$out"/servery_client-*.whl "$out"/servery_client-*.tar.gz)
[ "${#packages[@]}" = 2 ]
# As Python writes it: 1.0.0-rc.1 is 1.0.0rc1.
version=$(basename "${packages[1]}" .tar.gz)
version=${version#servery_client-}

for _ in $(seq 150); do grep --quiet '"msg":"Ready"' "$folder/log" && break; sleep 0.2; done
url=$(grep --only-matching 'http://127.0.0.1:[0-9]*' "$folder/log" | head -1)

# Not in the repository, where Python would find the sources.
cd "$folder"
cp "$root/models/tensorfood/samples/chips.png" .
for package in "${packages[@]}"; do
  rm -rf user
  "$python" -m venv user
  user/bin/pip install --quiet --disable-pip-version-check "$package"
  user/bin/pip check --disable-pip-version-check > /dev/null
  user/bin/python - "$url" "$version" <<'PYTHON'
import asyncio, importlib.metadata, importlib.resources, sys
from servery_client import AsyncClient, Client

url, version = sys.argv[1:]
assert importlib.metadata.version("servery-client") == version
assert (importlib.resources.files("servery_client") / "py.typed").is_file()
with Client(url) as client:
    assert client.predict("chips.png").label == "french_fries"
    assert client.explain("chips.png").overlay.startswith(b"\x89PNG")

async def again():
    async with AsyncClient(url) as client:
        return await client.predict_many(["chips.png"] * 2, progress=False)

assert [each.label for each in asyncio.run(again())] == ["french_fries"] * 2

class Pixels:
    """An array, as far as one can see without NumPy."""
    __array__ = None

try:
    Client(url).predict(Pixels())
except ImportError as error:
    assert "pip install 'servery-client[pictures]'" in str(error), error
else:
    raise AssertionError("There was Pillow")
PYTHON
  echo "$(basename "$package"): built, installed and used"
done
