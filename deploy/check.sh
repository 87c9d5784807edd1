#!/usr/bin/env bash
# Checks the files of deploy/ and docker-compose.yml with the tools that read them. It uses the tools in PATH. With
# --install it also builds missing tools with Go, which fetches Go modules and takes minutes. NOT RUN marks a check that
# it could not make.
set -euo pipefail
cd "$(dirname "$0")/.."

# The oldest and the newest Kubernetes that the manifests support, and the version of the Prometheus Operator.
KUBERNETES=(v1.32.13 v1.36.3)
OPERATOR=v0.85.0
# The oldest and the newest KServe that deploy/kserve supports. The names of the deployment modes are those since 0.16.
KSERVE=(v0.16.0 v0.17.0)
COLLECTOR=v0.165.0
TOOLS=${SERVERY_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/servery-deploy}
mkdir -p "$TOOLS"
PATH=$TOOLS:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failed=0
section () { printf '\n== %s\n' "$*"; }
missing () { printf 'NOT RUN: %s\n' "$*"; }
check () { "$@" || { echo "FAILED: $*"; failed=1; }; }
has () { command -v "$1" > /dev/null; }
# Prints the folder of a Go module, and fetches the module if necessary.
module () { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

# install NAME PACKAGE VERSION: builds in a temporary module, because `go install` refuses modules with replacements.
install () {
  has "$1" || ! has go || (
    cd "$work" && mkdir "$1" && cd "$1" && go mod init tools && go get "$2@$3" && go build -ldflags='-s -w' -o "$TOOLS/$1" "$2"
  ) > "$work/install.log" 2>&1 || { echo "could not build $1:"; tail -3 "$work/install.log"; }
}
# Kubernetes names its parts by their place in its own source; outside it, they are modules of the same version.
install_apiserver () {
  has kube-apiserver || ! has go || (
    version=${KUBERNETES[1]}
    name=k8s.io/component-base/version.git
    cd "$work" && mkdir apiserver && cd apiserver && go mod init tools
    grep --only-matching --extended-regexp 'k8s.io/[a-z-]+ => ./staging' "$(module "k8s.io/kubernetes@$version")/go.mod" \
      | while read -r part _; do echo "-replace=$part=$part@${version/v1/v0}"; done | xargs go mod edit
    go get "k8s.io/kubernetes/cmd/kube-apiserver@$version"
    go build -ldflags="-s -w -X ${name}Version=$version -X ${name}Major=1 -X ${name}Minor=$(cut -d . -f 2 <<< "$version")" \
      -o "$TOOLS/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
  ) > "$work/install.log" 2>&1 || { echo 'could not build kube-apiserver:'; tail -3 "$work/install.log"; }
}
# The builder writes the collector's few lines of Go. Its own way to get modules also gets those of their tests.
install_otelcol () {
  has otelcol || ! has go || (
    mkdir "$work/otelcol" && cp deploy/logs/builder.yaml "$work/otelcol" && cd "$work/otelcol"
    go run "go.opentelemetry.io/collector/cmd/builder@$COLLECTOR" --config builder.yaml --skip-get-modules --skip-compilation
    go mod init tools
    sed -n 's/.*gomod: \(.*\) \(v.*\)$/\1@\2/p' builder.yaml | xargs go get
    go build -mod=mod -ldflags='-s -w' -o "$TOOLS/otelcol" .
  ) > "$work/install.log" 2>&1 || { echo 'could not build otelcol:'; tail -3 "$work/install.log"; }
}
if [ "${1:-}" = --install ]; then
  install kustomize sigs.k8s.io/kustomize/kustomize/v5 v5.8.2
  install kubeconform github.com/yannh/kubeconform/cmd/kubeconform v0.8.0
  install promtool github.com/prometheus/prometheus/cmd/promtool v0.315.0
  install prometheus github.com/prometheus/prometheus/cmd/prometheus v0.315.0
  install docker-compose github.com/docker/compose/v5/cmd v5.5.1
  install amtool github.com/prometheus/alertmanager/cmd/amtool v0.35.0
  install caddy github.com/caddyserver/caddy/v2/cmd/caddy v2.11.9
  install_otelcol
  install_apiserver
fi

section 'shell scripts'
if has shellcheck; then check shellcheck deploy/check.sh deploy/{kubernetes,lambda,vm}/*.sh deploy/kserve/accepted.sh deploy/kubernetes/components/monitoring/prometheusrule.sh
else missing 'shellcheck is not installed'; fi

section 'Prometheus: configuration and alert rules'
if has promtool; then
  promtool --version | head -n 1
  check promtool check config deploy/monitoring/prometheus.yml
  check promtool test rules deploy/monitoring/alerts.test.yml
else missing 'promtool is not installed'; fi

section 'Alertmanager: its configuration, who is told, and a message'
if has amtool; then
  check amtool check-config deploy/monitoring/alertmanager.yml
  for severity in critical warning; do
    receiver=$(amtool config routes test --config.file deploy/monitoring/alertmanager.yml "severity=$severity" 2> /dev/null)
    echo "$severity: $receiver"
    case $severity-$receiver in critical-team-urgent | warning-team) ;; *) echo "FAILED: $severity alerts go to $receiver"; failed=1 ;; esac
  done
else missing 'amtool is not installed'; fi
if has alertmanager; then check node deploy/monitoring/alerted.js
elif has prometheus-alertmanager; then check env ALERTMANAGER=prometheus-alertmanager node deploy/monitoring/alerted.js
else missing 'alertmanager is not installed'; fi

section 'Docker Compose: docker-compose.yml, and the files for a virtual machine'
compose=()
if has docker-compose; then compose=(docker-compose)
elif docker compose version > /dev/null 2>&1; then compose=(docker compose); fi
if [ ${#compose[@]} -gt 0 ]; then
  "${compose[@]}" version
  check "${compose[@]}" --file docker-compose.yml --profile own --profile elsewhere --profile alerts --profile logs config --quiet
  mkdir "$work/vm" && cp deploy/vm/* deploy/logs/cloudwatch.yaml "$work/vm"
  printf 'SITE_ADDRESS=models.example.com\nAPI_KEYS=me:0123456789abcdef\nAWS_REGION=eu-west-1\n' > "$work/vm/.env"
  check "${compose[@]}" --project-directory "$work/vm" --file "$work/vm/compose.yaml" config --quiet
  check "${compose[@]}" --project-directory "$work/vm" --file "$work/vm/compose.yaml" --file "$work/vm/cloudwatch.yaml" config --quiet
else missing 'Docker Compose is not installed'; fi

section 'A virtual machine: Caddyfile, systemd, and both in use'
if has systemd-analyze; then
  # The command of the unit is not on this machine.
  sed "s|^ExecStart=.*|ExecStart=$(command -v true)|" deploy/vm/servery.service > "$work/servery.service"
  check systemd-analyze verify "$work/servery.service"
  check systemd-analyze security --offline=true --threshold=20 "$work/servery.service" > "$work/security"
  tail -n 1 "$work/security"
else missing 'systemd-analyze is not installed'; fi
if ! has caddy; then missing 'caddy is not installed'
else
  check env SITE_ADDRESS=models.example.com caddy validate --adapter caddyfile --config deploy/vm/Caddyfile 2> "$work/caddy.log" || cat "$work/caddy.log"
  if [ ! -f dist/server.js ]; then missing 'there is no dist/; run npm run build first'
  elif [[ $(caddy version) = *2.6* ]]; then missing "Caddy $(caddy version) loses requests with a body during a restart; deploy/vm/live.sh needs a newer one"
  else check deploy/vm/live.sh; fi
fi

section 'Lambda: the service in the emulator'
if [ ! -f dist/server.js ]; then missing 'there is no dist/; run npm run build first'
elif ! has aws-lambda-rie || ! has lambda-adapter || ! has jq || [ "$(id -u)" != 0 ]; then missing 'aws-lambda-rie, lambda-adapter or jq is not installed, or this is not root; deploy/lambda/live.sh says where they come from'
else check deploy/lambda/live.sh; fi

section 'Logs: the collector'
if ! has otelcol; then missing 'otelcol, a collector with the parts of deploy/logs/builder.yaml, is not installed'
else
  echo "built from version $COLLECTOR, or installed"
  check env STORAGE="$work/otelcol-storage" otelcol validate --config deploy/logs/collector.yaml --config deploy/logs/loki.yaml
  if [ -f dist/server.js ]; then check node deploy/logs/live.js; else missing 'there is no dist/; run npm run build first'; fi
fi
missing 'deploy/logs/elastic.yaml: the exporter for Elasticsearch is not in that collector'

section 'Kubernetes: kustomize builds'
rendered=()
if has kustomize; then kustomize version; render=(kustomize build)
elif has kubectl; then render=(kubectl kustomize)
else render=(); missing 'neither kustomize nor kubectl is installed'; fi
if [ ${#render[@]} -gt 0 ]; then
  for overlay in deploy/kubernetes/overlays/*; do
    file=$work/$(basename "$overlay").yaml
    if "${render[@]}" "$overlay" > "$file"; then rendered+=("$file"); echo "$overlay: $(grep -c '^kind:' "$file") resources"
    else echo "FAILED: $overlay"; failed=1; fi
  done
  # What docs/deploy/kubernetes.md has the reader make.
  if has kustomize; then
    mkdir "$work/page" && cp -r deploy "$work/page"
    { echo 'set -euo pipefail; IMAGE=ghcr.io/you/servery:1'; sed -n '/^cp -r deploy/,/^```/p' docs/deploy/kubernetes.md | sed '$d'; } > "$work/page/commands.sh"
    if (cd "$work/page" && bash commands.sh > /dev/null) && kustomize build "$work/page/deploy/kubernetes/overlays/mine" > "$work/mine.yaml"; then
      rendered+=("$work/mine.yaml"); echo "docs/deploy/kubernetes.md: $(grep -c '^kind:' "$work/mine.yaml") resources"
    else echo 'FAILED: the commands of docs/deploy/kubernetes.md'; failed=1; fi
  fi
fi

section 'Kubernetes: schemas'
if [ ${#rendered[@]} = 0 ] || ! has kubeconform || ! has go; then missing 'kustomize, kubeconform or go (which fetches the schemas) is not installed'
else
  crds=$(module "github.com/prometheus-operator/prometheus-operator@$OPERATOR")/jsonnet/prometheus-operator
  for version in "${KUBERNETES[@]}"; do
    mkdir "$work/$version"
    node deploy/kubernetes/schemas.js "$work/$version" "$(module "k8s.io/kubernetes@$version")/api/openapi-spec/swagger.json" \
      "$crds/servicemonitors-crd.json" "$crds/prometheusrules-crd.json"
    echo "Kubernetes $version, Prometheus Operator $OPERATOR"
    check kubeconform -strict -summary -schema-location "$work/$version/{{.ResourceKind}}{{.KindSuffix}}.json" "${rendered[@]}"
  done
fi

section 'Kubernetes: an API server accepts the manifests'
if [ ${#rendered[@]} = 0 ] || ! has kube-apiserver || ! has etcd || ! has kubectl || ! has go; then missing 'kube-apiserver, etcd, kubectl or go (which fetches the custom resources) is not installed'
else check deploy/kubernetes/apiserver.sh deploy/kubernetes/accepted.sh "$(module "github.com/prometheus-operator/prometheus-operator@$OPERATOR")/jsonnet/prometheus-operator" "${rendered[@]}"; fi

section 'KServe: schemas'
kserve=(deploy/kserve/examples/*.yaml)
if [ ${#render[@]} -gt 0 ] && "${render[@]}" deploy/kserve > "$work/kserve.yaml"; then kserve+=("$work/kserve.yaml"); else kserve+=(deploy/kserve/runtime.yaml); fi
if ! has kubeconform || ! has go; then missing 'kubeconform or go (which fetches the schemas) is not installed'
else
  for version in "${KSERVE[@]}"; do
    folder=$work/kserve-$version
    mkdir "$folder"
    crds=$(module "github.com/kserve/kserve@$version")/config/crd/full
    node deploy/kubernetes/schemas.js "$folder" "$(module "k8s.io/kubernetes@${KUBERNETES[0]}")/api/openapi-spec/swagger.json" \
      "$crds/serving.kserve.io_clusterservingruntimes.yaml" "$crds/serving.kserve.io_inferenceservices.yaml" \
      "$(module "github.com/prometheus-operator/prometheus-operator@$OPERATOR")/jsonnet/prometheus-operator/podmonitors-crd.json"
    echo "KServe $version, Prometheus Operator $OPERATOR"
    check kubeconform -strict -summary -schema-location "$folder/{{.ResourceKind}}{{.KindSuffix}}.json" "${kserve[@]}" deploy/kserve/podmonitor.yaml
    # A wrong name of a field must be refused. This shows that the check can fail.
    sed 's/protocolVersion:/protocolversion:/' deploy/kserve/examples/pvc.yaml > "$work/broken.yaml"
    if kubeconform -strict -schema-location "$folder/{{.ResourceKind}}{{.KindSuffix}}.json" "$work/broken.yaml"; then echo 'FAILED: a wrong field was accepted'; failed=1; fi
  done
fi

section 'KServe: an API server with its custom resources accepts the manifests'
if ! has kube-apiserver || ! has etcd || ! has kubectl || ! has go; then missing 'kube-apiserver, etcd, kubectl or go (which fetches the custom resources) is not installed'
else
  for version in "${KSERVE[@]}"; do
    echo "KServe $version"
    check deploy/kubernetes/apiserver.sh deploy/kserve/accepted.sh "$(module "github.com/kserve/kserve@$version")/config/crd/full" "${kserve[@]}"
  done
fi

section 'Prometheus scrapes running services, and every panel of the dashboard has data'
if [ ! -f dist/server.js ]; then missing 'there is no dist/; run npm run build first'
elif ! has prometheus; then missing 'prometheus is not installed'
else check node deploy/monitoring/live.js; fi

section 'Grafana shows the dashboard'
missing 'this script does not start Grafana; docker compose up does'
section 'Containers and pods run'
missing 'this script does not start containers or pods'

exit $failed
