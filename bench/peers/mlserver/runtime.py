"""MLServer as its documentation recommends: a custom runtime, inputs read by its codecs, two inference workers."""

import json
import sys
from pathlib import Path

from mlserver import MLModel
from mlserver.codecs import Base64Codec, NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

sys.path.append(str(Path(__file__).resolve().parent.parent))
import model  # noqa: E402


class Classifier(MLModel):
    async def load(self) -> bool:
        self.session = model.open_session(1)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        [sent] = payload.inputs
        if sent.datatype == "BYTES":
            tensor = model.picture(Base64Codec.decode_input(sent)[0])
        else:
            tensor = NumpyCodec.decode_input(sent)
        answers = [json.dumps(answer) for answer in model.answers(self.session, tensor)]
        return InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("answers", answers)])
