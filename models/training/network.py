"""Networks: EfficientNet-Lite0, and a small CNN for 28x28 grey pictures."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F

# kernel, expansion factor, output channels, number of blocks, stride of the first block
STAGES = [
    (3, 1, 16, 1, 1),
    (3, 6, 24, 2, 2),
    (5, 6, 40, 2, 2),
    (3, 6, 80, 3, 2),
    (5, 6, 112, 3, 1),
    (5, 6, 192, 4, 2),
    (3, 6, 320, 1, 1),
]
EMBEDDING = 1280


def same_padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow 'SAME' padding before and after an axis of `length` pixels."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


class Depthwise(torch.autograd.Function):
    """Depthwise convolution without padding, with a backward pass that is many times faster in bfloat16.

    oneDNN has no fast bfloat16 kernel for two of its gradients: that of the input with stride 2, which is computed
    here as the full convolution of the gradient with zeros between its values, and that of 5x5 weights, which is put
    together from four 3x3 weight gradients.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, x: Tensor, weight: Tensor, stride: int) -> Tensor:
        """[N, C, H, W] and [C, 1, K, K] -> [N, C, (H - K) / stride + 1, (W - K) / stride + 1], without remainder."""
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return F.conv2d(x, weight, None, stride, 0, 1, len(weight))

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        """The gradients of input and weight."""
        x, weight = ctx.saved_tensors
        stride, kernel, channels = ctx.stride, weight.shape[2], len(weight)
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        spread = gradient
        if stride > 1:
            height, width = ((length - 1) * stride + 1 for length in gradient.shape[2:])
            spread = gradient.new_zeros(len(x), height, width, channels).permute(0, 3, 1, 2)
            spread[:, :, ::stride, ::stride] = gradient
        of_x = F.conv2d(spread, weight.flip(2, 3), None, 1, kernel - 1, 1, channels)

        of_weight = torch.empty_like(weight)
        shifts = range(0, kernel - 2, 2)
        height, width = x.shape[2] - shifts[-1], x.shape[3] - shifts[-1]
        for down in shifts:
            for right in shifts:
                part = x[:, :, down : down + height, right : right + width]
                of_weight[:, :, down : down + 3, right : right + 3] = torch.ops.aten.convolution_backward(
                    gradient, part.contiguous(memory_format=torch.channels_last), weight[:, :, :3, :3], None,
                    [stride, stride], [0, 0], [1, 1], False, [0, 0], channels, [False, True, False],
                )[1]  # fmt: skip
        return of_x, of_weight, None


class Convolution(nn.Module):
    """Convolution with 'SAME' padding, then batch norm, then ReLU6 if `relu`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True):
        super().__init__()
        padding = kernel // 2 if stride == 1 else 0
        self.c = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, ceil(H / stride), ceil(W / stride)]."""
        kernel, stride = self.c.kernel_size[0], self.c.stride[0]
        fast = self.training and self.c.groups > 1 and (kernel > 3 or stride > 1)
        if fast or stride > 1:
            top, bottom = same_padding(int(x.shape[2]), kernel, stride)
            left, right = same_padding(int(x.shape[3]), kernel, stride)
            x = F.pad(x, (left, right, top, bottom))
        x = Depthwise.apply(x, self.c.weight.to(x.dtype), stride) if fast else self.c(x)
        x = self.norm(x)
        return F.relu6(x, inplace=True) if self.relu else x


class InvertedResidual(nn.Module):
    """Expand (1x1), filter (depthwise), project (1x1, linear); identity shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, expansion: int, stride: int):
        super().__init__()
        hidden = inputs * expansion
        layers = [Convolution(inputs, hidden, 1)] if expansion > 1 else []
        layers.append(Convolution(hidden, hidden, kernel, stride, groups=hidden))
        layers.append(Convolution(hidden, outputs, 1, relu=False))
        self.f = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """[N, inputs, H, W] -> [N, outputs, H / stride, W / stride]."""
        return x + self.f(x) if self.shortcut else self.f(x)


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0: EfficientNet-B0 with ReLU6 and without squeeze-and-excitation.

    https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
    """

    def __init__(self, classes: int):
        super().__init__()
        layers: list[nn.Module] = [Convolution(3, 32, 3, 2)]
        inputs = 32
        for kernel, expansion, outputs, count, stride in STAGES:
            for index in range(count):
                layers.append(InvertedResidual(inputs, outputs, kernel, expansion, stride if index == 0 else 1))
                inputs = outputs
        layers.append(Convolution(inputs, EMBEDDING, 1))
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(EMBEDDING, classes)

    def forward(self, x: Tensor) -> Tensor:
        """float [N, 3, H, W] in [-1, 1] -> logits [N, classes]."""
        return self.fc(self.features(x).mean((2, 3)))


def load_imagenet(network: EfficientNetLite0, weights: Path) -> None:
    """Copy ImageNet weights of the same network, whose layers come in the same order; the head keeps its start."""
    stored = [
        value for name, value in torch.load(weights, weights_only=True).items() if not name.startswith("_fc.")
    ]
    own = network.features.state_dict()
    network.features.load_state_dict(dict(zip(own, stored, strict=True)))


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
