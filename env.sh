#!/bin/sh
# The settings of a service; source it before starting one: . ./env.sh && npm start
# Every one is optional. What is commented out shows its default; the README explains each.

export MODEL_NAME="${MODEL_NAME:-tensorfood}"   # a folder of models/
export MODEL_URL="${MODEL_URL:-}"               # where model.onnx, and card.json beside it, are fetched from when the folder has none
# export MODEL_TOKEN=           # for MODEL_URL; keep it out of this file: it belongs to the pipeline's secrets
# export MODEL_SHA256=          # what the fetched model.onnx must hash to
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
# export LOG_LEVEL=info

# The platform's own, which must be set before the process starts.
export UV_THREADPOOL_SIZE="${UV_THREADPOOL_SIZE:-$(nproc 2>/dev/null || echo 4)}"   # pictures decoded at once
