#!/usr/bin/env bash
# Sends what the OpenAPI document of a model allows, and what it forbids, and holds the answers against it.
# contract.sh FOLDER URL; the service must serve the model of the folder at the URL. `st` of requirements.txt must be on the PATH.
set -euo pipefail
model=$(cd "$1" && pwd) url=$2
here=$(cd "$(dirname "$0")" && pwd)
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,unsupported_method,allow_header_conformance,missing_required_header
# A form may name its picture as it likes, which the document does not say.
if grep --quiet '"features"' "$model/card.json"; then rejection=,negative_data_rejection; else rejection=; fi
# Schemathesis leaves a folder where it runs.
cd "$(mktemp -d)"
run () { timeout 300 st --config-file "$here/schemathesis.toml" run "$url/openapi.json" --no-color "$@"; }

PYTHONDONTWRITEBYTECODE=1 MODEL_PATH=$model SERVICE_URL=$url SCHEMATHESIS_HOOKS=$here/hooks.py run --mode positive --max-examples 80 --phases fuzzing --checks "$checks"
# What writes the document calls every body required; that of the repository's index may be left out, as Triton's clients do.
run --mode negative --exclude-path /v2/repository/index --max-examples 40 --phases examples,coverage,fuzzing --checks "$checks$rejection"
