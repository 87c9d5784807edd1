"""Triton's gRPC clients, with and without asyncio, against a service that speaks the Open Inference Protocol over gRPC."""

import asyncio
import contextlib
import queue

import grpc
import numpy as np
import tritonclient.grpc as triton
import tritonclient.grpc.aio as triton_aio
from checks import both_of, check, equal, holds, main, near, raises_later
from tritonclient.grpc._utils import _get_inference_request
from tritonclient.utils import InferenceServerException
from truth import LABELS, PLACE, ROWS, VALUES, flowers, probabilities

SERVING = b"\x08\x01"
"""grpc.health.v1.HealthCheckResponse with the status SERVING."""


both = both_of(lambda service: triton.InferenceServerClient(service.grpc), lambda service: triton_aio.InferenceServerClient(service.grpc))


def given(name: str, values: np.ndarray, datatype: str) -> triton.InferInput:
    """A tensor of a request."""
    tensor = triton.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return tensor


def x(rows: np.ndarray = ROWS) -> list[triton.InferInput]:
    return [given("X", rows, "FP32")]


def asked(*names: str, classes: int = 0) -> list[triton.InferRequestedOutput]:
    return [triton.InferRequestedOutput(name, class_count=classes) for name in names]


async def outputs(client, model: str) -> dict[str, str]:
    """The names of a model's outputs, by their datatypes."""
    return {each.datatype: each.name for each in (await client.get_model_metadata(model)).outputs}


def right(service, result, names: dict[str, str], rows: np.ndarray = ROWS) -> None:
    """Labels and probabilities of flowers."""
    expected = probabilities(service, rows)
    np.testing.assert_allclose(result.as_numpy(names["FP32"]), expected, atol=1e-6)
    equal(result.as_numpy(names["INT64"]).reshape(-1).tolist(), expected.argmax(1).tolist(), "labels")


@both
async def health(client, iris):
    """the server and the model are live and ready, and an unknown model or version is not"""
    equal(await client.is_server_live(), True)
    equal(await client.is_server_ready(), True)
    equal(await client.is_model_ready("iris"), True)
    equal(await client.is_model_ready("iris", "1"), True)
    for where in (("rose",), ("iris", "99")):
        try:
            equal(await client.is_model_ready(*where), False)
        except InferenceServerException as error:
            equal(error.status(), "StatusCode.NOT_FOUND")


@check
def standard_health(iris):
    """grpc.health.v1.Health serves, for the server and for each service that it names"""
    with grpc.insecure_channel(iris.grpc) as channel:
        ask = channel.unary_unary("/grpc.health.v1.Health/Check")
        equal(ask(b""), SERVING)
        name = b"inference.GRPCInferenceService"
        equal(ask(b"\x0a" + bytes([len(name)]) + name), SERVING)
        try:
            ask(b"\x0a\x04rose")
        except grpc.RpcError as error:
            equal(error.code(), grpc.StatusCode.NOT_FOUND)
        else:
            raise AssertionError("an unknown service has a status")


@both
async def server_metadata(client, iris):
    """the server's metadata have a name and a version"""
    answer = await client.get_server_metadata()
    holds(answer.name and answer.version, f"{answer}")
    as_json = await client.get_server_metadata(as_json=True)
    equal(as_json["name"], answer.name)


@both
async def model_metadata(client, iris):
    """the model's metadata are the same with and without the version, and describe its tensors"""
    answer = await client.get_model_metadata("iris")
    equal(await client.get_model_metadata("iris", "1"), answer, "with the version")
    equal((answer.name, list(answer.versions)), ("iris", ["1"]))
    equal([(each.name, each.datatype, list(each.shape)) for each in answer.inputs], [("X", "FP32", [-1, 4])])
    equal(sorted((each.datatype, list(each.shape)) for each in answer.outputs), [("FP32", [-1, 3]), ("INT64", [-1])])
    holds(answer.platform, "no platform")


@both
async def infer(client, iris):
    """infer with the outputs listed and without, with the version, an id, a priority, a timeout, parameters and headers"""
    names = await outputs(client, "iris")
    for wanted in (asked(*names.values()), asked(*reversed(names.values())), None):
        right(iris, await client.infer("iris", x(), outputs=wanted), names)
    result = await client.infer(
        "iris", x(), model_version="1", request_id="an id", priority=1, timeout=5_000_000, parameters={"mine": "x", "other": 2}, headers={"x-request-id": "abc"},
    )
    right(iris, result, names)
    response = result.get_response()
    equal((response.id, response.model_name, response.model_version), ("an id", "iris", "1"))
    only = await client.infer("iris", x(), outputs=asked(names["FP32"]))
    equal([each.name for each in only.get_response().outputs], [names["FP32"]])


