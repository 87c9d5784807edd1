"""Folders of Hugging Face: tiny configurations with random weights, the processors of transformers, exported by optimum.

The reference is the model of transformers on what its own processor (on Pillow) makes of the picture. Files of older versions
are written by hand from what those versions wrote.
"""

import contextlib
import io
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before transformers is imported: nothing is fetched.
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import main_export

from nets import seed, spread
from pictures import opened, pictures
from reference import Check, Exports, classes_cases, main, multi_label_cases, sigmoid, softmax

MADE_WITH = ("transformers", "optimum", "optimum-onnx", "torch", "onnx")
LABELS = ["tabby cat", "crane", "Pembroke, Pembroke Welsh corgi", "tench"]


def _names(labels: list[str]) -> dict[str, Any]:
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: at for at, label in enumerate(labels)},
    }


def vit(size: int = 32, labels: list[str] = LABELS, **settings: Any) -> torch.nn.Module:
    """ViT with one layer."""
    return transformers.ViTForImageClassification(
        transformers.ViTConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            image_size=size,
            patch_size=8,
            **_names(labels),
            **settings,
        )
    )


def deit(size: int = 32) -> torch.nn.Module:
    """DeiT with one layer."""
    return transformers.DeiTForImageClassification(
        transformers.DeiTConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            image_size=size,
            patch_size=8,
            **_names(LABELS),
        )
    )


def beit(size: int = 32) -> torch.nn.Module:
    """BEiT with one layer."""
    return transformers.BeitForImageClassification(
        transformers.BeitConfig(
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            image_size=size,
            patch_size=8,
            **_names(LABELS),
        )
    )


def convnext(labels: list[str] = LABELS) -> torch.nn.Module:
    """ConvNeXT with one layer in each of two stages."""
    return transformers.ConvNextForImageClassification(
        transformers.ConvNextConfig(hidden_sizes=[8, 12], depths=[1, 1], num_stages=2, **_names(labels))
    )


def resnet() -> torch.nn.Module:
    """ResNet with two stages."""
    return transformers.ResNetForImageClassification(
        transformers.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic", **_names(LABELS)
        )
    )


def regnet() -> torch.nn.Module:
    """RegNet with two stages."""
    return transformers.RegNetForImageClassification(
        transformers.RegNetConfig(
            embedding_size=8, hidden_sizes=[8, 16, 16, 16], depths=[1, 1, 1, 1], groups_width=8, **_names(LABELS)
        )
    )


def swin(size: int = 32) -> torch.nn.Module:
    """Swin with two stages."""
    return transformers.SwinForImageClassification(
        transformers.SwinConfig(
            embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=4, image_size=size, patch_size=4, **_names(LABELS)
        )
    )


def mobilenet_v1() -> torch.nn.Module:
    """A narrow MobileNetV1."""
    return transformers.MobileNetV1ForImageClassification(
        transformers.MobileNetV1Config(
            image_size=64, depth_multiplier=0.125, min_depth=4, tf_padding=False, **_names(LABELS)
        )
    )


def mobilenet_v2() -> torch.nn.Module:
    """A narrow MobileNetV2."""
    return transformers.MobileNetV2ForImageClassification(
        transformers.MobileNetV2Config(
            image_size=64, depth_multiplier=0.1, min_depth=4, depth_divisible_by=4, tf_padding=False, **_names(LABELS)
        )
    )


def mobilevit(size: int = 64) -> torch.nn.Module:
    """A narrow MobileViT."""
    return transformers.MobileViTForImageClassification(
        transformers.MobileViTConfig(
            hidden_sizes=[8, 8, 8],
            neck_hidden_sizes=[4, 4, 8, 8, 8, 8, 16],
            num_attention_heads=2,
            image_size=size,
            **_names(LABELS),
        )
    )


def efficientnet(size: int = 64) -> torch.nn.Module:
    """A narrow EfficientNet."""
    return transformers.EfficientNetForImageClassification(
        transformers.EfficientNetConfig(
            image_size=size,
            width_coefficient=0.25,
            depth_coefficient=0.2,
            hidden_dim=320,
            depth_divisor=4,
            **_names(LABELS),
        )
    )


def levit(size: int = 64) -> torch.nn.Module:
    """A narrow LeViT."""
    return transformers.LevitForImageClassification(
        transformers.LevitConfig(
            image_size=size,
            hidden_sizes=[8, 16, 16],
            num_attention_heads=[1, 2, 2],
            depths=[1, 1, 1],
            key_dim=[4, 4, 4],
            down_ops=[["Subsample", 4, 2, 4, 2, 2], ["Subsample", 4, 4, 4, 2, 2]],
            **_names(LABELS),
        )
    )


