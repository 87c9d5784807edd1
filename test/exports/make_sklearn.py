"""Exports of scikit-learn by skl2onnx: every way in which it writes labels, probabilities and columns."""

import re
from typing import Any

import numpy as np
import pandas as pd
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import tables
from reference import SEED, Check, Exports, classes_cases, main, multi_label_cases, number, text, value_cases

MADE_WITH = ("scikit-learn", "skl2onnx", "onnx")
CASES = 4


def chosen(model: Any, rows: Any, count: int = CASES) -> list[int]:
    """Rows with as many labels as there are, and no row near a tie."""
    probabilities = model.predict_proba(rows)
    gaps = np.sort(probabilities, axis=1)
    clear = [at for at in range(len(rows)) if gaps[at, -1] - gaps[at, -2] > 0.02]
    best = probabilities.argmax(axis=1)
    picked: list[int] = []
    for label in sorted(set(best[clear])):
        picked += [at for at in clear if best[at] == label][1:3]
    return sorted(picked[:: max(1, len(picked) // count)][:count])


def save(exports: Exports, name: str, onnx: Any, as_file: bool = False) -> str:
    """Write a folder with model.onnx, or NAME.onnx alone. Returns the reference's model."""
    if as_file:
        path = exports.out / f"{name}.onnx"
        path.write_bytes(onnx.SerializeToString())
        return path.name
    (exports.folder(name) / "model.onnx").write_bytes(onnx.SerializeToString())
    return name


def classifier(exports: Exports, name: str, model: Any, rows: np.ndarray, labels: np.ndarray, **settings: Any) -> None:
    """A classifier of one tensor [N, features]."""
    if not exports.wants(name):
        return
    as_file = settings.pop("as_file", False)
    tolerance = settings.pop("tolerance", 1e-4)
    model.fit(rows, labels)
    kind = {"float32": FloatTensorType, "float64": DoubleTensorType, "int64": Int64TensorType}[str(rows.dtype)]
    input_name = settings.pop("input_name", None)
    if input_name is None:
        onnx = to_onnx(model, rows[:1], **settings)
    else:
        onnx = convert_sklearn(model, initial_types=[(input_name, kind([None, rows.shape[1]]))], **settings)
    sample = rows[chosen(model, rows)]
    # skl2onnx writes False and True as 0 and 1: nothing in the file says that they were bools.
    kept = np.int64 if labels.dtype == bool else labels.dtype
    exports.write(
        name,
        model=save(exports, name, onnx, as_file),
        family="scikit-learn",
        made_with=MADE_WITH,
        expect="classes",
        labels=model.classes_.astype(kept),
        tolerance=tolerance,
        cases=classes_cases(tables.lists(sample), model.predict(sample).astype(kept), model.predict_proba(sample)),
        check=Check([{input_name or "X": row[None]} for row in sample]),
    )


def regressor(exports: Exports, name: str, model: Any, rows: np.ndarray, targets: np.ndarray, **settings: Any) -> None:
    """A regressor of one tensor."""
    if not exports.wants(name):
        return
    tolerance = settings.pop("tolerance", 1e-4)
    model.fit(rows, targets)
    onnx = to_onnx(model, rows[:1], **settings)
    sample = rows[5 : 5 + CASES]
    exports.write(
        name,
        model=save(exports, name, onnx),
        family="scikit-learn",
        made_with=MADE_WITH,
        expect="value",
        tolerance=tolerance,
        cases=value_cases(tables.lists(sample), model.predict(sample)),
        check=Check([{"X": row[None]} for row in sample]),
    )


COLUMN_TYPES = {
    "i": Int64TensorType,
    "f": FloatTensorType,
    "d": DoubleTensorType,
    "b": BooleanTensorType,
    "s": StringTensorType,
}


def columns(exports: Exports, name: str, model: Any, table: pd.DataFrame, labels: np.ndarray, **settings: Any) -> None:
    """A pipeline of named columns: one [N, 1] input for each."""
    if not exports.wants(name):
        return
    tolerance = settings.pop("tolerance", 1e-4)
    is_regressor = settings.pop("is_regressor", False)
    model.fit(table, labels)
    codes = [
        "s" if kind.kind not in "ifb" else "d" if kind == np.float64 else kind.kind
        for kind in map(np.dtype, (table[column].to_numpy().dtype for column in table))
    ]
    initial_types = [(column, COLUMN_TYPES[code]([None, 1])) for column, code in zip(table.columns, codes, strict=True)]
    onnx = convert_sklearn(model, initial_types=initial_types, **settings)
    renamed = {column: re.sub(r"[^\w+]", "_", column) for column in table.columns}
    common: dict[str, Any] = {
        "model": save(exports, name, onnx),
        "family": "scikit-learn",
        "made_with": MADE_WITH,
        "tolerance": tolerance,
    }
    if is_regressor:
        sample = table.iloc[5 : 5 + CASES]
        cases = value_cases(tables.objects(sample, renamed), model.predict(sample))
        exports.write(name, expect="value", cases=cases, check=Check(tables.column_feeds(sample, renamed)), **common)
        return
    sample = table.iloc[chosen(model, table)]
    cases = classes_cases(tables.objects(sample, renamed), model.predict(sample), model.predict_proba(sample))
    exports.write(
        name,
        expect="classes",
        labels=model.classes_,
        cases=cases,
        check=Check(tables.column_feeds(sample, renamed)),
        **common,
    )


def one_tensor(exports: Exports) -> None:
    """Classifiers of one float, double or int64 tensor."""
    iris, species = tables.iris()
    wine, cultivar = tables.wine()
    cancer, benign = tables.cancer()
    digits, digit = tables.digits()
    names = np.array(["setosa", "versicolor", "virginica"])[species]
    no_zipmap = {"options": {"zipmap": False}}
    classifier(exports, "sklearn-logistic-zipmap", LogisticRegression(max_iter=2000), iris, species)
    classifier(exports, "sklearn-logistic-tensor", LogisticRegression(max_iter=2000), iris, species, **no_zipmap)
    classifier(
        exports,
        "sklearn-logistic-columns",
        LogisticRegression(max_iter=2000),
        iris,
        species,
        options={"zipmap": "columns"},
    )
    classifier(
        exports, "sklearn-logistic-strings", LogisticRegression(max_iter=2000), iris, names, input_name="float_input"
    )
    classifier(exports, "sklearn-logistic-strings-tensor", LogisticRegression(max_iter=2000), iris, names, **no_zipmap)
    classifier(
        exports,
        "sklearn-logistic-strings-columns",
        LogisticRegression(max_iter=2000),
        iris,
        names,
        options={"zipmap": "columns"},
    )
    classifier(exports, "sklearn-logistic-file", LogisticRegression(max_iter=2000), iris, names, as_file=True)
    classifier(
        exports,
        "sklearn-logistic-binary",
        LogisticRegression(max_iter=5000),
        wine[cultivar < 2],
        cultivar[cultivar < 2],
    )
    classifier(
        exports,
        "sklearn-logistic-negative",
        LogisticRegression(max_iter=5000),
        wine[cultivar < 2],
        np.where(cultivar[cultivar < 2] == 0, -1, 1),
        **no_zipmap,
    )
    classifier(exports, "sklearn-logistic-negative-zipmap", LogisticRegression(max_iter=2000), iris, species * 10 - 10)
    classifier(exports, "sklearn-logistic-gaps", LogisticRegression(max_iter=2000), iris, species * 7 + 3)
    classifier(
        exports,
        "sklearn-logistic-double",
        LogisticRegression(max_iter=2000),
        iris.astype(np.float64),
        species,
        **no_zipmap,
    )
    classifier(
        exports,
        "sklearn-scaled-logistic",
        make_pipeline(StandardScaler(), LogisticRegression()),
        wine,
        cultivar,
        input_name="input",
    )
    classifier(
        exports,
        "sklearn-digits-int64",
        make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=500)),
        digits,
        digit,
        **no_zipmap,
    )
    classifier(exports, "sklearn-tree", DecisionTreeClassifier(max_depth=3, random_state=SEED), iris, names)
    classifier(exports, "sklearn-forest", RandomForestClassifier(8, max_depth=4, random_state=SEED), wine, cultivar)
    classifier(
        exports,
        "sklearn-extra-trees",
        ExtraTreesClassifier(6, max_depth=5, random_state=SEED),
        cancer,
        np.where(benign == 1, "benign", "malignant"),
        **no_zipmap,
    )
    classifier(
        exports, "sklearn-gradient-boosting", GradientBoostingClassifier(n_estimators=6, random_state=SEED), iris, names
    )
    classifier(
        exports,
        "sklearn-gradient-boosting-binary",
        GradientBoostingClassifier(n_estimators=8, random_state=SEED),
        cancer,
        benign,
        **no_zipmap,
    )
    classifier(
        exports,
        "sklearn-hist-gradient-boosting",
        HistGradientBoostingClassifier(max_iter=6, random_state=SEED),
        wine,
        cultivar,
    )
    classifier(exports, "sklearn-neighbours", KNeighborsClassifier(5), iris, species)
    classifier(
        exports,
        "sklearn-neighbours-strings",
        KNeighborsClassifier(7, weights="distance"),
        iris + np.float32(0.01),
        names,
        **no_zipmap,
    )
    classifier(exports, "sklearn-mlp", MLPClassifier((8,), max_iter=1500, random_state=SEED), iris, names)
    classifier(
        exports,
        "sklearn-mlp-binary",
        make_pipeline(StandardScaler(), MLPClassifier((6,), max_iter=800, random_state=SEED)),
        cancer,
        benign,
        **no_zipmap,
    )
    classifier(exports, "sklearn-naive-bayes", GaussianNB(), iris, species)
    classifier(
        exports, "sklearn-svc", make_pipeline(StandardScaler(), SVC(probability=True, random_state=SEED)), iris, species
    )
    classifier(
        exports, "sklearn-calibrated", CalibratedClassifierCV(LogisticRegression(max_iter=5000), cv=2), wine, cultivar
    )
    voters = [("a", LogisticRegression(max_iter=2000)), ("b", DecisionTreeClassifier(max_depth=3, random_state=SEED))]
    classifier(exports, "sklearn-voting", VotingClassifier(voters, voting="soft", flatten_transform=False), iris, names)
    classifier(exports, "sklearn-stacking", StackingClassifier(voters, LogisticRegression(), cv=3), iris, names)
    classifier(
        exports,
        "sklearn-sgd",
        make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=SEED)),
        cancer,
        benign,
    )
    classifier(
        exports,
        "sklearn-one-vs-rest",
        OneVsRestClassifier(LogisticRegression(max_iter=2000)),
        iris,
        species,
        **no_zipmap,
    )
    classifier(exports, "sklearn-bool-labels", LogisticRegression(max_iter=5000), iris, species == 0)


