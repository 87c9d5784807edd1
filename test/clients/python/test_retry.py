"""When a request is sent again, without the wait."""

from __future__ import annotations

import time
from email.utils import formatdate

import httpx
import pytest

from servery_client.retry import Patience


def answer(status: int, retry_after: str | None = None) -> httpx.Response:
    return httpx.Response(status, headers={} if retry_after is None else {"Retry-After": retry_after})


@pytest.mark.parametrize("status", [200, 302, 400, 404, 413, 500, 502, 504])
def test_other_answers_than_429_and_503_are_final(status: int) -> None:
    assert Patience(5).after_answer(answer(status, "1")) is None


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("2", 2.0, 3.0),
        ("0", 0.0, 0.0),
        # Not longer than a minute, and up to a half longer than that.
        ("86400", 60.0, 90.0),
        (formatdate(time.time() - 3600, usegmt=True), 0.0, 0.0),
        (formatdate(time.time() + 3600, usegmt=True), 60.0, 90.0),
        # None, or nonsense: a quarter of a second, and up to twice as long.
        (None, 0.25, 0.5),
        ("soon", 0.25, 0.5),
        ("-1", 0.25, 0.5),
    ],
)
def test_the_wait_is_what_the_server_asks_for_and_a_little_longer(
    retry_after: str | None, least: float, most: float
) -> None:
    waits = [Patience(1).after_answer(answer(503, retry_after)) for _ in range(50)]
    assert all(wait is not None and least <= wait <= most for wait in waits)
    assert len(set(waits)) > 1 or most == 0, "not all clients return at once"


def test_a_request_is_sent_again_as_often_as_was_said() -> None:
    patience = Patience(2)
    assert [patience.after_answer(answer(429, "0")) for _ in range(4)] == [0, 0, None, None]
    assert Patience(0).after_answer(answer(503, "1")) is None


def test_pauses_that_nobody_asked_for_grow() -> None:
    patience = Patience(4)
    for least in (0.25, 0.5, 1.0, 2.0):
        wait = patience.after_answer(answer(503))
        assert wait is not None
        assert least <= wait <= 2 * least


def test_a_failed_connection_is_tried_twice_again_at_most() -> None:
    patience = Patience(5)
    assert [patience.after_failure() is None for _ in range(4)] == [False, False, True, True]
    assert Patience(0).after_failure() is None
    both = Patience(2)
    both.after_answer(answer(503))
    assert both.after_failure() is not None
    assert both.after_failure() is None
