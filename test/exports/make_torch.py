"""Exports of torch by both of its exporters, of torchvision's architectures, and the files that people put beside them."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn
from torchvision import models
from torchvision.transforms import v2

import tables
from nets import SmallNet, export, seed, spread
from pictures import opened, pictures
from reference import Check, Exports, classes_cases, main, multi_label_cases, number, softmax, value_cases

MADE_WITH = ("torch", "torchvision", "onnx")
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ANIMALS = ["ant", "bee", "cat", "dog's bone"]


def transform(size: int, shorter: int | None = None) -> Callable[[Any], torch.Tensor]:
    """torchvision's usual transform: shorter side to size / 0.875, centre crop, ImageNet's mean and standard deviation."""
    return v2.Compose(
        [
            v2.Resize(shorter or round(size / 0.875), antialias=True),
            v2.CenterCrop(size),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )


def batch_of(exports: Exports, size: int) -> tuple[list[str], torch.Tensor]:
    """The pictures' paths, and the pictures after torchvision's transform."""
    paths = pictures(exports.out)
    return paths, torch.stack([transform(size)(picture) for picture in opened(exports.out, paths)])


def feeds(batch: torch.Tensor, name: str = "input") -> list[dict[str, np.ndarray]]:
    """One feed for each picture."""
    return [{name: row[None].numpy()} for row in batch]


def answers(model: nn.Module, batch: Any) -> np.ndarray:
    """What the framework itself answers, in float64."""
    with torch.no_grad():
        return model.eval()(batch).double().numpy()


def classify(
    exports: Exports,
    name: str,
    size: int = 56,
    classes: int = 4,
    model: nn.Module | None = None,
    labels: list[str] | None = None,
    files: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    expect: str = "classes",
    reason: str | None = None,
    family: str = "torch",
    file: str = "model.onnx",
    **settings: Any,
) -> None:
    """A classifier of pictures with logits, exported into a folder."""
    if not exports.wants(name):
        return
    seed()
    paths, batch = batch_of(exports, size)
    model = model or SmallNet(classes)
    spread(model, batch)
    path = export(model, exports.folder(name) / file, batch[:1], **settings)
    if metadata:
        graph = onnx.load(path)
        onnx.helper.set_model_props(graph, metadata)
        onnx.save(graph, path)
    for beside, content in (files or {}).items():
        (path.parent / beside).write_bytes(content.encode())
    probabilities = softmax(answers(model, batch))
    labels = labels or [str(at) for at in range(probabilities.shape[1])]
    cases = classes_cases(paths, [labels[at] for at in probabilities.argmax(1)], probabilities, key="picture")
    exports.write(
        name,
        family=family,
        made_with=MADE_WITH,
        expect=expect,
        labels=labels,
        reason=reason,
        cases=[] if expect == "refused" else cases,
        check=None
        if expect == "refused"
        else Check(feeds(batch, settings.get("input_names", ["input"])[0]), activation=softmax),
    )


def exporters(exports: Exports) -> None:
    """The ways of torch's exporters."""
    classify(exports, "torch-legacy")
    classify(exports, "torch-dynamo", dynamo=True)
    classify(exports, "torch-dynamo-embedded", dynamo=True, external_data=False)
    classify(exports, "torch-dynamo-fixed", dynamo=True, fixed=True)
    classify(exports, "torch-fixed-batch", fixed=True)
    classify(exports, "torch-any-file-name", file="animals-v3.onnx")
    classify(exports, "torch-initializers-as-inputs", keep_initializers_as_inputs=True, opset_version=17)
    classify(exports, "torch-opset-11", opset_version=11)
    classify(exports, "torch-other-names", input_names=["pixels"], output_names=["logits"])


