"""Folders of MLflow's onnx flavour, as mlflow.onnx.save_model writes them: signature, input example, external data."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import mlflow.onnx
import onnx as onnx_package
import pandas as pd
import torch
from mlflow.models import infer_signature
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import tables
from make_sklearn import CASES, chosen
from nets import export
from reference import SEED, Check, Exports, classes_cases, main, value_cases

MADE_WITH = ("mlflow-skinny", "scikit-learn", "skl2onnx", "onnx")


def save(exports: Exports, name: str, onnx: Any, **settings: Any) -> None:
    """Write the folder by MLflow, in place of one of an earlier run."""
    folder = exports.out / name
    shutil.rmtree(folder, ignore_errors=True)
    # Requirements given: otherwise MLflow runs the model in a process of its own to find them out.
    mlflow.onnx.save_model(onnx, str(folder), pip_requirements=["onnxruntime"], **settings)


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    wine, cultivar = tables.wine()
    names = tables.wine_names()
    frame = pd.DataFrame(wine, columns=names)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(wine, cultivar)
    sample = wine[chosen(model, wine)]
    named = tables.objects(pd.DataFrame(sample, columns=names))
    onnx = to_onnx(model, wine[:1], options={"zipmap": False})
    check = Check([{"X": row[None]} for row in sample])
    by_name = classes_cases(named, model.predict(sample), model.predict_proba(sample))
    by_place = classes_cases(tables.lists(sample), model.predict(sample), model.predict_proba(sample))
    common: dict[str, Any] = {"family": "mlflow", "made_with": MADE_WITH, "expect": "classes"}
    if exports.wants("mlflow-named-columns"):
        save(
            exports,
            "mlflow-named-columns",
            onnx,
            signature=infer_signature(frame, model.predict(wine)),
            input_example=frame.iloc[:2],
        )
        exports.write("mlflow-named-columns", labels=model.classes_, cases=by_name, check=check, **common)
    if exports.wants("mlflow-tensor"):
        save(exports, "mlflow-tensor", onnx, signature=infer_signature(wine, model.predict(wine)))
        exports.write("mlflow-tensor", labels=model.classes_, cases=by_place, check=check, **common)
    if exports.wants("mlflow-no-signature"):
        save(exports, "mlflow-no-signature", to_onnx(model, wine[:1]))
        exports.write("mlflow-no-signature", labels=model.classes_, cases=by_place, check=check, **common)
    if exports.wants("mlflow-external-data"):
        # Weights of more than 1 KiB go to a file whose name MLflow draws.
        torch.manual_seed(SEED)
        net = torch.nn.Sequential(
            torch.nn.BatchNorm1d(13),
            torch.nn.Linear(13, 32),
            torch.nn.ReLU(),
            torch.nn.Linear(32, 3),
            torch.nn.Softmax(-1),
        )
        net[3].weight.data *= 6
        net(torch.from_numpy(wine))
        batch = torch.from_numpy(sample)
        with tempfile.TemporaryDirectory() as folder:
            onnx = onnx_package.load(export(net, Path(folder) / "model.onnx", batch[:1]))
        found = net(batch).detach().double().numpy()
        save(exports, "mlflow-external-data", onnx, signature=infer_signature(frame, found))
        if not list((exports.out / "mlflow-external-data").glob("*.data")):
            raise ValueError("MLflow wrote no external data")
        exports.write(
            "mlflow-external-data",
            labels=range(3),
            cases=classes_cases(named, found.argmax(1), found),
            check=Check([{"input": row[None]} for row in sample]),
            **{**common, "made_with": ("mlflow-skinny", "torch", "onnx")},
        )
    if exports.wants("mlflow-passengers"):
        passengers, survived = tables.passengers()
        table = passengers[["pclass", "sex", "fare"]]
        steps = ColumnTransformer(
            [
                ("fare", StandardScaler(), ["fare"]),
                ("words", OneHotEncoder(), ["sex"]),
                ("class", OneHotEncoder(), ["pclass"]),
            ]
        )
        forest = make_pipeline(steps, RandomForestClassifier(6, max_depth=4, random_state=SEED)).fit(table, survived)
        types = [
            ("pclass", Int64TensorType([None, 1])),
            ("sex", StringTensorType([None, 1])),
            ("fare", DoubleTensorType([None, 1])),
        ]
        onnx = convert_sklearn(forest, initial_types=types, options={"zipmap": False})
        rows = table.iloc[chosen(forest, table)]
        save(
            exports,
            "mlflow-passengers",
            onnx,
            signature=infer_signature(table, forest.predict(table)),
            input_example=table.iloc[:2],
        )
        exports.write(
            "mlflow-passengers",
            labels=forest.classes_,
            cases=classes_cases(tables.objects(rows), forest.predict(rows), forest.predict_proba(rows)),
            check=Check(tables.column_feeds(rows)),
            **common,
        )
    if exports.wants("mlflow-regressor"):
        rows, targets = tables.diabetes()
        columns = ["age", "sex", "bmi", "blood pressure", *[f"s{at}" for at in range(1, 7)]]
        regressor = GradientBoostingRegressor(n_estimators=8, random_state=SEED).fit(rows, targets)
        frame = pd.DataFrame(rows, columns=columns)
        save(
            exports,
            "mlflow-regressor",
            to_onnx(regressor, rows[:1]),
            signature=infer_signature(frame, regressor.predict(rows)),
        )
        few = rows[5 : 5 + CASES]
        exports.write(
            "mlflow-regressor",
            family="mlflow",
            made_with=MADE_WITH,
            expect="value",
            cases=value_cases(tables.objects(pd.DataFrame(few, columns=columns)), regressor.predict(few)),
            check=Check([{"X": row[None]} for row in few]),
        )


if __name__ == "__main__":
    main(make, __doc__)
