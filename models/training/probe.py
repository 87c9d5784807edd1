"""Accuracy of a network during training, before it is exported."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from .data import Split
from .evaluate import top


def network_logits(network: nn.Module, images: np.ndarray, prepare: Callable, batch: int = 256) -> torch.Tensor:
    """Logits [N, classes] of uint8 pictures [N, H, W, C]; `prepare` makes the network's input of a batch."""
    network.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        parts = [
            network(prepare(torch.from_numpy(images[k : k + batch]))).float() for k in range(0, len(images), batch)
        ]
    return torch.cat(parts)


def split_accuracy(network: nn.Module, split: Split, prepare: Callable) -> dict[str, float]:
    """Top-1 and top-5 of a network on a split, for the log of a training run."""
    scores = network_logits(network, split.images, prepare).numpy()
    return {"top1": round(top(scores, split.targets, 1), 4), "top5": round(top(scores, split.targets, 5), 4)}
