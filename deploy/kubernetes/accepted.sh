#!/usr/bin/env bash
# Adds the custom resources to the API server of kubectl, and applies manifests.
#   accepted.sh FOLDER_OF_CRDS MANIFEST…
set -euo pipefail
crds=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

kubectl apply --server-side --filename "$crds/servicemonitors-crd.json" --filename "$crds/prometheusrules-crd.json"
# A resource that was just added has no conditions at all, and then kubectl fails at once.
for _ in $(seq 10); do kubectl wait --for condition=Established crd --all --timeout 60s > /dev/null 2>&1 && break; sleep 1; done
for manifest in "$@"; do
  echo "$(basename "$manifest"):"
  # Not a dry run: that would not create the namespace, which the other resources need.
  kubectl apply --server-side --validate=strict --filename "$manifest"
  # The server may not have changed anything: a diff with the manifest must be empty.
  kubectl diff --server-side --filename "$manifest"
  # Creates the pod of the Deployment as a dry run. The namespace enforces the restricted Pod Security Standard.
  namespace=$(kubectl create --dry-run=client --output json --filename "$manifest" | node -e '
    const items = JSON.parse("[" + require("fs").readFileSync(0, "utf8").replaceAll(/\n}\n{/g, "\n},{") + "]")
    console.log(items.find(({ kind }) => kind === "Namespace").metadata.name)')
  kubectl get deployment servery --namespace "$namespace" --output json | node -e '
    const { spec: { template } } = JSON.parse(require("fs").readFileSync(0, "utf8"))
    console.log(JSON.stringify({ apiVersion: "v1", kind: "Pod", ...template, metadata: { ...template.metadata, name: "servery" } }))' > "$work/pod.json"
  kubectl create --dry-run=server --namespace "$namespace" --filename "$work/pod.json"
  # The same pod with privileges must be refused. This shows that the check can fail.
  sed 's/"allowPrivilegeEscalation":false/"privileged":true/' "$work/pod.json" > "$work/privileged.json"
  if kubectl create --dry-run=server --namespace "$namespace" --filename "$work/privileged.json" 2> "$work/refused"; then
    echo 'a privileged pod was accepted'
    exit 1
  fi
  grep -o 'violates PodSecurity "[^"]*"' "$work/refused" || { cat "$work/refused"; exit 1; }
done
