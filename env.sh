#!/bin/sh
# The settings of a service; source it before starting one: . ./env.sh && npm start
# Every one is optional. What is commented out shows its default; the README explains each.

export MODEL_NAME="${MODEL_NAME:-tensorfood}"   # a folder of models/
export MODEL_URL="${MODEL_URL:-}"               # where model.onnx and card.json, or a .tar.gz of the folder, are fetched from when the folder has no model
# export MODEL_TOKEN=           # for MODEL_URL; keep it out of this file: it belongs to the pipeline's secrets
# export MODEL_SHA256=          # what is fetched from MODEL_URL must hash to this
# export MODEL_LIMIT=2147483648 # bytes of a file that is fetched
# export MODEL_PATH=            # a model folder anywhere else; wins over MODEL_NAME

# export HOST=0.0.0.0
# export PORT=8000
# export WORKERS=               # worker threads, each with a copy of the model; default: measured
# export THREADS=               # ONNX Runtime's threads in each worker; default: measured
# export MAX_BATCH=             # inputs that run together at most; default: measured
# export QUEUE_LIMIT=           # default: 256 pictures, 16384 rows
# export DEADLINE_MS=10000
# export UPLOAD_LIMIT=20971520  # bytes
# export PIXEL_LIMIT=50000000
# export TOP_K=5
# export API_KEYS=              # who may ask: name:key,name:key, keys of 16 characters or more; keep them out of this file
# export RATE_LIMIT=            # questions a minute for each key, or each address
# export CORS_ORIGINS=          # origins whose pages may call this from a browser, divided by commas; * is any
# export TRUST_PROXY=0          # proxies whose X-Forwarded-For is believed: how many, or their addresses
# export PREDICTION_LOG=        # a file that gets a line of JSON for each prediction
# export PREDICTION_LOG_SAMPLE=1   # the share of the predictions that are written there
# export LOG_LEVEL=info

# The platform's own, which must be set before the process starts.
export UV_THREADPOOL_SIZE="${UV_THREADPOOL_SIZE:-$(nproc 2>/dev/null || echo 4)}"   # pictures decoded at once