def named_columns(exports: Exports) -> None:
    """Pipelines of float, double, int64, bool and string columns."""
    passengers, survived = tables.passengers()
    words = np.array(["died", "lived"])[survived]
    encoded = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age", "fare"]),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["sex", "port"]),
            ("classes", OneHotEncoder(), ["pclass"]),
        ]
    )
    mixed = passengers[["pclass", "sex", "age", "fare", "port"]].assign(fare=passengers.fare.astype(np.float32))
    columns(exports, "sklearn-columns-onehot", make_pipeline(encoded, LogisticRegression()), mixed, words)
    columns(
        exports,
        "sklearn-columns-onehot-tensor",
        make_pipeline(encoded, LogisticRegression()),
        mixed,
        survived,
        options={"zipmap": False},
    )
    ordinal = ColumnTransformer([("numbers", MinMaxScaler(), ["age"]), ("words", OrdinalEncoder(), ["sex", "port"])])
    columns(
        exports,
        "sklearn-columns-ordinal",
        make_pipeline(ordinal, RandomForestClassifier(6, max_depth=4, random_state=SEED)),
        mixed[["age", "sex", "port"]],
        words,
    )
    with_bool = passengers[["age", "alone", "sex"]]
    flagged = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age"]),
            ("flag", "passthrough", ["alone"]),
            ("words", OneHotEncoder(), ["sex"]),
        ]
    )
    columns(exports, "sklearn-columns-bool", make_pipeline(flagged, LogisticRegression()), with_bool, survived)
    doubles = passengers[["fare"]].assign(age=passengers.age.astype(np.float64))
    scaled = ColumnTransformer([("numbers", StandardScaler(), ["fare", "age"])])
    columns(
        exports,
        "sklearn-columns-double",
        make_pipeline(scaled, LogisticRegression()),
        doubles,
        survived,
        options={"zipmap": False},
    )
    iris, species = tables.iris()
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    flowers = pd.DataFrame(iris, columns=names)
    columns(
        exports,
        "sklearn-columns-renamed",
        make_pipeline(ColumnTransformer([("numbers", StandardScaler(), names)]), LogisticRegression()),
        flowers,
        species,
    )
    columns(
        exports,
        "sklearn-columns-regressor",
        make_pipeline(encoded, Ridge()),
        mixed,
        np.round(mixed.fare.to_numpy() * 2 + mixed.age.to_numpy(), 1),
        is_regressor=True,
    )


