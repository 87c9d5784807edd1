# shellcheck shell=bash disable=SC2154
# A section of sources.sh: Google Cloud Storage. fake-gcs-server is the server, Google's client for Python stores.
tool fake-gcs-server "$fake_gcs" || exit 0
python google || exit 0
export STORAGE_EMULATOR_HOST=http://127.0.0.1:$port
start gcs "$tool" -backend memory -scheme http -host 127.0.0.1 -port "$port" -public-host "127.0.0.1:$port" -external-url "$STORAGE_EMULATOR_HOST"
reachable "$STORAGE_EMULATOR_HOST"
"$python" test/sources/fill_google.py "$STORAGE_EMULATOR_HOST" models/iris "$work/stored.json"
node dist/test/sources/google.js "$work/stored.json"
secret=tokenOfTheTest0123
answers gs://models/team/iris "GOOGLE_OAUTH_ACCESS_TOKEN=$secret"
builds gs://models/team/iris "GOOGLE_OAUTH_ACCESS_TOKEN=$secret" "STORAGE_EMULATOR_HOST=$STORAGE_EMULATOR_HOST"
answers gs://models/team/iris/model.onnx
fetches gs://models/large/weights.onnx
cmp "$work/large.bin" "$work/fetched/weights.onnx"
refuses gs://absent/team/iris 'no such bucket' "GOOGLE_OAUTH_ACCESS_TOKEN=$secret"
