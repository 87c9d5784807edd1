"""Small torch networks with seeded weights, and what makes them worth comparing."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from reference import SEED

# Logits of different pictures that differ by less than this are noise, and no factor makes an answer of them.
SMALLEST_DEVIATION = 5e-3


def seed() -> None:
    """The same weights in every run, whatever ran before."""
    torch.manual_seed(SEED)


class SmallNet(nn.Module):
    """Two convolutions and a linear layer, which sees where things are: a shifted crop changes its answers."""

    def __init__(self, classes: int, channels: int = 3, cells: int = 4) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, stride=1, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(cells),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(8 * cells * cells, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits [N, classes]."""
        return self.classifier(self.features(image))


def _last_layer(model: nn.Module) -> nn.Module:
    return [
        module
        for module in model.modules()
        if isinstance(module, (nn.Linear, nn.Conv2d)) and module.weight.requires_grad
    ][-1]


def spread(
    model: nn.Module, batch: Any, logits_of: Any = None, layer: nn.Module | None = None, deviation: float = 2.0
) -> None:
    """Make a network with random weights sensitive to its input.

    Batch normalisation gets the statistics of the batch, and the last layer is scaled so that the logits of different pictures
    differ. Otherwise all answers are nearly alike, and a wrong crop would pass unseen.
    """
    logits_of = logits_of or (lambda: model(batch))
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        model.eval()
        if float((logits_of() - logits_of().mean(0)).std()) < SMALLEST_DEVIATION:
            # The frameworks' first weights are small, and deep networks with such weights answer the same to everything.
            for module in model.modules():
                if isinstance(module, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            for norm in norms:
                nn.init.ones_(norm.weight)
        if norms:
            for norm in norms:
                norm.momentum = None
                norm.reset_running_stats()
                norm.train()
            logits_of()
        model.eval()
        layer = layer or _last_layer(model)
        logits = logits_of()
        factor = min(400.0, deviation / max(float((logits - logits.mean(0)).std()), 1e-9))
        layer.weight *= factor
        if layer.bias is not None:
            layer.bias.zero_()
            layer.bias -= logits_of().mean(0)


def export(
    model: nn.Module, path: Path, example: Any, *, dynamo: bool = False, fixed: bool = False, **settings: Any
) -> Path:
    """Export by torch.onnx.export with its defaults, except for the names and the batch axis."""
    names = settings.setdefault("input_names", ["input"])
    settings.setdefault("output_names", ["output"])
    arguments = example if isinstance(example, tuple) else (example,)
    if not fixed:
        if dynamo:
            settings.setdefault("dynamic_shapes", tuple({0: torch.export.Dim("batch")} for _ in arguments))
            # torch.export takes an axis of 1 for a constant.
            arguments = tuple(
                torch.cat([argument, argument]) if argument.shape[0] == 1 else argument for argument in arguments
            )
        else:
            settings.setdefault("dynamic_axes", {name: {0: "batch"} for name in [*names, *settings["output_names"]]})
    torch.onnx.export(model.eval(), arguments, str(path), dynamo=dynamo, **settings)
    return path
