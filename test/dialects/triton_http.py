"""Triton's HTTP clients, with and without asyncio, against a service that speaks the Open Inference Protocol."""

import asyncio
import uuid

import numpy as np
import requests
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from checks import both_of, check, equal, holds, main, near, raises_later
from tritonclient.utils import InferenceServerException
from truth import KINDS, LABELS, PLACE, ROWS, VALUES, flowers, probabilities, scores

EXTENSIONS = {"classification", "model_repository", "model_configuration", "binary_tensor_data", "parameters", "statistics"}


both = both_of(lambda service: triton.InferenceServerClient(service.address), lambda service: triton_aio.InferenceServerClient(service.address))


def given(name: str, values: np.ndarray, datatype: str, binary: bool = True) -> triton.InferInput:
    """A tensor of a request."""
    tensor = triton.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return tensor


def x(rows: np.ndarray = ROWS, binary: bool = True) -> list[triton.InferInput]:
    return [given("X", rows, "FP32", binary)]


def asked(*names: str, binary: bool = True, classes: int = 0) -> list[triton.InferRequestedOutput]:
    return [triton.InferRequestedOutput(name, binary_data=binary, class_count=classes) for name in names]


async def outputs(client, model: str) -> dict[str, str]:
    """The names of a model's outputs, by their datatypes."""
    return {each["datatype"]: each["name"] for each in (await client.get_model_metadata(model))["outputs"]}


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
    equal(await client.is_model_ready("rose"), False)
    equal(await client.is_model_ready("iris", "99"), False)


@both
async def server_metadata(client, iris):
    """the server's metadata name the extensions that it has"""
    answer = await client.get_server_metadata()
    holds(isinstance(answer["name"], str) and answer["name"], f"no name in {answer}")
    holds(isinstance(answer["version"], str) and answer["version"], f"no version in {answer}")
    holds(EXTENSIONS <= set(answer["extensions"]), f"extensions are {answer['extensions']}")


@both
async def model_metadata(client, iris):
    """the model's metadata are the same with and without the version, and describe its tensors"""
    answer = await client.get_model_metadata("iris")
    equal(await client.get_model_metadata("iris", "1"), answer, "with the version")
    equal(answer["name"], "iris")
    equal(answer["versions"], ["1"])
    equal(answer["inputs"], [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}])
    equal(sorted((each["datatype"], each["shape"]) for each in answer["outputs"]), [("FP32", [-1, 3]), ("INT64", [-1])])


@both
async def model_config(client, iris):
    """the model's configuration leaves the batch out of its shapes where it says that the model batches"""
    answer = await client.get_model_config("iris")
    equal(await client.get_model_config("iris", "1"), answer, "with the version")
    equal(answer["name"], "iris")
    holds(answer.get("platform") or answer.get("backend"), f"no platform and no backend in {answer}")
    batch = [] if answer.get("max_batch_size", 0) > 0 else [-1]
    [tensor] = answer["input"]
    equal((tensor["name"], tensor["data_type"], [int(axis) for axis in tensor["dims"]]), ("X", "TYPE_FP32", [*batch, 4]))
    equal({each["data_type"] for each in answer["output"]}, {"TYPE_INT64", "TYPE_FP32"})


@both
async def types_of_config(client, identity):
    """the configuration calls BYTES TYPE_STRING"""
    types = {each["name"]: each["data_type"] for each in (await client.get_model_config("identity"))["input"]}
    equal(types, {f"x_{name}": f"TYPE_{'STRING' if name == 'BYTES' else name}" for name in VALUES})


@both
async def repository(client, iris):
    """the repository's index lists the model as ready"""
    index = {each["name"]: each for each in await client.get_model_repository_index()}
    equal((index["iris"]["version"], index["iris"]["state"]), ("1", "READY"))


