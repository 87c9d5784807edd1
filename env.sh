#!/bin/sh
# The settings of the service. Source this file before the start: . ./env.sh && npm start
# All settings are optional. A line that is commented out shows the default. docs/configuration.md explains each setting.

export MODEL_NAME="${MODEL_NAME:-tensorfood}"   # model to serve: a folder in models/
export MODEL_URL="${MODEL_URL:-}"               # address of a model: of an .onnx file, an archive or a folder; downloaded to the model's folder if that has no model
# export MODEL_TOKEN=           # token for the address of the model; keep it out of this file: it belongs to the secrets of the pipeline
# export MODEL_SHA256=          # expected SHA-256 of the download: of the .onnx file or of the archive, in hex
# export MODEL_LIMIT=2147483648 # largest size in bytes of a download, all files together, and of an unpacked archive
# export MODEL_PATH=            # the model: the path of an .onnx file, a folder or an archive, or an address, from which it is fetched into MODEL_CACHE; overrides MODEL_NAME
# export MODEL_CACHE=           # folder where models from an address in MODEL_PATH are kept; default: servery in XDG_CACHE_HOME, or in ~/.cache
# export SERVED_NAME=           # name of the model in URLs and answers; default: the name in the model's card, or of its folder
# export MODEL_VERSION=        # version of the model in URLs and answers; default: the version in the model's card, or 1

# export HOST=0.0.0.0
# export PORT=8000
# export WORKERS=               # worker threads that run the model, each with its own copy; default: measured at start-up
# export THREADS=               # ONNX Runtime threads in each worker; default: measured at start-up
# export MAX_BATCH=             # largest number of inputs in a batch; default: measured at start-up
# export EXECUTION_PROVIDERS=cpu   # execution providers of ONNX Runtime in the order of preference: cpu, cuda, tensorrt, webgpu, coreml, dml
# export QUEUE_LIMIT=           # largest number of inputs that are being read, waiting or running; default: 256 pictures, 16384 rows
# export DEADLINE_MS=10000      # milliseconds from the complete request (its body has arrived) to its answer; after that the answer is 504
# export UPLOAD_LIMIT=20971520  # largest size of a request body in bytes, all files together
# export PIXEL_LIMIT=50000000   # largest number of pixels (width x height) of a picture
# export TEXT_LIMIT=20000       # largest number of characters of a text
# export DECODE_LIMIT=339738624 # memory in bytes for all pictures that are being decoded; a picture that takes more alone is refused
# export TOP_K=5                # number of labels in top if the request has no top_k
# export DIALECTS=v2,v1,max,kapitan   # dialects of other systems that the service speaks, separated by commas, or none
# export GRPC_PORT=             # port of the Open Inference Protocol over gRPC; 0 takes any free one; default: off
# export API_KEYS=              # API keys of the clients: name:key,name:key, each key 16 characters or longer; keep them out of this file
# export RATE_LIMIT=            # requests per minute for each API key, or for each IP address if there are no keys
# export CORS_ORIGINS=          # origins of web pages that may call the service from a browser, separated by commas; * allows any
# export EMBED_ORIGINS=         # origins of web pages that may show the page in a frame, as /?embed, separated by commas; * allows any; default: only the service itself
# export TRUST_PROXY=0          # trusted proxies, whose X-Forwarded-For counts: their number, or their addresses or ranges, separated by commas
# export PREDICTION_LOG=        # path of a log file with one line of JSON for each prediction
# export PREDICTION_LOG_SAMPLE=1   # share of the predictions that PREDICTION_LOG records, 0 to 1
# export LOG_LEVEL=info

# A setting of Node.js, which must be set before the process starts.
export UV_THREADPOOL_SIZE="${UV_THREADPOOL_SIZE:-$(nproc 2>/dev/null || echo 4)}"   # largest number of pictures that are decoded at the same time

# A setting of glibc, which must be set before the process starts, too. With the default, 8 for each core, the process takes up to twice the memory.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"   # number of separate heaps of the threads
