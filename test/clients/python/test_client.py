"""`servery_client` against real servers: `dist/server.js`, on this machine."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image
import pytest

from conftest import CHIPS_PROBABILITY, ROOT, Gateway, Serve
from servery_client import (
    AsyncClient,
    Client,
    InputRefused,
    InputUnreadable,
    Prediction,
    Ranked,
    ServerFault,
    ServeryError,
    Unavailable,
    Unreachable,
)

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


def answer_to_rows(rows: int) -> bytes:
    """An answer with one prediction for each row, whose index is its place."""
    predictions = [{"species": "setosa", "index": at} for at in range(rows)]
    return json.dumps({"predictions": predictions, "model": "m", "version": "1"}).encode()


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


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_address_without_http_is_refused_at_once(kind: type[Client] | type[AsyncClient]) -> None:
    with pytest.raises(ValueError, match=r"must begin with http:// or https://, unlike 'localhost:8000'"):
        kind("localhost:8000")


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


def test_only_a_few_of_many_are_held_at_once(food: Client) -> None:
    taken = 0

    def pictures() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(200):
            taken += 1
            yield b"not a picture"

    with pytest.raises(InputRefused):
        food.predict_many(pictures(), progress=False)
    assert taken <= 2 * food.concurrency + 1


def test_rows_share_requests_and_a_thousand_take_one(gateway: Gateway, iris: Client) -> None:
    gateway.pages["/info"] = json.dumps(iris.info().raw).encode()
    gateway.answers = [(200, {"Server-Timing": "infer;dur=1.5"}, answer_to_rows(rows)) for rows in (1000, 5)]
    with Client(gateway.url, concurrency=1) as client:
        answers = client.predict_many(([at, 0, 0, 0] for at in range(1005)), progress=False)
    assert [len(json.loads(body)) for _, _, body in gateway.requests] == [1000, 5]
    assert json.loads(gateway.requests[1][2])[0] == [1000, 0, 0, 0]
    assert [each.index for each in answers] == [*range(1000), *range(5)]
    assert answers[0].timing == {"infer": 1.5}


def test_the_bad_rows_among_many_are_found_and_the_others_are_answered(iris: Client) -> None:
    rows: list[list[float]] = [[5.9, 3.0, 5.1, 1.8]] * 100
    rows[17], rows[60] = [1.0], [1.0, 2.0]
    answers = iris.predict_many(rows, progress=False, errors="return")
    failed = {at: each for at, each in enumerate(answers) if isinstance(each, ServeryError)}
    assert {at: (each.code, each.index) for at, each in failed.items()} == {
        17: ("SRV_ROW_UNUSABLE", 17),
        60: ("SRV_ROW_UNUSABLE", 60),
    }
    assert {each.label for each in answers if isinstance(each, Prediction)} == {"virginica"}
    with pytest.raises(InputRefused, match=r"^inputs\[17\]: the row has 1 value"):
        iris.predict_many(rows, progress=False)


def test_what_fails_for_all_rows_is_asked_once(gateway: Gateway, iris: Client) -> None:
    gateway.pages["/info"] = json.dumps(iris.info().raw).encode()
    gateway.answers = [(401, {}, b'{"code":"SRV_UNAUTHORIZED","message":"The key is wrong"}')]
    with Client(gateway.url) as client:
        answers = client.predict_many([[1.0]] * 9, progress=False, errors="return")
    assert [each.status for each in answers if isinstance(each, ServeryError)] == [401] * 9
    assert len(gateway.requests) == 1


def test_a_value_that_is_missing_is_sent_as_null_and_an_infinite_one_is_refused(gateway: Gateway) -> None:
    gateway.answers = [(200, {}, ANSWER)] * 3
    with Client(gateway.url) as client:
        client.predict([math.nan, 1.0, np.float32("nan"), pd.NA, pd.Timestamp("2024-02-29")])  # type: ignore[list-item]
        client.predict({"x": [math.nan, math.inf], "n": np.array([-math.inf])})
        with pytest.raises(ValueError, match="infinite"):
            client.predict([math.inf])
        with pytest.raises(TypeError, match="object is not a value of a row"):
            client.predict([object()])  # type: ignore[list-item]
    row, tensors = (json.loads(body) for _, _, body in gateway.requests)
    assert row == [None, 1.0, None, None, "2024-02-29T00:00:00"]
    assert tensors == {"inputs": {"x": ["NaN", "Infinity"], "n": ["-Infinity"]}}


def test_a_data_frame_is_answered_with_a_data_frame(iris: Client) -> None:
    samples = IRIS["samples"] * 400
    names = [feature["name"] for feature in IRIS["input"]["features"]]
    frame = pd.DataFrame([sample["row"] for sample in samples], columns=names)
    frame.index = pd.Index([f"flower {at}" for at in range(len(frame))])
    # The order of the columns does not matter, and neither do others, as in CSV.
    mixed = frame[names[::-1]].assign(collector="Fisher")
    answers = iris.predict_many(mixed, progress=False)
    assert list(answers.columns) == ["species", "probability"]
    assert list(answers.index) == list(frame.index)
    assert answers["species"].tolist() == [sample["label"] for sample in samples]
    assert answers["probability"].between(0.3, 1).all()
    assert frame.join(answers).shape == (len(samples), 6)

    without_names = pd.DataFrame(frame.to_numpy())
    assert iris.predict_many(without_names, progress=False)["species"].tolist() == answers["species"].tolist()
    ranked = iris.predict_many(frame.head(1), top_k=2, progress=False)
    assert len(ranked["top"].iloc[0]) == 2
    one = iris.predict(frame.iloc[0])
    assert (one.label, one.probability) == tuple(answers.iloc[0])


def test_a_data_frame_of_no_rows_is_answered_with_none(iris: Client) -> None:
    names = [feature["name"] for feature in IRIS["input"]["features"]]
    answers = iris.predict_many(pd.DataFrame(columns=names), progress=False)
    assert (len(answers), list(answers.columns)) == (0, ["species", "probability"])


CAT, DOG = ({"label": label, "index": at, "probability": 0.9 - at / 10} for at, label in enumerate(("cat", "dog")))


@pytest.mark.parametrize(
    ("kind", "answer", "columns"),
    [
        ("value", {"price": 3.5}, {"price": 3.5}),
        ("label", {"price": "high"}, {"price": "high"}),
        (
            "labels",
            {"price": "cat", "probability": 0.9, "index": 0, "labels": [CAT, DOG], "top": [CAT]},
            {"price": "cat", "probability": 0.9, "labels": ["cat", "dog"]},
        ),
        ("tensors", {"outputs": {"y": [[0.5]], "z": [1]}}, {"y": [[0.5]], "z": [1]}),
    ],
)
def test_each_kind_of_answer_has_its_own_columns(
    gateway: Gateway, iris: Client, kind: str, answer: dict[str, Any], columns: dict[str, Any]
) -> None:
    described = {**iris.info().raw, "label-key": "price", "output": {"kind": kind}}
    gateway.pages["/info"] = json.dumps(described).encode()
    gateway.answers = [(200, {}, json.dumps({"predictions": [answer] * 2, "model": "m", "version": "1"}).encode())]
    with Client(gateway.url) as client:
        frame = client.predict_many(pd.DataFrame([[1, 2, 3, 4]] * 2), progress=False)
    assert frame.to_dict("records") == [columns] * 2


def test_the_bad_rows_of_a_data_frame_have_their_error_in_a_column(iris: Client) -> None:
    names = [feature["name"] for feature in IRIS["input"]["features"]]
    frame = pd.DataFrame([[5.9, 3.0, 5.1, 1.8], [5.9, None, 5.1, 1.8], [5.9, 3.0, 5.1, 1.8]], columns=names)
    answers = iris.predict_many(frame, progress=False, errors="return")
    assert answers["species"].isna().tolist() == [False, True, False]
    assert [error and error.code for error in answers["error"]] == [None, "SRV_ROW_UNUSABLE", None]
    assert "'sepal width'" in answers["error"].iloc[1].message
    with pytest.raises(InputRefused, match=r"^inputs\[1\]: .*'sepal width'"):
        iris.predict_many(frame, progress=False)
    with pytest.raises(InputRefused, match="'petal width'"):
        iris.predict_many(frame[names[:3]], progress=False)
    with pytest.raises(ValueError, match="two columns 'sepal width'"):
        iris.predict_many(frame[["sepal width", *names]], progress=False)
    with pytest.raises(ValueError, match="predict_many"):
        iris.predict(frame)


def test_a_data_frame_with_pictures_is_refused_and_its_column_is_not(food: Client, chips: Path) -> None:
    frame = pd.DataFrame({"path": [str(chips)]})
    with pytest.raises(ValueError, match=r"predict_many\(frame\['path'\]\)"):
        food.predict_many(frame, progress=False)
    assert [each.label for each in food.predict_many(frame["path"], progress=False)] == ["french_fries"]


def test_a_picture_at_an_address_is_fetched_and_the_key_stays_with_the_server(
    serve: Serve, gateway: Gateway, chips: Path
) -> None:
    gateway.pages["/my%20chips.png"] = chips.read_bytes()
    with Client(serve("tensorfood"), "secret") as client:
        assert client.predict(f"{gateway.url}/my%20chips.png") == client.predict(chips)
        with pytest.raises(InputUnreadable, match=r"none\.png answered 404 Not Found"):
            client.predict(f"{gateway.url}/none.png")
        with pytest.raises(InputUnreadable, match=r"http://127.0.0.1:9/ cannot be fetched"):
            client.predict("http://127.0.0.1:9/")
    assert [path for path, _ in gateway.asked] == ["/my%20chips.png", "/none.png"]
    assert all("Authorization" not in headers for _, headers in gateway.asked)


def test_an_address_with_more_bytes_than_the_server_takes_is_refused(serve: Serve, gateway: Gateway) -> None:
    gateway.pages["/large.png"] = bytes(60_001)
    url = serve("tensorfood", UPLOAD_LIMIT="60000")
    with Client(url) as client, pytest.raises(InputUnreadable, match="larger than the 60000 bytes"):
        client.predict(f"{gateway.url}/large.png")


def test_a_file_that_is_not_there_is_one_error_among_many_answers(food: Client, chips: Path, tmp_path: Path) -> None:
    missing, found = food.predict_many([tmp_path / "none.png", chips], progress=False, errors="return")
    assert isinstance(missing, InputUnreadable)
    assert missing.index == 0
    assert isinstance(found, Prediction)
    with pytest.raises(OSError, match="No such file"):
        food.predict(tmp_path / "none.png")


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((8, 8, 3)), "float64.*0 to 255.*astype\\('uint8'\\).*Do not normalise"),
        (np.zeros((8, 8), np.float32), "float32"),
        (np.zeros((8, 8, 3), np.int64), "int64.*astype\\('uint8'\\)"),
        (np.zeros((3, 8, 8), np.uint8), "channels come first.*transpose\\(1, 2, 0\\)"),
        (np.zeros((2, 8, 8, 3), np.uint8), "several pictures.*predict_many"),
        (np.zeros((8, 8, 2), np.uint8), "shape \\(8, 8, 2\\)"),
        (np.zeros(8, np.uint8), "shape \\(8,\\)"),
    ],
    ids=str,
)
def test_an_array_that_is_no_picture_is_refused_with_a_remedy(
    food: Client, array: np.ndarray[Any, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        food.predict(array)


def test_arrays_of_grey_pixels_are_pictures(food: Client, chips: Path) -> None:
    grey = PIL.Image.open(chips).convert("L")
    expected = food.predict(grey)
    assert food.predict(np.asarray(grey)) == expected
    assert food.predict(np.asarray(grey)[:, :, None]) == expected


def test_what_is_no_input_is_refused(food: Client) -> None:
    with pytest.raises(ValueError, match=r"int is not an input\. Give a path"):
        food.predict(3)  # type: ignore[arg-type]


def test_what_carried_the_answer_of_a_row(iris: Client) -> None:
    row = [5.9, 3.0, 5.1, 1.8]
    explanation, prediction = iris.explain(row), iris.predict(row)
    assert (explanation.label, explanation.probability) == (prediction.label, prediction.probability)
    assert (explanation.value, explanation.importance, explanation.overlay, explanation.words) == (None,) * 4
    assert explanation.features is not None
    assert [(each.name, each.value) for each in explanation.features] == list(
        zip((feature["name"] for feature in IRIS["input"]["features"]), row)
    )
    petal_width = explanation.features[3]
    assert petal_width.importance > 0, "a wide petal speaks for virginica"
    assert [value for value, _ in petal_width.curve][::10] == pytest.approx([0.1, 2.5])


def test_what_carried_the_answer_of_a_picture(food: Client, chips: Path) -> None:
    explanation = food.explain(chips)
    assert (explanation.label, explanation.index, explanation.model) == ("french_fries", 8, "tensorfood")
    assert explanation.overlay is not None
    with PIL.Image.open(BytesIO(explanation.overlay)) as overlay:
        assert overlay.format == "PNG"
    assert explanation.importance is not None
    assert {len(row) for row in explanation.importance} == {len(explanation.importance)}
    assert (explanation.features, explanation.words) == (None, None)
    assert "total" in explanation.timing


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
    with Client(gateway.url) as client, pytest.raises(ServerFault, match="200 OK; this is not an answer of Servery"):
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
        frame = pd.DataFrame({"stars": [1, 5], "text": ["awful", "great"]}, index=[7, 9])
        assert client.predict_many(frame, progress=False)["label"].to_dict() == {7: "negative", 9: "positive"}
        words = client.explain("a great film").words
        assert words is not None
        assert [(each.word, each.start) for each in words] == [("a", 0), ("great", 2), ("film", 8)]


def test_ready_and_waiting_for_it(food: Client) -> None:
    assert food.ready()
    food.wait_until_ready(timeout=1)
    with Client("http://127.0.0.1:9") as nowhere:
        assert not nowhere.ready()
        with pytest.raises(TimeoutError, match=r"not ready after 0\.3 seconds"):
            nowhere.wait_until_ready(timeout=0.3)
        with pytest.raises(Unreachable):
            nowhere.info()
