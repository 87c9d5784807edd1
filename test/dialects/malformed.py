"""Malformed requests to the running service: each gets the right status and a reason that names the field and the cause."""

import gzip
import json
import struct
import zlib

import requests
from checks import check, equal, holds, main
from truth import ROWS

MEMORY_BYTES = 250 * 2**20
"""How much the memory of the service may grow during all of these requests."""


def tensor(**changes) -> dict:
    return {"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4], **changes}


def without(*names: str) -> dict:
    return {name: value for name, value in tensor().items() if name not in names}


def one(*inputs, **more) -> bytes:
    return json.dumps({"inputs": list(inputs), **more}).encode()


def binary(size: int | None, rest: bytes, length: str | None = None, **changes) -> tuple[bytes, dict]:
    """A body of the binary tensor extension: a tensor that says its size, and the bytes that follow."""
    text = one({**without("data"), "parameters": {"binary_data_size": size}, **changes})
    return text + rest, {"inference-header-content-length": str(len(text)) if length is None else length}


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()


ROW = ROWS[:1].tobytes()
DEEP = b'{"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":' + b"[" * 200_000 + b"1" + b"]" * 200_000 + b"}]}"

# A name, the body with headers, the statuses that are right, and what the reason must say.
INFER = [
    ("no JSON", b"{", (400,), "JSON"),
    ("no object", b"[]", (400,), ""),
    ("null", b"null", (400,), ""),
    ("no body", b"", (400,), "inputs"),
    ("no inputs", b"{}", (400,), "inputs"),
    ("inputs that are no list", b'{"inputs":3}', (400,), "inputs"),
    ("an input that is no object", b'{"inputs":[3]}', (400,), "inputs"),
    ("no name", one(without("name")), (400,), "name"),
    ("a name that is a number", one(tensor(name=3)), (400,), "name"),
    ("no shape", one(without("shape")), (400,), "shape"),
    ("no datatype", one(without("datatype")), (400,), "datatype"),
    ("no data", one(without("data")), (400,), "data"),
    ("data and a size", one(tensor(parameters={"binary_data_size": 16})), (400,), "binary_data_size"),
    ("a datatype that does not exist", one(tensor(datatype="FP8")), (400,), "FP8"),
    ("another datatype", one(tensor(datatype="INT64")), (400,), "INT64"),
    ("a huge shape", one(tensor(shape=[10**12, 4])), (400,), "X"),
    ("a shape beyond 2^53", one(tensor(shape=[2**60 + 2, 16])), (400,), "X"),
    ("a shape beyond 2^64", one(tensor(shape=[16, 2**64 + 2])), (400,), "X"),
    ("a negative shape", one(tensor(shape=[-1, 4])), (400,), "X"),
    ("a fraction in the shape", one(tensor(shape=[1.5, 4])), (400,), "X"),
    ("a text in the shape", one(tensor(shape=["1", 4])), (400,), "X"),
    ("a shape that is no list", one(tensor(shape=4)), (400,), "shape"),
    ("too many axes", one(tensor(shape=[1] * 300 + [4])), (400,), "X"),
    ("too few values", one(tensor(data=[1, 2, 3])), (400,), "X"),
    ("too many values", one(tensor(data=[1, 2, 3, 4, 5])), (400,), "X"),
    ("lists of other lengths", one(tensor(data=[[1, 2], [3]])), (400,), "X"),
    ("a text among numbers", one(tensor(data=[1, 2, "a", 4])), (400,), "X"),
    ("an object among numbers", one(tensor(data=[1, 2, {}, 4])), (400,), "X"),
    ("data that are an object", one(tensor(data={})), (400,), "data"),
    ("an output that does not exist", one(tensor(), outputs=[{"name": "nothing"}]), (400,), "nothing"),
    ("an output without a name", one(tensor(), outputs=[{}]), (400,), "outputs"),
    ("an id that is a number", one(tensor(), id=7), (200, 400), ""),
    ("a classification below 0", one(tensor(), outputs=[{"name": "output_probability", "parameters": {"classification": -1}}]), (400,), "classification"),
    ("parameters that are a list", one(tensor(parameters=[])), (400,), "parameters"),
    ("very deep JSON", DEEP, (400, 413), ""),
    ("a list of many lists", b'{"inputs":[' + b"[]," * 2_000_000 + b"[]]}", (400, 413), ""),
    ("many inputs", one(*[tensor(name=f"X{at}") for at in range(2000)]), (400,), ""),
    ("a body over the limit", b" " * (21 * 2**20), (413,), "UPLOAD_LIMIT"),
    ("a size that is too small", binary(12, ROW[:12]), (400,), "X"),
    ("bytes that are left over", binary(16, ROW + b"abcd"), (400,), ""),
    ("bytes that are missing", binary(16, ROW[:8]), (400,), ""),
    ("a size that is negative", binary(-16, ROW), (400,), "binary_data_size"),
    ("a size that is huge", binary(2**62, ROW), (400,), ""),
    ("a size that is a text", binary("16", ROW), (400,), "binary_data_size"),
    ("a length over the body", binary(16, ROW, "99999999999"), (400,), "Inference-Header-Content-Length"),
    ("a length below 0", binary(16, ROW, "-1"), (400,), "Inference-Header-Content-Length"),
    ("a length that is no number", binary(16, ROW, "ten"), (400,), "Inference-Header-Content-Length"),
    ("a length within the JSON", binary(16, ROW, "20"), (400,), "JSON"),
    ("a huge shape in binary", binary(16, ROW, shape=[10**12, 4]), (400,), "X"),
    ("BYTES that end too early", binary(8, struct.pack("<II", 1000, 1), datatype="BYTES", shape=[1, 1]), (400,), ""),
    ("gzip that is none", (b"nothing", {"content-encoding": "gzip"}), (400,), ""),
    ("gzip that is cut off", (gzip.compress(one(tensor()))[:-12], {"content-encoding": "gzip"}), (400,), ""),
    ("deflate that is none", (b"nothing", {"content-encoding": "deflate"}), (400,), ""),
    ("an encoding that does not exist", (one(tensor()), {"content-encoding": "snappy"}), (400, 415), "snappy"),
    ("a bomb of 600 MiB", (bomb(600 * 2**20), {"content-encoding": "gzip"}), (413,), "UPLOAD_LIMIT"),
]

PREDICT = [
    ("no JSON", b"{", 400), ("no object", b"3", 400), ("no instances", b"{}", 400), ("instances that are no list", b'{"instances":3}', 400), ("no instance", b'{"instances":[]}', 400),
    ("null", b'{"instances":null}', 400), ("a row that is too short", b'{"instances":[[1,2,3]]}', 400), ("a row of texts", b'{"instances":[["a","b","c","d"]]}', 400),
    ("a column that is missing", b'{"instances":[{"sepal length":1}]}', 400), ("very deep JSON", b'{"instances":' + b"[" * 200_000 + b"]" * 200_000 + b"}", (400, 413)),
]


def memory(service) -> float:
    text = requests.get(f"{service.url}/metrics", timeout=60).text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("process_resident_memory_bytes "))


