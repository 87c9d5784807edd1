#!/usr/bin/env bash
# Starts an API server on an empty etcd, adds the custom resources, and applies manifests. It does not run pods.
#   apiserver.sh FOLDER_OF_CRDS MANIFEST…
set -euo pipefail
crds=$1
shift
work=$(mktemp -d)
pids=()
finish () { for pid in "${pids[@]}"; do kill -KILL "$pid" && wait "$pid"; done; rm -rf "$work"; }
trap 'finish > /dev/null 2>&1 || true' EXIT
port () { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

etcd_port=$(port)
peer_port=$(port)
api_port=$(port)
etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
  --initial-cluster "default=http://127.0.0.1:$peer_port" > "$work/etcd.log" 2>&1 &
pids+=($!)
openssl genrsa -out "$work/key.pem" 2048 2> /dev/null
echo 'token,admin,admin,system:masters' > "$work/tokens"
kube-apiserver --etcd-servers "http://127.0.0.1:$etcd_port" --bind-address 127.0.0.1 --advertise-address 127.0.0.1 \
  --secure-port "$api_port" --cert-dir "$work/certs" --token-auth-file "$work/tokens" --authorization-mode RBAC --allow-privileged \
  --service-account-key-file "$work/key.pem" --service-account-signing-key-file "$work/key.pem" \
  --service-account-issuer https://kubernetes.default.svc --service-cluster-ip-range 10.0.0.0/24 \
  --disable-admission-plugins ServiceAccount > "$work/apiserver.log" 2>&1 &
pids+=($!)
export KUBECONFIG=$work/kubeconfig
kubectl config set-cluster here --server "https://127.0.0.1:$api_port" --insecure-skip-tls-verify > /dev/null
kubectl config set-credentials admin --token token > /dev/null
kubectl config set-context here --cluster here --user admin > /dev/null
kubectl config use-context here > /dev/null
for _ in $(seq 120); do kubectl get --raw /readyz > /dev/null 2>&1 && break; sleep 1; done
kubectl version | grep Server || { tail -n 5 "$work/apiserver.log"; exit 1; }

kubectl apply --server-side --filename "$crds/servicemonitors-crd.json" --filename "$crds/prometheusrules-crd.json"
kubectl wait --for condition=Established crd --all --timeout 60s > /dev/null
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
