#!/usr/bin/env bash
# Runs the service as Lambda does: Amazon's Runtime Interface Emulator starts it beside the web adapter, and gets the events of a
# function URL. It measures the cold start, and freezes the process between two requests. It needs dist/, curl, jq, root (for a
# folder /opt of its own), and two programs in PATH: aws-lambda-rie, which the Python package aws-sam-cli contains as
# samcli/local/rapid/aws-lambda-rie-x86_64, and lambda-adapter, which `cargo install lambda_web_adapter` builds.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly EVENTS=8476 RUNTIME=8477 SERVICE=8478 KEY=0123456789abcdef FREEZE_SECONDS=${FREEZE_SECONDS:-5}
work=$(mktemp --directory)
emulator=''
finish () { if [ -n "$emulator" ]; then kill "$emulator" 2> /dev/null || true; fi; wait; rm -rf "$work"; }
trap finish EXIT
fail () { echo "FAILED: $*"; cat "$work/log"; exit 1; }

# What the Dockerfile sets, on other ports.
settings=$(sed --quiet '/^ENV /,/[^\\]$/p' deploy/lambda/Dockerfile | sed 's/^ENV//; s/\\$//' | tr --squeeze-repeats ' \n' ' ' | sed "s/=8000/=$SERVICE/g")
adapter=$(command -v lambda-adapter) emulate=$(command -v aws-lambda-rie)

# start MODEL
start () {
  # shellcheck disable=SC2016,SC2086 # several settings, and a script for another shell
  env $settings MODEL_NAME="$1" API_KEYS="me:$KEY" AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1769 AWS_LAMBDA_FUNCTION_TIMEOUT=30 \
    unshare --mount bash -c 'mount --types tmpfs tmpfs /opt && mkdir /opt/extensions && cp "$1" /opt/extensions/lambda-adapter && shift && exec "$@"' \
    start "$adapter" "$emulate" --runtime-interface-emulator-address "127.0.0.1:$EVENTS" --runtime-api-address "127.0.0.1:$RUNTIME" \
    node dist/cli/servery.js start >> "$work/log" 2>&1 &
  emulator=$!
  for _ in $(seq 100); do if (: > "/dev/tcp/127.0.0.1/$EVENTS") 2> /dev/null; then return; fi; sleep 0.1; done
  fail 'the emulator does not listen'
}

# event TYPE FILE: what a function URL makes of a request
event () {
  base64 --wrap=0 "$2" | jq --raw-input --arg type "$1" --arg key "$KEY" '{
    version: "2.0", routeKey: "$default", rawPath: "/predict", rawQueryString: "top_k=1", isBase64Encoded: true, body: .,
    headers: { "content-type": $type, "x-api-key": $key, host: "example.lambda-url.eu-west-1.on.aws" },
    requestContext: { accountId: "anonymous", apiId: "example", domainName: "example.lambda-url.eu-west-1.on.aws", domainPrefix: "example",
      http: { method: "POST", path: "/predict", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "curl" },
      requestId: "1", routeKey: "$default", stage: "$default", time: "01/Jan/2026:00:00:00 +0000", timeEpoch: 1767225600000 } }' > "$work/event"
}

# ask EXPECTED: sends the event, and prints how many seconds it took
ask () {
  curl --silent --show-error --max-time 60 --output "$work/answer" --write-out '%{time_total}' --data "@$work/event" \
    "http://127.0.0.1:$EVENTS/2015-03-31/functions/function/invocations"
  jq --exit-status --arg expected "$1" '.statusCode == 200 and (.body | fromjson | .top[0].label == $expected)' "$work/answer" > /dev/null || { cat "$work/answer"; fail "not $1"; }
}

end () { kill "$emulator"; wait "$emulator" 2> /dev/null || true; emulator=''; }

echo '[5.9,3.0,5.1,1.8]' > "$work/row"
event application/json "$work/row"
start iris
echo "iris: $(ask virginica) s from cold, then $(ask virginica) s"
end

event image/png models/tensorfood/samples/chips.png
start tensorfood
echo "tensorfood: $(ask french_fries) s from cold, then $(ask french_fries) s"
mapfile -t processes < <(ps -o pid= --ppid "$emulator")
kill -STOP "${processes[@]}"
sleep "$FREEZE_SECONDS"
kill -CONT "${processes[@]}"
echo "after $FREEZE_SECONDS s of frost: $(ask french_fries) s"
jq --arg key wrong '.headers["x-api-key"] = $key' "$work/event" > "$work/wrong" && mv "$work/wrong" "$work/event"
curl --silent --data "@$work/event" "http://127.0.0.1:$EVENTS/2015-03-31/functions/function/invocations" | jq --exit-status '.statusCode == 401' > /dev/null || fail 'a wrong key is taken'
end
echo ok