def hold(name: str, answer: requests.Response, statuses: tuple[int, ...], field: str, part: str = "") -> None:
    """The status is right, and the reason is where the clients look for it."""
    holds(answer.status_code in statuses, f"{name}: {answer.status_code} {answer.text[:300]}")
    if answer.status_code < 300:
        return
    equal(answer.headers["content-type"].split(";")[0], "application/json", name)
    reason = answer.json()[field]
    holds(reason and part in str(reason), f"{name}: {part!r} is not in {reason!r}")


@check
def infer(iris):
    """/v2/…/infer refuses each malformed request with its reason, within bounds of memory, and answers the next one"""
    before = memory(iris)
    for name, given, statuses, part in INFER:
        body, headers = given if isinstance(given, tuple) else (given, {})
        answer = requests.post(f"{iris.url}/v2/models/iris/infer", data=body, headers=headers, timeout=60)
        hold(name, answer, statuses, "error", part)
        right = requests.post(f"{iris.url}/v2/models/iris/infer", data=one(tensor(data=ROWS[2].tolist())), timeout=60)
        equal([each["data"][0] for each in right.json()["outputs"] if each["datatype"] == "INT64"], [2], f"after {name}")
    grown = memory(iris) - before
    holds(grown < MEMORY_BYTES, f"the memory grew by {grown / 2**20:.0f} MiB")


@check
def predict(iris):
    """/v1/…:predict and :explain refuse each malformed request with its reason"""
    for name, body, status in PREDICT:
        statuses = status if isinstance(status, tuple) else (status,)
        for verb in ("predict", "explain"):
            hold(f"{verb}: {name}", requests.post(f"{iris.url}/v1/models/iris:{verb}", data=body, headers={"content-type": "application/json"}, timeout=60), statuses, "error")
    hold("another verb", requests.post(f"{iris.url}/v1/models/iris:classify", data=b"{}", timeout=60), (404,), "error")


@check
def forms(iris, pictures):
    """MAX and Kapitan refuse malformed forms with their reason"""
    for service, path, field, reason in ((pictures, "/model/predict", "file", "message"), (pictures, "/api/v1/model/predict", "image_file", "detail"), (iris, "/api/v1/model/predict", "csv_file", "detail")):
        for name, ask in {
            "no body": {},
            "JSON": {"json": {}},
            "no boundary": {"data": b"x", "headers": {"content-type": "multipart/form-data"}},
            "a form that is cut off": {"data": b"--x\r\nContent-Disposition: form-data; name=\"" + field.encode(), "headers": {"content-type": "multipart/form-data; boundary=x"}},
            "another field": {"files": {"other": ("a", b"a")}},
            "an empty file": {"files": {field: ("a.csv", b"")}},
            "a file of zeros": {"files": {field: ("a.csv", bytes(1000))}},
            "many fields": {"files": [(f"field{at}", ("a", b"a")) for at in range(2000)]},
        }.items():
            hold(f"{path}: {name}", requests.post(service.url + path, timeout=60, **ask), (400, 413, 415, 422), reason)


@check
def paths(iris):
    """odd names of models and versions in the path are a 404 or 400 with a reason"""
    for odd in ("rose", "%2F", "a%20b", "%00", "__proto__", "..%2f..%2fetc", "a" * 5000, "iris:predict", "%F0%9F%98%80"):
        for path in (f"/v2/models/{odd}", f"/v2/models/{odd}/infer", f"/v2/models/iris/versions/{odd}", f"/v2/models/iris/versions/{odd}/infer", f"/v1/models/{odd}", f"/v1/models/{odd}:predict"):
            if path == "/v1/models/iris:predict":
                continue
            if path.endswith("/infer"):
                answer = requests.post(iris.url + path, data=one(tensor()), timeout=60)
            elif path.endswith(":predict"):
                answer = requests.post(iris.url + path, json={"instances": [[1, 2, 3, 4]]}, timeout=60)
            else:
                answer = requests.get(iris.url + path, timeout=60)
            hold(path[:80], answer, (400, 404, 405, 414), "error")


if __name__ == "__main__":
    main()
