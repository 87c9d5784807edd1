"""Tables to train on: scikit-learn's own data sets, and a table of passengers with columns of every type."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine

from reference import SEED, number


def _float32(bunch: Any) -> tuple[np.ndarray, np.ndarray]:
    return bunch.data.astype(np.float32), bunch.target


def iris() -> tuple[np.ndarray, np.ndarray]:
    """Four measurements of a flower, three species."""
    return _float32(load_iris())


def wine() -> tuple[np.ndarray, np.ndarray]:
    """Thirteen measurements of a wine, three cultivars."""
    return _float32(load_wine())


def cancer() -> tuple[np.ndarray, np.ndarray]:
    """Thirty measurements of a cell, two labels."""
    return _float32(load_breast_cancer())


def digits() -> tuple[np.ndarray, np.ndarray]:
    """64 pixels of 0 to 16, ten digits."""
    bunch = load_digits()
    return bunch.data.astype(np.int64), bunch.target


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """Ten measurements of a patient, a number."""
    return _float32(load_diabetes())


def linnerud() -> tuple[np.ndarray, np.ndarray]:
    """Three exercises, three numbers."""
    return _float32(load_linnerud())


def wine_names() -> list[str]:
    """Names of wine's columns, one of them with a slash."""
    return list(load_wine().feature_names)


def passengers(count: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    """Drawn passengers: int64, string, float, double and bool columns, and whether each survived."""
    random = np.random.default_rng(SEED)
    table = pd.DataFrame(
        {
            "pclass": random.integers(1, 4, count),
            "sex": random.choice(["female", "male"], count),
            "age": random.integers(1, 80, count).astype(np.float32),
            "fare": np.round(random.gamma(2, 16, count), 2),
            "alone": random.random(count) < 0.6,
            "port": random.choice(["Cherbourg", "Queenstown", "Southampton"], count),
        }
    )
    score = (
        2.2 * (table.sex == "female")
        - 0.9 * (table.pclass - 2)
        - 0.02 * (table.age - 30)
        + 0.01 * table.fare
        - 0.6 * table.alone
    )
    survived = (random.random(count) < 1 / (1 + np.exp(-score + 0.6))).astype(np.int64)
    return table, survived


def lists(rows: np.ndarray) -> list[list[Any]]:
    """Rows as JSON lists."""
    return number(rows)


def objects(table: pd.DataFrame, names: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Rows as JSON objects; names renames columns as the exporter does."""
    return [
        {(names or {}).get(key, key): number(value) for key, value in row.items()} for row in table.to_dict("records")
    ]


def column_feeds(table: pd.DataFrame, names: dict[str, str] | None = None) -> list[dict[str, np.ndarray]]:
    """Feeds for a graph with one [N, 1] input for each column."""
    feeds = []
    for at in range(len(table)):
        feed = {}
        for column in table.columns:
            values = table[column].to_numpy()[at : at + 1]
            feed[(names or {}).get(column, column)] = (
                values if values.dtype.kind in "ifb" else values.astype(object)
            ).reshape(1, 1)
        feeds.append(feed)
    return feeds
