"""The answers of the server, as typed objects."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Set
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
        """Reads an answer of `POST /predict`."""
        top = _ranked(answer.get("top", ()))
        given = _given(answer, FIELDS)
        return cls(
            label=given if isinstance(given, str) else None,
            probability=answer.get("probability"),
            index=answer.get("index"),
            top=top,
            model=answer["model"],
            version=answer["version"],
            labels=_ranked(answer["labels"]) if "labels" in answer else None,
            value=None if isinstance(given, str) else given,
            outputs=answer.get("outputs"),
            timing=timing,
        )


def predictions_of(answer: Mapping[str, Any], timing: Mapping[str, float]) -> list[Prediction]:
    """Reads an answer of `POST /predict` to several inputs."""
    about = {"model": answer["model"], "version": answer["version"]}
    return [Prediction.of({**each, **about}, timing) for each in answer["predictions"]]


@dataclass(frozen=True)
class FeatureEffect:
    """
    What one feature of a row contributes to the answer.

    `importance` is the probability of the label (or the value), minus its mean over the range of the feature. `curve`
    holds pairs: a value of the feature, and the probability of the label (or the value) with it.
    """

    name: str
    value: Any
    importance: float
    curve: tuple[tuple[Any, float], ...]


@dataclass(frozen=True)
class WordEffect:
    """
    What one word of a text contributes to the answer.

    `importance` is the probability of the label (or the value), minus that of the text without the word. `text` is 1
    for a word of the second text, `start` the place of its first character in UTF-16 code units.
    """

    word: str
    text: int
    start: int
    importance: float


@dataclass(frozen=True)
class Explanation:
    """
    Which parts of one input matter for its answer: `importance` and `overlay` for a picture, `features` for a row,
    `words` for a text. The others are None.
    """

    label: str | None
    probability: float | None
    index: int | None
    value: float | None
    model: str
    version: str
    importance: tuple[tuple[float, ...], ...] | None = None
    """Rows of cells of the picture: how much the probability drops when a window over the cell is hidden."""
    overlay: bytes | None = field(default=None, repr=False)
    """A PNG: the picture as the model sees it, with the important cells in colour."""
    features: tuple[FeatureEffect, ...] | None = None
    words: tuple[WordEffect, ...] | None = None
    timing: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Milliseconds of each stage on the server, from its header Server-Timing."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], timing: Mapping[str, float]) -> Explanation:
        """Reads an answer of `POST /explain`."""
        parts = {name: answer.get(name) for name in ("importance", "overlay", "features", "words")}
        given = _given(answer, FIELDS | parts.keys())
        importance, overlay, features, words = parts.values()
        return cls(
            label=given if isinstance(given, str) else None,
            probability=answer.get("probability"),
            index=answer.get("index"),
            value=None if isinstance(given, str) else given,
            model=answer["model"],
            version=answer["version"],
            importance=importance and tuple(tuple(row) for row in importance),
            overlay=overlay and b64decode(overlay.partition(",")[2]),
            features=features and tuple(_feature(each) for each in features),
            words=words and tuple(WordEffect(**each) for each in words),
            timing=timing,
        )


def _feature(entry: Mapping[str, Any]) -> FeatureEffect:
    curve = tuple((point["value"], point.get("probability", point.get("prediction"))) for point in entry["curve"])
    return FeatureEffect(entry["name"], entry["value"], entry["importance"], curve)


def _given(answer: Mapping[str, Any], others: Set[str]) -> Any:  # noqa: ANN401
    """The label or the number. Its key differs between models, for example `food`. No other field has it."""
    return next((each for key, each in answer.items() if key not in others), None)


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
    """`image`, `table`, `text` or `tensors`."""
    input_size: str
    features: tuple[str, ...]
    """The names of the columns of a table, in order. Empty for other models."""
    upload_limit: int
    """The most bytes that a request may have."""
    queue_limit: int
    """The most inputs that the server holds at once, which is also the most that a request may have."""
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
            features=tuple(each["name"] for each in answer["input"].get("features", ())),
            upload_limit=answer["service"]["upload-limit"],
            queue_limit=answer["service"]["queue-limit"],
            raw=answer,
        )


def stages_of(header: str) -> dict[str, float]:
    """Reads the milliseconds of each stage from a Server-Timing header, see https://www.w3.org/TR/server-timing/."""
    return {name: float(duration) for name, duration in re.findall(r"([\w-]+)\s*;\s*dur=([\d.]+)", header)}
