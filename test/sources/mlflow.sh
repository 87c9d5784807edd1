# A section of sources.sh: MLflow. Its own server keeps the artifacts and asks for a user; its own client logs and registers.
python mlflow || exit 0
secret=topSecretPasswordOfTheTest
cat > "$work/auth.ini" <<EOF
[mlflow]
default_permission = READ
database_uri = sqlite:///$work/auth.db
admin_username = admin
admin_password = $secret
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
EOF
uri=http://127.0.0.1:$port
start mlflow env "PATH=$(dirname "$python"):$PATH" "MLFLOW_AUTH_CONFIG_PATH=$work/auth.ini" MLFLOW_FLASK_SERVER_SECRET_KEY=test "$python" -m mlflow server --app-name basic-auth \
  --host 127.0.0.1 --port "$port" --workers 1 --backend-store-uri "sqlite:///$work/mlflow.db" --artifacts-destination "$work/artifacts"
reachable "$uri/version"
user=(MLFLOW_TRACKING_USERNAME=admin "MLFLOW_TRACKING_PASSWORD=$secret")
env "MLFLOW_TRACKING_URI=$uri" "${user[@]}" GIT_PYTHON_REFRESH=quiet "$python" test/sources/mlflow.py models/iris "$work/logged.json" "$work/theirs" > "$work/client.log" 2>&1 || { tail -n 5 "$work/client.log"; exit 1; }
env "MLFLOW_TRACKING_URI=$uri" "${user[@]}" node dist/test/sources/mlflow.js "$work/logged.json" "$work/theirs" "$((port + 8))"
run=$(node -p "JSON.parse(fs.readFileSync('$work/logged.json')).run")
answers models:/iris@champion "MLFLOW_TRACKING_URI=$uri" "${user[@]}"
answers models:/iris/1 "MLFLOW_TRACKING_URI=http://admin:$secret@127.0.0.1:$port"
answers "runs:/$run/files" "MLFLOW_TRACKING_URI=$uri" "${user[@]}"
answers "runs:/$run/files/model.onnx" "MLFLOW_TRACKING_URI=$uri/" "MODEL_TOKEN=Basic $(printf 'admin:%s' "$secret" | base64 --wrap=0)"
refuses models:/iris/1 'it wants to know the user; set MLFLOW_TRACKING_USERNAME' "MLFLOW_TRACKING_URI=$uri"
refuses models:/iris/1 'the user or the token may not read this' "MLFLOW_TRACKING_URI=$uri" MLFLOW_TRACKING_USERNAME=admin MLFLOW_TRACKING_PASSWORD=wrongPassword
refuses models:/iris/99 'has no version 99 of a model iris' "MLFLOW_TRACKING_URI=$uri" "${user[@]}"
refuses models:/iris@none 'has no alias or stage none of a model iris' "MLFLOW_TRACKING_URI=$uri" "${user[@]}"
refuses "runs:/$run/nothing" 'no artifacts at' "MLFLOW_TRACKING_URI=$uri" "${user[@]}"
refuses models:/iris/1 'MLFLOW_TRACKING_URI is not set'