def poolformer() -> torch.nn.Module:
    """A narrow PoolFormer."""
    return transformers.PoolFormerForImageClassification(
        transformers.PoolFormerConfig(hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], **_names(LABELS))
    )


def bit() -> torch.nn.Module:
    """A narrow BiT."""
    return transformers.BitForImageClassification(
        transformers.BitConfig(
            embedding_size=8, hidden_sizes=[16, 16, 32, 32], depths=[1, 1, 1, 1], num_groups=4, **_names(LABELS)
        )
    )


def _vision(size: int) -> dict[str, Any]:
    return {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": size,
        "patch_size": 8,
    }


def clip(size: int = 32) -> torch.nn.Module:
    """CLIP's vision tower with a classification head."""
    config = transformers.CLIPConfig(
        text_config={
            "hidden_size": 8,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 8,
            "vocab_size": 20,
        },
        vision_config=_vision(size),
        **_names(LABELS),
    )
    return transformers.CLIPForImageClassification(config)


def siglip(size: int = 32) -> torch.nn.Module:
    """SigLIP's vision tower with a classification head."""
    config = transformers.SiglipConfig(
        text_config={
            "hidden_size": 8,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 8,
            "vocab_size": 20,
        },
        vision_config=_vision(size),
        **_names(LABELS),
    )
    return transformers.SiglipForImageClassification(config)


