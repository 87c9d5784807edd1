# A section of sources.sh: DVC. Its own command pushes the model to a folder, to a web server and to the Versity gateway, in the
# layouts of DVC 3 and DVC 2, and as versions of files. What is served is a copy with what people have in Git.
python dvc || exit 0
dvc=${python%/*}/dvc
secret=topSecretKeyOfTheTest0123
export DVC_NO_ANALYTICS=1 DVC_SITE_CACHE_DIR=$work/site
# in_repository COMMAND…: prints what the command says only if it fails.
in_repository () { (cd "$repository" && "$@") > "$work/dvc.log" 2>&1 || { tail -n 5 "$work/dvc.log"; return 1; }; }
# repository NAME URL: a repository with the model of iris as a file and as a folder, and with a remote.
repository () {
  repository=$work/$1
  mkdir -p "$repository/models/iris" "$repository/models/whole"
  cp models/iris/{card.json,model.onnx} "$repository/models/iris/"
  # DVC 2 computes the MD5 of its lines with other ends.
  sed 's/$/\r/' models/iris/card.json > "$repository/models/whole/card.json"
  cp models/iris/model.onnx "$repository/models/whole/"
  in_repository "$dvc" init --no-scm
  in_repository "$dvc" remote add --default store "$2"
}
# push: and forgets everything that is not in Git.
push () {
  in_repository "$dvc" add models/iris/model.onnx models/whole
  in_repository "$dvc" push
  rm -r "$repository/.dvc/cache" "$repository/.dvc/tmp" "$repository/models/whole" "$repository/models/iris/model.onnx"
}

repository folder "$work/store"
in_repository "$dvc" add models/iris/model.onnx
answers "$repository/models/iris/model.onnx.dvc"
refuses "$repository/models/whole.dvc" 'no .*whole.dvc'
push
test -f "$work"/store/files/md5/04/f227a1ef0703cba356536e8ef6b4c8
answers "$repository/models/iris/model.onnx.dvc"
answers "$repository/models/iris"
answers "$repository/models/whole.dvc"
fetches "$repository/models/iris/model.onnx.dvc"
cmp models/iris/model.onnx "$work/fetched/model.onnx"

start web "$python" -m http.server --bind 127.0.0.1 --directory "$work" "$port"
reachable "http://127.0.0.1:$port/"
repository web "http://127.0.0.1:$port/store"
cp "$work"/folder/models/whole.dvc "$repository/models/"
cp "$work"/folder/models/iris/model.onnx.dvc "$repository/models/iris/"
rm -r "$repository/models/whole" "$repository/models/iris/model.onnx"
answers "$repository/models/whole.dvc"
answers "http://127.0.0.1:$port/web/models/iris/model.onnx.dvc"
builds "http://127.0.0.1:$port/web/models/iris/model.onnx.dvc"
answers "http://127.0.0.1:$port/web/models/whole.dvc"
refuses "http://127.0.0.1:$port/folder/models/whole.dvc" 'folder of the machine that pushed'

if python dvc2; then
  three=$dvc dvc=${python%/*}/dvc
  repository two "$work/store of two"
  push
  test -f "$work/store of two/04/f227a1ef0703cba356536e8ef6b4c8"
  answers "$repository/models/iris/model.onnx.dvc"
  answers "$repository/models/whole.dvc"
  dvc=$three
fi

tool versitygw "$versitygw" || exit 0
endpoint=http://127.0.0.1:$((port + 1))
mkdir "$work/buckets" "$work/versions"
start versitygw "$tool" --access AKIDOFTHETEST --secret "$secret" --region eu-test-1 --port "${endpoint#http://}" posix --versioning-dir "$work/versions" "$work/buckets"
reachable "$endpoint"
"$environments/sources-dvc/bin/python" - "$endpoint" "$secret" <<'PYTHON'
import sys
from botocore.session import Session

endpoint, secret = sys.argv[1:]
client = Session().create_client("s3", endpoint_url=endpoint, region_name="eu-test-1", aws_access_key_id="AKIDOFTHETEST", aws_secret_access_key=secret)
client.create_bucket(Bucket="objects")
client.create_bucket(Bucket="versions")
client.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
PYTHON
# s3 NAME URL: a repository whose remote is a bucket; the keys are in .dvc/config.local.
s3 () {
  repository "$1" "$2"
  in_repository "$dvc" remote modify store endpointurl "$endpoint"
  in_repository "$dvc" remote modify store region eu-test-1
  in_repository "$dvc" remote modify --local store access_key_id AKIDOFTHETEST
  in_repository "$dvc" remote modify --local store secret_access_key "$secret"
}

s3 objects s3://objects/some/prefix
push
answers "$repository/models/iris/model.onnx.dvc"
answers "$repository/models/whole.dvc"
keys=(AWS_ACCESS_KEY_ID=AKIDOFTHETEST "AWS_SECRET_ACCESS_KEY=$secret")
answers "http://127.0.0.1:$port/objects/models/iris/model.onnx.dvc" "${keys[@]}" "AWS_ENDPOINT_URL_S3=$endpoint"
refuses "http://127.0.0.1:$port/objects/models/iris/model.onnx.dvc" 'if you trust it, set AWS_ENDPOINT_URL_S3' "${keys[@]}"
rm "$repository/.dvc/config.local"
answers "$repository/models/iris/model.onnx.dvc" "${keys[@]}"
refuses "$repository/models/whole.dvc" "remote 'store' .*AccessDenied.* anonymous"

s3 versions s3://versions/some/prefix
in_repository "$dvc" remote modify store version_aware true
push
grep --quiet version_id: "$repository/models/iris/model.onnx.dvc"
test -f "$work/buckets/versions/some/prefix/models/iris/model.onnx"
# A newer version of the files does not count.
cp -r "$repository/models" "$work/kept"
mkdir "$repository/models/whole"
head -c 999 /dev/urandom | tee "$repository/models/whole/model.onnx" > "$repository/models/iris/model.onnx"
push
rm -r "$repository/models"
mv "$work/kept" "$repository/models"
answers "$repository/models/iris/model.onnx.dvc"
answers "$repository/models/whole.dvc"
answers "$repository/models/iris"
