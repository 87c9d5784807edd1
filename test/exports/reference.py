"""What every family of exports shares: writing a reference beside an export, test pictures, and a check by ONNX Runtime.

A reference NAME.reference.json holds inputs and the answers of the framework that made the model: its own predict and
predict_proba, after its own preprocessing. ONNX Runtime has no part in it, except for quantised models.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

SEED = 7
TOLERANCE = 1e-4
# Two labels closer than this are a coin toss, and no test of a server.
SMALLEST_GAP = 2e-3


def text(label: Any) -> str:
    """A label as text, as JavaScript's String() writes it: True is 'true', and 1 is '1'."""
    if isinstance(label, (bool, np.bool_)):
        return "true" if label else "false"
    return str(label)


def number(value: Any) -> Any:
    """A NumPy value as JSON has it. A float32 keeps all its digits."""
    if isinstance(value, np.ndarray):
        return [number(item) for item in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (np.integer, int)):
        return int(value)
    if isinstance(value, (np.floating, float)):
        return float(value)
    return str(value)


@dataclass
class Check:
    """How ONNX Runtime shall repeat the reference: what to feed for each case, and how to read the outputs."""

    feeds: Sequence[dict[str, np.ndarray]]
    output: str | None = None
    activation: Callable[[np.ndarray], np.ndarray] | None = None
    tolerance: float | None = None


