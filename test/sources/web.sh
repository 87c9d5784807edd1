# A section of sources.sh: a web server that asks for a token, as a plain HTTP server of the standard library of Python.
command -v python3 > /dev/null || { missing 'web: there is no Python'; exit 0; }
secret=topSecretTokenOfTheTest0123
tar --create --gzip --file "$work/iris.tar.gz" --directory models/iris model.onnx card.json
python3 - "$port" "$work" "$secret" > "$work/web.log" 2>&1 <<'PYTHON' &
import functools, http.server, sys

class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") in (f"Bearer {sys.argv[3]}", f"token {sys.argv[3]}") or f"signature={sys.argv[3]}" in self.path:
            return super().do_GET()
        self.send_error(403)

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), functools.partial(Handler, directory=sys.argv[2])).serve_forever()
PYTHON
servers+=($!)
mkdir "$work/iris"
cp models/iris/{model.onnx,card.json} "$work/iris"
reachable "http://127.0.0.1:$port/"
for file in iris/model.onnx iris.tar.gz; do
  answers "http://127.0.0.1:$port/$file" "MODEL_TOKEN=Bearer $secret"
  builds "http://127.0.0.1:$port/$file" "MODEL_TOKEN=$secret"
done
answers "http://127.0.0.1:$port/iris.tar.gz?signature=$secret"
refuses "http://127.0.0.1:$port/iris.tar.gz" 403
refuses "http://127.0.0.1:$port/iris.tar.gz?signature=wrong" 403