@both
async def statistics(client, iris):
    """the statistics count rows and requests, each on its own"""

    async def counts(*where: str) -> tuple[int, int, int]:
        [found] = [each for each in (await client.get_inference_statistics(*where))["model_stats"] if each["name"] == "iris"]
        equal(found["version"], "1")
        stats = found["inference_stats"]
        for name in ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss"):
            holds(stats[name]["count"] >= 0 and stats[name]["ns"] >= 0, f"{name} is {stats[name]}")
        holds(found["last_inference"] >= 0 and isinstance(found["batch_stats"], list), "no last_inference or batch_stats")
        return found["inference_count"], stats["success"]["count"], found["execution_count"]

    await client.infer("iris", x())
    before = await counts("iris")
    await client.infer("iris", x())
    after = await counts("iris")
    # Triton counts the rows of a model that batches; its Python backend with max_batch_size 0 counts requests.
    holds(after[0] - before[0] in (1, 3) and after[1] - before[1] == 1 and after[2] - before[2] == 1, f"from {before} to {after}")
    equal(await counts("iris", "1"), after, "with the version")
    equal(await counts(), after, "of all models")
    await raises_later(InferenceServerException, client.get_inference_statistics("rose"), "rose")


@both
async def infer_json(client, iris):
    """JSON in and out"""
    names = await outputs(client, "iris")
    result = await client.infer("iris", x(binary=False), outputs=asked(*names.values(), binary=False))
    right(iris, result, names)
    holds(all("data" in each for each in result.get_response()["outputs"]), "an output has no data")


@both
async def infer_binary(client, iris):
    """binary in and out, with the outputs listed and without"""
    names = await outputs(client, "iris")
    for wanted in (asked(*names.values()), asked(*reversed(names.values())), None):
        result = await client.infer("iris", x(), outputs=wanted)
        right(iris, result, names)
        holds(all(each["parameters"]["binary_data_size"] > 0 and "data" not in each for each in result.get_response()["outputs"]), "an output is not binary")


@both
async def infer_mixed(client, iris):
    """binary in with JSON out, JSON in with binary out, and one output of each"""
    names = await outputs(client, "iris")
    right(iris, await client.infer("iris", x(), outputs=asked(*names.values(), binary=False)), names)
    right(iris, await client.infer("iris", x(binary=False), outputs=asked(*names.values())), names)
    for first, second in ((True, False), (False, True)):
        wanted = [*asked(names["INT64"], binary=first), *asked(names["FP32"], binary=second)]
        right(iris, await client.infer("iris", x(), outputs=wanted), names)


@both
async def infer_version(client, iris):
    """infer with the version, an id, a priority, a timeout, parameters, headers and a query"""
    names = await outputs(client, "iris")
    identity = str(uuid.uuid4())
    result = await client.infer(
        "iris", x(), model_version="1", request_id=identity, priority=1, timeout=5_000_000, parameters={"mine": "x", "other": 2},
        headers={"x-request-id": "abc"}, query_params={"test": 1},
    )
    right(iris, result, names)
    response = result.get_response()
    equal((response["id"], response["model_name"], response["model_version"]), (identity, "iris", "1"))


@both
async def one_output(client, iris):
    """only the output that was asked for comes back"""
    names = await outputs(client, "iris")
    result = await client.infer("iris", x(), outputs=asked(names["FP32"]))
    equal([each["name"] for each in result.get_response()["outputs"]], [names["FP32"]])


@both
async def compression(client, iris):
    """gzip and deflate, of requests and of answers"""
    names = await outputs(client, "iris")
    for request in (None, "gzip", "deflate"):
        for response in (None, "gzip", "deflate"):
            for binary in (True, False):
                result = await client.infer(
                    "iris", x(binary=binary), outputs=asked(*names.values(), binary=binary),
                    request_compression_algorithm=request, response_compression_algorithm=response,
                )
                right(iris, result, names)


