"""Export to ONNX with preprocessing and softmax inside the graph."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

OPSET = 17


class Exported(nn.Module):
    """uint8 [N, H, W, C] -> probabilities [N, classes]."""

    def __init__(self, network: nn.Module, prepare: Callable[[Tensor], Tensor]):
        super().__init__()
        self.network, self.prepare = network.eval(), prepare

    def forward(self, image: Tensor) -> Tensor:
        """The whole way from pixels to probabilities."""
        return self.network(self.prepare(image)).softmax(1)


def export(network: nn.Module, prepare: Callable[[Tensor], Tensor], shape: tuple[int, int, int], path: Path) -> None:
    """Write `path` with input `image` uint8 [batch, *shape] and output `probabilities`."""
    example = torch.zeros(2, *shape, dtype=torch.uint8)
    torch.onnx.export(
        Exported(network, prepare).to(memory_format=torch.contiguous_format), (example,), path, dynamo=False,
        opset_version=OPSET, input_names=["image"], output_names=["probabilities"],
        dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
    )  # fmt: skip
    model = onnx.load(path)
    model.producer_name, model.producer_version = "servery", ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


@torch.no_grad()
def largest_difference(
    network: nn.Module, prepare: Callable, session: ort.InferenceSession, images: np.ndarray
) -> float:
    """Largest difference of a probability between the float network and the exported model."""
    expected = Exported(network, prepare)(torch.from_numpy(images.copy())).numpy()
    return float(np.abs(expected - session.run(None, {"image": images})[0]).max())
