"""Holds answers against the protocol's own document, open_inference_rest.yaml, and against what HTTP clients need that no library checks.

The document is Apache-2.0 and is not in this repository: https://github.com/kserve/open-inference-protocol. Give its path with PROTOCOL.
"""

import json
import os
import zlib
from gzip import decompress
from pathlib import Path

import requests
import yaml
from checks import ROOT, check, equal, holds, main
from jsonschema import Draft4Validator
from truth import ROWS, VALUES

DOCUMENT = Path(os.environ.get("PROTOCOL", ROOT.parent / "shared/data/open-inference-protocol/open_inference_rest.yaml"))


def document() -> dict | None:
    if not DOCUMENT.exists():
        print(f"NOT RUN: the protocol's document: {DOCUMENT} is not here")
        return None
    return yaml.safe_load(DOCUMENT.read_text())


def fits(document: dict, path: str, method: str, answer: requests.Response) -> None:
    """The answer is one that the document has for the path, and fits its schema."""
    responses = document["paths"][path][method]["responses"]
    holds(str(answer.status_code) in responses, f"{method} {path}: {answer.status_code} {answer.text}")
    content = responses[str(answer.status_code)].get("content")
    if not content:
        return
    equal(answer.headers["content-type"], "application/json", "content-type")
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in Draft4Validator(schema).iter_errors(answer.json())]
    equal(errors, [], f"{method} {path}")


def question(rows=ROWS, **more) -> dict:
    return {"inputs": [{"name": "X", "shape": list(rows.shape), "datatype": "FP32", "data": rows.tolist()}], **more}


def post(service, body, path: str = "/infer", **headers: str) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(f"{service.url}/v2/models/{service.model}{path}", data=data, headers=headers, timeout=60)


PATHS = {"model": "/v2/models/${MODEL_NAME}/versions/${MODEL_VERSION}"}


@check
def conformity(iris, pictures, identity):
    """every answer that the protocol's document has fits it, also without the version in the path"""
    protocol = document()
    if not protocol:
        return
    model = PATHS["model"]
    for service in (iris, pictures, identity):
        for path in ("/v2/health/live", "/v2/health/ready", "/v2/"):
            fits(protocol, path, "get", requests.get(service.url + path, timeout=60))
        fits(protocol, "/v2/", "get", requests.get(f"{service.url}/v2", timeout=60))
        version = service.get(f"/v2/models/{service.model}")["versions"][0]
        for middle in ("", f"/versions/{version}"):
            base = f"{service.url}/v2/models/{service.model}{middle}"
            fits(protocol, model, "get", requests.get(base, timeout=60))
            fits(protocol, f"{model}/ready", "get", requests.get(f"{base}/ready", timeout=60))
    for path in ("/infer", "/versions/1/infer"):
        outputs = [{"name": each["name"]} for each in iris.get("/v2/models/iris")["outputs"]]
        for body in (question(), question(id="7"), question(outputs=outputs), question(outputs=[{"name": outputs[-1]["name"], "parameters": {"classification": 2}}])):
            answer = post(iris, body, path)
            equal(answer.status_code, 200, answer.text)
            fits(protocol, f"{model}/infer", "post", answer)
        for body in ({}, question(ROWS[:, :3]), {"inputs": [{"name": "X", "shape": [10**12, 4], "datatype": "FP32", "data": [1, 2, 3, 4]}]}, b"{"):
            answer = post(iris, body, path)
            equal(answer.status_code, 400, answer.text)
            fits(protocol, f"{model}/infer", "post", answer)
    inputs = [{"name": f"x_{name}", "shape": [2, 2], "datatype": name, "data": [each.decode() for each in values.reshape(-1)] if name == "BYTES" else values.tolist()}
              for name, values in VALUES.items() if name != "FP16"]
    inputs.append({"name": "x_FP16", "shape": [2, 2], "datatype": "FP16", "parameters": {"binary_data_size": 8}})
    text = json.dumps({"inputs": inputs, "outputs": [{"name": f"y_{name}"} for name in VALUES if name != "FP16"]}).encode()
    answer = post(identity, text + VALUES["FP16"].tobytes(), **{"inference-header-content-length": str(len(text))})
    equal(answer.status_code, 200, answer.text[:500])
    fits(protocol, f"{model}/infer", "post", answer)


