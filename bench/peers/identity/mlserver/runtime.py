"""MLServer with a custom runtime: its NumPy codec reads the tensor and writes it again. No ONNX Runtime in between."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Identity(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        [sent] = payload.inputs
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("y", NumpyCodec.decode_input(sent))])
