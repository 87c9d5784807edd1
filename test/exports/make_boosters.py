"""Exports of XGBoost and LightGBM by onnxmltools, alone and inside a Pipeline of scikit-learn, and of CatBoost by itself."""

from typing import Any

import lightgbm
import numpy as np
import onnxmltools
import xgboost
from catboost import CatBoostClassifier, CatBoostRegressor
from onnxmltools.convert.common.data_types import FloatTensorType
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType as SklearnFloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tables
from make_sklearn import CASES, chosen, save
from reference import SEED, Check, Exports, classes_cases, main, value_cases

NAMES = np.array(["setosa", "versicolor", "virginica"])


def classifier(
    exports: Exports,
    name: str,
    family: str,
    made_with: tuple[str, ...],
    model: Any,
    rows: np.ndarray,
    onnx: Any,
    input_name: str,
) -> None:
    """Write a fitted classifier of one tensor."""
    sample = rows[chosen(model, rows)]
    exports.write(
        name,
        model=save(exports, name, onnx) if onnx is not None else name,
        family=family,
        made_with=made_with,
        expect="classes",
        labels=model.classes_,
        cases=classes_cases(tables.lists(sample), np.ravel(model.predict(sample)), model.predict_proba(sample)),
        check=Check([{input_name: row[None]} for row in sample]),
    )


def value(
    exports: Exports,
    name: str,
    family: str,
    made_with: tuple[str, ...],
    model: Any,
    rows: np.ndarray,
    onnx: Any,
    input_name: str,
) -> None:
    """Write a fitted regressor of one tensor."""
    sample = rows[5 : 5 + CASES]
    exports.write(
        name,
        model=save(exports, name, onnx) if onnx is not None else name,
        family=family,
        made_with=made_with,
        expect="value",
        cases=value_cases(tables.lists(sample), model.predict(sample)),
        check=Check([{input_name: row[None]} for row in sample]),
    )


def make_xgboost(exports: Exports) -> None:
    """XGBoost: no ZipMap, unless a Pipeline holds it."""
    made_with = ("xgboost-cpu", "onnxmltools", "onnx")
    settings: dict[str, Any] = {"n_estimators": 6, "max_depth": 3, "random_state": SEED, "n_jobs": 1}
    for name, (rows, labels) in {"xgboost": tables.iris(), "xgboost-binary": tables.cancer()}.items():
        if exports.wants(name):
            model = xgboost.XGBClassifier(**settings).fit(rows, labels)
            onnx = onnxmltools.convert_xgboost(model, initial_types=[("input", FloatTensorType([None, rows.shape[1]]))])
            classifier(exports, name, "XGBoost", made_with, model, rows, onnx, "input")
    if exports.wants("xgboost-regressor"):
        rows, targets = tables.diabetes()
        model = xgboost.XGBRegressor(**settings).fit(rows, targets)
        onnx = onnxmltools.convert_xgboost(model, initial_types=[("input", FloatTensorType([None, 10]))])
        value(exports, "xgboost-regressor", "XGBoost", made_with, model, rows, onnx, "input")
    if exports.wants("xgboost-pipeline"):
        update_registered_converter(
            xgboost.XGBClassifier,
            "XGBoostXGBClassifier",
            calculate_linear_classifier_output_shapes,
            convert_xgboost,
            options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
        )
        rows, labels = tables.wine()
        model = make_pipeline(StandardScaler(), xgboost.XGBClassifier(**settings)).fit(rows, labels)
        onnx = convert_sklearn(
            model, initial_types=[("input", SklearnFloatTensorType([None, 13]))], target_opset={"": 15, "ai.onnx.ml": 3}
        )
        classifier(
            exports,
            "xgboost-pipeline",
            "XGBoost",
            ("xgboost-cpu", "scikit-learn", "skl2onnx"),
            model,
            rows,
            onnx,
            "input",
        )


def make_lightgbm(exports: Exports) -> None:
    """LightGBM: a ZipMap under the name `probabilities`."""
    made_with = ("lightgbm", "onnxmltools", "onnx")
    settings: dict[str, Any] = {"n_estimators": 6, "max_depth": 3, "random_state": SEED, "n_jobs": 1, "verbose": -1}
    iris, species = tables.iris()
    cancer, benign = tables.cancer()
    for name, rows, labels, zipmap in [
        ("lightgbm", iris, NAMES[species], True),
        ("lightgbm-tensor", iris, species, False),
        ("lightgbm-binary", cancer, benign, True),
        ("lightgbm-binary-tensor", cancer, benign, False),
    ]:
        if exports.wants(name):
            model = lightgbm.LGBMClassifier(**settings).fit(rows, labels)
            onnx = onnxmltools.convert_lightgbm(
                model, initial_types=[("input", FloatTensorType([None, rows.shape[1]]))], zipmap=zipmap
            )
            classifier(exports, name, "LightGBM", made_with, model, rows, onnx, "input")
    if exports.wants("lightgbm-regressor"):
        rows, targets = tables.diabetes()
        model = lightgbm.LGBMRegressor(**settings).fit(rows, targets)
        onnx = onnxmltools.convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, 10]))])
        value(exports, "lightgbm-regressor", "LightGBM", made_with, model, rows, onnx, "input")
    if exports.wants("lightgbm-pipeline"):
        update_registered_converter(
            lightgbm.LGBMClassifier,
            "LightGbmLGBMClassifier",
            calculate_linear_classifier_output_shapes,
            convert_lightgbm,
            options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
        )
        rows, labels = tables.wine()
        model = make_pipeline(StandardScaler(), lightgbm.LGBMClassifier(**settings)).fit(rows, labels)
        onnx = convert_sklearn(
            model, initial_types=[("input", SklearnFloatTensorType([None, 13]))], target_opset={"": 15, "ai.onnx.ml": 3}
        )
        classifier(
            exports,
            "lightgbm-pipeline",
            "LightGBM",
            ("lightgbm", "scikit-learn", "skl2onnx"),
            model,
            rows,
            onnx,
            "input",
        )


def make_catboost(exports: Exports) -> None:
    """CatBoost writes ONNX by itself: IR 3, ai.onnx.ml alone, a ZipMap."""
    settings: dict[str, Any] = {
        "iterations": 6,
        "depth": 3,
        "random_seed": SEED,
        "thread_count": 1,
        "verbose": False,
        "allow_writing_files": False,
    }
    iris, species = tables.iris()
    cancer, benign = tables.cancer()
    for name, rows, labels in [
        ("catboost", iris, species),
        ("catboost-strings", iris, NAMES[species]),
        ("catboost-binary", cancer, benign),
    ]:
        if exports.wants(name):
            model = CatBoostClassifier(**settings).fit(rows, labels)
            model.save_model(str(exports.folder(name) / "model.onnx"), format="onnx")
            classifier(exports, name, "CatBoost", ("catboost",), model, rows, None, "features")
    if exports.wants("catboost-regressor"):
        rows, targets = tables.diabetes()
        model = CatBoostRegressor(**settings).fit(rows, targets)
        model.save_model(str(exports.folder("catboost-regressor") / "model.onnx"), format="onnx")
        value(exports, "catboost-regressor", "CatBoost", ("catboost",), model, rows, None, "features")


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    make_xgboost(exports)
    make_lightgbm(exports)
    make_catboost(exports)


if __name__ == "__main__":
    main(make, __doc__)
