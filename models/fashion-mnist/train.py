"""Train, export and evaluate fashion-mnist: a 28x28 grey picture -> one of ten kinds of clothing."""

import argparse
import sys
from pathlib import Path

import torch
from onnxruntime.quantization import CalibrationMethod
from torch import Generator, Tensor

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import augment, data, probe  # noqa: E402
from training.loop import Batch, Recipe, smooth, train  # noqa: E402
from training.network import FashionNet  # noqa: E402
from training.publish import places, publish  # noqa: E402
from training.quantise import Settings  # noqa: E402

SETTINGS = Settings(CalibrationMethod.Percentile, float_convolutions=(0, 1), pictures=512)


def prepare(images: Tensor) -> Tensor:
    """uint8 [N, 28, 28, 1] -> float [N, 1, 28, 28] in [0, 1]."""
    return images.permute(0, 3, 1, 2).float() / 255


def batches(train: data.Split, classes: int, smoothing: float) -> Batch:
    """Shifted, flipped and partly cut-out pictures with smoothed targets."""
    images, targets = torch.from_numpy(train.images), torch.from_numpy(train.targets)

    def draw(generator: Generator, order: Tensor, _: int) -> tuple[Tensor, Tensor]:
        planes = augment.shift_and_flip(generator, images[order], 2)
        return augment.cutout(generator, planes, 9) / 255, smooth(targets[order], classes, smoothing)

    return draw


def main() -> None:
    """Run the whole recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with fashion-mnist")
    parser.add_argument("--checkpoints", type=Path, default=FOLDER / "checkpoints", help="state to resume from")
    parser.add_argument("--epochs", type=int, default=18)
    parser.add_argument("--limit", type=int, help="use only so many pictures of each split, for a quick run")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    work, output = places(FOLDER, options.checkpoints, options.limit is not None)
    dataset = data.read_fashion_mnist(options.data / "fashion-mnist")
    training, test = data.limited(dataset.train, options.limit), data.limited(dataset.test, options.limit)

    recipe = Recipe(
        ((28,) * options.epochs,),
        batch=128,
        body_rate=4e-3,
        head_rate=4e-3,
        weight_decay=0.05,
        smoothing=0.05,
        part=128,
    )
    torch.manual_seed(recipe.seed)
    network = train(
        FashionNet(len(dataset.labels)),
        recipe,
        len(training),
        batches(training, len(dataset.labels), recipe.smoothing),
        lambda averaged: probe.split_accuracy(averaged, test, prepare),
        work,
        options.threads,
    )
    publish(output, work, network, prepare, SETTINGS, training, test, "official test images")


if __name__ == "__main__":
    main()
