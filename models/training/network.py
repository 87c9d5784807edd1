"""Networks: MobileNetV2 with folded batch norm, and a small CNN for 28x28 grey pictures."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# expansion factor, output channels, number of blocks, stride of the first block
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
EMBEDDING = 1280


def same_padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow 'SAME' padding before and after an axis of `length` pixels."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


class Convolution(nn.Module):
    """Convolution with 'SAME' padding and bias, followed by ReLU6 if `relu`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True):
        super().__init__()
        self.symmetric = stride == 1
        self.c = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if self.symmetric else 0, groups=groups)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, ceil(H / stride), ceil(W / stride)]."""
        if not self.symmetric:
            kernel, stride = self.c.kernel_size[0], self.c.stride[0]
            top, bottom = same_padding(int(x.shape[2]), kernel, stride)
            left, right = same_padding(int(x.shape[3]), kernel, stride)
            x = F.pad(x, (left, right, top, bottom))
        x = self.c(x)
        return F.relu6(x, inplace=True) if self.relu else x


class InvertedResidual(nn.Module):
    """Expand (1x1), filter (depthwise 3x3), project (1x1, linear); identity shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int):
        super().__init__()
        hidden = inputs * expansion
        layers = [Convolution(inputs, hidden, 1)] if expansion > 1 else []
        layers.append(Convolution(hidden, hidden, 3, stride, groups=hidden))
        layers.append(Convolution(hidden, outputs, 1, relu=False))
        self.f = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, H / stride, W / stride]."""
        return x + self.f(x) if self.shortcut else self.f(x)


class MobileNetV2(nn.Module):
    """MobileNetV2 1.0; parameter names are those of mobilenet-v2-imagenet/weights.npz."""

    def __init__(self, classes: int):
        super().__init__()
        layers: list[nn.Module] = [Convolution(3, 32, 3, 2)]
        inputs = 32
        for expansion, outputs, count, stride in STAGES:
            for index in range(count):
                layers.append(InvertedResidual(inputs, outputs, expansion, stride if index == 0 else 1))
                inputs = outputs
        layers.append(Convolution(inputs, EMBEDDING, 1))
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(EMBEDDING, classes)

    def forward(self, x: Tensor) -> Tensor:
        """float [N, 3, H, W] in [-1, 1] -> logits [N, classes]."""
        return self.fc(self.features(x).mean((2, 3)))


def load_imagenet(network: MobileNetV2, weights: Path) -> None:
    """Copy the ImageNet weights of an npz into the convolutions; the head keeps its random start."""
    with np.load(weights) as arrays:
        state = {name: torch.from_numpy(arrays[name]) for name in arrays.files if not name.startswith("fc.")}
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or set(missing) != {"fc.weight", "fc.bias"}:
        raise ValueError(f"{weights} does not fit: missing {missing}, unexpected {unexpected}")


class FashionNet(nn.Module):
    """Small residual CNN for 28x28 grey pictures, about 220,000 parameters."""

    def __init__(self, classes: int):
        super().__init__()
        self.stem = block(1, 24)
        self.stages = nn.ModuleList([Residual(24, 48), Residual(48, 72), Residual(72, 80)])
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(80, classes)

    def forward(self, x: Tensor) -> Tensor:
        """float [N, 1, 28, 28] -> logits [N, classes]."""
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.fc(self.dropout(x.float().mean((2, 3))))


def block(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Residual(nn.Module):
    """Halve the resolution, widen, then one residual 3x3 convolution."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.widen = block(inputs, outputs)
        self.refine = block(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, H // 2, W // 2]."""
        x = self.widen(self.pool(x))
        return x + self.refine(x)
