"""A DataFrame of pandas in, and one out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import ServeryError
from .results import Info, Prediction

if TYPE_CHECKING:
    import pandas as pd


ANSWER_COLUMNS = {"classes": ["probability"], "binary": ["probability"], "labels": ["probability", "labels"]}
"""What stands beside the label or the number, for each kind of output that has more."""


def rows_in(frame: pd.DataFrame, info: Info) -> list[Any]:
    """
    The rows of a DataFrame. A missing value (NaN, NaT, NA) becomes None.

    Columns that the model does not know are left out. Columns without names are taken in order.

    :raises ValueError: the model takes no rows, or two columns have the same name
    """
    if info.kind not in ("table", "text"):
        raise ValueError(f"'{info.model}' takes no rows; for a column of pictures, send predict_many(frame['path']).")
    names = [str(name) for name in frame.columns]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ValueError(f"The DataFrame has two columns '{twice}'; give them different names.")
    values = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    if info.kind == "table" and names == [str(at) for at in range(len(names))]:
        return list(values)
    features = info.features if info.kind == "table" else ("text", "text_pair")
    places = {name: names.index(name) for name in features if name in names}
    if info.kind == "table" and len(places) == len(features):
        return [[row[at] for at in places.values()] for row in values]
    # By name: the server says what is missing, if it is needed.
    return [{name: row[at] for name, at in places.items()} for row in values]


def frame_of(
    answers: Sequence[Prediction | ServeryError], index: pd.Index[Any], info: Info, *, ranks: bool, errors: bool
) -> pd.DataFrame:
    """
    The answers as a DataFrame with the index of the rows.

    The columns are those that the server adds to CSV: the label or the number under the key of the model, `probability`
    and `labels`. A model of plain tensors has one column for each output.

    :param ranks: add a column `top`, the most probable labels
    :param errors: add a column `error`, None where there is an answer
    """
    import pandas as pd

    kind = info.raw["output"]["kind"]
    rows = [_columns_of(answer, info, ranks=ranks) if isinstance(answer, Prediction) else {} for answer in answers]
    # Named beforehand, so that they are there without any answer, too. Only tensors have names of their own.
    columns = (
        None if kind == "tensors" else [info.label_key, *ANSWER_COLUMNS.get(kind, ()), *(["top"] if ranks else [])]
    )
    frame: pd.DataFrame = pd.DataFrame(rows, index=index, columns=columns)
    if errors:
        frame["error"] = pd.Series(
            [None if isinstance(answer, Prediction) else answer for answer in answers], index=index, dtype=object
        )
    return frame


def _columns_of(answer: Prediction, info: Info, *, ranks: bool) -> dict[str, Any]:
    if answer.outputs is not None:
        return dict(answer.outputs)
    columns: dict[str, Any] = {info.label_key: answer.label if answer.value is None else answer.value}
    if answer.probability is not None:
        columns["probability"] = answer.probability
    if answer.labels is not None:
        columns["labels"] = [each.label for each in answer.labels]
    if ranks:
        columns["top"] = answer.top
    return columns
