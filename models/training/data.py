"""Reading the data sets: Food-101 at 64 pixels (tar.xz of JPEG) and Fashion-MNIST (IDX)."""

import gzip
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

FASHION_LABELS = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip
FOOD_TRAIN = ["train-1of3.tar.xz", "train-2of3.tar.xz", "train-3of3.tar.xz"]
FOOD_TEST = ["test.tar.xz"]


@dataclass(frozen=True)
class Split:
    """Labelled pictures: `images` uint8 [N, H, W, channels], `targets` int64 [N]."""

    images: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.targets)

    def where(self, keep: np.ndarray) -> "Split":
        """The pictures selected by a boolean mask or by indices."""
        return Split(self.images[keep], self.targets[keep])


@dataclass(frozen=True)
class Dataset:
    """Training and test split with the class names in the order of the targets."""

    labels: list[str]
    train: Split
    test: Split


def read_archives(folder: Path, names: list[str]) -> tuple[np.ndarray, list[str]]:
    """Decode every JPEG of the archives; members are SPLIT/CLASS/ID.jpg. Returns uint8 [N, 64, 64, 3] and classes."""
    images, classes = [], []
    for name in names:
        with tarfile.open(folder / name, "r:xz") as archive:
            for member in tqdm(archive, desc=name, unit="image", leave=False):
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                picture = Image.open(io.BytesIO(content.read())).convert("RGB")
                images.append(np.asarray(picture, np.uint8))
                classes.append(member.name.split("/")[1])
    return np.stack(images), classes


def read_food101(folder: Path, cache: Path | None = None) -> Dataset:
    """All of Food-101 at 64 pixels, official split, classes in alphabetical order; decoded once into `cache`."""
    if cache is not None and cache.exists():
        with np.load(cache) as stored:
            train = Split(stored["train_images"], stored["train_targets"])
            return Dataset(stored["labels"].tolist(), train, Split(stored["test_images"], stored["test_targets"]))
    train_images, train_classes = read_archives(folder, FOOD_TRAIN)
    test_images, test_classes = read_archives(folder, FOOD_TEST)
    labels = sorted(set(train_classes))
    position = {label: index for index, label in enumerate(labels)}
    train = Split(train_images, np.array([position[label] for label in train_classes], np.int64))
    test = Split(test_images, np.array([position[label] for label in test_classes], np.int64))
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            cache, labels=np.array(labels), train_images=train.images, train_targets=train.targets,
            test_images=test.images, test_targets=test.targets,
        )  # fmt: skip
    return Dataset(labels, train, test)


def select_classes(split: Split, labels: list[str], chosen: list[str]) -> tuple[Split, Split]:
    """Divide a split into the pictures of `chosen`, with targets in that order, and all the others."""
    position = np.full(len(labels), -1, np.int64)
    for index, label in enumerate(chosen):
        position[labels.index(label)] = index
    targets = position[split.targets]
    known = targets >= 0
    return Split(split.images[known], targets[known]), split.where(~known)


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes: magic 0, 0, 8, number of axes, big-endian axis lengths, then the values."""
    content = gzip.decompress(path.read_bytes())
    axes = content[3]
    shape = np.frombuffer(content, ">i4", axes, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def read_fashion_mnist(folder: Path) -> Dataset:
    """Fashion-MNIST, official split: 60,000 and 10,000 grey pictures of 28x28 pixels."""

    def split(prefix: str) -> Split:
        images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz")[..., None]
        return Split(images, read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz").astype(np.int64))

    return Dataset(FASHION_LABELS, split("train"), split("t10k"))


def limited(split: Split, count: int | None) -> Split:
    """At most `count` pictures, spread evenly over the split, for a quick run."""
    if count is None or count >= len(split):
        return split
    return split.where(np.linspace(0, len(split) - 1, count).astype(np.int64))
