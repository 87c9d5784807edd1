"""`AsyncClient` against real servers: the same answers and errors as `Client`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pandas as pd
import pytest

from conftest import ROOT, Gateway, Serve
from servery_client import (
    AsyncClient,
    Client,
    InputRefused,
    InputUnreadable,
    Prediction,
    ServerFault,
    ServeryError,
    Unreachable,
)

IRIS = json.loads((ROOT / "models" / "iris" / "card.json").read_text())
ROW = [5.9, 3.0, 5.1, 1.8]
ANSWER = b'{"price":3.5,"model":"m","version":"1"}'


def test_it_answers_what_the_other_client_answers(serve: Serve, chips: Path) -> None:
    url = serve("tensorfood")

    async def answers() -> None:
        async with AsyncClient(url) as client:
            await client.wait_until_ready()
            assert await client.info() == expected.info()
            assert await client.predict(chips, top_k=3) == expected.predict(chips, top_k=3)
            assert await client.predict(str(chips)) == expected.predict(chips)
            assert await client.explain(chips) == expected.explain(chips)

    with Client(url) as expected:
        asyncio.run(answers())


def test_many_are_answered_in_order_from_lists_and_from_generators(serve: Serve) -> None:
    samples = IRIS["samples"] * 500
    labels = [sample["label"] for sample in samples]
    names = [feature["name"] for feature in IRIS["input"]["features"]]
    frame = pd.DataFrame([sample["row"] for sample in samples], columns=names)

    async def rows() -> AsyncIterator[list[float]]:
        for sample in samples:
            await asyncio.sleep(0)
            yield sample["row"]

    async def answers() -> None:
        async with AsyncClient(serve("iris")) as client:
            in_list = await client.predict_many([sample["row"] for sample in samples], progress=False)
            assert [each.label for each in in_list] == labels
            assert await client.predict_many(rows(), progress=False) == in_list
            of_frame = await client.predict_many(frame, progress=False)
            assert of_frame["species"].tolist() == labels

    asyncio.run(answers())


def test_the_bad_ones_among_many_leave_the_others_their_answers(serve: Serve, chips: Path, tmp_path: Path) -> None:
    async def answers() -> None:
        async with AsyncClient(serve("iris")) as client:
            some = await client.predict_many([ROW, [1.0], ROW], progress=False, errors="return")
            assert [isinstance(each, Prediction) for each in some] == [True, False, True]
            with pytest.raises(InputRefused, match=r"^inputs\[1\]: "):
                await client.predict_many([ROW, [1.0], ROW], progress=False)
        async with AsyncClient(serve("tensorfood")) as client:
            inputs: list[Path | bytes] = [tmp_path / "none.png", b"not a picture", chips]
            missing, bad, good = await client.predict_many(inputs, progress=False, errors="return")
            assert isinstance(missing, InputUnreadable)
            assert isinstance(bad, InputRefused)
            assert isinstance(good, Prediction)

    asyncio.run(answers())


def test_a_server_with_room_for_one_answers_all_who_come_back(serve: Serve, chips: Path) -> None:
    async def answers(retries: int) -> list[Prediction | ServeryError]:
        async with AsyncClient(serve("tensorfood", QUEUE_LIMIT="1"), retries=retries) as client:
            return await client.predict_many([chips] * 12, progress=False, errors="return")

    assert any(isinstance(each, ServeryError) for each in asyncio.run(answers(0)))
    assert all(isinstance(each, Prediction) for each in asyncio.run(answers(20)))


def test_what_went_wrong_is_the_same_error(gateway: Gateway) -> None:
    gateway.answers = [
        (503, {"Retry-After": "1"}, b"{}"),
        (200, {}, ANSWER),
        (0, {}, b""),
        (200, {}, ANSWER),
        (502, {}, b"<h1>Bad Gateway</h1>"),
    ]

    async def answers() -> None:
        async with AsyncClient(gateway.url, "secret") as client:
            assert (await client.predict([1.0])).value == 3.5
            assert (await client.predict([1.0])).value == 3.5
            with pytest.raises(ServerFault, match="502 Bad Gateway"):
                await client.predict([1.0])
        async with AsyncClient("http://127.0.0.1:9") as nowhere:
            assert not await nowhere.ready()
            with pytest.raises(TimeoutError, match=r"not ready after 0\.3 seconds"):
                await nowhere.wait_until_ready(timeout=0.3)
            with pytest.raises(Unreachable):
                await nowhere.info()

    asyncio.run(answers())
    (first, headers, _), (second, _, _) = gateway.requests[:2]
    assert 1 <= second - first < 2
    assert headers["Authorization"] == "Bearer secret"