def label_files(exports: Exports) -> None:
    """Labels beside the model and in its metadata."""
    lines = "\n".join(ANIMALS)
    classify(exports, "labels-txt", labels=ANIMALS, files={"labels.txt": lines + "\n"})
    classify(exports, "classes-txt-crlf", labels=ANIMALS, files={"classes.txt": lines.replace("\n", "\r\n")})
    classify(
        exports,
        "labels-txt-numbered",
        labels=ANIMALS,
        files={"labels.txt": "".join(f"{at} {name}\n" for at, name in enumerate(ANIMALS))},
    )
    classify(exports, "labels-json-list", labels=ANIMALS, files={"labels.json": json.dumps(ANIMALS)})
    classify(
        exports,
        "labels-json-object",
        labels=ANIMALS,
        files={"labels.json": json.dumps({str(at): name for at, name in reversed(list(enumerate(ANIMALS)))})},
    )
    classify(
        exports,
        "labels-json-class-index",
        labels=ANIMALS,
        files={"labels.json": json.dumps({str(at): [f"n{at + 1440764:08}", name] for at, name in enumerate(ANIMALS)})},
    )
    classify(exports, "labels-metadata", labels=ANIMALS, metadata={"labels": json.dumps(ANIMALS)})
    classify(
        exports,
        "labels-repeated",
        classes=5,
        labels=["crane", "tench", "goose", "crane", "otter"],
        files={"labels.txt": "crane\ntench\ngoose\ncrane\notter\n"},
    )
    classify(
        exports,
        "labels-too-few",
        labels=ANIMALS,
        files={"labels.txt": "ant\nbee\n"},
        expect="refused",
        reason="labels.txt",
    )
    classify(
        exports,
        "labels-too-many",
        labels=ANIMALS,
        files={"labels.txt": lines + "\nelk\nfox\n"},
        expect="refused",
        reason="labels.txt",
    )


