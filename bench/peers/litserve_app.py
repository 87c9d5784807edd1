"""LitServe as its documentation recommends: two workers, and a batch of what has come within a millisecond."""

import os

import litserve
from fastapi import Request

import model

TABLE = "features" in model.INPUT


class Classifier(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.session = model.open_session(1)

    async def decode_request(self, request: Request):
        if TABLE:
            return model.rows(request)
        return model.picture(await request["file"].read())

    async def predict(self, tensor):
        return model.answers(self.session, tensor)

    async def encode_response(self, output) -> dict:
        return {"predictions": output}


if __name__ == "__main__":
    api = Classifier(enable_async=True)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=2, timeout=30)
    server.run(port=int(os.environ["PORT"]), host="127.0.0.1", generate_client_file=False, log_level="error")