@dataclass
class Exports:
    """The folder that exports and references go to."""

    out: Path
    verify: bool = False
    only: str | None = None
    names: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def wants(self, name: str) -> bool:
        """Whether this export shall be made. Skips one that --only leaves out."""
        return self.only is None or self.only in name

    def folder(self, name: str) -> Path:
        """A new folder for an export of several files."""
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(
        self,
        name: str,
        *,
        family: str,
        made_with: Sequence[str],
        expect: str,
        cases: Sequence[dict[str, Any]],
        labels: Sequence[Any] | None = None,
        model: str | None = None,
        tolerance: float = TOLERANCE,
        settled_by: dict[str, Any] | None = None,
        reason: str | None = None,
        check: Check | None = None,
        note: str | None = None,
        gap: float | None = None,
    ) -> None:
        """Write NAME.reference.json, and with --verify let ONNX Runtime repeat it."""
        texts = None if labels is None else [text(label) for label in labels]
        reference: dict[str, Any] = {
            "model": model or name,
            "family": family,
            "made_with": {package: version(package) for package in made_with},
            "expect": expect,
            "tolerance": tolerance,
        }
        if note is not None:
            reference["note"] = note
        if settled_by is not None:
            reference["settledBy"] = settled_by
        if reason is not None:
            reference["reason"] = reason
        reference["labels"] = texts
        reference["cases"] = list(cases)
        self._assert_clear(name, expect, cases, gap or max(SMALLEST_GAP, 4 * tolerance))
        path = self.out / f"{name}.reference.json"
        path.write_text(json.dumps(reference, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        self.names.append(name)
        if self.verify and check is not None:
            fault = _repeat(self.out / (model or name), reference, check)
            if fault:
                self.faults.append(f"{name}: {fault}")
                print(f"{name}: {fault}", file=sys.stderr)

    def _assert_clear(self, name: str, expect: str, cases: Sequence[dict[str, Any]], gap: float) -> None:
        for case in cases:
            if expect in ("classes", "binary"):
                best, second = sorted(case["probabilities"])[-1:-3:-1]
                if best - second < gap:
                    raise ValueError(f"{name}: two labels are too close: {best} and {second}")
            if expect == "labels" and any(abs(p - 0.5) < gap for p in case["probabilities"]):
                raise ValueError(f"{name}: a probability is too close to the threshold: {case['probabilities']}")


def classes_cases(
    inputs: Sequence[Any], labels: Sequence[Any], probabilities: np.ndarray, key: str = "input"
) -> list[dict[str, Any]]:
    """Cases of a classifier: the label is one of many, and each has a probability."""
    return [
        {key: given, "label": text(label), "probabilities": number(row)}
        for given, label, row in zip(inputs, labels, probabilities, strict=True)
    ]


def multi_label_cases(
    inputs: Sequence[Any], labels: Sequence[Any], probabilities: np.ndarray, key: str = "input"
) -> list[dict[str, Any]]:
    """Cases of a multi-label classifier: the labels whose own probability is at least a half."""
    return [
        {
            key: given,
            "labels": [text(label) for label, p in zip(labels, row, strict=True) if p >= 0.5],
            "probabilities": number(row),
        }
        for given, row in zip(inputs, probabilities, strict=True)
    ]


def value_cases(inputs: Sequence[Any], values: np.ndarray, key: str = "input") -> list[dict[str, Any]]:
    """Cases of a regressor: one number."""
    return [{key: given, "value": number(value)} for given, value in zip(inputs, np.ravel(values), strict=True)]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax of each row, in float64."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Sigmoid of each value, in float64."""
    return 1 / (1 + np.exp(-logits.astype(np.float64)))


def _model_file(path: Path) -> Path:
    if path.is_file():
        return path
    return next(
        file
        for file in (path / "model.onnx", path / "onnx" / "model.onnx", *sorted(path.rglob("*.onnx")))
        if file.is_file()
    )


def _repeat(path: Path, reference: dict[str, Any], check: Check) -> str | None:
    """Run the export on the framework's own feeds. Returns the first difference, or None."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(_model_file(path)), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    tolerance = check.tolerance or reference["tolerance"]
    for at, (feed, case) in enumerate(zip(check.feeds, reference["cases"], strict=True)):
        outputs = dict(zip(names, session.run(None, feed), strict=True))
        fault = _difference(outputs, reference, case, check, tolerance)
        if fault:
            return f"case {at + 1}: {fault}"
    return None


def _difference(
    outputs: dict[str, Any], reference: dict[str, Any], case: dict[str, Any], check: Check, tolerance: float
) -> str | None:
    labels = reference["labels"]
    if "outputs" in case:
        for name, expected in case["outputs"].items():
            if not np.allclose(np.asarray(outputs[name], np.float64), expected, atol=tolerance, rtol=tolerance):
                return f"output {name} differs"
        return None
    chosen = [check.output] if check.output else list(outputs)
    label = next(
        (
            value
            for value in outputs.values()
            if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iUOb"
        ),
        None,
    )
    if label is not None and "label" in case and text(label[0]) != case["label"]:
        return f"label {label[0]}, not {case['label']}"
    if "value" in case:
        value = float(np.ravel(outputs[chosen[0]])[0])
        return (
            None
            if abs(value - case["value"]) <= tolerance * max(1, abs(case["value"]))
            else f"value {value}, not {case['value']}"
        )
    if "probabilities" not in case:
        return None
    scores = _scores([outputs[name] for name in chosen], labels)
    if check.activation is not None:
        scores = check.activation(scores.reshape(1, -1)).reshape(-1)
    if scores.size == 1:
        scores = np.array([1 - scores[0], scores[0]])
    difference = float(np.abs(scores - np.array(case["probabilities"])).max())
    return None if difference <= tolerance else f"a probability differs by {difference:.2g}"


def _scores(outputs: Sequence[Any], labels: Sequence[str]) -> np.ndarray:
    """The scores of one row: of a ZipMap, of a tensor, or of one tensor for each class."""
    maps = [value[0] for value in outputs if isinstance(value, list) and value and isinstance(value[0], dict)]
    if maps:
        probabilities = {text(label): p for label, p in maps[0].items()}
        return np.array([probabilities[label] for label in labels])
    rows = [
        value.astype(np.float64).reshape(-1)
        for value in outputs
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ]
    return next((row for row in rows if row.size == len(labels)), np.concatenate([row[:1] for row in rows]))


def main(make: Callable[[Exports], None], description: str | None) -> None:
    """Command line of one family."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("out", type=Path, help="folder for the exports")
    parser.add_argument(
        "--verify", action="store_true", help="let ONNX Runtime repeat each reference on the framework's own inputs"
    )
    parser.add_argument("--only", help="make the exports whose name holds this text")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    exports = Exports(arguments.out, verify=arguments.verify, only=arguments.only)
    make(exports)
    print(f"{len(exports.names)} exports")
    if exports.faults:
        sys.exit(f"{len(exports.faults)} references differ from ONNX Runtime")
