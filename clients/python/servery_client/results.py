"""The answers of the server, as typed objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = frozenset({"probability", "index", "top", "labels", "outputs", "model", "version"})
"""The fields of an answer that are the same for all models."""


@dataclass(frozen=True)
class Ranked:
    """A label and its probability, from 0 to 1. `index` is its place in `Info.labels`."""

    label: str
    index: int
    probability: float


def _ranked(entries: Iterable[Mapping[str, Any]]) -> tuple[Ranked, ...]:
    return tuple(Ranked(each["label"], each["index"], each["probability"]) for each in entries)


@dataclass(frozen=True)
class Prediction:
    """
    The answer for one input. What it holds depends on the model:

    - one label of many: `label`, `probability`, `index`, `top`
    - several labels at once: the same, and `labels`; `label` is then the most probable one
    - a label without a probability: `label`, and `index` if the model's labels are known
    - a number: `value`
    - plain tensors: `outputs`

    Everything else is None.
    """

    label: str | None
    probability: float | None
    index: int | None
    """The place of the label in `Info.labels`."""
    top: tuple[Ranked, ...]
    """The most probable labels, the best one first. Empty without probabilities."""
    model: str
    version: str
    labels: tuple[Ranked, ...] | None = None
    """All labels that reach the threshold of the model, the most probable one first."""
    value: float | None = None
    outputs: Mapping[str, Any] | None = None
    """The output tensors by name, as nested lists. NaN and infinity are the texts "NaN", "Infinity" and "-Infinity"."""
    timing: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Milliseconds of each stage on the server, from its header Server-Timing."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], timing: Mapping[str, float]) -> Prediction:
        """
        Reads an answer of `POST /predict`.

        The key of the label or the number differs between models, for example `food`. No other field has it.
        """
        top = _ranked(answer.get("top", ()))
        given = next((each for key, each in answer.items() if key not in FIELDS), None)
        return cls(
            label=given if isinstance(given, str) else None,
            probability=answer.get("probability"),
            index=answer.get("index"),
            top=top,
            model=answer["model"],
            version=answer["version"],
            labels=_ranked(answer["labels"]) if "labels" in answer else None,
            value=None if given is None or isinstance(given, str) else given,
            outputs=answer.get("outputs"),
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
    """Empty for a model that answers numbers or tensors, or whose labels are not known."""
    kind: str
    """`image`, `table` or `tensors`."""
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
