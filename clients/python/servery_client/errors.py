"""The errors of a request, with the code and the message of the server."""

from __future__ import annotations

from typing import Any

import httpx


class ServeryError(Exception):
    """
    A request failed.

    `code` is stable and meant for programs, such as `SRV_IMAGE_CORRUPT`. `message` is meant for people and says what to
    do. `status` is the HTTP status, or None if there was no answer. `index` is the place of the input among those of
    `predict_many`, or None.
    """

    def __init__(self, message: str, *, code: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.index: int | None = None

    def __str__(self) -> str:
        return f"{'' if self.index is None else f'inputs[{self.index}]: '}{self.message} ({self.code})"


class InputRefused(ServeryError):
    """The request is wrong, so sending it again does not help (4xx, except 429)."""


class InputUnreadable(ServeryError, OSError):
    """The client could not read the input, so it sent nothing: there is no such file, or its URL cannot be fetched."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="INPUT_UNREADABLE")


class Unavailable(ServeryError):
    """The server is over capacity or missed the deadline, also after the retries (429, 503, 504)."""


class ServerFault(ServeryError):
    """The server failed, or it is not a Servery server (any other status)."""


class Unreachable(ServeryError):
    """There was no answer, also after the retries: the connection was refused, broke or timed out."""


def unreachable(url: str, error: Exception) -> Unreachable:
    """The error for a request that got no answer."""
    return Unreachable(f"There is no answer from {url}", code=type(error).__name__)


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """
    The JSON object of an answer.

    :raises ServeryError: one of `InputRefused`, `Unavailable`, `ServerFault`
    """
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.is_success and isinstance(answer, dict):
        return answer
    status = response.status_code
    if isinstance(answer, dict) and {"code", "message"} <= answer.keys():
        code, message = str(answer["code"]), str(answer["message"])
    else:
        asked = f"{response.request.method} {response.request.url}"
        code, message = "HTTP", f"{asked} answered {status} {response.reason_phrase}; this is not an answer of Servery"
    kind = Unavailable if status in (429, 503, 504) else InputRefused if 400 <= status < 500 else ServerFault
    raise kind(message, code=code, status=status)
