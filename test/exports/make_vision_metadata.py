"""Pictures whose preprocessing is in the ONNX file: ultralytics, and the image metadata of Custom Vision and Windows ML.

The exports of ultralytics are real. Custom Vision has no exporter outside its service, so its files are emulated: a torch model
gets the metadata, the outputs (classLabel, and loss by ZipMap) and the files that the service is documented to write.
"""

import contextlib
import io
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

# Before ultralytics is imported: it fetches and installs nothing, and its settings are not the user's.
os.environ["YOLO_AUTOINSTALL"] = "false"
os.environ["YOLO_OFFLINE"] = "true"
os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp(prefix="ultralytics-")

import numpy as np
import onnx
import torch
import yaml
from onnx import TensorProto, helper
from PIL import Image
from ultralytics import YOLO
from ultralytics.data.augment import classify_transforms

from make_torch import Ended, answers, feeds
from nets import SmallNet, export, seed, spread
from pictures import opened, pictures
from reference import Check, Exports, classes_cases, main, number

NAMES = ["cat", "dog's bone", 'red "fox"', 'it\'s a "bird"']
YOLO_LAYERS = {
    "nc": 4,
    "backbone": [[-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [16, 3, 2]], [-1, 1, "Conv", [16, 3, 2]]],
    "head": [[-1, 1, "Classify", [4]]],
}
DETECTOR_LAYERS = {
    "nc": 4,
    "backbone": [[-1, 1, "Conv", [8, 3, 2]], [-1, 1, "Conv", [16, 3, 2]], [-1, 1, "Conv", [16, 3, 2]]],
    "head": [[[2], 1, "Detect", ["nc"]]],
}


def ultralytics(
    exports: Exports, name: str, layers: dict[str, Any], names: list[str], task: str, size: int, **settings: Any
) -> None:
    """A network of ultralytics' own layers, exported by ultralytics."""
    if not exports.wants(name):
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / f"{name}.yaml"
        path.write_text(yaml.safe_dump(layers))
        seed()
        yolo = YOLO(str(path), task=task)
        yolo.model.names = dict(enumerate(names))
        paths = pictures(exports.out)
        batch = torch.stack([classify_transforms(size)(picture) for picture in opened(exports.out, paths)])
        if task == "classify":
            seen: list[torch.Tensor] = []
            last = yolo.model.model[-1].linear
            hook = last.register_forward_hook(lambda _module, _inputs, logits: seen.append(logits))

            def logits() -> torch.Tensor:
                yolo.model(batch)
                return seen[-1]

            spread(yolo.model, batch, logits, layer=last)
            hook.remove()
        written = Path(yolo.export(format="onnx", imgsz=size, simplify=False, device="cpu", **settings))
        shutil.copy(written, exports.folder(name) / "model.onnx")
        common: dict[str, Any] = {
            "family": "ultralytics",
            "made_with": ("ultralytics", "torch", "onnx"),
            "labels": names,
        }
        if task != "classify":
            # Not a classifier: its tensors are served as they are.
            yolo.model.eval()
            images = [torch.rand(1, 3, size, size) for _ in range(3)]
            with torch.no_grad():
                outputs = [yolo.model(image)[0].numpy() for image in images]
            cases = [
                {"input": {"inputs": {"images": number(image.numpy())}}, "outputs": {"output0": number(output)}}
                for image, output in zip(images, outputs, strict=True)
            ]
            exports.write(
                name,
                expect="tensors",
                cases=cases,
                check=Check([{"images": image.numpy()} for image in images]),
                **{**common, "labels": None},
            )
            return
        # ultralytics' own predict, which does its own preprocessing.
        found = np.stack(
            [
                yolo.predict(picture, imgsz=size, verbose=False)[0].probs.data.double().numpy()
                for picture in opened(exports.out, paths)
            ]
        )
        exports.write(
            name,
            expect="classes",
            cases=classes_cases(paths, [names[at] for at in found.argmax(1)], found, key="picture"),
            check=Check(feeds(batch, "images")),
            **common,
        )


def _with_image_metadata(path: Path, metadata: dict[str, str]) -> onnx.ModelProto:
    model = onnx.load(path)
    helper.set_model_props(model, metadata)
    model.graph.input[0].type.denotation = "IMAGE"
    return model


