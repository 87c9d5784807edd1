"""Export to ONNX with preprocessing and softmax inside the graph."""

import tempfile
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
    model = simplified(path)
    model.producer_name, model.producer_version = "servery", ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def simplified(path: Path) -> onnx.ModelProto:
    """The model with constants and batch norms folded by ONNX Runtime, and with its paddings inside the convolutions.

    Without the latter, ONNX Runtime spends a quarter of the time on padding and on changing layouts around it.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(folder) / "simplified.onnx")
        ort.InferenceSession(path, options)
        model = onnx.load(options.optimized_model_filepath)
    graph, constants = model.graph, {value.name: value for value in model.graph.initializer}
    paddings = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for node in graph.node:
        if node.op_type == "Conv" and (padding := paddings.get(node.input[0])):
            top, left, bottom, right = onnx.numpy_helper.to_array(constants[padding.input[1]])[[2, 3, 6, 7]].tolist()
            kept = [attribute for attribute in node.attribute if attribute.name != "pads"]
            pads = onnx.helper.make_attribute("pads", [top, left, bottom, right])
            del node.attribute[:]
            node.attribute.extend([*kept, pads])
            node.input[0] = padding.input[0]
            graph.node.remove(padding)
    used = {name for node in graph.node for name in node.input}
    unused = [value for value in graph.initializer if value.name not in used]
    for value in unused:
        graph.initializer.remove(value)
    del model.opset_import[1:]
    return model


@torch.no_grad()
def largest_difference(
    network: nn.Module, prepare: Callable, session: ort.InferenceSession, images: np.ndarray
) -> float:
    """Largest difference of a probability between the float network and the exported model."""
    expected = Exported(network, prepare)(torch.from_numpy(images.copy())).numpy()
    return float(np.abs(expected - session.run(None, {"image": images})[0]).max())
