"""Static int8 quantisation, and the comparison of both variants."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


@dataclass(frozen=True)
class Settings:
    """Which operators become int8, and how the range of the activations is found."""

    method: CalibrationMethod = CalibrationMethod.MinMax
    operators: tuple[str, ...] = ("Conv", "Clip", "Relu", "Add", "Gemm")
    float_convolutions: tuple[int, ...] = ()  # positions in the graph, 0 is the first convolution
    activation: QuantType = QuantType.QUInt8
    pictures: int = 256  # training pictures to calibrate on


class Batches(CalibrationDataReader):
    """Feeds training pictures uint8 [N, H, W, C] to the calibration."""

    def __init__(self, images: np.ndarray, batch: int = 32):
        self.parts = iter([{"image": images[k : k + batch]} for k in range(0, len(images), batch)])

    def get_next(self) -> dict | None:
        """The next batch, or None at the end."""
        return next(self.parts, None)


def quantise(source: Path, target: Path, images: np.ndarray, settings: Settings) -> None:
    """Write an int8 (QDQ) variant of `source`, calibrated on `images`, with per-channel weights of 7 bits.

    With 8 bits the sum of two products overflows on x86 processors without VNNI, which would answer otherwise:
    https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html#when-and-why-do-i-need-to-try-u8u8
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        convolutions = [node.name for node in onnx.load(prepared).graph.node if node.op_type == "Conv"]
        quantize_static(
            str(prepared), str(target), Batches(images), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=settings.activation, weight_type=QuantType.QInt8, calibrate_method=settings.method, reduce_range=True,
            op_types_to_quantize=list(settings.operators),
            nodes_to_exclude=[convolutions[index] for index in settings.float_convolutions],
        )  # fmt: skip


def single_threaded(path: Path) -> ort.InferenceSession:
    """A session that computes on one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options)


def latencies(paths: list[Path], image: np.ndarray, rounds: int = 300) -> list[float]:
    """Median milliseconds of one picture on one thread, the models taking turns."""
    sessions = [single_threaded(path) for path in paths]
    seconds = np.zeros((rounds, len(sessions)))
    for turn in range(rounds):
        for column, session in enumerate(sessions):
            start = time.perf_counter()
            session.run(None, {"image": image})
            seconds[turn, column] = time.perf_counter() - start
    return (np.median(seconds[10:], axis=0) * 1000).tolist()
