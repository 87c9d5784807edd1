"""Fills a real S3 server with models, by Amazon's own client. fill_s3.py ENDPOINT MODEL_FOLDER OUT; keys come from the environment.

Writes to OUT what the checks compare with: sizes and digests of what was stored, and the ETags that the server gave.
"""

import hashlib
import json
import pathlib
import random
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

MIB = 1024 * 1024
PARTS = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=1)
ODD_NAMES = ["with space/model one.bin", "plus+sign.bin", "percent%41.bin", "quote'(!)*.bin", "ünïcode-文字.bin", "amp&lt;.bin", "hash#question?.bin"]


def main(endpoint: str, model: pathlib.Path, out: pathlib.Path) -> None:
    client = boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}))
    stored: dict[str, dict[str, object]] = {}

    def put(bucket: str, key: str, data: bytes) -> None:
        answer = client.put_object(Bucket=bucket, Key=key, Body=data)
        note(bucket, key, data, answer["ETag"], answer.get("VersionId"))

    def note(bucket: str, key: str, data: bytes, etag: str, version: str | None) -> None:
        digest = hashlib.sha256(data).hexdigest()
        stored[f"s3://{bucket}/{key}"] = {"bytes": len(data), "sha256": digest, "etag": etag, "version": version}

    for bucket in ("private", "public", "versions"):
        client.create_bucket(Bucket=bucket)
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::public", "arn:aws:s3:::public/*"]}
    client.put_bucket_policy(Bucket="public", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    for bucket in ("private", "public"):
        # What a console makes for a folder; and a neighbour whose name begins with the same letters.
        client.put_object(Bucket=bucket, Key="team/iris/", Body=b"")
        put(bucket, "team/iris2/model.onnx", b"another model")
        for file in sorted(model.iterdir()):
            put(bucket, f"team/iris/{file.name}", file.read_bytes())

    for name in ODD_NAMES:
        put("private", f"odd/{name}", name.encode())
    for number in range(2_345):
        client.put_object(Bucket="private", Key=f"many/{number % 7}/{number:05}", Body=b"1")

    large = random.Random(1).randbytes(12 * MIB + 345)
    (out.parent / "large.bin").write_bytes(large)
    client.upload_file(str(out.parent / "large.bin"), "private", "large/weights.onnx", Config=PARTS)
    head = client.head_object(Bucket="private", Key="large/weights.onnx")
    assert head["ETag"].endswith('-3"'), head["ETag"]
    note("private", "large/weights.onnx", large, head["ETag"], None)

    client.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    put("versions", "model.bin", b"the first")
    stored["first"] = stored["s3://versions/model.bin"]
    put("versions", "model.bin", b"the second")
    out.write_text(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