def regressors(exports: Exports) -> None:
    """One number [N, 1], and several."""
    rows, targets = tables.diabetes()
    regressor(exports, "sklearn-linear-regression", LinearRegression(), rows, targets)
    regressor(
        exports, "sklearn-forest-regressor", RandomForestRegressor(6, max_depth=4, random_state=SEED), rows, targets
    )
    regressor(
        exports,
        "sklearn-gradient-boosting-regressor",
        GradientBoostingRegressor(n_estimators=8, random_state=SEED),
        rows,
        targets,
    )
    regressor(exports, "sklearn-tree-regressor", DecisionTreeRegressor(max_depth=4, random_state=SEED), rows, targets)
    regressor(
        exports,
        "sklearn-mlp-regressor",
        MLPRegressor(hidden_layer_sizes=(8,), max_iter=400, random_state=SEED),
        rows,
        targets / 100,
    )
    regressor(exports, "sklearn-neighbours-regressor", KNeighborsRegressor(3), rows, targets)
    name = "sklearn-several-numbers"
    if exports.wants(name):
        exercises, body = tables.linnerud()
        model = LinearRegression().fit(exercises, body)
        sample = exercises[:CASES]
        exports.write(
            name,
            model=save(exports, name, to_onnx(model, exercises[:1])),
            family="scikit-learn",
            made_with=MADE_WITH,
            expect="tensors",
            cases=[
                {"input": {"inputs": {"X": [row]}}, "outputs": {"variable": [number(answer)]}}
                for row, answer in zip(tables.lists(sample), model.predict(sample), strict=True)
            ],
            check=Check([{"X": row[None]} for row in sample]),
        )


