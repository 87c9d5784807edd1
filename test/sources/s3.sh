# shellcheck shell=bash disable=SC2154
# A section of sources.sh: S3. The Versity gateway is the server, Amazon's client for Python stores.
tool versitygw "$versitygw" || exit 0
python s3 || exit 0
secret=topSecretKeyOfTheTest0123
export AWS_ACCESS_KEY_ID=AKIDOFTHETEST AWS_SECRET_ACCESS_KEY=$secret AWS_DEFAULT_REGION=eu-test-1 AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port
mkdir "$work/buckets" "$work/versions"
start versitygw "$tool" --access "$AWS_ACCESS_KEY_ID" --secret "$secret" --region eu-test-1 --port "127.0.0.1:$port" posix --versioning-dir "$work/versions" "$work/buckets"
reachable "$AWS_ENDPOINT_URL_S3"
"$python" test/sources/fill_s3.py "$AWS_ENDPOINT_URL_S3" models/iris "$work/stored.json"
node dist/test/sources/s3.js "$work/stored.json"
answers s3://private/team/iris
builds s3://private/team/iris "AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY=$secret" "AWS_DEFAULT_REGION=eu-test-1" "AWS_ENDPOINT_URL_S3=$AWS_ENDPOINT_URL_S3"
answers s3://private/team/iris/model.onnx
answers s3://public/team/iris AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY=
fetches s3://private/large/weights.onnx
cmp "$work/large.bin" "$work/fetched/weights.onnx"
refuses s3://private/team/iris SignatureDoesNotMatch AWS_SECRET_ACCESS_KEY=wrongSecretKey
refuses s3://private/team/iris 'AccessDenied.* anonymous' AWS_NO_SIGN_REQUEST=1
refuses s3://absent/team/iris NoSuchBucket
refuses s3://private/nothing 'no object'
