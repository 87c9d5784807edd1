"""Copy the smallest exports of each kind to test/fixtures/exports, for `npm test`.

usage: .venv/exports-torch/bin/python test/exports/fixtures.py OUT
"""

import argparse
import json
import shutil
from pathlib import Path

import onnx

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
# None of ultralytics: its exports carry its licence.
NAMES = [
    "sklearn-logistic-zipmap",
    "sklearn-logistic-columns",
    "sklearn-logistic-strings-tensor",
    "sklearn-logistic-negative",
    "sklearn-logistic-double",
    "sklearn-digits-int64",
    "sklearn-logistic-file",
    "sklearn-columns-onehot",
    "sklearn-columns-bool",
    "sklearn-columns-renamed",
    "sklearn-stacking",
    "sklearn-linear-svc",
    "sklearn-multi-label",
    "sklearn-linear-regression",
    "sklearn-several-numbers",
    "sklearn-multi-output",
    "xgboost",
    "lightgbm",
    "catboost-strings",
    "torch-dynamo",
    "torch-fixed-batch",
    "torch-uint8",
    "torch-float16",
    "torch-grey",
    "torch-binary",
    "torch-multi-label",
    "labels-json-class-index",
    "labels-repeated",
    "labels-too-few",
    "tensors-detector",
    "tensors-text-embedding",
    "keras-rescaling-1-1",
    "keras-sigmoid",
    "keras-table",
    "hf-vit-2021",
    "hf-convnext",
    "hf-mobilevit",
    "hf-quantized",
    "hf-vit-unknown-processor",
    "custom-vision",
    "mlflow-named-columns",
    "mlflow-external-data",
    "mlflow-passengers",
    "timm-vit-narrow",
    "text-small-bert",
    "text-small-roberta",
    "text-small-xlm-roberta",
    "text-small-pairs",
    "text-small-multi-label",
    "sklearn-text-small",
]
LIMIT_BYTES = 1_500_000


def strip(path: Path) -> None:
    """Remove what torch notes beside each node: it names files of the machine that exported the model."""
    model = onnx.load(path, load_external_data=False)
    parts = [
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
        *model.graph.initializer,
        model.graph,
    ]
    if not any(part.metadata_props for part in parts):
        return
    for part in parts:
        del part.metadata_props[:]
    path.write_bytes(model.SerializeToString())


def shorten(path: Path) -> None:
    """Remove the blanks of a JSON file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder that make.py wrote")
    out = parser.parse_args().out
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir(parents=True)
    for name in NAMES:
        reference = out / f"{name}.reference.json"
        model = Path(json.loads(reference.read_text(encoding="utf-8"))["model"]).parts[0]
        shutil.copy(reference, FIXTURES)
        copy = shutil.copytree if (out / model).is_dir() else shutil.copy
        copy(out / model, FIXTURES / model)
    for path in FIXTURES.rglob("*.onnx"):
        strip(path)
    for path in [*FIXTURES.glob("*text-small*.reference.json"), *FIXTURES.rglob("tokenizer.json")]:
        shorten(path)
    shutil.copytree(out / "pictures", FIXTURES / "pictures")
    size = sum(path.stat().st_size for path in FIXTURES.rglob("*") if path.is_file())
    print(f"{len(NAMES)} exports, {size} bytes")
    if size > LIMIT_BYTES:
        raise SystemExit(f"more than {LIMIT_BYTES} bytes")


if __name__ == "__main__":
    main()