def _export(source: Path, folder: Path, model: torch.nn.Module, batch: torch.Tensor) -> None:
    """By optimum; by torch where optimum does not know the architecture."""
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        if model.config.model_type in ("clip", "siglip", "bit"):
            shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors"))
            axes = {
                "pixel_values": {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"},
                "logits": {0: "batch_size"},
            }
            # The fused attention of torch has no ONNX operator at this opset; the plain one computes the same.
            model.config._attn_implementation = "eager"
            torch.onnx.export(
                _Logits(model),
                (batch[:1],),
                str(folder / "model.onnx"),
                dynamo=False,
                input_names=["pixel_values"],
                output_names=["logits"],
                dynamic_axes=axes,
            )
        else:
            main_export(str(source), str(folder), task="image-classification", do_validation=False)


class _Logits(torch.nn.Module):
    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Logits alone."""
        return self.model(pixel_values=pixel_values).logits


def make_one(
    exports: Exports,
    name: str,
    build: Callable[[], torch.nn.Module],
    processor: Any,
    *,
    edit: Callable[[dict[str, Any]], None] | None = None,
    edit_config: Callable[[dict[str, Any]], None] | None = None,
    labels: list[str] = LABELS,
    multi_label: bool = False,
    finish: Callable[[Path], None] | None = None,
    expect: str | None = None,
    reason: str | None = None,
) -> None:
    """One folder: a model, its processor's file (edited as an older version wrote it), and the framework's own answers."""
    if not exports.wants(name):
        return
    seed()
    model = build().eval()
    paths = pictures(exports.out)
    batch = torch.cat(
        [processor(images=picture, return_tensors="pt")["pixel_values"] for picture in opened(exports.out, paths)]
    )
    head = getattr(model, "classifier", None)
    head = head[-1] if isinstance(head, torch.nn.Sequential) else head
    spread(
        model,
        batch,
        lambda: model(pixel_values=batch).logits,
        layer=head if isinstance(head, torch.nn.Linear) else _heads(model),
    )
    folder = exports.folder(name)
    with tempfile.TemporaryDirectory() as source:
        model.save_pretrained(source)
        processor.save_pretrained(source)
        _export(Path(source), folder, model, batch)
    for file, change in (("preprocessor_config.json", edit), ("config.json", edit_config)):
        if change:
            content = json.loads((folder / file).read_text())
            change(content)
            (folder / file).write_text(json.dumps(content, indent=2))
    if finish:
        finish(folder)
    if edit and expect != "refused":
        # transformers itself reads the edited file, and does the same with it.
        read = transformers.AutoImageProcessor.from_pretrained(folder, use_fast=False)
        again = torch.cat(
            [read(images=picture, return_tensors="pt")["pixel_values"] for picture in opened(exports.out, paths)]
        )
        torch.testing.assert_close(again, batch)
    with torch.no_grad():
        logits = model(pixel_values=batch).logits.double().numpy()
    feeds = [{"pixel_values": row[None].numpy()} for row in batch]
    common: dict[str, Any] = {"family": "huggingface", "made_with": MADE_WITH, "labels": labels, "reason": reason}
    if expect == "refused":
        exports.write(name, expect=expect, cases=[], **common)
    elif multi_label:
        exports.write(
            name,
            expect="labels",
            cases=multi_label_cases(paths, labels, sigmoid(logits), key="picture"),
            check=Check(feeds, activation=sigmoid),
            **common,
        )
    else:
        found = softmax(logits)
        exports.write(
            name,
            expect="classes",
            cases=classes_cases(paths, [labels[at] for at in found.argmax(1)], found, key="picture"),
            check=Check(feeds, activation=softmax),
            **common,
        )


def _heads(model: torch.nn.Module) -> torch.nn.Module:
    """The last linear layer of a model whose head has another name."""
    return [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]


def _drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    return lambda content: [content.pop(key, None) for key in keys] and None


def _old_vit(content: dict[str, Any]) -> None:
    """preprocessor_config.json of ViT as of 2021: a number for the size, no rescale, the class under its old key."""
    content.clear()
    content.update(
        {
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "ViTFeatureExtractor",
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
            "resample": 2,
            "size": 32,
        }
    )


def _old_convnext(content: dict[str, Any]) -> None:
    """preprocessor_config.json of ConvNeXT as of 2022."""
    content.clear()
    content.update(
        {
            "crop_pct": 0.875,
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "ConvNextFeatureExtractor",
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
            "resample": 3,
            "size": 56,
        }
    )


def _old_deit(content: dict[str, Any]) -> None:
    """preprocessor_config.json of DeiT as of 2021."""
    content.clear()
    content.update(
        {
            "crop_size": 32,
            "do_center_crop": True,
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "DeiTFeatureExtractor",
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
            "resample": 3,
            "size": 40,
        }
    )


def _fast(content: dict[str, Any]) -> None:
    """The name of the class as transformers 5 and fast processors write it."""
    content["image_processor_type"] = content["image_processor_type"] + "Fast"


def _unknown(content: dict[str, Any]) -> None:
    content["image_processor_type"] = "GalaxyZooImageProcessor"


def _no_names(content: dict[str, Any]) -> None:
    content.pop("id2label", None)
    content.pop("label2id", None)
    content["num_labels"] = 4


def _shuffled(content: dict[str, Any]) -> None:
    content["id2label"] = dict(reversed(list(content["id2label"].items())))
    content["label2id"] = None


def make_variant(exports: Exports) -> None:
    """onnx/model_quantized.onnx, given by path: its answers are those of ONNX Runtime, because it is not the float model any more."""
    import onnxruntime

    name = "hf-quantized"
    if not exports.wants(name):
        return

    def finish(folder: Path) -> None:
        (folder / "onnx").mkdir(exist_ok=True)
        (folder / "model.onnx").replace(folder / "onnx" / "model.onnx")
        quantize_dynamic(
            folder / "onnx" / "model.onnx", folder / "onnx" / "model_quantized.onnx", weight_type=QuantType.QUInt8
        )

    processor = transformers.ViTImageProcessor(size={"height": 32, "width": 32})
    make_one(exports, "hf-quantized-and-float", vit, processor, finish=finish)
    shutil.rmtree(exports.out / name, ignore_errors=True)
    shutil.copytree(exports.out / "hf-quantized-and-float", exports.out / name)
    paths = pictures(exports.out)
    session = onnxruntime.InferenceSession(
        exports.out / name / "onnx" / "model_quantized.onnx", providers=["CPUExecutionProvider"]
    )
    found = np.concatenate(
        [
            softmax(
                session.run(
                    None, {"pixel_values": np.asarray(processor(images=picture, return_tensors="np")["pixel_values"])}
                )[0]
            )
            for picture in opened(exports.out, paths)
        ]
    )
    exports.write(
        name,
        model=f"{name}/onnx/model_quantized.onnx",
        family="huggingface",
        made_with=(*MADE_WITH, "onnxruntime"),
        expect="classes",
        labels=LABELS,
        tolerance=1e-3,
        cases=classes_cases(paths, [LABELS[at] for at in found.argmax(1)], found, key="picture"),
        note="Compared with ONNX Runtime in Python.",
    )


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)
    t = transformers
    imagenet = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
    square = {"height": 32, "width": 32}
    make_one(exports, "hf-vit", vit, t.ViTImageProcessor(size=square))
    make_one(exports, "hf-vit-2021", vit, t.ViTImageProcessor(size=square), edit=_old_vit)
    make_one(exports, "hf-vit-fast", vit, t.ViTImageProcessor(size=square, resample=3), edit=_fast)
    make_one(
        exports,
        "hf-vit-no-rescale",
        vit,
        t.ViTImageProcessor(size=square, do_rescale=False, image_mean=[127.5] * 3, image_std=[127.5] * 3),
    )
    make_one(exports, "hf-vit-lanczos", vit, t.ViTImageProcessor(size=square, resample=1))
    make_one(
        exports,
        "hf-vit-no-names",
        vit,
        t.ViTImageProcessor(size=square),
        edit_config=_no_names,
        labels=[f"LABEL_{at}" for at in range(4)],
    )
    make_one(exports, "hf-vit-order-of-names", vit, t.ViTImageProcessor(size=square), edit_config=_shuffled)
    make_one(
        exports,
        "hf-vit-repeated-names",
        lambda: vit(labels=["crane", "tench", "crane"]),
        t.ViTImageProcessor(size=square),
        labels=["crane", "tench", "crane"],
    )
    make_one(
        exports,
        "hf-vit-multi-label",
        lambda: vit(problem_type="multi_label_classification"),
        t.ViTImageProcessor(size=square),
        multi_label=True,
    )
    make_one(
        exports,
        "hf-vit-unknown-processor",
        vit,
        t.ViTImageProcessor(size=square),
        edit=_unknown,
        expect="refused",
        reason="GalaxyZooImageProcessor",
    )
    make_one(exports, "hf-deit", deit, t.DeiTImageProcessor(size={"height": 40, "width": 40}, crop_size=square))
    make_one(
        exports,
        "hf-deit-2021",
        deit,
        t.DeiTImageProcessor(size={"height": 40, "width": 40}, crop_size=square, **imagenet),
        edit=_old_deit,
    )
    make_one(exports, "hf-beit-crop", beit, t.BeitImageProcessor(size={"height": 37, "width": 37}, crop_size=square))
    make_one(exports, "hf-beit-no-crop", beit, t.BeitImageProcessor(size=square, do_center_crop=False))
    make_one(
        exports,
        "hf-convnext",
        convnext,
        t.ConvNextImageProcessor(size={"shortest_edge": 56}, crop_pct=0.875, resample=3),
    )
    make_one(
        exports,
        "hf-convnext-2022",
        convnext,
        t.ConvNextImageProcessor(size={"shortest_edge": 56}, crop_pct=0.875, resample=3, **imagenet),
        edit=_old_convnext,
    )
    make_one(
        exports,
        "hf-convnext-384",
        convnext,
        t.ConvNextImageProcessor(size={"shortest_edge": 384}, crop_pct=0.95, resample=3),
    )
    make_one(
        exports, "hf-resnet", resnet, t.ConvNextImageProcessor(size={"shortest_edge": 64}, crop_pct=0.9, resample=3)
    )
    make_one(exports, "hf-regnet", regnet, t.ConvNextImageProcessor(size={"shortest_edge": 64}))
    make_one(exports, "hf-swin", swin, t.ViTImageProcessor(size=square, resample=3, **imagenet))
    make_one(
        exports,
        "hf-mobilenet-v1",
        mobilenet_v1,
        t.MobileNetV1ImageProcessor(size={"shortest_edge": 73}, crop_size={"height": 64, "width": 64}),
    )
    make_one(
        exports,
        "hf-mobilenet-v2",
        mobilenet_v2,
        t.MobileNetV2ImageProcessor(size={"shortest_edge": 74}, crop_size={"height": 64, "width": 64}),
    )
    make_one(
        exports,
        "hf-mobilevit",
        mobilevit,
        t.MobileViTImageProcessor(size={"shortest_edge": 72}, crop_size={"height": 64, "width": 64}),
    )
    make_one(exports, "hf-efficientnet", efficientnet, t.EfficientNetImageProcessor(size={"height": 64, "width": 64}))
    make_one(
        exports,
        "hf-efficientnet-offset",
        efficientnet,
        t.EfficientNetImageProcessor(
            size={"height": 64, "width": 64},
            resample=3,
            rescale_factor=1 / 127.5,
            rescale_offset=True,
            include_top=False,
        ),
    )
    make_one(
        exports,
        "hf-levit",
        levit,
        t.LevitImageProcessor(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64}),
    )
    make_one(
        exports,
        "hf-poolformer",
        poolformer,
        t.PoolFormerImageProcessor(size={"shortest_edge": 64}, crop_pct=0.9, crop_size={"height": 64, "width": 64}),
    )
    make_one(
        exports, "hf-bit", bit, t.BitImageProcessor(size={"shortest_edge": 75}, crop_size={"height": 64, "width": 64})
    )
    make_one(exports, "hf-clip", clip, t.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=square))
    make_one(exports, "hf-siglip", siglip, t.SiglipImageProcessor(size=square))
    make_variant(exports)


if __name__ == "__main__":
    main(make, __doc__)
