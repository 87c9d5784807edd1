"""Gives Schemathesis the bodies that no schema can describe: pictures, and rows as CSV."""

import base64
import json
import os
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

MODEL = Path(__file__).parents[2] / "models" / os.environ["MODEL_NAME"]
INPUT = json.loads((MODEL / "card.json").read_text())["input"]


def files():
    """The content of files that the model reads."""
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


@schemathesis.hook
def flatmap_body(context, body):
    """Replaces a random file in a form, and random text in JSON. Leaves every tenth or so, to see it refused."""
    if not isinstance(body, dict):
        return st.just(body)
    in_form = FILES.map(lambda file: {**body, "file": file})
    in_json = FILES.map(lambda file: {**body, "image": base64.b64encode(file).decode()})
    replaced = in_form if "file" in body else in_json if isinstance(body.get("image"), str) else st.just(body)
    return st.integers(0, 9).flatmap(lambda number: replaced if number else st.just(body))
