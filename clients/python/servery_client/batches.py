"""How the inputs of `predict_many` are divided into requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .bodies import is_frame, row_of
from .errors import InputRefused
from .results import Info

BATCH_ROWS = {"table": 1000, "text": 32}
"""The most inputs of one request. Texts take a model a thousand times as long as rows, and an answer has a deadline."""

ABOUT_AN_INPUT = frozenset({400, 413, 415, 422})
"""The statuses of refusals that may be due to one input of several, or to their number."""


@dataclass(frozen=True)
class Batch:
    """Inputs that go into one request."""

    first: int
    """The place of the first one among all inputs."""
    inputs: list[Any]
    rows: list[object] | None
    """The inputs as they stand in JSON. None: a single one that is something else, such as a picture."""

    def __len__(self) -> int:
        return len(self.inputs)

    def halves(self) -> tuple[Batch, Batch]:
        """The batch as two requests."""
        half = len(self) // 2
        rows = self.rows or []
        return (
            Batch(self.first, self.inputs[:half], rows[:half]),
            Batch(self.first + half, self.inputs[half:], rows[half:]),
        )


class Batches:
    """
    Collects inputs into batches.

    Rows and texts share requests. Pictures and tensors do not: each is large, and the server puts them together itself.

    :param concurrency: how many batches are sent at once. Together they have room in the server's queue
    """

    def __init__(self, info: Info, concurrency: int) -> None:
        self._info = info
        self._size = max(1, min(BATCH_ROWS.get(info.kind, 1), info.queue_limit // concurrency))
        self._taken = 0
        self._inputs: list[Any] = []
        self._rows: list[object] = []

    def add(self, data: Any) -> list[Batch]:  # noqa: ANN401
        """Takes the next input, and returns the batches that are complete."""
        row = None if is_frame(data) or self._info.kind not in BATCH_ROWS else row_of(data, self._info)
        complete = self.rest() if row is None or len(self._inputs) == self._size else []
        if row is None:
            complete.append(Batch(self._taken, [data], None))
        else:
            self._inputs.append(data)
            self._rows.append(row)
        self._taken += 1
        return complete

    def rest(self) -> list[Batch]:
        """Returns what was taken and is in no batch yet."""
        batches = [Batch(self._taken - len(self._inputs), self._inputs, self._rows)] if self._inputs else []
        self._inputs, self._rows = [], []
        return batches


def is_worth_halving(batch: Batch, error: Exception) -> bool:
    """Whether a part of a refused batch may be answered."""
    return len(batch) > 1 and isinstance(error, InputRefused) and error.status in ABOUT_AN_INPUT
