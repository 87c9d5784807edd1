"""Accuracy, confusion and confidence of probabilities; needs numpy and onnxruntime only."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort


def onnx_probabilities(session: ort.InferenceSession, images: np.ndarray, batch: int = 64) -> np.ndarray:
    """Probabilities [N, classes] of uint8 pictures [N, H, W, C] from an exported model."""
    name = session.get_inputs()[0].name
    parts: Iterator[np.ndarray] = (
        session.run(None, {name: images[k : k + batch]})[0] for k in range(0, len(images), batch)
    )
    return np.concatenate(list(parts))


def top(scores: np.ndarray, targets: np.ndarray, k: int) -> float:
    """Share of rows of `scores` [N, classes] with the target among the k highest."""
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    return float((best == targets[:, None]).any(1).mean())


def confusion(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts [true class, predicted class]."""
    classes = scores.shape[1]
    counts = np.bincount(targets * classes + scores.argmax(1), minlength=classes * classes)
    return counts.reshape(classes, classes)


def write_confusion(counts: np.ndarray, path: Path) -> None:
    """Write counts [true class, predicted class] as the service's page reads them, with a line for each class."""
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in counts.tolist())
    path.write_text(f'{{"counts": [\n{rows}\n]}}\n', "utf-8")


def confidence(known: np.ndarray, unknown: np.ndarray) -> dict[str, float]:
    """How the highest probability separates known from unknown pictures (probabilities [N, classes])."""
    sure, unsure = known.max(1), unknown.max(1)
    ranks = np.concatenate([sure, unsure]).argsort().argsort()[: len(sure)]
    auroc = (ranks.sum() - len(sure) * (len(sure) - 1) / 2) / (len(sure) * len(unsure))
    figures = {"auroc": float(auroc)}
    for name, values in (("known", sure), ("unknown", unsure)):
        figures[f"{name} mean"] = float(values.mean())
        for quantile in (0.1, 0.5, 0.9):
            figures[f"{name} {quantile:.0%} quantile"] = float(np.quantile(values, quantile))
        for threshold in (0.5, 0.9):
            figures[f"{name} above {threshold}"] = float((values > threshold).mean())
    return figures