def labels_only(exports: Exports) -> None:
    """LinearSVC: a label and margins, which are no probabilities."""
    iris, species = tables.iris()
    cancer, benign = tables.cancer()
    names = np.array(["setosa", "versicolor", "virginica"])[species]
    for name, rows, labels in [
        ("sklearn-linear-svc", iris, names),
        ("sklearn-linear-svc-numbers", iris, species),
        ("sklearn-linear-svc-binary", cancer[:, :6], benign),
    ]:
        if not exports.wants(name):
            continue
        model = LinearSVC(random_state=SEED).fit(rows, labels)
        margins = model.decision_function(rows)
        clear = np.flatnonzero(
            np.abs(margins) > 0.05
            if margins.ndim == 1
            else np.diff(np.sort(margins, axis=1)[:, -2:], axis=1)[:, 0] > 0.05
        )
        sample = rows[clear[:: len(clear) // CASES][:CASES]]
        exports.write(
            name,
            model=save(exports, name, to_onnx(model, rows[:1])),
            family="scikit-learn",
            made_with=MADE_WITH,
            expect="label",
            labels=model.classes_,
            cases=[
                {"input": row, "label": text(label)}
                for row, label in zip(tables.lists(sample), model.predict(sample), strict=True)
            ],
            check=Check([{"X": row[None]} for row in sample]),
        )


def several_labels(exports: Exports) -> None:
    """Several labels at once."""
    iris, species = tables.iris()
    large = (iris[:, 0] > 5.8).astype(np.int64)
    together = np.stack([species == 0, species == 2, large], axis=1).astype(np.int64)
    for name, options in [("sklearn-multi-label", {}), ("sklearn-multi-label-tensor", {"options": {"zipmap": False}})]:
        if not exports.wants(name):
            continue
        model = OneVsRestClassifier(LogisticRegression(max_iter=2000)).fit(iris, together)
        probabilities = model.predict_proba(iris)
        clear = np.flatnonzero((np.abs(probabilities - 0.5) > 0.02).all(axis=1))
        sample = iris[clear[:: len(clear) // CASES][:CASES]]
        exports.write(
            name,
            model=save(exports, name, to_onnx(model, iris[:1], **options)),
            family="scikit-learn",
            made_with=MADE_WITH,
            expect="labels",
            labels=[0, 1, 2],
            cases=multi_label_cases(tables.lists(sample), [0, 1, 2], model.predict_proba(sample)),
            check=Check([{"X": row[None]} for row in sample]),
        )
    name = "sklearn-multi-output"
    if exports.wants(name):
        model = MultiOutputClassifier(LogisticRegression(max_iter=2000)).fit(iris, np.stack([species, large], axis=1))
        sample = iris[[3, 60, 120, 140]]
        exports.write(
            name,
            model=save(exports, name, to_onnx(model, iris[:1], options={"zipmap": False})),
            family="scikit-learn",
            made_with=MADE_WITH,
            expect="tensors",
            cases=[
                {"input": {"inputs": {"X": [row]}}, "outputs": {"label": [number(answer)]}}
                for row, answer in zip(tables.lists(sample), model.predict(sample), strict=True)
            ],
            check=Check([{"X": row[None]} for row in sample]),
            note="Its probabilities are a sequence of tensors, so the labels alone are answered.",
        )


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    one_tensor(exports)
    named_columns(exports)
    regressors(exports)
    labels_only(exports)
    several_labels(exports)


if __name__ == "__main__":
    main(make, __doc__)