@both
async def compression(client, iris):
    """requests that gRPC compresses"""
    names = await outputs(client, "iris")
    for algorithm in ("gzip", "deflate"):
        right(iris, await client.infer("iris", x(), compression_algorithm=algorithm), names)


@both
async def classification(client, iris):
    """the classification extension gives value:index:label, best first, also where more classes are wanted than there are"""
    name = (await outputs(client, "iris"))["FP32"]
    expected = probabilities(iris)
    for classes in (1, 2, 3, 10):
        result = await client.infer("iris", x(), outputs=asked(name, classes=classes))
        [output] = result.get_response().outputs
        count = min(classes, 3)
        equal((output.datatype, list(output.shape)), ("BYTES", [3, count]))
        for row, texts in zip(expected, result.as_numpy(name)):
            for rank, text in zip(np.argsort(-row), texts):
                value, index, label = text.decode().split(":")
                near(value, row[rank], PLACE)
                equal((int(index), label), (rank, LABELS[rank]))


@both
async def errors(client, iris):
    """an error tells the client its cause, with the code NOT_FOUND or INVALID_ARGUMENT"""

    async def refused(code: str, *parts: str, model: str = "iris", inputs=None, **named) -> None:
        error = await raises_later(InferenceServerException, client.infer(model, x() if inputs is None else inputs, **named), *parts)
        equal(error.status(), f"StatusCode.{code}", str(error))
        holds(len(error.message()) > 10, f"the message is {error.message()}")

    await refused("NOT_FOUND", "rose", model="rose")
    await refused("NOT_FOUND", "99", model_version="99")
    await refused("INVALID_ARGUMENT", "Y", inputs=[given("Y", ROWS, "FP32")])
    await refused("INVALID_ARGUMENT", "X", inputs=[])
    await refused("INVALID_ARGUMENT", "X", inputs=x() + x())
    await refused("INVALID_ARGUMENT", "Y", inputs=x() + [given("Y", ROWS, "FP32")])
    await refused("INVALID_ARGUMENT", "X", inputs=[given("X", ROWS.astype(np.float64), "FP64")])
    await refused("INVALID_ARGUMENT", "X", inputs=[given("X", ROWS[:, :3], "FP32")])
    await refused("INVALID_ARGUMENT", "X", inputs=[given("X", ROWS.reshape(-1), "FP32")])
    await refused("INVALID_ARGUMENT", "nothing", outputs=asked("nothing"))
    await raises_later(InferenceServerException, client.get_model_metadata("rose"), "rose")
    right(iris, await client.infer("iris", x()), await outputs(client, "iris"))


@both
async def deadline(client, iris):
    """a deadline of the client that is over is DEADLINE_EXCEEDED, and the next call works"""
    names = await outputs(client, "iris")
    error = await raises_later(InferenceServerException, client.infer("iris", x(flowers(10_000)), client_timeout=1e-4))
    holds("Deadline Exceeded" in str(error) or "DEADLINE_EXCEEDED" in str(error.status()), f"{error}")
    right(iris, await client.infer("iris", x(), client_timeout=60), names)


@both
async def not_there(client, iris):
    """what only Triton has is UNIMPLEMENTED"""
    calls = (
        lambda: client.get_model_config("iris"), lambda: client.get_inference_statistics("iris"), client.get_model_repository_index, lambda: client.load_model("iris"),
        lambda: client.unload_model("iris"), client.get_trace_settings, client.get_log_settings, client.get_system_shared_memory_status,
    )
    for call in calls:
        error = await raises_later(InferenceServerException, call())
        equal(error.status(), "StatusCode.UNIMPLEMENTED", str(error))


@check
def stream(iris):
    """sync: a stream is UNIMPLEMENTED"""
    client = triton.InferenceServerClient(iris.grpc)
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put(error))
    with contextlib.suppress(InferenceServerException):  # The stream may have been refused before.
        client.async_stream_infer("iris", x())
    error = answers.get(timeout=30)
    equal(error.status(), "StatusCode.UNIMPLEMENTED", str(error))
    client.stop_stream()
    client.close()


