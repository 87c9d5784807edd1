# A section of sources.sh: the Hugging Face Hub. A server of ours answers as the Hub does, and Hugging Face's own client downloads
# from it, too: where that understands it, it is like the Hub.
python huggingface || exit 0
secret=hf_topSecretTokenOfTheTest
start hub node dist/test/sources/hub.js "$work/hub.json" models/iris "$secret"
for _ in $(seq 300); do [ -s "$work/hub.json" ] && break; sleep 0.2; done
endpoint=$(node -p "JSON.parse(fs.readFileSync('$work/hub.json')).origin")
HF_ENDPOINT=$endpoint HF_TOKEN=$secret HF_HOME=$work/huggingface HF_HUB_DISABLE_TELEMETRY=1 HF_HUB_DISABLE_PROGRESS_BARS=1 "$python" test/sources/huggingface.py "$work/theirs"
HF_ENDPOINT=$endpoint HF_TOKEN=$secret node dist/test/sources/huggingface.js "$work/hub.json" "$work/theirs"
answers hf://acme/iris "HF_ENDPOINT=$endpoint" "HF_TOKEN=$secret"
answers hf://acme/iris@refs/pr/1 "HF_ENDPOINT=$endpoint" "MODEL_TOKEN=$secret"
answers hf://acme/iris/model.onnx "HF_ENDPOINT=$endpoint" "HUGGING_FACE_HUB_TOKEN=$secret"
refuses hf://acme/iris 'no model acme/iris, or it is private' "HF_ENDPOINT=$endpoint"
refuses hf://acme/iris 'the token may not read it' "HF_ENDPOINT=$endpoint" HF_TOKEN=hf_other
refuses hf://acme/iris@v9 'has no revision v9' "HF_ENDPOINT=$endpoint" "HF_TOKEN=$secret"
refuses hf://acme/several 'name one, as in hf://acme/several/' "HF_ENDPOINT=$endpoint" "HF_TOKEN=$secret"
refuses hf://acme/iris 'HF_HUB_OFFLINE' "HF_ENDPOINT=$endpoint" "HF_TOKEN=$secret" HF_HUB_OFFLINE=1