@check
def compressed_answers(iris):
    """only answers to infer are packed, with gzip or zlib's deflate, never with br; metadata and errors never are"""
    def raw(path: str, encodings: str, body=None):
        headers = {"accept-encoding": encodings}
        answer = requests.request("GET" if body is None else "POST", f"{iris.url}{path}", data=body and json.dumps(body), headers=headers, stream=True, timeout=60)
        return answer, answer.raw.read(decode_content=False)

    for path in ("/v2", "/v2/models", "/v2/models/iris", "/v2/models/iris/config", "/v2/models/iris/stats", "/v2/models/stats", "/v2/models/iris/ready", "/v2/health/ready", "/v2/models/rose"):
        answer, content = raw(path, "gzip, deflate, br")
        equal(answer.headers.get("content-encoding"), None, path)
        json.loads(content)
    answer, content = raw("/v2/repository/index", "gzip, deflate, br", {})
    equal(answer.headers.get("content-encoding"), None)
    json.loads(content)
    many = question(ROWS.repeat(200, axis=0))
    for encodings, unpack in {"gzip": decompress, "deflate": zlib.decompress}.items():
        answer, content = raw("/v2/models/iris/infer", encodings, many)
        if answer.headers.get("content-encoding"):
            equal(answer.headers["content-encoding"], encodings)
            content = unpack(content)
        equal(len(json.loads(content)["outputs"]), 2)
    answer, content = raw("/v2/models/iris/infer", "br", many)
    equal(answer.headers.get("content-encoding"), None)
    answer, content = raw("/v2/models/rose/infer", "gzip, deflate, br", many)
    equal((answer.status_code, answer.headers.get("content-encoding")), (404, None))
    holds("rose" in json.loads(content)["error"], "the error does not name the model")


@check
def errors_are_exact(iris):
    """an error is {"error": text} with the type application/json and nothing after it, whatever went wrong"""
    asks = {
        "no model": requests.get(f"{iris.url}/v2/models/rose", timeout=60),
        "no route": requests.get(f"{iris.url}/v2/nothing/here", timeout=60),
        "no method": requests.put(f"{iris.url}/v2/models/iris/infer", timeout=60),
        "no body": post(iris, b""),
        "bad JSON": post(iris, b"{"),
        "bad length": post(iris, question(), **{"inference-header-content-length": "99999999999"}),
        "negative length": post(iris, question(), **{"inference-header-content-length": "-1"}),
        "no number": post(iris, question(), **{"inference-header-content-length": "ten"}),
        "bad encoding": post(iris, question(), **{"content-encoding": "br"}),
        "damaged gzip": post(iris, b"nothing", **{"content-encoding": "gzip"}),
        "too large": post(iris, b" " * (21 * 2**20)),
        "a bomb": post(iris, bomb(), **{"content-encoding": "gzip"}),
    }
    for name, answer in asks.items():
        holds(400 <= answer.status_code < 500, f"{name}: {answer.status_code} {answer.text[:200]}")
        equal(answer.headers["content-type"], "application/json", name)
        body = answer.json()
        holds(isinstance(body["error"], str) and len(body["error"]) > 10, f"{name}: {body}")
    equal((asks["no method"].status_code, asks["too large"].status_code, asks["a bomb"].status_code), (405, 413, 413))
    holds("POST" in asks["no method"].headers["allow"], f"{asks['no method'].headers}")


def bomb(size: int = 600 * 2**20) -> bytes:
    """Zeros, packed with gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(2**20)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


@check
def head_of_health(iris):
    """HEAD on health answers 200 without a body"""
    for path in ("/v2/health/live", "/v2/health/ready"):
        answer = requests.head(iris.url + path, timeout=60)
        equal((answer.status_code, answer.content), (200, b""))


@check
def health_bodies(iris):
    """the bodies of health, readiness and the list of models are what KServe's SDK reads"""
    equal(iris.get("/v2/health/live"), {"live": True})
    equal(iris.get("/v2/health/ready"), {"live": True, "ready": True})
    equal(iris.get("/v2/models/iris/ready"), {"name": "iris", "ready": True})
    equal(iris.get("/v2/models"), {"models": ["iris"]})
    equal(iris.get("/v1/models"), {"models": ["iris"]})
    equal(iris.get("/v1/models/iris"), {"name": "iris", "ready": True})


@check
def types_of_requests(iris):
    """JSON is read whatever its Content-Type says: none, curl's, octet-stream, text"""
    for media_type in (None, "application/x-www-form-urlencoded", "application/octet-stream", "text/plain", "application/json; charset=utf-8", "application/vnd.x+json"):
        headers = {} if media_type is None else {"content-type": media_type}
        answer = post(iris, question(), **headers)
        equal(answer.status_code, 200, f"{media_type}: {answer.text}")


@check
def raw_binary(iris):
    """a raw binary request holds the one input alone, and its outputs come back binary"""
    row = ROWS[:1].tobytes()
    answer = post(iris, row, **{"inference-header-content-length": "0", "content-type": "application/octet-stream"})
    equal(answer.status_code, 200, answer.text[:300])
    length = int(answer.headers["inference-header-content-length"])
    outputs = json.loads(answer.content[:length])["outputs"]
    equal(len(answer.content) - length, sum(each["parameters"]["binary_data_size"] for each in outputs))
    equal(answer.headers["content-type"], "application/octet-stream")
    rows = post(iris, ROWS.tobytes(), **{"inference-header-content-length": "0"})
    holds(rows.status_code in (200, 400), f"{rows.status_code}")
    equal(post(iris, row[:-1], **{"inference-header-content-length": "0"}).status_code, 400)


if __name__ == "__main__":
    main()