@both
async def datatypes(client, identity):
    """every datatype comes back as it was sent, with NaN and infinities"""
    odd = np.array([[np.nan, np.inf], [-np.inf, 1]])
    for values in (VALUES, {**VALUES, "FP16": odd.astype(np.float16), "FP32": odd.astype(np.float32), "FP64": odd}):
        result = await client.infer("identity", [given(f"x_{name}", each, name) for name, each in values.items()])
        for name, each in values.items():
            answer = result.as_numpy(f"y_{name}")
            equal(answer.dtype, each.dtype, name)
            if name in ("FP16", "FP32", "FP64"):
                np.testing.assert_array_equal(answer, each)
            else:
                equal(answer.tolist(), each.tolist(), name)


@both
async def pictures_as_bytes(client, pictures):
    """encoded pictures as BYTES, one and several, get the answers that /predict gives"""
    samples = pictures.samples()
    metadata = await client.get_model_metadata(pictures.model)
    name, score = metadata.inputs[0].name, metadata.outputs[0].name
    for chosen in ([0], range(len(samples))):
        files = np.array([samples[at][0] for at in chosen], np.object_)
        answer = (await client.infer(pictures.model, [given(name, files, "BYTES")], outputs=asked(score, classes=1))).as_numpy(score)
        for at, text in zip(chosen, answer.reshape(-1)):
            value, _, label = text.decode().split(":")
            best = samples[at][1]["top"][0]
            equal(label, best["label"])
            near(value, best["probability"], PLACE)
    error = await raises_later(InferenceServerException, client.infer(pictures.model, [given(name, np.array([b"no picture"], np.object_), "BYTES")]))
    equal(error.status(), "StatusCode.INVALID_ARGUMENT")


@both
async def columns(client, iris):
    """a table model takes its columns by name"""
    names = await outputs(client, "iris")
    features = [each["name"] for each in iris.card["input"]["features"]]
    for shape in ([3, 1], [3]):
        right(iris, await client.infer("iris", [given(feature, ROWS[:, at].reshape(shape), "FP32") for at, feature in enumerate(features)]), names)


@check
def damaged(iris):
    """damaged messages are INVALID_ARGUMENT or NOT_FOUND with a reason, never an error of the service"""
    request = _get_inference_request(
        model_name="iris", inputs=x(), model_version="1", request_id="7", outputs=asked("output_probability", classes=2),
        sequence_id=0, sequence_start=False, sequence_end=False, priority=1, timeout=None, parameters={"a": "b"},
    )
    whole = request.SerializeToString()
    random = np.random.default_rng(1)
    refusals = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED}
    counts = {}
    with grpc.insecure_channel(iris.grpc) as channel:
        ask = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for case in range(600):
            message = bytearray(whole)
            for _ in range(case % 4):
                at = int(random.integers(len(message)))
                message[at] = int(random.integers(256))
            if case % 5 == 4:
                message = message[:int(random.integers(len(message)))]
            if case % 7 == 6:
                message += random.bytes(int(random.integers(1, 30)))
            try:
                ask(bytes(message), timeout=30)
                code = grpc.StatusCode.OK
            except grpc.RpcError as error:
                code = error.code()
                holds(code in refusals and error.details(), f"case {case}: {code} {error.details()}: {bytes(message)!r}")
            counts[code] = counts.get(code, 0) + 1
        holds(counts[grpc.StatusCode.OK] > 20 and counts[grpc.StatusCode.INVALID_ARGUMENT] > 100, f"{counts}")
        ask(whole, timeout=30)


@check
async def concurrent(identity, iris):
    """aio: 16 × 50 distinct inputs at once, each gets its own answer"""
    async with triton_aio.InferenceServerClient(identity.grpc) as client, triton_aio.InferenceServerClient(iris.grpc) as irises:
        base = [given(f"x_{name}", values, name) for name, values in VALUES.items() if name != "INT64"]
        rows = flowers(16 * 50, seed=3)
        expected = probabilities(iris, rows)
        names = await outputs(irises, "iris")

        async def one(worker: int) -> None:
            for at in range(worker * 50, worker * 50 + 50):
                number = np.array([[at, -at], [at * 2**40, 0]], np.int64)
                result = await client.infer("identity", [*base, given("x_INT64", number, "INT64")], outputs=asked("y_INT64"), request_id=str(at))
                equal((result.as_numpy("y_INT64").tolist(), result.get_response().id), (number.tolist(), str(at)))
                result = await irises.infer("iris", x(rows[at:at + 1]), request_id=f"r{at}")
                np.testing.assert_allclose(result.as_numpy(names["FP32"]), expected[at:at + 1], atol=1e-6)

        await asyncio.gather(*(one(worker) for worker in range(16)))


if __name__ == "__main__":
    main()
