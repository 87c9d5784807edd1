"""Exports of Keras by its own model.export and by tf2onnx: NHWC, with and without rescaling in the graph.

TensorFlow and torch crash in one process, so this family has an environment of its own.
"""

import contextlib
import io
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from keras import layers

from pictures import pictures
from reference import SEED, Check, Exports, classes_cases, main, multi_label_cases, number, value_cases

MADE_WITH = ("keras", "tensorflow-cpu", "tf2onnx")
FRUIT = ["Rock", "Paper", "Scissors"]


def loaded(exports: Exports, paths: list[str], size: int, colour: str = "rgb") -> np.ndarray:
    """The pictures as keras.utils.load_img fits them: stretched, bilinear; float32 0 to 255, NHWC."""
    return np.stack(
        [
            keras.utils.img_to_array(
                keras.utils.load_img(
                    exports.out / path, color_mode=colour, target_size=(size, size), interpolation="bilinear"
                )
            )
            for path in paths
        ]
    )


def network(size: int, outputs: int, activation: str | None, start: list[Any], channels: int = 3) -> keras.Model:
    """Two convolutions and a dense layer."""
    keras.utils.set_random_seed(SEED)
    return keras.Sequential(
        [
            keras.Input((size, size, channels)),
            *start,
            layers.Conv2D(6, 3, strides=2, activation="relu"),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.AveragePooling2D(4),
            layers.Flatten(),
            layers.Dense(outputs),
            *([layers.Activation(activation)] if activation else []),
        ]
    )


def spread(model: keras.Model, batch: np.ndarray, deviation: float = 1.5) -> None:
    """Scale the last dense layer, so that different pictures have different answers."""
    dense = next(layer for layer in reversed(model.layers) if isinstance(layer, layers.Dense))
    logits = keras.Model(model.inputs, dense.output)
    kernel, bias = dense.get_weights()
    found = logits.predict(batch, verbose=0)
    kernel = kernel * (deviation / (found - found.mean(0)).std())
    dense.set_weights([kernel, bias * 0])
    dense.set_weights([kernel, -logits.predict(batch, verbose=0).mean(0)])


def export(model: keras.Model, path: Path, by_keras: bool) -> None:
    """By model.export(format='onnx'), which wants a model that was called, or by tf2onnx."""
    model(np.zeros((1, *model.inputs[0].shape[1:]), np.float32))
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        if by_keras:
            model.export(str(path), format="onnx", verbose=False)
        else:
            signature = [tf.TensorSpec([None, *model.inputs[0].shape[1:]], tf.float32, name="input")]
            function = tf.function(lambda image: {"output": model(image, training=False)}, input_signature=signature)
            tf2onnx.convert.from_function(function, input_signature=signature, output_path=str(path))


def feeds(path: Path, batch: np.ndarray) -> list[dict[str, np.ndarray]]:
    """One feed for each picture, under the name that the exporter drew."""
    import onnx

    name = onnx.load(path).graph.input[0].name
    return [{name: row[None]} for row in batch]


def picture(
    exports: Exports,
    name: str,
    *,
    size: int = 48,
    outputs: int = 3,
    activation: str | None = "softmax",
    start: list[Any] | None = None,
    by_keras: bool = True,
    files: dict[str, str] | None = None,
    labels: list[str] | None = None,
    before: Any = None,
    settled_by: dict[str, Any] | None = None,
    multi_label: bool = False,
    colour: str = "rgb",
) -> None:
    """A classifier of pictures."""
    if not exports.wants(name):
        return
    paths = pictures(exports.out)
    batch = loaded(exports, paths, size, colour)
    if before is not None:
        batch = before(batch).astype(np.float32)
    model = network(size, outputs, activation, start or [], batch.shape[-1])
    spread(model, batch)
    folder = exports.folder(name)
    export(model, folder / "model.onnx", by_keras)
    for file, content in (files or {}).items():
        (folder / file).write_text(content)
    found = model.predict(batch, verbose=0).astype(np.float64)
    common: dict[str, Any] = {
        "family": "keras",
        "made_with": MADE_WITH,
        "settled_by": settled_by,
        "check": Check(feeds(folder / "model.onnx", batch)),
    }
    if activation is None:
        powers = np.exp(found - found.max(1, keepdims=True))
        found = powers / powers.sum(1, keepdims=True)
        common["check"].activation = lambda logits: np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    if multi_label:
        names = labels or [str(at) for at in range(outputs)]
        exports.write(
            name, expect="labels", labels=names, cases=multi_label_cases(paths, names, found, key="picture"), **common
        )
        return
    if outputs == 1:
        found = np.concatenate([1 - found, found], axis=1)
    names = labels or [str(at) for at in range(found.shape[1])]
    exports.write(
        name,
        expect="binary" if outputs == 1 else "classes",
        labels=names,
        cases=classes_cases(paths, [names[at] for at in found.argmax(1)], found, key="picture"),
        **common,
    )


