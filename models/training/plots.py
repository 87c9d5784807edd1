"""Pictures for the model cards."""

import io
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def confusion_picture(counts: np.ndarray, labels: list[str], path: Path, title: str) -> None:
    """Draw a confusion matrix (rows: true class, columns: answer) in per cent of each row, as a palette PNG."""
    classes = len(labels)
    shares = 100 * counts / counts.sum(1, keepdims=True).clip(min=1)
    inches, font = (6, 9) if classes <= 10 else (9, 7) if classes <= 30 else (16, 6)
    figure, axes = plt.subplots(figsize=(inches, inches), dpi=100, layout="constrained")
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=10)
    names = [label.replace("_", " ") for label in labels]
    axes.set_xticks(range(classes), names, rotation=90, fontsize=font)
    axes.set_yticks(range(classes), names, fontsize=font)
    axes.set_xlabel("answer")
    axes.set_ylabel("true class")
    axes.set_title(title, fontsize=10)
    if classes <= 30:
        for row, column in zip(*np.nonzero(shares > 0.5), strict=True):
            colour = "white" if shares[row, column] > 40 else "black"
            text = f"{shares[row, column]:.0f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=font - 1, color=colour)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    plt.close(figure)
    Image.open(content).convert("RGB").quantize(32).save(path, optimize=True)
