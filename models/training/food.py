"""What the two food models share: network input, batches and the command line."""

import argparse
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import CalibrationMethod
from torch import Generator, Tensor
from torch.nn import functional as F

from . import augment
from .data import Split
from .loop import Batch, smooth
from .quantise import Settings

PIXELS = 128  # the network's input size at export
# The first three convolutions stay in float32: on training pictures this agrees best with float32, and is faster.
SETTINGS = Settings(CalibrationMethod.MinMax, float_convolutions=(0, 1, 2))


def prepare(images: Tensor, pixels: int = PIXELS) -> Tensor:
    """uint8 [N, 64, 64, 3] -> float [N, 3, pixels, pixels] in [-1, 1]."""
    planes = images.permute(0, 3, 1, 2).float() / 127.5 - 1
    planes = F.interpolate(planes, size=(pixels, pixels), mode="bilinear")
    return planes.contiguous(memory_format=torch.channels_last)


def batches(
    train: Split, classes: int, smoothing: float, others: np.ndarray | None = None, share: float = 0.0
) -> Batch:
    """The augmented batches of a split.

    Pictures of `others`, `share` times as many, join every batch (outlier exposure); their target is the
    uniform distribution.
    """
    images, targets = torch.from_numpy(train.images), torch.from_numpy(train.targets)
    outliers = None if others is None else torch.from_numpy(others)

    def draw(generator: Generator, order: Tensor, pixels: int) -> tuple[Tensor, Tensor]:
        chosen, wanted = images[order], smooth(targets[order], classes, smoothing)
        if outliers is not None:
            count = round(share * len(order))
            extra = outliers[torch.randint(0, len(outliers), (count,), generator=generator)]
            chosen = torch.cat([chosen, extra])
            wanted = torch.cat([wanted, torch.full((count, classes), 1 / classes)])
        planes = augment.random_crop(generator, chosen, pixels, 0.5)
        planes = augment.soften(generator, planes, 0.6)
        planes = augment.colour_jitter(generator, planes, 0.25)
        return planes / 127.5 - 1, wanted

    return draw


def cycles(text: str) -> tuple[tuple[int, ...], ...]:
    """ "80,96/112" -> ((80, 96), (112,))."""
    return tuple(tuple(int(size) for size in cycle.split(",")) for cycle in text.split("/"))


def arguments(description: str, folder: Path, default_cycles: str) -> argparse.ArgumentParser:
    """The command line of both food models."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder with food101-64/")
    parser.add_argument("--checkpoints", type=Path, default=folder / "checkpoints", help="state to resume from")
    parser.add_argument("--cache", type=Path, help="npz that keeps the decoded pictures for the next run (1.2 GB)")
    parser.add_argument(
        "--sizes",
        type=cycles,
        default=cycles(default_cycles),
        help="picture size of each epoch in pixels, the cycles of the learning rate divided by /",
    )
    parser.add_argument("--limit", type=int, help="use only so many pictures of each split, for a quick run")
    parser.add_argument("--threads", type=int, default=2)
    return parser
