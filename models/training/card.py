"""Reading and writing card.json: the measured fields are filled in by the training scripts."""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from .data import Split
from .evaluate import top
from .reference import probabilities, read_card, to_tensor


def read(folder: Path) -> dict:
    """The card of a model folder."""
    return json.loads((folder / "card.json").read_text("utf-8"))


def write(folder: Path, card: dict) -> None:
    """Write the card of a model folder."""
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")


def performance(split: str, scores: np.ndarray, targets: np.ndarray) -> dict:
    """Top-1, and top-5 where there are at least six classes, as fractions with four decimals."""
    figures: dict = {"split": split, "top1": round(top(scores, targets, 1), 4)}
    if scores.shape[1] >= 6:
        figures["top5"] = round(top(scores, targets, 5), 4)
    return figures


def golden_pictures(folder: Path) -> list[dict]:
    """The model's answer to every picture in samples/: label and probability. The card's order stays: the page offers the first."""
    session, samples = ort.InferenceSession(folder / "model.onnx"), []
    card = read_card(folder, session)
    order = [sample["file"] for sample in card.get("samples", []) if "file" in sample]
    places = {file: place for place, file in enumerate(order)}
    for path in sorted((folder / "samples").iterdir(), key=lambda path: (places.get(f"samples/{path.name}", len(order)), path.name)):
        with Image.open(path) as picture:
            row = probabilities(session, to_tensor(picture, card["input"]))[0]
        best = int(row.argmax())
        answer = {"label": card["labels"][best], "probability": round(float(row[best]), 4)}
        samples.append({"file": f"samples/{path.name}", **answer})
    return samples


def update(folder: Path, figures: dict, train: Split, test: Split) -> None:
    """Write the figures, the numbers of pictures and the golden samples into an image model's card."""
    card = read(folder)
    card["about"]["performance"] = figures
    card["about"]["dataset"] |= {"train": len(train), "test": len(test)}
    card["samples"] = golden_pictures(folder)
    write(folder, card)
