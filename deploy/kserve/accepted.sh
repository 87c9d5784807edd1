#!/usr/bin/env bash
# Adds KServe's custom resources to the API server of kubectl, and applies manifests as a dry run.
#   accepted.sh FOLDER_OF_CRDS MANIFEST…
set -euo pipefail
crds=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for kind in clusterservingruntimes servingruntimes inferenceservices; do kubectl apply --server-side --filename "$crds/serving.kserve.io_$kind.yaml"; done
# A resource that was just added has no conditions at all, and then kubectl fails at once.
for _ in $(seq 10); do kubectl wait --for condition=Established crd --all --timeout 60s > /dev/null 2>&1 && break; sleep 1; done
kubectl create namespace models
for manifest in "$@"; do kubectl apply --server-side --dry-run=server --validate=strict --filename "$manifest"; done

# The pod of the runtime, in a namespace that enforces the restricted Pod Security Standard. KServe adds containers of its own.
kubectl label namespace models pod-security.kubernetes.io/enforce=restricted > /dev/null
cd "$(dirname "$0")"
kubectl apply --server-side --dry-run=server --output json --filename runtime.yaml | node -e '
  const { containers, volumes, labels, annotations } = JSON.parse(require("fs").readFileSync(0, "utf8")).spec
  console.log(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "servery", labels, annotations }, spec: { containers, volumes } }))' > "$work/pod.json"
kubectl create --dry-run=server --namespace models --filename "$work/pod.json"

# What must be refused. This shows that the checks can fail.
refuse () {
  local name=$1 change=$2 reason=$3 file=$4
  sed "$change" "$file" > "$work/broken"
  if cmp --silent "$file" "$work/broken"; then echo "$name: nothing was changed"; exit 1; fi
  if kubectl apply --server-side --dry-run=server --validate=strict --namespace models --filename - < "$work/broken" > "$work/output" 2>&1; then echo "$name was accepted"; exit 1; fi
  printf 'refused, as it must be: %s: ' "$name"
  grep --only-matching --extended-regexp --max-count 1 "$reason" "$work/output" || { cat "$work/output"; exit 1; }
}
refuse 'an unknown field' 's/autoSelect:/autoselect:/' 'spec.supportedModelFormats[^ ]+autoselect: field not declared in schema' runtime.yaml
refuse 'a wrong type' 's/minReplicas: 0/minReplicas: none/' 'spec.predictor.minReplicas.+' examples/scale-to-zero.yaml
refuse 'a runtime without containers' '/^  containers:/,/^  volumes:/{/^  volumes:/!d}' 'spec.containers: Required value' runtime.yaml
refuse 'a metric of an unknown kind' 's/backend: prometheus/backend: mercury/' 'backend: Unsupported value: "mercury"' examples/keda.yaml
refuse 'a privileged pod' 's/"privileged": *false/"privileged":true/; s/"allowPrivilegeEscalation": *false,//' 'violates PodSecurity "[^"]*"' "$work/pod.json"