@both
async def classification(client, iris):
    """the classification extension gives value:index:label, best first, also where more classes are wanted than there are"""
    name = (await outputs(client, "iris"))["FP32"]
    expected = probabilities(iris)
    for binary in (True, False):
        for classes in (1, 2, 3, 10):
            result = await client.infer("iris", x(), outputs=asked(name, binary=binary, classes=classes))
            [output] = result.get_response()["outputs"]
            count = min(classes, 3)
            equal((output["datatype"], output["shape"]), ("BYTES", [3, count]))
            for row, texts in zip(expected, result.as_numpy(name).reshape(3, count)):
                for rank, text in zip(np.argsort(-row), texts):
                    value, index, label = (text.decode() if isinstance(text, bytes) else text).split(":")
                    near(value, row[rank], PLACE)
                    equal((int(index), label), (rank, LABELS[rank]))


@both
async def errors(client, iris):
    """an error tells the client its cause, with a status of 4xx"""

    async def refused(statuses: tuple[str, ...], *parts: str, model: str = "iris", inputs=None, **named) -> None:
        error = await raises_later(InferenceServerException, client.infer(model, x() if inputs is None else inputs, **named), *parts)
        holds(error.status() in statuses, f"status {error.status()}: {error}")
        holds(len(error.message()) > 10 and error.message() not in ("Bad Request", "Not Found"), f"the message is {error.message()}")

    await refused(("404",), "rose", model="rose")
    await refused(("404",), "a b", model="a b")
    await refused(("404",), model="a b/c")
    await refused(("400", "404"), "99", model_version="99")
    await refused(("400",), "Y", inputs=[given("Y", ROWS, "FP32")])
    await refused(("400",), "X", inputs=[])
    await refused(("400",), "X", inputs=x() + x())
    await refused(("400",), "Y", inputs=x() + [given("Y", ROWS, "FP32")])
    for binary in (True, False):
        await refused(("400",), "X", inputs=[given("X", ROWS.astype(np.float64), "FP64", binary)])
        await refused(("400",), "X", inputs=[given("X", ROWS.astype(np.int64), "INT64", binary)])
        await refused(("400",), "X", inputs=[given("X", ROWS[:, :3], "FP32", binary)])
        await refused(("400",), "X", inputs=[given("X", ROWS.reshape(-1), "FP32", binary)])
        await refused(("400",), "X", inputs=[given("X", ROWS[None], "FP32", binary)])
    await refused(("400",), "nothing", outputs=asked("nothing"))
    name = (await outputs(client, "iris"))["FP32"]
    await refused(("400",), name, outputs=asked(name, name))
    right(iris, await client.infer("iris", x()), await outputs(client, "iris"))


@both
async def errors_of_metadata(client, iris):
    """metadata, configuration and statistics of an unknown model or version are errors that name it"""
    for call in (client.get_model_metadata, client.get_model_config, client.get_inference_statistics):
        error = await raises_later(InferenceServerException, call("rose"), "rose")
        holds(error.status() in ("400", "404"), f"{call}: {error.status()}")
        error = await raises_later(InferenceServerException, call("iris", "99"), "99")
        holds(error.status() in ("400", "404"), f"{call}: {error.status()}")


@both
async def not_there(client, iris):
    """what only Triton has is an error that says so"""
    for call in (lambda: client.load_model("iris"), lambda: client.unload_model("iris"), client.get_trace_settings, client.get_system_shared_memory_status):
        error = await raises_later(InferenceServerException, call())
        holds(error.status() in ("404", "405", "400") and len(error.message()) > 10 and "exception occurred" not in error.message(), f"{error}")


@both
async def datatypes(client, identity):
    """every datatype comes back as it was sent, in binary"""
    result = await client.infer("identity", [given(f"x_{name}", values, name) for name, values in VALUES.items()])
    for name, values in VALUES.items():
        answer = result.as_numpy(f"y_{name}")
        equal((answer.dtype, answer.tolist()), (values.dtype, values.tolist()), name)


