#!/usr/bin/env bash
# Starts an API server on an empty etcd, and runs a command that finds it with kubectl. It does not run pods.
#   apiserver.sh COMMAND ARGUMENT…
set -euo pipefail
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

"$@"
