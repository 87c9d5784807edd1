"""Does the service answer as Python does? Sends photos to a running service and compares with Pillow + ONNX Runtime.

usage: python test/parity/parity.py PHOTOS [--url http://localhost:8000] [--model models/tensorfood] [--limit N]

PHOTOS is a folder or a tar of CLASS/photo.jpg. Exits 1 when an answer is further from Python's than the README promises.
Needs numpy, onnxruntime, pillow, requests, tqdm.
"""

import argparse
import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
import onnxruntime
import requests
from PIL import Image
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "training"))
from reference import to_tensor  # noqa: E402

SAME_TOP_1 = 0.99
MEAN_DIFFERENCE = 0.01
ACCURACY_DIFFERENCE = 0.01


def read(photos: Path) -> list[tuple[str, bytes]]:
    """(class, bytes) of every photo, in the order of their names."""
    if photos.is_dir():
        return [(path.parent.name, path.read_bytes()) for path in sorted(photos.rglob("*.jp*g"))]
    with tarfile.open(photos) as archive:
        members = sorted((m for m in archive.getmembers() if m.isfile()), key=lambda m: m.name)
        return [(Path(m.name).parent.name, archive.extractfile(m).read()) for m in members]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "tensorfood")
    parser.add_argument("--limit", type=int, help="so many photos, evenly spread")
    options = parser.parse_args()

    card = json.loads((options.model / "card.json").read_text("utf-8"))
    session = onnxruntime.InferenceSession(options.model / "model.onnx")
    client = requests.Session()
    photos = read(options.photos)
    if options.limit:
        photos = photos[:: max(1, len(photos) // options.limit)][: options.limit]

    same, differences, known, served_right, python_right = 0, [], 0, 0, 0
    for label, data in tqdm(photos, unit="photo", disable=None):
        tensor = to_tensor(Image.open(io.BytesIO(data)), card["input"])
        expected = session.run([card["output"]["tensor"]], {card["input"]["tensor"]: tensor})[0][0]
        best = int(expected.argmax())
        answer = client.post(f"{options.url}/predict", files={"file": data}, params={"top_k": len(card["labels"])}, timeout=60)
        answer.raise_for_status()
        served = answer.json()
        probability = next(each["probability"] for each in served["top"] if each["index"] == best)
        same += served["index"] == best
        differences.append(abs(probability - float(expected[best])))
        if label in card["labels"]:
            known += 1
            served_right += served[card["labelKey"]] == label
            python_right += card["labels"][best] == label

    agreement, difference = same / len(photos), float(np.mean(differences))
    print(f"{len(photos)} photos: same top-1 on {agreement:.2%}, mean |dp| {difference:.5f}, greatest {max(differences):.5f}")
    passed = agreement >= SAME_TOP_1 and difference <= MEAN_DIFFERENCE
    if known:
        served, python = served_right / known, python_right / known
        print(f"{known} of them of dishes the model knows: top-1 {served:.1%} served, {python:.1%} in Python")
        passed = passed and abs(served - python) <= ACCURACY_DIFFERENCE
    print("parity holds" if passed else "PARITY BROKEN")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
