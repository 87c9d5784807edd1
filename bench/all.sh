#!/bin/sh
# Runs the whole benchmark: npm run bench with the Python environments of all peers, which it makes on its first run.
#
#     bench/all.sh [options of npm run bench]
#
# ENVIRONMENTS is the folder of the environments; PYTHON is the Python to make them with, version 3.9 to 3.12 for MLServer and Triton.
set -eu
cd "$(dirname "$0")/.."
environments=${ENVIRONMENTS:-.venv}

# Makes an environment unless it is there..
environment () {
  if [ ! -e "$environments/$1/ready" ]; then
    "${PYTHON:-python3}" -m venv "$environments/$1"
    "$environments/$1/bin/pip" install --quiet --requirement "$2"
    touch "$environments/$1/ready"
  fi
}

environment bench-python bench/peers/requirements.txt
environment bench-mlserver bench/peers/mlserver/requirements.txt
environment bench-triton bench/peers/identity/triton/requirements.txt

exec npm run --silent bench -- \
  --python "$environments/bench-python/bin/python" \
  --mlserver "$environments/bench-mlserver/bin/python" \
  --triton "$environments/bench-triton/bin/python" \
  "$@"