def _with_labels(model: onnx.ModelProto, labels: list[str]) -> None:
    """classLabel STRING [?, 1] and loss by ZipMap, as Custom Vision's classifiers have them."""
    graph = model.graph
    scores = graph.output[0].name
    graph.node.extend(
        [
            helper.make_node("ArgMax", [scores], ["best"], axis=1, keepdims=1),
            helper.make_node("ArrayFeatureExtractor", ["all_labels", "best"], ["picked"], domain="ai.onnx.ml"),
            helper.make_node("Reshape", ["picked", "column"], ["classLabel"]),
            helper.make_node("ZipMap", [scores], ["loss"], domain="ai.onnx.ml", classlabels_strings=labels),
        ]
    )
    graph.initializer.extend(
        [
            helper.make_tensor(
                "all_labels", TensorProto.STRING, [1, len(labels)], [label.encode() for label in labels]
            ),
            helper.make_tensor("column", TensorProto.INT64, [2], [-1, 1]),
        ]
    )
    del graph.output[:]
    pairs = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    graph.output.extend(
        [
            helper.make_tensor_value_info("classLabel", TensorProto.STRING, [None, 1]),
            helper.make_value_info("loss", helper.make_sequence_type_proto(pairs)),
        ]
    )
    model.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))


def image_metadata(
    exports: Exports,
    name: str,
    metadata: dict[str, str],
    *,
    scale: float,
    offset: float,
    bgr: bool = False,
    grey: bool = False,
    custom_vision: bool = False,
    stretch: bool = True,
) -> None:
    """A torch model with Image.* metadata. The picture is stretched, or cropped as the usual transform does."""
    if not exports.wants(name):
        return
    size = 48
    labels = ["Apple", "Banana", "No fruit"]
    paths = pictures(exports.out)

    def tensor(picture: Image.Image) -> torch.Tensor:
        picture = picture.convert("L" if grey else "RGB").resize((size, size), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, np.float32).reshape(size, size, -1).transpose(2, 0, 1)
        return torch.from_numpy((pixels[::-1] if bgr else pixels) * np.float32(scale) + np.float32(offset))

    batch = torch.stack([tensor(picture) for picture in opened(exports.out, paths)])
    seed()
    net = SmallNet(3, channels=1 if grey else 3)
    spread(net, batch)
    model = Ended(net, lambda logits: logits.softmax(-1))
    folder = exports.folder(name)
    path = export(model, folder / "model.onnx", batch[:1], input_names=["data"], output_names=["scores"])
    exported = _with_image_metadata(path, metadata)
    files = {"labels.txt": "\n".join(labels)}
    if custom_vision:
        _with_labels(exported, labels)
        files["cvexport.manifest"] = json.dumps(
            {
                "DomainType": "Classification",
                "Platform": "ONNX",
                "Flavor": "ONNX12",
                "ExporterVersion": "2.1",
                "ExportedDate": "2026-01-01T00:00:00Z",
                "ModelFileName": "model.onnx",
                "LabelFileName": "labels.txt",
                "SchemaVersion": "1.0",
            },
            indent=2,
        )
    onnx.checker.check_model(exported)
    onnx.save(exported, path)
    for file, content in files.items():
        (folder / file).write_text(content)
    found = answers(model, batch)
    fit = {"input": {"kind": "image", "resize": {"fit": "stretch", "filter": "bilinear"}}} if stretch else None
    exports.write(
        name,
        family="image metadata",
        made_with=("torch", "onnx"),
        expect="classes",
        labels=labels,
        settled_by=fit,
        cases=classes_cases(paths, [labels[at] for at in found.argmax(1)], found, key="picture"),
        check=Check(feeds(batch, "data")),
        note="Emulated: the metadata of the service, on a torch model. It does not say how a picture is fitted.",
    )


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    ultralytics(exports, "ultralytics-classify", YOLO_LAYERS, NAMES, "classify", 128)
    ultralytics(
        exports, "ultralytics-classify-dynamic", YOLO_LAYERS, ["a", "b", "c", "d"], "classify", 64, dynamic=True
    )
    ultralytics(exports, "ultralytics-detect", DETECTOR_LAYERS, NAMES, "detect", 64)
    bytes_bgr = {
        "Image.BitmapPixelFormat": "Bgr8",
        "Image.ColorSpaceGamma": "SRGB",
        "Image.NominalPixelRange": "NominalRange_0_255",
    }
    image_metadata(exports, "custom-vision", bytes_bgr, scale=1, offset=0, bgr=True, custom_vision=True)
    image_metadata(
        exports,
        "windows-ml-rgb",
        {**bytes_bgr, "Image.BitmapPixelFormat": "Rgb8", "Image.NominalPixelRange": "Normalized_0_1"},
        scale=1 / 255,
        offset=0,
    )
    image_metadata(
        exports,
        "windows-ml-grey",
        {**bytes_bgr, "Image.BitmapPixelFormat": "Gray8", "Image.NominalPixelRange": "Normalized_1_1"},
        scale=1 / 127.5,
        offset=-1,
        grey=True,
    )
    with contextlib.suppress(OSError):
        shutil.rmtree(os.environ["YOLO_CONFIG_DIR"])


if __name__ == "__main__":
    main(make, __doc__)
