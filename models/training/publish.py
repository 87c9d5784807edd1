"""From a trained network to the files of a model folder."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
from torch import nn

from . import card, evaluate, plots
from .data import Split, limited
from .export import export, largest_difference
from .quantise import Settings, latencies, quantise, single_threaded

LARGEST_LOSS = 0.01  # of top-1, for which int8 is still preferred


def places(folder: Path, checkpoints: Path, quick: bool) -> tuple[Path, Path]:
    """Where a run keeps its state, and the model folder it fills; a quick run works on a copy of both."""
    if not quick:
        return checkpoints, folder
    output = checkpoints / "quick" / folder.name
    output.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "card.json", output / "card.json")
    shutil.copytree(folder / "samples", output / "samples", dirs_exist_ok=True)
    return checkpoints / "quick", output


def publish(
    folder: Path,
    work: Path,
    network: nn.Module,
    prepare: Callable,
    settings: Settings,
    train: Split,
    test: Split,
    split: str,
) -> ort.InferenceSession:
    """Export, quantise, measure both variants on the test split, and fill the model folder with the better one.

    `work` receives float32.onnx, int8.onnx and report.json; `folder` model.onnx, confusion.png, confusion.json and the
    card's figures.
    """
    labels, shape = card.read(folder)["labels"], test.images.shape[1:]
    variants = [work / "float32.onnx", work / "int8.onnx"]
    export(network, prepare, shape, variants[0])
    quantise(variants[0], variants[1], limited(train, settings.pictures).images, settings)
    sessions = [single_threaded(path) for path in variants]
    difference = largest_difference(network, prepare, sessions[0], test.images[:64])
    if difference > 1e-3:
        raise RuntimeError(f"the exported model differs from the network by {difference}")
    scores = [evaluate.onnx_probabilities(session, test.images) for session in sessions]
    figures = [card.performance(split, rows, test.targets) for rows in scores]
    chosen = 1 if figures[0]["top1"] - figures[1]["top1"] <= LARGEST_LOSS else 0

    shutil.copyfile(variants[chosen], folder / "model.onnx")
    card.update(folder, figures[chosen], train, test)
    counts = evaluate.confusion(scores[chosen], test.targets)
    title = f"{len(test):,} {split}, % of each true class"
    plots.confusion_picture(counts, labels, folder / "confusion.png", title)
    evaluate.write_confusion(counts, folder / "confusion.json")
    report = {
        "shipped": variants[chosen].stem,
        "difference from network": difference,
        "float32": figures[0] | {"bytes": variants[0].stat().st_size},
        "int8": figures[1] | {"bytes": variants[1].stat().st_size},
        "same answer": float((scores[0].argmax(1) == scores[1].argmax(1)).mean()),
        "milliseconds": latencies(variants, test.images[:1]),
        "recall": dict(zip(labels, np.round(counts.diagonal() / counts.sum(1).clip(min=1), 4).tolist(), strict=True)),
    }
    (work / "report.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(json.dumps(report, indent=2))
    return sessions[chosen]
