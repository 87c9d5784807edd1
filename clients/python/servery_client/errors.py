"""The errors of a request, with the code and the message of the server."""

from __future__ import annotations


class ServeryError(Exception):
    """
    A request failed.

    `code` is stable and meant for programs, such as `SRV_IMAGE_CORRUPT`. `message` is meant for people and says what to
    do. `status` is the HTTP status, or None if there was no answer.
    """

    def __init__(self, message: str, *, code: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class InputRefused(ServeryError):
    """The request is wrong, so sending it again does not help (4xx, except 429)."""


class Unavailable(ServeryError):
    """The server is over capacity or missed the deadline, also after the retries (429, 503, 504)."""


class ServerFault(ServeryError):
    """The server failed, or it is not a Servery server (any other status)."""


class Unreachable(ServeryError):
    """There was no answer, also after the retries: the connection was refused, broke or timed out."""
