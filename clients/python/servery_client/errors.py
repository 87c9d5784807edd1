"""What can go wrong, with the server's own words."""

from __future__ import annotations


class ServeryError(Exception):
    """
    A request that was not answered with a prediction.

    `code` is stable and for programs, such as `SRV_IMAGE_CORRUPT`; `message` is for people and says what to do;
    `status` is the HTTP status, None when no answer came at all.
    """

    def __init__(self, message: str, *, code: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class InputRefused(ServeryError):
    """The request is wrong, and sending it again will not help (4xx)."""


class Unavailable(ServeryError):
    """The server has no capacity or no time left just now, also after the retries (429, 503, 504)."""


class ServerFault(ServeryError):
    """The server failed, or what answered is not a Servery (any other status)."""


class Unreachable(ServeryError):
    """No answer: nothing listens there, the connection broke or timed out, also after the retries."""
