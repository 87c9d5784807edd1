"""Gives Schemathesis the bodies that no schema can describe: pictures, rows and texts as CSV, and tensors whose data fit their shape."""

import base64
import json
import os
import urllib.request
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

MODEL = Path(os.environ["MODEL_PATH"])
INPUT = json.loads((MODEL / "card.json").read_text())["input"]


# Text without surrogates, which no UTF-8 has.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


def files():
    """The content of files that the model reads."""
    if INPUT.get("kind") == "text":
        cells = TEXTS.map(lambda text: '"' + text.replace('"', '""') + '"')
        return st.lists(cells, min_size=1, max_size=3).map(lambda rows: "".join(row + "\n" for row in ["text", *rows]).encode())
    if "features" not in INPUT:
        return st.sampled_from([path.read_bytes() for path in sorted((MODEL / "samples").iterdir())])
    names = [feature["name"] for feature in INPUT["features"]]
    row = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False).map(str), min_size=len(names), max_size=len(names))
    header = st.sampled_from([[], [names]])
    rows = st.tuples(header, st.lists(row, min_size=1, max_size=3)).map(lambda parts: parts[0] + parts[1])
    return rows.map(lambda rows: "".join(",".join(row) + "\n" for row in rows).encode())


FILES = files()
for media_type in ("image/jpeg", "image/png", "image/webp", "application/octet-stream", "text/csv"):
    schemathesis.openapi.media_type(media_type, FILES)
schemathesis.openapi.media_type("text/plain", TEXTS.filter(bool).map(str.encode))


def tensors():
    """Inputs of the Open Inference Protocol that the model takes: named columns, texts, or pictures in base64."""
    if INPUT.get("kind") == "text":
        return TEXTS.map(lambda text: [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [text]}])
    if "features" not in INPUT:
        with urllib.request.urlopen(f"{os.environ['SERVICE_URL']}/v2/models/{MODEL.name}") as answer:
            name = json.load(answer)["inputs"][0]["name"]
        return FILES.map(lambda file: [{"name": name, "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(file).decode()]}])
    number = st.floats(width=32, allow_nan=False, allow_infinity=False)
    columns = st.tuples(*(st.lists(number, min_size=2, max_size=2) for _ in INPUT["features"]))
    return columns.map(lambda columns: [{"name": feature["name"], "shape": [2], "datatype": "FP32", "data": data} for feature, data in zip(INPUT["features"], columns)])


TENSORS = tensors()


@schemathesis.hook
def flatmap_body(context, body):
    """Replaces a random file in a form, and random text in JSON. Leaves every tenth or so, to see it refused."""
    if not isinstance(body, dict):
        return st.just(body)
    replaced = st.just(body)
    for field in ("file", "image_file", "csv_file"):
        if field in body:
            replaced = FILES.map(lambda file, field=field: {**body, field: file})
    if isinstance(body.get("image"), str):
        replaced = FILES.map(lambda file: {**body, "image": base64.b64encode(file).decode()})
    if "/infer" in context.operation.path and isinstance(body.get("inputs"), list):
        replaced = TENSORS.map(lambda inputs: {**body, "inputs": inputs, "outputs": []})
    return st.integers(0, 9).flatmap(lambda number: replaced if number else st.just(body))