def table(exports: Exports, name: str, outputs: int, activation: str | None, expect: str) -> None:
    """A dense network on the 13 columns of wine, scaled."""
    if not exports.wants(name):
        return
    keras.utils.set_random_seed(SEED)
    rows = np.random.default_rng(SEED).normal(size=(4, 13)).astype(np.float32)
    model = keras.Sequential(
        [
            keras.Input((13,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(outputs),
            *([layers.Activation(activation)] if activation else []),
        ]
    )
    spread(model, rows)
    path = exports.folder(name) / "model.onnx"
    export(model, path, True)
    found = model.predict(rows, verbose=0).astype(np.float64)
    given = number(rows)
    common: dict[str, Any] = {
        "family": "keras",
        "made_with": MADE_WITH,
        "expect": expect,
        "check": Check(feeds(path, rows)),
    }
    if expect == "value":
        exports.write(name, cases=value_cases(given, found), **common)
        return
    if expect == "binary":
        found = np.concatenate([1 - found, found], axis=1)
    exports.write(name, labels=range(found.shape[1]), cases=classes_cases(given, found.argmax(1), found), **common)


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    numbered = "".join(f"{at} {label}\n" for at, label in enumerate(FRUIT))
    picture(exports, "keras-rescaling-0-1", start=[layers.Rescaling(1 / 255)])
    picture(exports, "keras-rescaling-1-1", start=[layers.Rescaling(1 / 127.5, offset=-1)], by_keras=False)
    picture(exports, "keras-logits", start=[layers.Rescaling(1 / 255)], activation=None)
    picture(exports, "keras-sigmoid", start=[layers.Rescaling(1 / 255)], outputs=1, activation="sigmoid")
    picture(
        exports,
        "keras-multi-label",
        start=[layers.Rescaling(1 / 127.5, offset=-1)],
        outputs=4,
        activation="sigmoid",
        multi_label=True,
    )
    channels = layers.Rescaling([1 / 58.4, 1 / 57.1, 1 / 57.4], offset=[-2.12, -2.04, -1.8])
    picture(exports, "keras-rescaling-channels", start=[channels])
    # Nothing at the input tells the range that the model wants: the card does.
    halves = {"input": {"kind": "image", "normalisation": {"mean": [0.5] * 3, "std": [0.5] * 3}}}
    picture(exports, "keras-outside-1-1", before=lambda batch: batch / 127.5 - 1, settled_by=halves)
    picture(
        exports,
        "keras-outside-0-1",
        before=lambda batch: batch / 255,
        by_keras=False,
        settled_by={"input": {"kind": "image", "normalisation": {"mean": [0.0] * 3, "std": [1.0] * 3}}},
    )
    picture(
        exports,
        "keras-teachable-machine",
        before=lambda batch: batch / 127.5 - 1,
        files={"labels.txt": numbered},
        labels=FRUIT,
        by_keras=False,
        settled_by=halves,
    )
    picture(exports, "keras-grey", size=28, start=[layers.Rescaling(1 / 255)], outputs=10, colour="grayscale")
    table(exports, "keras-table", 3, "softmax", "classes")
    table(exports, "keras-table-binary", 1, "sigmoid", "binary")
    table(exports, "keras-table-value", 1, None, "value")


if __name__ == "__main__":
    main(make, __doc__)
