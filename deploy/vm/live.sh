#!/usr/bin/env bash
# Starts the service as servery.service does, and Caddy with the Caddyfile before it, on this machine. It asks through HTTPS,
# with a certificate of Caddy's own authority, and restarts the service while a request waits. It needs dist/, caddy and curl.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly SITE=8474 SERVICE=8475 KEY=0123456789abcdef
work=$(mktemp --directory)
service='' caddy=''
finish () { for process in $caddy $service; do kill "$process" 2> /dev/null || true; done; wait; rm -rf "$work"; }
trap finish EXIT
fail () { echo "FAILED: $*"; cat "$work"/*.log; exit 1; }

# What the unit sets, but for the cache, which is a folder of systemd.
mapfile -t settings < <(sed --quiet 's/^Environment=//p' deploy/vm/servery.service | grep --invert-match '^MODEL_CACHE=')
start () {
  env "${settings[@]}" API_KEYS="me:$KEY" MODEL_NAME=iris PORT=$SERVICE node dist/cli/servery.js start >> "$work/service.log" 2>&1 &
  service=$!
}
ready () { curl --silent --fail --retry 100 --retry-all-errors --retry-delay 1 --max-time 60 --output /dev/null "http://127.0.0.1:$SERVICE/readyz"; }

# A certificate of its own, and no files outside its folder. All else is as on a machine.
cat > "$work/Caddyfile" <<END
{
  admin off
  local_certs
  skip_install_trust
  auto_https disable_redirects
  storage file_system $work/caddy
}
import $PWD/deploy/vm/Caddyfile
END
start
SITE_ADDRESS="https://localhost:$SITE" UPSTREAM="127.0.0.1:$SERVICE" caddy run --adapter caddyfile --config "$work/Caddyfile" > "$work/caddy.log" 2>&1 &
caddy=$!
ready || fail 'the service does not start'

# ask PATH …: the status, and the answer in $work/answer
ask () { local path=$1; shift; curl --silent --show-error --cacert "$work/caddy/pki/authorities/local/root.crt" --output "$work/answer" --write-out '%{http_code}' "$@" "https://localhost:$SITE$path"; }
row=(--header 'content-type: application/json' --data '[5.9,3.0,5.1,1.8]')

for _ in $(seq 100); do if ask / > /dev/null 2>&1; then break; fi; sleep 0.1; done
[ "$(ask /)" = 200 ] || fail 'the page'
[ "$(ask /predict "${row[@]}")" = 401 ] || fail 'a request without a key is answered'
[ "$(ask /predict "${row[@]}" --header "authorization: Bearer $KEY" --header 'x-forwarded-for: 192.0.2.66')" = 200 ] || fail 'a request with the key'
grep --quiet virginica "$work/answer" || fail 'the answer'
[ "$(ask /metrics)" = 404 ] || fail 'strangers read the metrics'
[ "$(ask /healthz)" = 404 ] || fail 'strangers read the state of the queue'
if grep --quiet 192.0.2.66 "$work/service.log"; then fail 'a caller can pretend another address'; fi
head --bytes 30000000 /dev/zero > "$work/large"
[ "$(ask /predict --header "authorization: Bearer $KEY" --http1.1 --data-binary "@$work/large")" = 413 ] || fail 'a body of 30 MB is taken'

kill "$service" && wait "$service"
ask /predict "${row[@]}" --header "authorization: Bearer $KEY" > "$work/status" &
waiting=$!
sleep 1
start
wait "$waiting"
[ "$(cat "$work/status")" = 200 ] || fail 'a request during a restart is lost'
echo "ok: $(cat "$work/answer")"