class Ended(nn.Module):
    """A network with something after its logits."""

    def __init__(self, net: nn.Module, end: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.net, self.end = net, end

    def forward(self, image: torch.Tensor) -> Any:
        """What `end` makes of the logits."""
        return self.end(self.net(image))


class FromBytes(nn.Module):
    """Takes uint8 NHWC and normalises in the graph."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).reshape(1, 3, 1, 1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits of pictures [N, H, W, 3] of bytes."""
        return self.net((image.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std)


class WithEmbedding(nn.Module):
    """Answers logits and what the last layer sees."""

    def __init__(self, net: SmallNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Embedding [N, 128] and logits [N, classes]."""
        embedding = self.net.features(image)
        return embedding, self.net.classifier(embedding)


def ends(exports: Exports) -> None:
    """Softmax inside, sigmoid for several labels, sigmoid for two, several outputs, float16, bytes, grey."""
    paths, batch = batch_of(exports, 56)

    def net(classes: int = 4, **settings: Any) -> SmallNet:
        seed()
        model = SmallNet(classes, **settings)
        spread(model, batch)
        return model

    def write(name: str, expect: str, cases: list[dict[str, Any]], classes: int, check: Check, **settings: Any) -> None:
        exports.write(
            name,
            family="torch",
            made_with=MADE_WITH,
            expect=expect,
            labels=[str(at) for at in range(classes)],
            cases=cases,
            check=check,
            **settings,
        )

    if exports.wants("torch-softmax"):
        model = Ended(net(), lambda logits: logits.softmax(-1))
        export(model, exports.folder("torch-softmax") / "model.onnx", batch[:1], output_names=["probabilities"])
        found = answers(model, batch)
        write(
            "torch-softmax",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            4,
            Check(feeds(batch)),
        )
    if exports.wants("torch-multi-label"):
        model = Ended(net(5), torch.sigmoid)
        export(model, exports.folder("torch-multi-label") / "model.onnx", batch[:1])
        write(
            "torch-multi-label",
            "labels",
            multi_label_cases(paths, range(5), answers(model, batch), key="picture"),
            5,
            Check(feeds(batch)),
        )
    if exports.wants("torch-binary"):
        model = Ended(net(1), torch.sigmoid)
        export(model, exports.folder("torch-binary") / "model.onnx", batch[:1])
        second = answers(model, batch)[:, 0]
        both = np.stack([1 - second, second], axis=1)
        write(
            "torch-binary", "binary", classes_cases(paths, both.argmax(1), both, key="picture"), 2, Check(feeds(batch))
        )
    if exports.wants("torch-several-outputs"):
        small = net()
        export(
            WithEmbedding(small),
            exports.folder("torch-several-outputs") / "model.onnx",
            batch[:1],
            output_names=["embedding", "logits"],
        )
        found = softmax(answers(small, batch))
        write(
            "torch-several-outputs",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            4,
            Check(feeds(batch), output="logits", activation=softmax),
        )
    if exports.wants("torch-float16"):
        half = net().half()
        export(half, exports.folder("torch-float16") / "model.onnx", batch[:1].half())
        found = softmax(answers(half, batch.half()))
        write(
            "torch-float16",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            4,
            Check(feeds(batch.half()), activation=softmax),
            tolerance=0.02,
        )
    if exports.wants("torch-uint8"):
        # The usual transform, stopped before it leaves the range of bytes.
        to_bytes = v2.Compose([v2.Resize(64, antialias=True), v2.CenterCrop(56)])
        cropped = torch.from_numpy(np.stack([np.asarray(to_bytes(picture)) for picture in opened(exports.out, paths)]))
        model = FromBytes(net())
        export(model, exports.folder("torch-uint8") / "model.onnx", cropped[:1])
        found = softmax(answers(model, cropped))
        write(
            "torch-uint8",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            4,
            Check(feeds(cropped), activation=softmax),
        )
    if exports.wants("torch-grey"):
        to_grey = v2.Compose(
            [
                v2.Grayscale(),
                v2.Resize((28, 28), antialias=True),
                v2.PILToTensor(),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize((0.1307,), (0.3081,)),
            ]
        )
        greys = torch.stack([to_grey(picture) for picture in opened(exports.out, paths)])
        seed()
        model = SmallNet(10, channels=1, cells=7)
        spread(model, greys)
        export(model, exports.folder("torch-grey") / "model.onnx", greys[:1])
        found = softmax(answers(model, greys))
        settled = {
            "input": {
                "kind": "image",
                "resize": {"fit": "stretch", "filter": "bilinear"},
                "normalisation": {"mean": [0.1307], "std": [0.3081]},
            }
        }
        write(
            "torch-grey",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            10,
            Check(feeds(greys), activation=softmax),
            settled_by=settled,
        )
    if exports.wants("torch-dynamic-size"):
        model = net()
        pooled = nn.Sequential(model.features[:4], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))
        spread(pooled, batch)
        export(
            pooled,
            exports.folder("torch-dynamic-size") / "model.onnx",
            batch[:1],
            dynamic_axes={"input": {0: "batch_size", 2: "height", 3: "width"}, "output": {0: "batch_size"}},
        )
        found = softmax(answers(pooled, batch))
        write(
            "torch-dynamic-size",
            "classes",
            classes_cases(paths, found.argmax(1), found, key="picture"),
            4,
            Check(feeds(batch), activation=softmax),
            settled_by={"input": {"kind": "image", "width": 56, "height": 56}},
        )


def architectures(exports: Exports) -> None:
    """torchvision's own architectures with ten classes and random weights."""
    for name, build, size, settings in [
        ("torchvision-resnet18", models.resnet18, 224, {"dynamo": True}),
        ("torchvision-mobilenet-v3-small", models.mobilenet_v3_small, 224, {}),
        ("torchvision-shufflenet", models.shufflenet_v2_x0_5, 224, {}),
        ("torchvision-squeezenet", models.squeezenet1_1, 224, {}),
        ("torchvision-mnasnet", models.mnasnet0_5, 112, {}),
        ("torchvision-regnet", models.regnet_y_400mf, 112, {}),
        ("torchvision-efficientnet", models.efficientnet_b0, 112, {}),
    ]:
        if exports.wants(name):
            seed()
            classify(exports, name, size, model=build(num_classes=10), family="torchvision", **settings)


def tables_and_tensors(exports: Exports) -> None:
    """Tables, embeddings and a detector."""
    wine, cultivar = tables.wine()
    rows = ((wine - wine.mean(0)) / wine.std(0)).astype(np.float32)
    sample = torch.from_numpy(rows[[3, 70, 100, 150]])
    given = number(sample.numpy())

    def trained(outputs: int, loss: Any, targets: torch.Tensor) -> nn.Module:
        seed()
        model = nn.Sequential(nn.Linear(13, 8), nn.ReLU(), nn.Linear(8, outputs))
        optimizer = torch.optim.Adam(model.parameters(), 0.02)
        for _ in range(120):
            optimizer.zero_grad()
            loss(model(torch.from_numpy(rows)), targets).backward()
            optimizer.step()
        return model

    if exports.wants("torch-table"):
        model = trained(3, nn.CrossEntropyLoss(), torch.from_numpy(cultivar))
        export(model, exports.folder("torch-table") / "model.onnx", sample[:1], dynamo=True)
        found = softmax(answers(model, sample))
        exports.write(
            "torch-table",
            family="torch",
            made_with=MADE_WITH,
            expect="classes",
            labels=range(3),
            cases=classes_cases(given, found.argmax(1), found),
            check=Check(feeds(sample), activation=softmax),
        )
    if exports.wants("torch-table-binary"):
        model = Ended(
            trained(1, nn.BCEWithLogitsLoss(), torch.from_numpy(cultivar == 1).float()[:, None]), torch.sigmoid
        )
        export(model, exports.folder("torch-table-binary") / "model.onnx", sample[:1])
        second = answers(model, sample)[:, 0]
        both = np.stack([1 - second, second], axis=1)
        exports.write(
            "torch-table-binary",
            family="torch",
            made_with=MADE_WITH,
            expect="binary",
            labels=range(2),
            cases=classes_cases(given, both.argmax(1), both),
            check=Check(feeds(sample)),
        )
    if exports.wants("torch-table-value"):
        model = trained(1, nn.MSELoss(), torch.from_numpy(wine[:, :1]))
        export(model, exports.folder("torch-table-value") / "model.onnx", sample[:1])
        exports.write(
            "torch-table-value",
            family="torch",
            made_with=MADE_WITH,
            expect="value",
            cases=value_cases(given, answers(model, sample)),
            check=Check(feeds(sample)),
        )

    def tensors(
        name: str,
        model: nn.Module,
        items: list[dict[str, torch.Tensor]],
        outputs: list[str],
        settled_by: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        if not exports.wants(name):
            return
        names = list(items[0])
        export(
            model,
            exports.folder(name) / "model.onnx",
            tuple(items[0][key][None] for key in names),
            input_names=names,
            output_names=outputs,
            **settings,
        )
        cases = []
        for item in items:
            with torch.no_grad():
                found = model(*(item[key][None] for key in names))
            found = found if isinstance(found, tuple) else (found,)
            cases.append(
                {
                    "input": {"inputs": {key: number(value[None].numpy()) for key, value in item.items()}},
                    "outputs": {key: number(value.numpy()) for key, value in zip(outputs, found, strict=True)},
                }
            )
        exports.write(
            name,
            family="tensors",
            made_with=MADE_WITH,
            expect="tensors",
            cases=cases,
            settled_by=settled_by,
            check=Check([{key: value[None].numpy() for key, value in item.items()} for item in items]),
        )

    seed()
    ids = [
        {"input_ids": torch.randint(0, 50, (6,)), "attention_mask": torch.tensor([1] * real + [0] * (6 - real))}
        for real in (6, 4, 5)
    ]
    tensors(
        "tensors-text-embedding",
        TextEmbedding(),
        ids,
        ["last_hidden_state"],
        dynamic_axes={
            "input_ids": {0: "batch_size", 1: "sequence_length"},
            "attention_mask": {0: "batch_size", 1: "sequence_length"},
            "last_hidden_state": {0: "batch_size", 1: "sequence_length"},
        },
    )
    seed()
    images = [{"images": torch.rand(3, 16, 16)} for _ in range(3)]
    tensors("tensors-detector", Detector(), images, ["boxes", "scores", "class_ids"], fixed=True)
    seed()
    unit = Ended(SmallNet(16), lambda found: nn.functional.normalize(found, dim=-1))
    tensors(
        "tensors-picture-embedding",
        unit.eval(),
        images,
        ["embedding"],
        settled_by={"input": {"kind": "tensors"}, "output": {"kind": "tensors"}},
    )
    seed()
    pairs = [{"user": torch.randint(0, 20, (1,)), "features": torch.rand(4)} for _ in range(3)]
    tensors(
        "tensors-two-inputs",
        Recommender().eval(),
        pairs,
        ["ratings"],
        settled_by={"input": {"kind": "tensors"}, "output": {"kind": "tensors"}},
    )


class TextEmbedding(nn.Module):
    """Token ids to one vector for each token."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.mix = nn.Embedding(50, 8), nn.Linear(8, 8)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """[N, tokens, 8]; zeros where the mask is 0."""
        return torch.tanh(self.mix(self.words(input_ids))) * attention_mask[..., None]


class Detector(nn.Module):
    """A picture to boxes, scores and class ids of 16 places."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 7, 4, stride=4)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[N, 16, 4], [N, 16] and int64 [N, 16]."""
        places = self.convolution(images).flatten(2).transpose(1, 2)
        scores, ids = places[..., 4:].softmax(-1).max(-1)
        return places[..., :4], scores, ids


class Recommender(nn.Module):
    """A user's id and features to ratings of five things."""

    def __init__(self) -> None:
        super().__init__()
        self.users, self.mix = nn.Embedding(20, 4), nn.Linear(8, 5)

    def forward(self, user: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """[N, 5]"""
        return self.mix(torch.cat([self.users(user[:, 0]), features], dim=-1))


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    torch.set_num_threads(1)
    exporters(exports)
    label_files(exports)
    ends(exports)
    tables_and_tensors(exports)
    architectures(exports)


if __name__ == "__main__":
    main(make, __doc__)
