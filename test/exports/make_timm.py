"""Exports of timm with the config.json that timm itself writes."""

import json
from typing import Any

import timm
import torch
from timm.data import create_transform, resolve_data_config
from timm.models._hub import save_config_for_hf

from make_torch import answers, feeds
from nets import export, seed, spread
from pictures import opened, pictures
from reference import Check, Exports, classes_cases, main, softmax

BIRDS = ["crane", "tern", "wren", "rail", "crane"]
INCEPTION = {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}


def make_one(
    exports: Exports,
    name: str,
    architecture: str,
    size: int,
    config: dict[str, Any],
    labels: list[str] | None = None,
    arguments: dict[str, Any] | None = None,
    **settings: Any,
) -> None:
    """One architecture with random weights, its config.json, and timm's own transform."""
    if not exports.wants(name):
        return
    seed()
    model = timm.create_model(
        architecture,
        num_classes=5,
        pretrained_cfg_overlay={"input_size": (3, size, size), "num_classes": 5, **config},
        **(arguments or {}),
    )
    transform = create_transform(**resolve_data_config({}, model=model), is_training=False)
    paths = pictures(exports.out)
    batch = torch.stack([transform(picture) for picture in opened(exports.out, paths)])
    spread(model, batch)
    folder = exports.folder(name)
    export(model, folder / "model.onnx", batch[:1], **settings)
    kept = {key: value for key, value in config.items() if key.startswith("test_")}
    save_config_for_hf(
        model,
        str(folder / "config.json"),
        model_config={"label_names": labels} if labels else None,
        data_config=kept or None,
    )
    written = json.loads((folder / "config.json").read_text())["pretrained_cfg"]
    if tuple(written["input_size"]) != (3, size, size) or written["interpolation"] != config.get(
        "interpolation", written["interpolation"]
    ):
        raise ValueError(f"{name}: config.json says something else: {written}")
    found = softmax(answers(model, batch))
    names = labels or [str(at) for at in range(5)]
    exports.write(
        name,
        family="timm",
        made_with=("timm", "torch", "onnx"),
        expect="classes",
        labels=names,
        cases=classes_cases(paths, [names[at] for at in found.argmax(1)], found, key="picture"),
        check=Check(feeds(batch), activation=softmax),
    )


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    torch.set_num_threads(1)
    make_one(
        exports,
        "timm-resnet-bicubic-095",
        "test_resnet",
        160,
        {"crop_pct": 0.95, "interpolation": "bicubic", **INCEPTION},
    )
    make_one(
        exports,
        "timm-vit-bilinear-0875",
        "test_vit",
        160,
        {"crop_pct": 0.875, "interpolation": "bilinear"},
        dynamo=True,
    )
    make_one(
        exports,
        "timm-convnext-squash",
        "test_convnext",
        96,
        {"crop_pct": 1.0, "crop_mode": "squash", "interpolation": "bicubic"},
        labels=BIRDS,
    )
    make_one(
        exports,
        "timm-efficientnet-squash-crop",
        "test_efficientnet",
        96,
        {"crop_pct": 0.9, "crop_mode": "squash", "interpolation": "bilinear"},
    )
    make_one(
        exports,
        "timm-resnet-border",
        "test_resnet",
        96,
        {"crop_pct": 0.9, "crop_mode": "border", "interpolation": "bicubic"},
    )
    make_one(
        exports,
        "timm-byobnet-bicubic-09",
        "test_byobnet",
        96,
        {"crop_pct": 0.9, "interpolation": "bicubic"},
        labels=["a", "b", "c", "d", "e"],
    )
    narrow = {"embed_dim": 16, "depth": 1, "num_heads": 2, "img_size": 96}
    make_one(
        exports,
        "timm-vit-narrow",
        "test_vit",
        96,
        {"crop_pct": 0.9, "interpolation": "bicubic", **INCEPTION},
        labels=BIRDS,
        arguments=narrow,
    )
    make_one(exports, "timm-resnet-nearest", "test_resnet", 112, {"crop_pct": 0.875, "interpolation": "nearest"})
    make_one(exports, "timm-resnet-lanczos", "test_resnet", 64, {"crop_pct": 1.0, "interpolation": "lanczos"})
    make_one(
        exports,
        "timm-resnet-test-size",
        "test_resnet",
        96,
        {"crop_pct": 0.875, "test_input_size": (3, 128, 128), "test_crop_pct": 0.95},
    )


if __name__ == "__main__":
    main(make, __doc__)
