"""MLServer's command `mlserver infer`, and its types as validators, against a service that speaks the Open Inference Protocol."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import check, equal, holds, main
from mlserver.types import InferenceRequest, InferenceResponse, MetadataModelResponse, MetadataServerResponse, RepositoryIndexResponse, RequestInput
from truth import ROWS, flowers, probabilities

COMMAND = Path(sys.executable).with_name("mlserver")


def infer(service, lines: list[dict], *options: str) -> list[dict]:
    """What the command writes for these requests, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        questions, answers = Path(folder, "questions.jsonl"), Path(folder, "answers.jsonl")
        questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [COMMAND, "infer", "--url", service.address, "--model-name", service.model, "--input-data-path", questions, "--output-data-path", answers, *options]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
        equal(ran.returncode, 0, ran.stderr[-2000:])
        written = [json.loads(line) for line in answers.read_text().splitlines()]
    return sorted(written, key=lambda each: each["parameters"]["batch_index"])


def line(rows, **more) -> dict:
    return {"inputs": [{"name": "X", "shape": [len(rows), 4], "datatype": "FP32", "data": rows.reshape(-1).tolist()}], **more}


def scores_of(answer: dict) -> list[float]:
    return next(each for each in answer["outputs"] if each["datatype"] == "FP32")["data"]


def close(actual: list[float], expected) -> None:
    equal(len(actual), expected.size)
    holds(all(abs(one - other) < 1e-6 for one, other in zip(actual, expected.reshape(-1).tolist())), f"{actual}, expected {expected}")


@check
def command(iris):
    """mlserver infer gives each line its own answer: in JSON and in binary, alone and in micro-batches, with several workers"""
    rows = flowers(23, seed=5)
    expected = probabilities(iris, rows)
    lines = [line(rows[at:at + 1], id=f"line {at}") for at in range(22)] + [line(rows[22:])]
    for options in ([], ["-b"], ["-s", "5"], ["-b", "-s", "5"], ["-b", "-s", "4", "-w", "4"]):
        answers = infer(iris, lines, *options)
        equal(len(answers), len(lines), str(options))
        for at, answer in enumerate(answers):
            holds("error" not in answer, f"{options}: {answer}")
            close(scores_of(answer), expected[at])
            equal(answer["model_name"], "iris")
            if at < 22:
                equal(answer["id"], f"line {at}", str(options))


@check
def command_outputs(iris):
    """mlserver infer with the outputs listed"""
    names = [each["name"] for each in iris.get("/v2/models/iris")["outputs"]]
    expected = probabilities(iris)
    lines = [line(ROWS[at:at + 1], outputs=[{"name": name} for name in names]) for at in range(3)]
    for options in ([], ["-b"], ["-s", "3"]):
        for answer, scores in zip(infer(iris, lines, *options), expected):
            equal([each["name"] for each in answer["outputs"]], names)
            close(scores_of(answer), scores)


@check
def command_errors(iris):
    """mlserver infer writes the service's own words for a line that is wrong, and goes on"""
    wrong = {"inputs": [{"name": "X", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]}
    answers = infer(iris, [line(ROWS[:1]), wrong, line(ROWS[1:2])], "--retries", "1")
    holds("outputs" in answers[0] and "outputs" in answers[2], f"{answers}")
    holds("X" in answers[1]["error"]["msg"] and "exception occurred" not in answers[1]["error"]["msg"], f"{answers[1]}")


@check
def types(iris, pictures, identity):
    """MLServer's types read every answer: metadata, index and inference"""
    for service in (iris, pictures, identity):
        MetadataServerResponse.model_validate(service.get("/v2"))
        MetadataServerResponse.model_validate(service.get("/v2/"))
        metadata = MetadataModelResponse.model_validate(service.get(f"/v2/models/{service.model}"))
        equal(metadata.name, service.model)
        MetadataModelResponse.model_validate(service.get(f"/v2/models/{service.model}/versions/{metadata.versions[0]}"))
        for body in (b"", b"{}", b'{"ready":null}', b'{"ready":true}'):
            index = RepositoryIndexResponse.model_validate(service.post("/v2/repository/index", body, "application/json"))
            equal([(each.name, each.state) for each in index.root], [(service.model, "READY")])


@check
def nulls(iris):
    """a request as MLServer's own tests send it, with null for every optional field"""
    tensor = RequestInput(name="X", shape=[3, 4], datatype="FP32", data=ROWS.reshape(-1).tolist())
    request = InferenceRequest(inputs=[tensor])
    body = json.dumps(request.model_dump(exclude_none=False, exclude_unset=False)).encode()
    holds(b'"outputs": null' in body and b'"parameters": null' in body and b'"id": null' in body, body.decode())
    answer = InferenceResponse.model_validate(iris.post("/v2/models/iris/infer", body, "application/json"))
    close(next(list(each.data.root) for each in answer.outputs if each.datatype == "FP32"), probabilities(iris))


if __name__ == "__main__":
    main()
