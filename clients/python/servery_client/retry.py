"""When a request is sent again."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime

import httpx

OVER_CAPACITY = frozenset({429, 503})
"""The statuses after which the same request may succeed a little later."""

MAX_WAIT_SECONDS = 60.0
"""The longest Retry-After that a client follows."""

CONNECTION_RETRIES = 2
"""How often a request is sent again after its connection failed: few, so that a server that is down is noticed soon."""

PAUSE_SECONDS = 0.25
"""The pause before the first repetition, where the server asks for none. It doubles each time."""


class Patience:
    """
    Decides for one request whether it is sent again, and when.

    Each wait is a little longer than it must be, for each client differently, so that they do not all return at once.
    """

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._failures_left = min(retries, CONNECTION_RETRIES)
        self._sent = 0

    def after_answer(self, answer: httpx.Response) -> float | None:
        """The seconds to wait before the request is sent again, or None: the answer is final."""
        if answer.status_code not in OVER_CAPACITY or self._sent >= self._retries:
            return None
        pause = self._pause()
        asked = _seconds(answer.headers.get("Retry-After", ""))
        return pause if asked is None else min(asked, MAX_WAIT_SECONDS) * random.uniform(1, 1.5)

    def after_failure(self) -> float | None:
        """The same after a connection that failed or broke."""
        if self._failures_left == 0 or self._sent >= self._retries:
            return None
        self._failures_left -= 1
        return self._pause()

    def _pause(self) -> float:
        self._sent += 1
        return min(PAUSE_SECONDS * 2.0 ** (self._sent - 1), MAX_WAIT_SECONDS) * random.uniform(1, 2)


def _seconds(retry_after: str) -> float | None:
    """Reads a Retry-After header, see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