@both
async def datatypes_in_json(client, identity):
    """every datatype comes back as it was sent in JSON, also integers over 2^53; FP16 is binary, as the clients want it"""
    inputs = [given(f"x_{name}", values, name, binary=name == "FP16") for name, values in VALUES.items()]
    wanted = [triton.InferRequestedOutput(f"y_{name}", binary_data=name == "FP16") for name in VALUES]
    result = await client.infer("identity", inputs, outputs=wanted)
    for name, values in VALUES.items():
        answer = result.as_numpy(f"y_{name}")
        if name == "BYTES":  # From JSON, the client makes texts of them.
            answer = np.array([[text if isinstance(text, bytes) else text.encode() for text in row] for row in answer], np.object_)
        equal(answer.tolist(), values.tolist(), name)


@both
async def not_finite(client, identity):
    """NaN and infinities come back, in binary as they are, and in JSON as NaN or a text"""
    odd = np.array([[np.nan, np.inf], [-np.inf, 1]])
    values = {**VALUES, "FP16": odd.astype(np.float16), "FP32": odd.astype(np.float32), "FP64": odd}
    inputs = [given(f"x_{name}", each, name) for name, each in values.items()]
    result = await client.infer("identity", inputs)
    for name in ("FP16", "FP32", "FP64"):
        np.testing.assert_array_equal(result.as_numpy(f"y_{name}"), values[name])
    answer = (await client.infer("identity", inputs, outputs=asked("y_FP32", binary=False))).as_numpy("y_FP32")
    equal(answer[1][1], 1)
    holds(np.isnan(answer[0][0]), f"NaN came back as {answer[0][0]}")


@both
async def texts(client, identity):
    """BYTES for a model of texts may be long and hold any UTF-8; other bytes are a 400 that says so"""

    def ask(texts: np.ndarray):
        inputs = [given(f"x_{name}", texts if name == "BYTES" else values, name) for name, values in VALUES.items()]
        return client.infer("identity", inputs, outputs=asked("y_BYTES"))

    any_text = np.array([["".join(map(chr, range(1, 0xD800))).encode(), b"\r\n\t"], [b"x" * 100_000, "\U0010ffff".encode()]], np.object_)
    equal((await ask(any_text)).as_numpy("y_BYTES").tolist(), any_text.tolist())
    error = await raises_later(InferenceServerException, ask(np.array([[b"\xff\xfe", b""], [b"", b""]], np.object_)), "x_BYTES", "UTF-8")
    equal(error.status(), "400")


@both
async def pictures_as_bytes(client, pictures):
    """encoded pictures as BYTES, one and several, get the answers that /predict gives"""
    samples = pictures.samples()
    metadata = await client.get_model_metadata(pictures.model)
    name, score = metadata["inputs"][0]["name"], metadata["outputs"][0]["name"]
    for chosen in ([0], range(len(samples))):
        files = np.array([samples[at][0] for at in chosen], np.object_)
        for shape in ([len(files)], [len(files), 1]):
            tensor = given(name, files.reshape(shape), "BYTES")
            answer = (await client.infer(pictures.model, [tensor], outputs=asked(score, classes=1))).as_numpy(score)
            for at, text in zip(chosen, answer.reshape(-1)):
                value, index, label = text.decode().split(":")
                prediction = samples[at][1]
                equal((label, pictures.card["labels"][int(index)]), (prediction["top"][0]["label"],) * 2)
                near(value, prediction["top"][0]["probability"], PLACE)


@both
async def pictures_as_tensors(client, pictures):
    """a picture model takes its own tensor, and gives its own outputs"""
    metadata = await client.get_model_metadata(pictures.model)
    [tensor], [output] = metadata["inputs"], metadata["outputs"]
    shape = [2, *tensor["shape"][1:]]
    dtype = {"UINT8": np.uint8, "FP32": np.float32}[tensor["datatype"]]
    values = np.random.default_rng(1).integers(0, 255, shape).astype(dtype)
    both_rows = (await client.infer(pictures.model, [given(tensor["name"], values, tensor["datatype"])])).as_numpy(output["name"])
    for at in range(2):
        alone = await client.infer(pictures.model, [given(tensor["name"], values[at:at + 1], tensor["datatype"])])
        np.testing.assert_allclose(both_rows[at:at + 1], alone.as_numpy(output["name"]), rtol=1e-3, atol=1e-4)


