"""`servery_client` against real servers: `dist/server.js`, on this machine."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from conftest import CHIPS_PROBABILITY, ROOT, Gateway, Serve
from servery_client import Client, InputRefused, Prediction, Ranked, ServerFault, ServeryError, Unavailable, Unreachable

IRIS = json.loads((ROOT / "models" / "iris" / "card.json").read_text())
ANSWER = json.dumps(
    {
        "food": "pho",
        "probability": 0.5,
        "index": 1,
        "top": [{"label": "pho", "index": 1, "probability": 0.5}],
        "model": "m",
        "version": "1",
    }
).encode()


@pytest.fixture
def food(serve: Serve) -> Iterator[Client]:
    with Client(serve("tensorfood")) as client:
        yield client


@pytest.fixture
def iris(serve: Serve) -> Iterator[Client]:
    with Client(serve("iris")) as client:
        yield client


def test_a_path_is_answered_with_the_label_of_the_model_card(food: Client, chips: Path) -> None:
    prediction = food.predict(chips, top_k=3)
    assert isinstance(prediction, Prediction)
    assert (prediction.label, prediction.index, prediction.model) == ("french_fries", 8, "tensorfood")
    assert prediction.probability == pytest.approx(CHIPS_PROBABILITY, abs=0.01)
    assert len(prediction.top) == 3
    assert prediction.top[0].probability == prediction.probability
    assert (prediction.top[0].label, prediction.top[0].index) == ("french_fries", 8)
    assert (prediction.labels, prediction.value, prediction.outputs) == (None, None, None)
    assert {"decode", "queue", "infer", "total"} <= prediction.timing.keys()
    assert 0 < prediction.timing["infer"] < prediction.timing["total"]


def test_every_way_to_hold_a_picture_has_the_same_answer(food: Client, chips: Path) -> None:
    expected = food.predict(chips)
    picture = PIL.Image.open(chips)
    pixels = np.asarray(picture.convert("RGB"))
    assert food.predict(str(chips)) == expected
    assert food.predict(chips.read_bytes()) == expected
    with chips.open("rb") as file:
        assert food.predict(file) == expected
    assert food.predict(picture) == expected
    assert food.predict(pixels) == expected
    # CMYK has no black here, so that the way there and back loses nothing.
    assert food.predict(picture.convert("RGB").convert("CMYK")) == expected


def test_a_photo_taken_sideways_is_the_same_as_a_pil_picture_and_as_a_file(food: Client) -> None:
    sideways = ROOT / "test" / "fixtures" / "pictures" / "rotated.jpg"
    as_file, as_picture = food.predict(sideways), food.predict(PIL.Image.open(sideways))
    assert as_picture.label == as_file.label
    assert as_picture.probability == pytest.approx(as_file.probability, abs=0.01)


@pytest.mark.parametrize("sample", IRIS["samples"], ids=lambda sample: sample["label"])
def test_a_row_is_answered_with_the_label_of_the_model_card(iris: Client, sample: dict[str, object]) -> None:
    row = sample["row"]
    assert isinstance(row, list)
    names = [feature["name"] for feature in IRIS["input"]["features"]]
    for data in (
        row,
        tuple(row),
        dict(zip(names, row)),
        np.array(row),
        np.array(row, np.float32),
        list(np.array(row, np.float32)),
    ):
        prediction = iris.predict(data)
        assert prediction.label == sample["label"]
        assert prediction.probability == pytest.approx(sample["probability"], abs=0.001)


def test_several_rows_at_once_are_for_predict_many(iris: Client) -> None:
    rows = np.array([sample["row"] for sample in IRIS["samples"]])
    with pytest.raises(ValueError, match="predict_many"):
        iris.predict(rows)
    answers = iris.predict_many(rows, progress=False)
    assert [each.label for each in answers] == [sample["label"] for sample in IRIS["samples"]]


def test_many_are_answered_in_order_with_a_progress_bar(iris: Client, capsys: pytest.CaptureFixture[str]) -> None:
    samples = IRIS["samples"] * 50
    answers = iris.predict_many((sample["row"] for sample in samples), top_k=1)
    assert [each.label for each in answers] == [sample["label"] for sample in samples]
    assert f"{len(samples)}prediction" in capsys.readouterr().err


def test_only_a_few_of_many_are_held_at_once(iris: Client) -> None:
    taken = 0

    def rows() -> Iterator[list[float]]:
        nonlocal taken
        for _ in range(200):
            taken += 1
            yield [0.0]

    with pytest.raises(InputRefused):
        iris.predict_many(rows(), progress=False)
    assert taken <= 2 * iris.concurrency + 1


def test_one_bad_picture_among_many_leaves_the_others_their_answers(food: Client, chips: Path) -> None:
    good, bad, also_good = food.predict_many([chips, b"not a picture", chips], progress=False, errors="return")
    assert isinstance(good, Prediction)
    assert isinstance(bad, InputRefused)
    assert also_good == good


def test_info_says_what_is_served(food: Client, iris: Client) -> None:
    about = food.info()
    assert (about.model, about.kind, about.label_key, about.input_size) == ("tensorfood", "image", "food", "64x64x3")
    assert about.labels[8] == "french_fries"
    assert about.raw["pretrained-on"] == "ImageNet"
    assert iris.info().kind == "table"


@pytest.mark.parametrize(
    ("data", "status", "code", "says"),
    [
        (b"GIF87a, but no more", 422, "SRV_IMAGE_CORRUPT", "damaged"),
        (b"%PDF-1.7", 415, "SRV_IMAGE_UNSUPPORTED", "send one of JPEG"),
        (b"", 400, "SRV_INPUT_EMPTY", "0 bytes"),
    ],
)
def test_a_refusal_carries_the_words_of_the_server(
    food: Client, data: bytes, status: int, code: str, says: str
) -> None:
    with pytest.raises(InputRefused, match=says) as caught:
        food.predict(data)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert says in caught.value.message


def test_a_wrong_top_k_is_refused(food: Client, chips: Path) -> None:
    with pytest.raises(InputRefused, match="top_k") as caught:
        food.predict(chips, top_k=26)
    assert caught.value.code == "SRV_REQUEST_INVALID"


def test_a_server_with_room_for_one_turns_some_away_and_answers_all_who_come_back(serve: Serve, chips: Path) -> None:
    url = serve("tensorfood", QUEUE_LIMIT="1")
    pictures = [chips] * 12
    with Client(url, retries=0) as impatient:
        answers = impatient.predict_many(pictures, progress=False, errors="return")
    refused = [each for each in answers if isinstance(each, ServeryError)]
    assert refused
    assert {(type(each), each.status, each.code) for each in refused} == {(Unavailable, 503, "SRV_QUEUE_FULL")}

    with Client(url, retries=20) as patient:
        start = time.monotonic()
        labels = {each.label for each in patient.predict_many(pictures, progress=False)}
        took = time.monotonic() - start
    assert labels == {"french_fries"}
    assert took >= 1, "Retry-After is a second at least"


@pytest.mark.parametrize("status", [429, 503])
def test_a_request_is_sent_again_whole_after_the_seconds_that_were_asked_for(gateway: Gateway, status: int) -> None:
    gateway.answers = [(status, {"Retry-After": "1"}, b"{}"), (200, {}, ANSWER)]
    with Client(gateway.url) as client:
        assert client.predict(b"picture").label == "pho"
    (first, _, sent), (second, _, again) = gateway.requests
    assert 1 <= second - first < 2
    assert sent == again
    assert b"picture" in again


def test_a_broken_connection_is_tried_again_and_then_raised(gateway: Gateway) -> None:
    gateway.answers = [(0, {}, b""), (200, {}, ANSWER)]
    with Client(gateway.url) as client:
        assert client.predict([1.0]).label == "pho"
        gateway.requests.clear()
        gateway.answers = [(0, {}, b"")] * 9
        with pytest.raises(Unreachable) as caught:
            client.predict([1.0])
    assert caught.value.status is None
    assert len(gateway.requests) == 3


def test_a_504_and_a_500_are_not_sent_again(gateway: Gateway) -> None:
    words = json.dumps({"statusCode": 504, "code": "SRV_DEADLINE", "error": "Gateway Timeout", "message": "Too late."})
    gateway.answers = [(504, {}, words.encode()), (502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")]
    with Client(gateway.url) as client:
        with pytest.raises(Unavailable, match=r"Too late. \(SRV_DEADLINE\)"):
            client.predict([1.0])
        with pytest.raises(ServerFault, match="502 Bad Gateway"):
            client.predict([1.0])


def test_what_is_not_a_servery_is_said_to_be_none(gateway: Gateway) -> None:
    gateway.answers = [(200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>")]
    with Client(gateway.url) as client, pytest.raises(ServerFault, match="200 OK; this is no answer of Servery"):
        client.predict([1.0])


def test_the_key_is_sent_as_a_bearer_token(gateway: Gateway) -> None:
    gateway.answers = [(200, {}, ANSWER)]
    with Client(gateway.url, "secret") as client:
        client.predict({"a": 1.0})
    ((_, headers, body),) = gateway.requests
    assert headers["Authorization"] == "Bearer secret"
    assert json.loads(body) == {"a": 1.0}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"species": "1", "index": 1}, {"label": "1", "index": 1}),
        ({"species": "-1"}, {"label": "-1"}),
        ({"price": 3.5}, {"value": 3.5}),
        ({"price": 0}, {"value": 0}),
        ({"outputs": {"y": [[0.5, "NaN"]]}}, {"outputs": {"y": [[0.5, "NaN"]]}}),
        (
            {
                "animal": "cat",
                "probability": 0.9,
                "index": 0,
                "labels": [{"label": "cat", "index": 0, "probability": 0.9}],
                "top": [{"label": "cat", "index": 0, "probability": 0.9}],
            },
            {
                "label": "cat",
                "probability": 0.9,
                "index": 0,
                "labels": (Ranked("cat", 0, 0.9),),
                "top": (Ranked("cat", 0, 0.9),),
            },
        ),
    ],
)
def test_each_kind_of_answer_has_its_own_fields_and_no_others(
    gateway: Gateway, answer: dict[str, object], expected: dict[str, object]
) -> None:
    gateway.answers = [(200, {}, json.dumps({**answer, "model": "m", "version": "1"}).encode())]
    nothing = {**dict.fromkeys(("label", "probability", "index", "labels", "value", "outputs")), "top": ()}
    with Client(gateway.url) as client:
        prediction = client.predict([1.0])
    assert {name: getattr(prediction, name) for name in nothing} == {**nothing, **expected}


def test_tensors_are_sent_by_name_and_rows_as_they_are(gateway: Gateway) -> None:
    gateway.answers = [(200, {}, ANSWER)] * 3
    with Client(gateway.url) as client:
        client.predict({"x": np.array([[0.5, 1]], np.float32), "n": [2]})
        client.predict({"width": np.float32(0.5), "colour": "red", "known": None})
        client.predict([0.5, "red", True, None])
    tensors, by_name, in_order = (json.loads(body) for _, _, body in gateway.requests)
    assert tensors == {"inputs": {"x": [[0.5, 1]], "n": [2]}}
    assert by_name == {"width": 0.5, "colour": "red", "known": None}
    assert in_order == [0.5, "red", True, None]


def test_a_text_is_sent_itself_and_by_name(serve: Serve, tmp_path: Path) -> None:
    shutil.copy(ROOT / "test" / "fixtures" / "reviews" / "model.onnx", tmp_path)
    output = {"kind": "classes", "tensor": "probabilities", "activation": "none"}
    card = {"input": {"kind": "text", "tensor": "text"}, "output": output, "labels": ["negative", "positive"]}
    (tmp_path / "card.json").write_text(json.dumps(card))
    with Client(serve("reviews", MODEL_PATH=str(tmp_path))) as client:
        for text in ("great", {"text": "great"}):
            prediction = client.predict(text)
            assert prediction.label == "positive"
            assert prediction.probability == pytest.approx(0.84696, abs=1e-4)
        both = client.predict_many(["awful", "great"], progress=False)
        assert [each.label for each in both] == ["negative", "positive"]
        with pytest.raises(InputRefused, match="leave it out"):
            client.predict({"text": "great", "text_pair": "awful"})


def test_ready_and_waiting_for_it(food: Client) -> None:
    assert food.ready()
    food.wait_until_ready(timeout=1)
    with Client("http://127.0.0.1:9") as nowhere:
        assert not nowhere.ready()
        with pytest.raises(TimeoutError, match=r"not ready after 0\.3 seconds"):
            nowhere.wait_until_ready(timeout=0.3)
        with pytest.raises(Unreachable):
            nowhere.info()
