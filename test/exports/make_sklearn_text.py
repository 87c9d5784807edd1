"""Text pipelines of scikit-learn by skl2onnx: words are counted in the graph, which takes the text itself.

The exporter writes another pattern for words than scikit-learn has: letters with accents, and other scripts, are no words for it. The
cases are the texts on which the export, run by ONNX Runtime in Python, answers as scikit-learn does; the others are counted in `note`.
"""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import texts
from reference import SEED, Exports, classes_cases, main, multi_label_cases, number, text, value_cases

MADE_WITH = ("scikit-learn", "skl2onnx", "onnx")
FAMILY = "texts"
GOOD = ("excellent", "better", "wonderful", "surprisingly")
BAD = ("terrible", "slow", "waste", "broken", "expensive")
# A locale that every system has. The service adds it, too.
LOCALE = "C.UTF-8"


def sentiment(sentence: str) -> str:
    """Label of an English sentence."""
    return "positive" if any(word in sentence for word in GOOD) else "negative" if any(word in sentence for word in BAD) else "neutral"


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """ONNX Runtime with the model, on a machine without en_US.UTF-8, too."""
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    for node in copy.graph.node:
        if node.op_type == "StringNormalizer" and not any(attribute.name == "locale" for attribute in node.attribute):
            node.attribute.append(onnx.helper.make_attribute("locale", LOCALE))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])


def same_texts(model: onnx.ModelProto, given: list[str], expected: np.ndarray, output: str, axes: int) -> list[int]:
    """The texts to which ONNX Runtime answers as scikit-learn does."""
    session = session_of(model)
    same = []
    for at, sentence in enumerate(given):
        # ONNX's texts end at a NUL in Python.
        if "\0" in sentence:
            continue
        rows = np.array([[sentence]] if axes == 2 else [sentence], object)
        found = session.run([output], {session.get_inputs()[0].name: rows})[0]
        if found.dtype.kind not in "f":
            if text(np.ravel(found)[0]) == text(expected[at]):
                same.append(at)
        elif np.abs(np.ravel(found) - np.ravel(expected[at])).max() < 2e-5:
            same.append(at)
    return same


def _clear(rows: np.ndarray) -> np.ndarray:
    best = np.sort(rows, axis=1)
    return np.flatnonzero(best[:, -1] - best[:, -2] > 4e-3)


def make_one(
    exports: Exports,
    name: str,
    vectorizer: Any,
    model: Any,
    expect: str = "classes",
    targets: Any = None,
    axes: int = 2,
    zipmap: bool = False,
    every: int = 1,
) -> None:
    """A pipeline of one text."""
    if not exports.wants(name):
        return
    sentences = texts.ordinary()[::9]
    targets = [sentiment(sentence) for sentence in sentences] if targets is None else [targets(sentence) for sentence in sentences]
    pipeline = make_pipeline(vectorizer, model).fit(sentences, np.array(targets))
    given = texts.asked()[::every]
    options = {} if expect == "value" else {"options": {id(pipeline): {"zipmap": zipmap}}}
    exported = convert_sklearn(pipeline, initial_types=[("text", StringTensorType([None, 1] if axes == 2 else [None]))], **options)
    plain = exported
    if zipmap:
        plain = convert_sklearn(
            pipeline, initial_types=[("text", StringTensorType([None, 1] if axes == 2 else [None]))], options={id(pipeline): {"zipmap": False}}
        )
    (exports.folder(name) / "model.onnx").write_bytes(exported.SerializeToString())
    common: dict[str, Any] = {"family": FAMILY, "made_with": MADE_WITH, "expect": expect, "gap": 4e-4}
    classes = None if expect == "value" else [text(label) for label in pipeline.classes_]
    if expect in ("classes", "labels"):
        expected = pipeline.predict_proba(given)
        same = same_texts(plain, given, expected, "probabilities", axes)
        if expect == "classes":
            same = sorted({*same} & {*map(int, _clear(expected))})
        else:
            same = [at for at in same if (np.abs(expected[at] - 0.5) > 2e-3).all()]
    else:
        expected = pipeline.predict(given)
        same = same_texts(plain, given, expected, "label" if expect == "label" else "variable", axes)
    inputs = [{"text": given[at]} for at in same]
    if expect == "classes":
        cases = classes_cases(inputs, pipeline.predict([given[at] for at in same]), expected[same])
    elif expect == "labels":
        cases = multi_label_cases(inputs, classes or [], expected[same])
    elif expect == "value":
        cases = value_cases(inputs, expected[same])
    else:
        cases = [{"input": item, "label": text(expected[at])} for item, at in zip(inputs, same, strict=True)]
    note = f"{len(same)} of {len(given)} texts: the export itself answers the others otherwise than scikit-learn, or nearly a tie"
    exports.write(name, labels=classes, cases=cases, note=note, **common)


