"""What the services must answer, whichever dialect asks: from the model's card, the native /predict, or the input itself."""

import json

import numpy as np
from checks import Service

ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.4, 3.2, 4.5, 1.5], [6.3, 3.3, 6.0, 2.5]], np.float32)
"""Three flowers: setosa, versicolor and virginica."""

KINDS = [0, 1, 2]
LABELS = ["setosa", "versicolor", "virginica"]

PLACE = 2e-4
"""Largest difference of a score in text, which Triton writes with six digits."""

VALUES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255], [1, 2]], np.uint8),
    "UINT16": np.array([[0, 2**16 - 1], [1, 2]], np.uint16),
    "UINT32": np.array([[0, 2**32 - 1], [1, 2]], np.uint32),
    "UINT64": np.array([[0, 2**64 - 1], [2**53 + 1, 2]], np.uint64),
    "INT8": np.array([[-128, 127], [0, -1]], np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1], [0, -1]], np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1], [0, -1]], np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1], [2**53 + 1, -1]], np.int64),
    "FP16": np.array([[1.5, -65504], [6e-8, 0]], np.float16),
    "FP32": np.array([[1.5, -3.4028235e38], [1e-45, 0.1]], np.float32),
    "FP64": np.array([[1.5, -1.7976931348623157e308], [5e-324, 0.1]], np.float64),
    "BYTES": np.array([[b"", "Übung 😀".encode()], [b"a", b'"\\\n\x01']], np.object_),
}
"""Two rows of two values of each datatype, with the ends of its range."""


def probabilities(service: Service, rows: np.ndarray = ROWS) -> np.ndarray:
    """What /predict says of rows, in the order of the labels."""
    answer = service.post("/predict?top_k=3", json.dumps(rows.tolist()).encode(), "application/json")
    return np.array([scores(service, each) for each in answer["predictions"]], np.float32)


def scores(service: Service, prediction: dict) -> list[float]:
    """The probabilities of a prediction with all labels, in the order of the card's labels."""
    by_label = {each["label"]: each["probability"] for each in prediction["top"]}
    return [by_label[label] for label in service.card["labels"]]


def flowers(count: int, seed: int = 1) -> np.ndarray:
    """Distinct rows within the ranges of the table, the same for the same seed."""
    return np.random.default_rng(seed).uniform([4.3, 2, 1, 0.1], [7.9, 4.4, 6.9, 2.5], (count, 4)).astype(np.float32)
