"""KServe's SDK against a service that speaks V1 and the Open Inference Protocol, over HTTP and gRPC."""

import asyncio
import base64
import logging

import grpc
import httpx
import numpy as np
from checks import check, equal, holds, main, raises_later
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from truth import KINDS, LABELS, ROWS, flowers, probabilities

logging.getLogger("kserve").setLevel(logging.CRITICAL)


def v1() -> InferenceRESTClient:
    return InferenceRESTClient(RESTConfig(protocol="v1", retries=0))


def v2() -> InferenceRESTClient:
    return InferenceRESTClient(RESTConfig(protocol="v2", retries=0))


def question(rows: np.ndarray = ROWS, binary: bool = True, outputs=None, **named) -> InferRequest:
    tensor = InferInput("X", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return InferRequest("iris", [tensor], request_outputs=outputs, **named)


def right(service, answer, rows: np.ndarray = ROWS) -> None:
    """Labels and probabilities of flowers, in the outputs of their types."""
    by_type = {each.datatype: each.as_numpy() for each in answer.outputs}
    expected = probabilities(service, rows)
    np.testing.assert_allclose(by_type["FP32"], expected, atol=1e-6)
    equal(by_type["INT64"].reshape(-1).tolist(), expected.argmax(1).tolist(), "labels")


def class_of(prediction) -> int:
    """The index of the class in an element of V1's predictions, which may be an object, an index, a label or scores."""
    if isinstance(prediction, dict):
        texts = [value for value in prediction.values() if value in LABELS]
        return LABELS.index(texts[0])
    if isinstance(prediction, list):
        return int(np.argmax(prediction))
    return LABELS.index(prediction) if isinstance(prediction, str) else int(prediction)


async def refused(awaitable, status: int, *parts: str) -> None:
    """The SDK's error has the status, and the service's own text, which it takes from `error` alone."""
    error = await raises_later(httpx.HTTPStatusError, awaitable, *parts)
    equal(error.response.status_code, status, str(error))
    holds(not str(error).startswith(","), f"the message was lost: {error}")


@check
async def v1_ready(iris):
    """v1: the model is ready, and an unknown one is an error that names it"""
    async with v1() as client:
        equal(await client.is_model_ready(iris.url, "iris"), True)
        await refused(client.is_model_ready(iris.url, "rose"), 404, "rose")


@check
async def v1_predict(iris):
    """v1: predict of rows, by value and by name, alone and at once"""
    features = [each["name"] for each in iris.card["input"]["features"]]
    rows = ROWS.tolist()
    async with v1() as client:
        for instances in (rows, [dict(zip(features, row)) for row in rows]):
            answer = await client.infer(iris.url, {"instances": instances}, model_name="iris")
            equal([class_of(each) for each in answer["predictions"]], KINDS)
        for row, kind in zip(rows, KINDS):
            answer = await client.infer(iris.url, {"instances": [row]}, model_name="iris")
            equal([class_of(each) for each in answer["predictions"]], [kind])


@check
async def v1_predict_pictures(pictures):
    """v1: predict of pictures in base64"""
    samples = pictures.samples()
    async with v1() as client:
        instances = [{"b64": base64.b64encode(file).decode()} for file, _ in samples]
        answer = await client.infer(pictures.url, {"instances": instances}, model_name=pictures.model)
        equal(len(answer["predictions"]), len(samples))
        for prediction, (_, expected) in zip(answer["predictions"], samples):
            holds(expected["top"][0]["label"] in prediction.values(), f"{prediction}, expected {expected['top'][0]}")


@check
async def v1_explain(iris):
    """v1: explain of a row"""
    async with v1() as client:
        answer = await client.explain(iris.url, "iris", {"instances": ROWS[:1].tolist()})
        holds(len(answer["explanations"]) == 1 if "explanations" in answer else answer, f"{answer}")
        await refused(client.explain(iris.url, "rose", {"instances": ROWS[:1].tolist()}), 404, "rose")


@check
async def v1_errors(iris):
    """v1: errors come with their text"""
    async with v1() as client:
        await refused(client.infer(iris.url, {"instances": [[1, 2, 3, 4]]}, model_name="rose"), 404, "rose")
        for body in ({}, {"instances": 3}, {"instances": []}, {"instances": [[1, 2, 3]]}, {"instances": [["a", 2, 3, 4]]}, {"instances": [{"sepal length": 1}]}):
            await refused(client.infer(iris.url, body, model_name="iris"), 400)


@check
async def v2_ready(iris):
    """v2: the server is live and ready, the model is ready, and an unknown one is not"""
    async with v2() as client:
        equal(await client.is_server_live(iris.url), True)
        equal(await client.is_server_ready(iris.url), True)
        equal(await client.is_model_ready(iris.url, "iris"), True)
        equal(await client.is_model_ready(iris.url, "rose"), False)


@check
async def v2_infer(iris):
    """v2: infer in JSON and in binary, with and without outputs, with an id and parameters"""
    async with v2() as client:
        for binary in (False, True):
            right(iris, await client.infer(iris.url, question(binary=binary), model_name="iris"))
            for wanted in (True, False, None):
                metadata = iris.get("/v2/models/iris")
                outputs = [RequestedOutput(each["name"], {} if wanted is None else {"binary_data": wanted}) for each in metadata["outputs"]]
                answer = await client.infer(iris.url, question(binary=binary, outputs=outputs, request_id="an id"), model_name="iris")
                right(iris, answer)
                equal((answer.id, answer.model_name), ("an id", "iris"))
            right(iris, await client.infer(iris.url, question(binary=binary, parameters={"binary_data_output": True}), model_name="iris"))
        plain = {"inputs": [{"name": "X", "shape": [3, 4], "datatype": "FP32", "data": ROWS.tolist()}]}
        right(iris, await client.infer(iris.url, plain, model_name="iris"))


@check
async def v2_pictures(pictures):
    """v2: encoded pictures as BYTES, in binary"""
    samples = pictures.samples()
    metadata = pictures.get(f"/v2/models/{pictures.model}")
    tensor = InferInput(metadata["inputs"][0]["name"], [len(samples)], "BYTES")
    tensor.set_data_from_numpy(np.array([file for file, _ in samples], np.object_), binary_data=True)
    async with v2() as client:
        answer = await client.infer(pictures.url, InferRequest(pictures.model, [tensor]), model_name=pictures.model)
    scores = answer.outputs[0].as_numpy()
    labels = pictures.card["labels"]
    equal([labels[at] for at in scores.argmax(1)], [expected["top"][0]["label"] for _, expected in samples])


@check
async def v2_errors(iris):
    """v2: errors come with their text"""
    async with v2() as client:
        await refused(client.infer(iris.url, question(), model_name="rose"), 404, "rose")
        for binary in (False, True):
            await refused(client.infer(iris.url, question(ROWS[:, :3].copy(), binary), model_name="iris"), 400, "X")
        await refused(client.infer(iris.url, {"inputs": []}, model_name="iris"), 400)
        await refused(client.infer(iris.url, question(outputs=[RequestedOutput("nothing")]), model_name="iris"), 400, "nothing")


@check
async def v2_concurrent(iris):
    """v2: 16 × 50 distinct inputs at once, each gets its own answer"""
    rows = flowers(16 * 50, seed=4)
    expected = probabilities(iris, rows)
    async with v2() as client, v1() as first:

        async def one(worker: int) -> None:
            for at in range(worker * 50, worker * 50 + 50):
                answer = await client.infer(iris.url, question(rows[at:at + 1], binary=at % 2 == 0, request_id=str(at)), model_name="iris")
                equal(answer.id, str(at))
                by_type = {each.datatype: each.as_numpy() for each in answer.outputs}
                np.testing.assert_allclose(by_type["FP32"], expected[at:at + 1], atol=1e-6)
                answer = await first.infer(iris.url, {"instances": rows[at:at + 1].tolist()}, model_name="iris")
                equal([class_of(each) for each in answer["predictions"]], [expected[at].argmax()])

        await asyncio.gather(*(one(worker) for worker in range(16)))


@check
async def grpc_calls(iris):
    """gRPC: readiness, infer and errors"""
    async with InferenceGRPCClient(iris.grpc, retries=0) as client:
        equal(await client.is_server_live(), True)
        equal(await client.is_server_ready(), True)
        equal(await client.is_model_ready("iris"), True)
        for binary in (True, False):
            right(iris, await client.infer(question(binary=binary, request_id="an id")))
        for asked, code in ((InferRequest("rose", question().inputs), grpc.StatusCode.NOT_FOUND), (question(ROWS[:, :3].copy()), grpc.StatusCode.INVALID_ARGUMENT)):
            error = await raises_later(grpc.RpcError, client.infer(asked))
            equal(error.code(), code, str(error))


if __name__ == "__main__":
    main()