def topics(sentence: str) -> list[int]:
    """Several labels of an English sentence, as 0 and 1."""
    return [int("food" in sentence or "room" in sentence), int("service" in sentence or "support" in sentence), int("don't" in sentence or "refund" in sentence)]


def make_table(exports: Exports) -> None:
    """A text beside a number and a word stays a table."""
    name = "sklearn-text-table"
    if not exports.wants(name):
        return
    sentences = texts.ordinary()[::9]
    random = np.random.default_rng(SEED)
    table = pd.DataFrame({"review": sentences, "stars": random.integers(1, 6, len(sentences)).astype(np.float32)})
    labels = np.array([sentiment(sentence) for sentence in sentences])
    encoder = ColumnTransformer([("words", TfidfVectorizer(), "review"), ("numbers", StandardScaler(), ["stars"])])
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(table, labels)
    exported = convert_sklearn(
        pipeline,
        initial_types=[("review", StringTensorType([None, 1])), ("stars", FloatTensorType([None, 1]))],
        options={id(pipeline): {"zipmap": False}},
    )
    (exports.folder(name) / "model.onnx").write_bytes(exported.SerializeToString())
    expected = pipeline.predict_proba(table)
    sample = [int(at) for at in _clear(expected)[:40]]
    session = session_of(exported)
    for at in sample:
        feeds = {"review": np.array([[table.review[at]]], object), "stars": np.array([[table.stars[at]]], np.float32)}
        assert np.abs(session.run(["probabilities"], feeds)[0] - expected[at]).max() < 1e-4
    rows = [{"review": table.review[at], "stars": number(table.stars[at])} for at in sample]
    exports.write(
        name,
        family=FAMILY,
        made_with=MADE_WITH,
        expect="classes",
        labels=pipeline.classes_,
        cases=classes_cases(rows, pipeline.predict(table.iloc[sample]), expected[sample]),
    )


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    logistic = LogisticRegression(max_iter=500)
    make_one(exports, "sklearn-text-tfidf", TfidfVectorizer(), logistic)
    make_one(exports, "sklearn-text-zipmap", TfidfVectorizer(), logistic, zipmap=True)
    make_one(exports, "sklearn-text-ngrams", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), logistic)
    make_one(exports, "sklearn-text-case", CountVectorizer(lowercase=False), logistic, axes=1)
    make_one(exports, "sklearn-text-stop-words", CountVectorizer(stop_words=["the", "was", "is"]), logistic, axes=1)
    make_one(exports, "sklearn-text-naive-bayes", CountVectorizer(), MultinomialNB())
    # LinearSVC itself cannot be exported at the end of a Pipeline.
    make_one(exports, "sklearn-text-hinge", TfidfVectorizer(), SGDClassifier(random_state=SEED), expect="label")
    make_one(exports, "sklearn-text-sgd", TfidfVectorizer(), SGDClassifier(loss="log_loss", random_state=SEED))
    make_one(exports, "sklearn-text-forest", CountVectorizer(), RandomForestClassifier(8, max_depth=5, random_state=SEED))
    make_one(exports, "sklearn-text-calibrated", TfidfVectorizer(), CalibratedClassifierCV(LinearSVC(random_state=SEED), cv=2))
    make_one(exports, "sklearn-text-multi-label", TfidfVectorizer(), OneVsRestClassifier(logistic), expect="labels", targets=topics)
    make_one(exports, "sklearn-text-regressor", TfidfVectorizer(), Ridge(), expect="value", targets=lambda sentence: len(sentence) / 10)
    make_one(exports, "sklearn-text-small", TfidfVectorizer(max_features=60), logistic, every=10)
    make_table(exports)


if __name__ == "__main__":
    main(make, __doc__)
