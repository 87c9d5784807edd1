"""What every peer does for a prediction, the same for all: Pillow and ONNX Runtime in Python."""

import io
import json
import os
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

FOLDER = Path(os.environ["BENCH_MODEL"])
CARD = json.loads((FOLDER / "card.json").read_text("utf-8"))
INPUT = CARD["input"]
_MODEL = onnxruntime.InferenceSession(FOLDER / "model.onnx")
TENSOR, SHAPE = _MODEL.get_inputs()[0].name, _MODEL.get_inputs()[0].shape
PROBABILITIES = _MODEL.get_outputs()[-1].name


def open_session(threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(FOLDER / "model.onnx", options)


def picture(data: bytes) -> np.ndarray:
    """A photo's bytes as uint8 [1, height, width, 3]."""
    height, width = SHAPE[1:3]
    image = Image.open(io.BytesIO(data))
    image = ImageOps.exif_transpose(image).convert("RGB")
    scale = max(width / image.width, height / image.height)
    size = max(width, round(image.width * scale)), max(height, round(image.height * scale))
    image = image.resize(size, Image.Resampling[INPUT["resize"]["filter"].upper()])
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)))[None]


def rows(values: list) -> np.ndarray:
    """One row, or a list of rows, as float32 [rows, features]."""
    return np.atleast_2d(np.array(values, np.float32))


def answers(session: onnxruntime.InferenceSession, tensor: np.ndarray) -> list[dict]:
    """For each row its five most probable labels."""
    result = session.run([PROBABILITIES], {TENSOR: tensor})[0]
    if isinstance(result, list):
        result = np.array([list(row.values()) for row in result])
    best = np.argsort(-result, axis=1)[:, :5]
    return [
        {"top": [{"label": CARD["labels"][index], "probability": float(row[index])} for index in order]}
        for row, order in zip(result, best)
    ]
