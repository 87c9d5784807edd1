#!/usr/bin/env bash
# Checks everything in deploy/ and docker-compose.yml with the tools that will read it: those in PATH, and those that Go can
# build (--install, which takes minutes and fetches Go modules). What could not be checked is said: NOT RUN.
set -euo pipefail
cd "$(dirname "$0")/.."

# The oldest and the newest Kubernetes that the manifests are for, and what they were last checked with.
KUBERNETES=(v1.32.13 v1.36.3)
OPERATOR=v0.85.0
TOOLS=${SERVERY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/servery-deploy}
mkdir -p "$TOOLS"
PATH=$TOOLS:$PATH
work=$(mktemp -d)
pids=()
finish () { for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null; done; rm -rf "$work"; }
trap 'finish || true' EXIT

failed=0
section () { printf '\n== %s\n' "$*"; }
missing () { printf '\n== NOT RUN: %s\n' "$*"; }
check () { "$@" || { echo "FAILED: $*"; failed=1; }; }
has () { command -v "$1" > /dev/null; }

# install NAME PACKAGE VERSION: through a module of its own, since `go install` refuses modules with replacements.
install () {
  has "$1" || ! has go || (
    cd "$work" && mkdir "$1" && cd "$1" && go mod init tools && go get "$2@$3" && go build -ldflags='-s -w' -o "$TOOLS/$1" "$2"
  ) > "$work/install.log" 2>&1 || { echo "could not build $1:"; tail -3 "$work/install.log"; }
}
if [ "${1:-}" = --install ]; then
  install kustomize sigs.k8s.io/kustomize/kustomize/v5 v5.8.2
  install kubeconform github.com/yannh/kubeconform/cmd/kubeconform v0.7.0
  install promtool github.com/prometheus/prometheus/cmd/promtool v0.315.0
  install prometheus github.com/prometheus/prometheus/cmd/prometheus v0.315.0
  install docker-compose github.com/docker/compose/v5/cmd v5.6.0
  install dashboard-linter github.com/grafana/dashboard-linter v0.0.0
fi

if has shellcheck; then
  section shellcheck
  check shellcheck deploy/check.sh deploy/kubernetes/components/monitoring/prometheusrule.sh
else
  missing 'shellcheck is not here'
fi

if has promtool; then
  section 'Prometheus: configuration and alert rules'
  promtool --version | head -n 1
  check promtool check config deploy/monitoring/prometheus.yml
  (cd deploy/monitoring && check promtool test rules alerts.test.yml)
else
  missing 'the alert rules: promtool is not here'
fi
