"""The answers of the server, as typed objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ranked:
    """A label and its probability, from 0 to 1. `index` is its place in `Info.labels`."""

    label: str
    index: int
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The answer for one input."""

    label: str
    probability: float
    index: int
    top: tuple[Ranked, ...]
    """The most probable labels, the best one first."""
    model: str
    version: str
    timing: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Milliseconds of each stage on the server, from its header Server-Timing."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], timing: Mapping[str, float]) -> Prediction:
        """
        Reads an answer of `POST /predict`.

        The key of the label differs between models, for example `food`. The first label of `top` is the same one.
        """
        top = tuple(Ranked(each["label"], each["index"], each["probability"]) for each in answer["top"])
        return cls(
            label=top[0].label,
            probability=answer["probability"],
            index=answer["index"],
            top=top,
            model=answer["model"],
            version=answer["version"],
            timing=timing,
        )


@dataclass(frozen=True)
class Info:
    """What the server serves. `raw` is the whole answer of `GET /info`, with data, performance and limits."""

    model: str
    version: str
    title: str
    """The model's name where its card gives no title."""
    description: str | None
    label_key: str
    labels: tuple[str, ...]
    kind: str
    """`image` or `table`."""
    input_size: str
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Info:
        """Reads an answer of `GET /info`."""
        return cls(
            model=answer["model"],
            version=answer["version"],
            title=answer.get("title", answer["model"]),
            description=answer.get("description"),
            label_key=answer["label-key"],
            labels=tuple(answer["labels"]),
            kind=answer["input"]["kind"],
            input_size=answer["input-size"],
            raw=answer,
        )


def stages_of(header: str) -> dict[str, float]:
    """Reads the milliseconds of each stage from a Server-Timing header, see https://www.w3.org/TR/server-timing/."""
    return {name: float(duration) for name, duration in re.findall(r"([\w-]+)\s*;\s*dur=([\d.]+)", header)}
