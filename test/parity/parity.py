"""Does the service answer as Python does? Sends examples to a running service and compares with ONNX Runtime in Python.

usage: python test/parity/parity.py EXAMPLES --model models/NAME [--url http://localhost:8000] [--limit N] [--enlarge PIXELS]

EXAMPLES is a folder or a tar of CLASS/picture, an IDX file of pictures, or `iris` for scikit-learn's table.
It may also be `formats` for one picture in all formats but AVIF, or `avif`: two decoders of AVIF make different colours.
Exits 1 when an answer is further from Python's than it may be.
Needs numpy, onnxruntime, pillow, requests, scikit-learn, tqdm.
"""

import argparse
import gzip
import io
import sys
import tarfile
from pathlib import Path

import numpy as np
import onnxruntime
import requests
from PIL import Image
from sklearn.datasets import load_iris
from tqdm import tqdm

from formats import formats

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "training"))
from reference import probabilities, read_card, to_tensor  # noqa: E402

ACCURACY_DIFFERENCE = 0.01


def read(examples: str) -> list[tuple[str, bytes | list[float]]]:
    """(class, picture or row) of every example, in a fixed order; where the class is not known, it is "" or the name."""
    if examples in ("formats", "avif"):
        return [(name, file) for name, file in formats() if name.startswith("AVIF") == (examples == "avif")]
    if examples == "iris":
        iris = load_iris()
        return [(str(iris.target_names[target]), row.tolist()) for row, target in zip(iris.data, iris.target)]
    path = Path(examples)
    if path.is_dir():
        return [(each.parent.name, each.read_bytes()) for each in sorted(path.rglob("*.jp*g"))]
    if path.name.endswith("idx3-ubyte.gz"):
        with gzip.open(path) as file:
            pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
        return [("", as_png(picture)) for picture in pixels]
    with tarfile.open(path) as archive:
        members = sorted((m for m in archive.getmembers() if m.isfile()), key=lambda m: m.name)
        return [(Path(m.name).parent.name, archive.extractfile(m).read()) for m in members]


def as_png(pixels: np.ndarray) -> bytes:
    """A grey picture [H, W] as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()


def enlarged(data: bytes, shorter_side: int) -> bytes:
    """The picture as a JPEG of this shorter side, in pixels."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = shorter_side / min(image.size)
    buffer = io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC).save(buffer, "jpeg", quality=90)
    return buffer.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "tensorfood")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--limit", type=int, help="so many examples, evenly spread")
    parser.add_argument("--enlarge", type=int, help="enlarge pictures to this shorter side first, as a large photo is")
    parser.add_argument("--same", type=float, default=0.99, help="least share of equal top-1")
    parser.add_argument("--greatest", type=float, help="greatest difference of any top probability; lists the examples above it")
    parser.add_argument("--difference", type=float, default=0.01, help="greatest mean difference of the top probability")
    options = parser.parse_args()

    session = onnxruntime.InferenceSession(options.model / "model.onnx")
    card = read_card(options.model, session)
    client = requests.Session()
    examples = read(options.examples)
    if options.limit:
        examples = examples[:: max(1, len(examples) // options.limit)][: options.limit]
    if options.enlarge:
        examples = [(label, enlarged(data, options.enlarge)) for label, data in examples]

    same, differences, known, served_right, python_right = 0, [], 0, 0, 0
    for label, example in tqdm(examples, unit="example", disable=None):
        if isinstance(example, bytes):
            tensor = to_tensor(Image.open(io.BytesIO(example)), card["input"])
            request = {"files": {"file": example}}
        else:
            tensor = np.array([example], np.float32)
            request = {"json": example}
        expected = probabilities(session, tensor)[0]
        best = int(expected.argmax())
        answer = client.post(f"{options.url}/predict", params={"top_k": len(card["labels"])}, timeout=60, **request)
        answer.raise_for_status()
        served = answer.json()
        probability = next(each["probability"] for each in served["top"] if each["index"] == best)
        same += served["index"] == best
        differences.append(abs(probability - float(expected[best])))
        if label in card["labels"]:
            known += 1
            served_right += served[card["labelKey"]] == label
            python_right += card["labels"][best] == label

    agreement, difference = same / len(examples), float(np.mean(differences))
    print(f"{card['name']}: {len(examples)} examples, same top-1 on {agreement:.2%}, mean |dp| {difference:.5f}, greatest {max(differences):.5f}")
    passed = agreement >= options.same and difference <= options.difference
    if options.greatest is not None:
        above = [f"{label}: {delta:.5f}" for (label, _), delta in zip(examples, differences) if delta > options.greatest]
        print("\n".join(above))
        passed = passed and not above
    if known:
        served, python = served_right / known, python_right / known
        print(f"{known} of them of classes the model knows, top-1 {served:.1%} served, {python:.1%} in Python")
        passed = passed and abs(served - python) <= ACCURACY_DIFFERENCE
    print("parity holds" if passed else "PARITY BROKEN")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
