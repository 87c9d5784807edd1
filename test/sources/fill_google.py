"""Fills an emulator of Google Cloud Storage with a model, by Google's own client. fill_google.py ENDPOINT MODEL_FOLDER OUT.

Writes to OUT what the checks compare with: the size and SHA-256 of each object.
"""

import hashlib
import json
import pathlib
import random
import sys

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

ODD_NAMES = ["with space/model one.bin", "plus+sign.bin", "percent%41.bin", "quote'(!)*.bin", "ünïcode-文字.bin", "amp&lt;.bin", "hash#question?.bin"]


def main(endpoint: str, model: pathlib.Path, out: pathlib.Path) -> None:
    client = storage.Client(project="test", credentials=AnonymousCredentials(), client_options={"api_endpoint": endpoint})
    bucket = client.create_bucket("models")
    stored = {}

    def put(name: str, data: bytes) -> None:
        bucket.blob(name).upload_from_string(data)
        stored[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    for file in sorted(model.iterdir()):
        put(f"team/iris/{file.name}", file.read_bytes())
    bucket.blob("team/iris/").upload_from_string(b"")
    put("team/iris2/model.onnx", b"another model")
    for name in ODD_NAMES:
        put(f"odd/{name}", name.encode())
    for number in range(1_234):
        bucket.blob(f"many/{number % 7}/{number:05}").upload_from_string(b"1")
    large = random.Random(1).randbytes(12 * 1024 * 1024 + 345)
    (out.parent / "large.bin").write_bytes(large)
    blob = bucket.blob("large/weights.onnx", chunk_size=5 * 1024 * 1024)
    blob.upload_from_filename(out.parent / "large.bin")
    out.write_text(json.dumps(stored))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
