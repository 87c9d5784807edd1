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
if [ "${1:-}" = --install ]; then
  install kustomize sigs.k8s.io/kustomize/kustomize/v5 v5.8.2
  install kubeconform github.com/yannh/kubeconform/cmd/kubeconform v0.8.0
  install promtool github.com/prometheus/prometheus/cmd/promtool v0.315.0
  install prometheus github.com/prometheus/prometheus/cmd/prometheus v0.315.0
  install docker-compose github.com/docker/compose/v5/cmd v5.5.1
  install_apiserver
fi

section 'shell scripts'
if has shellcheck; then check shellcheck deploy/check.sh deploy/kubernetes/*.sh deploy/kserve/accepted.sh deploy/kubernetes/components/monitoring/prometheusrule.sh
else missing 'shellcheck is not installed'; fi

section 'Prometheus: configuration and alert rules'
if has promtool; then
  promtool --version | head -n 1
  check promtool check config deploy/monitoring/prometheus.yml
  check promtool test rules deploy/monitoring/alerts.test.yml
else missing 'promtool is not installed'; fi

section 'Docker Compose: docker-compose.yml'
if has docker-compose; then
  docker-compose version
  check docker-compose --file docker-compose.yml config --quiet
elif docker compose version 2> /dev/null; then check docker compose config --quiet
else missing 'Docker Compose is not installed'; fi

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
