"""Train, export and evaluate iris: four measurements of a flower -> one of three species."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from tqdm import tqdm

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import card, evaluate, plots  # noqa: E402
from training.reference import probabilities  # noqa: E402

SEED = 42
SAMPLE_ROWS = [[5.1, 3.5, 1.4, 0.2], [6.4, 3.2, 4.5, 1.5], [6.3, 3.3, 6.0, 2.5], [5.9, 3.0, 5.1, 1.8]]  # cm


def golden_rows(session: ort.InferenceSession, description: dict) -> list[dict]:
    """The exported model's answers to the sample rows."""
    answers = probabilities(session, np.array(SAMPLE_ROWS, np.float32))
    return [
        {"row": row, "label": description["labels"][int(answer.argmax())], "probability": round(float(answer.max()), 4)}
        for row, answer in zip(SAMPLE_ROWS, answers, strict=True)
    ]


def main() -> None:
    """Fit, export with skl2onnx's defaults, measure the exported model and fill in the card."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tqdm(total=3, desc="iris", unit="step") as bar:
        flowers = load_iris()
        rows, targets = flowers.data.astype(np.float32), flowers.target
        train_rows, test_rows, train_targets, test_targets = train_test_split(
            rows, targets, test_size=0.2, random_state=SEED, stratify=targets
        )
        classifier = LogisticRegression(max_iter=1000).fit(train_rows, train_targets)
        bar.update()
        model = convert_sklearn(classifier, initial_types=[("X", FloatTensorType([None, 4]))], name="iris")
        (FOLDER / "model.onnx").write_bytes(model.SerializeToString())
        bar.update()

        description = card.read(FOLDER)
        session = ort.InferenceSession(FOLDER / "model.onnx")
        held_out = probabilities(session, test_rows)
        everything = probabilities(session, rows)
        figures = card.performance("held-out fifth (30 flowers), stratified", held_out, test_targets)
        description["about"]["performance"] = figures
        description["about"]["dataset"] |= {"train": len(train_rows), "test": len(test_rows)}
        description["samples"] = golden_rows(session, description)
        card.write(FOLDER, description)
        counts = evaluate.confusion(everything, targets)
        title = "All 150 flowers, % of each species"
        plots.confusion_picture(counts, description["labels"], FOLDER / "confusion.png", title)
        evaluate.write_confusion(counts, FOLDER / "confusion.json")
        bar.update()
    difference = np.abs(classifier.predict_proba(rows) - everything).max()
    report = {"held out": figures["top1"], "all 150": round(evaluate.top(everything, targets, 1), 4)}
    print(json.dumps(report | {"difference from scikit-learn": float(difference)}, indent=2))


if __name__ == "__main__":
    main()