@both
async def pictures_that_are_none(client, pictures):
    """bytes that are no picture are a 4xx that says so"""
    name = (await client.get_model_metadata(pictures.model))["inputs"][0]["name"]
    for bytes_ in (b"no picture", b"", pictures.samples()[0][0][:100]):
        error = await raises_later(InferenceServerException, client.infer(pictures.model, [given(name, np.array([bytes_], np.object_), "BYTES")]), name)
        holds(error.status() in ("400", "413", "415", "422"), f"{error}")


@both
async def columns(client, iris):
    """a table model takes its columns by name"""
    names = await outputs(client, "iris")
    features = [each["name"] for each in iris.card["input"]["features"]]
    for shape in ([3, 1], [3]):
        for binary in (True, False):
            for dtype, datatype in ((np.float32, "FP32"), (np.float64, "FP64")):
                tensors = [given(feature, ROWS[:, at].astype(dtype).reshape(shape), datatype, binary) for at, feature in enumerate(features)]
                right(iris, await client.infer("iris", tensors[::-1]), names)
    error = await raises_later(InferenceServerException, client.infer("iris", tensors[:3]), features[3])
    equal(error.status(), "400")


@check
async def concurrent_aio(identity, iris):
    """aio: 16 × 50 distinct inputs at once, each gets its own answer"""
    async with triton_aio.InferenceServerClient(identity.address, conn_limit=16) as client, triton_aio.InferenceServerClient(iris.address, conn_limit=16) as irises:
        base = [given(f"x_{name}", values, name) for name, values in VALUES.items() if name != "INT64"]
        rows = flowers(16 * 50)
        expected = probabilities(iris, rows)
        names = await outputs(irises, "iris")

        async def one(worker: int) -> None:
            for at in range(worker * 50, worker * 50 + 50):
                number = np.array([[at, -at], [at * 2**40, 0]], np.int64)
                binary = at % 2 == 0
                result = await client.infer("identity", [*base, given("x_INT64", number, "INT64", binary)], outputs=asked("y_INT64", binary=binary), request_id=str(at))
                equal((result.as_numpy("y_INT64").tolist(), result.get_response()["id"]), (number.tolist(), str(at)))
                result = await irises.infer("iris", x(rows[at:at + 1], binary), request_id=f"r{at}")
                np.testing.assert_allclose(result.as_numpy(names["FP32"]), expected[at:at + 1], atol=1e-6)
                equal(result.get_response()["id"], f"r{at}")

        await asyncio.gather(*(one(worker) for worker in range(16)))


@check
def concurrent_sync(iris):
    """sync: 16 connections with async_infer, 50 distinct inputs each, each gets its own answer"""
    client = triton.InferenceServerClient(iris.address, concurrency=16)
    names = {each["datatype"]: each["name"] for each in client.get_model_metadata("iris")["outputs"]}
    rows = flowers(16 * 50, seed=2)
    expected = probabilities(iris, rows)
    calls = [client.async_infer("iris", x(rows[at:at + 1]), request_id=str(at)) for at in range(len(rows))]
    for at, call in enumerate(calls):
        result = call.get_result()
        np.testing.assert_allclose(result.as_numpy(names["FP32"]), expected[at:at + 1], atol=1e-6)
        equal(result.get_response()["id"], str(at))
    client.close()


@check
def offline(iris):
    """sync: a body that the client makes without a connection, and an answer that it reads without one"""
    body, length = triton.InferenceServerClient.generate_request_body(x())
    answer = requests.post(f"{iris.url}/v2/models/iris/infer", data=body, headers={"Inference-Header-Content-Length": str(length)})
    equal(answer.status_code, 200)
    result = triton.InferenceServerClient.parse_response_body(answer.content, header_length=int(answer.headers["Inference-Header-Content-Length"]))
    equal(result.as_numpy(next(each["name"] for each in result.get_response()["outputs"] if each["datatype"] == "INT64")).reshape(-1).tolist(), KINDS)


if __name__ == "__main__":
    main()
