"""Text classifiers of transformers: tokenizers trained here, tiny configurations with random weights, exported by optimum and torch.

The reference is what transformers' own tokenizer makes of each text, cut to its limit, and what the model answers to it alone,
without padding.
"""

import contextlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Before transformers is imported: nothing is fetched.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
import sentencepiece
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import main_export
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import texts
from nets import seed
from reference import SMALLEST_GAP, TOLERANCE, Exports, main, number, sigmoid, softmax

MADE_WITH = ("transformers", "optimum", "tokenizers", "torch", "onnx")
FAMILY = "texts"
# How far the answers to different texts are apart, as a deviation of the logits.
DEVIATION = 2.0
# No answer is nearer to a tie than this.
GAP = 4 * TOLERANCE
# Seeds of the bias that are tried until no answer is.
TRIES = 400
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ANGLED = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

SENTIMENTS = ["negative", "neutral", "positive"]
TOPICS = ["delivery", "price", "quality", "staff"]

Item = str | tuple[str, str]


def word_piece(size: int, is_cased: bool = False) -> Tokenizer:
    """WordPiece as BERT has it."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not is_cased)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(
        texts.corpus(),
        trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False, limit_alphabet=size // 3),
    )
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ids)
    return tokenizer


def byte_level(size: int) -> Tokenizer:
    """Byte-level BPE as RoBERTa has it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts.corpus(),
        trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=ANGLED,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    ids = [(token, tokenizer.token_to_id(token)) for token in ("</s>", "<s>")]
    tokenizer.post_processor = processors.RobertaProcessing(*ids, add_prefix_space=False)
    return tokenizer


def unigram(size: int, special: list[str], normalizer: normalizers.Normalizer, is_angled: bool) -> Tokenizer:
    """Unigram with the blank of SentencePiece, and the frame of ALBERT or of XLM-RoBERTa."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace()
    unknown = "<unk>" if is_angled else "[UNK]"
    tokenizer.train_from_iterator(
        texts.corpus(),
        trainers.UnigramTrainer(
            vocab_size=size, special_tokens=special, unk_token=unknown, show_progress=False, shrinking_factor=0.75
        ),
    )
    first, last = ("<s>", "</s>") if is_angled else ("[CLS]", "[SEP]")
    pair = f"{first} $A {last} {last} $B {last}" if is_angled else f"{first}:0 $A:0 {last}:0 $B:1 {last}:1"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=pair,
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )
    return tokenizer


def albert_unigram(size: int) -> Tokenizer:
    """Unigram and the normalisation of ALBERT."""
    normalizer = normalizers.Sequence(
        [
            normalizers.Replace("``", '"'),
            normalizers.Replace("''", '"'),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    return unigram(size, ["<pad>", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], normalizer, is_angled=False)


def sentence_piece(folder: Path, size: int, **pieces: Any) -> Path:
    """A model of SentencePiece, with its own table of characters (nmt_nfkc)."""
    prefix = folder / "spm"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts.corpus()),
        model_prefix=str(prefix),
        vocab_size=size,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
        **pieces,
    )
    return prefix.with_suffix(".model")


def bert_tokenizer(size: int = 1200, limit: int = 512, **settings: Any) -> Any:
    """BERT's tokenizer in transformers."""
    return transformers.BertTokenizerFast(tokenizer_object=word_piece(size), model_max_length=limit, **settings)


def distilbert_tokenizer(size: int = 1200, limit: int = 512) -> Any:
    """DistilBERT's cased tokenizer in transformers. The model takes no token types."""
    return transformers.DistilBertTokenizerFast(
        tokenizer_object=word_piece(size, is_cased=True), do_lower_case=False, model_max_length=limit
    )


def roberta_tokenizer(size: int = 1500, limit: int = 512) -> Any:
    """RoBERTa's tokenizer in transformers."""
    return transformers.RobertaTokenizerFast(
        tokenizer_object=byte_level(size), model_max_length=limit, add_prefix_space=False
    )


def xlm_roberta_tokenizer(limit: int = 512) -> Any:
    """XLM-RoBERTa's tokenizer, converted by transformers from a model of SentencePiece."""
    with tempfile.TemporaryDirectory() as folder:
        path = sentence_piece(Path(folder), 1500)
        return transformers.XLMRobertaTokenizerFast(vocab_file=str(path), model_max_length=limit)


def small_xlm_roberta_tokenizer(size: int, limit: int) -> Any:
    """The same frame, trained by tokenizers, without the table of characters, which alone has 300 KB."""
    normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer = unigram(size, ANGLED, normalizer, is_angled=True)
    return transformers.XLMRobertaTokenizerFast(tokenizer_object=tokenizer, model_max_length=limit)


def deberta_tokenizer() -> Any:
    """DeBERTa-v3's tokenizer, converted by transformers from a model of SentencePiece. No file says its limit."""
    with tempfile.TemporaryDirectory() as folder:
        path = sentence_piece(
            Path(folder),
            1200,
            pad_id=0,
            bos_id=1,
            eos_id=2,
            unk_id=3,
            pad_piece="[PAD]",
            bos_piece="[CLS]",
            eos_piece="[SEP]",
            unk_piece="[UNK]",
            user_defined_symbols=["[MASK]"],
        )
        return transformers.DebertaV2TokenizerFast(vocab_file=str(path), do_lower_case=False)


def albert_tokenizer(size: int = 1200, limit: int = 512) -> Any:
    """ALBERT's tokenizer in transformers."""
    return transformers.AlbertTokenizerFast(tokenizer_object=albert_unigram(size), model_max_length=limit)


def _sizes(width: int = 32, layers: int = 2) -> dict[str, Any]:
    return {
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "intermediate_size": width,
        "initializer_range": 0.25,
    }


def _names(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: at for at, label in enumerate(labels)},
    }


def network(
    kind: str, tokenizer: Any, labels: Sequence[str] | None, positions: int, small: bool = False, **settings: Any
) -> Any:
    """A classifier with random weights for the tokens of a tokenizer."""
    config_class, model_class = {
        "bert": (transformers.BertConfig, transformers.BertForSequenceClassification),
        "distilbert": (transformers.DistilBertConfig, transformers.DistilBertForSequenceClassification),
        "roberta": (transformers.RobertaConfig, transformers.RobertaForSequenceClassification),
        "xlm-roberta": (transformers.XLMRobertaConfig, transformers.XLMRobertaForSequenceClassification),
        "deberta-v2": (transformers.DebertaV2Config, transformers.DebertaV2ForSequenceClassification),
        "albert": (transformers.AlbertConfig, transformers.AlbertForSequenceClassification),
        "electra": (transformers.ElectraConfig, transformers.ElectraForSequenceClassification),
    }[kind]
    sizes = _sizes(16, 1) if small else _sizes()
    if kind == "distilbert":
        sizes = {
            "dim": sizes["hidden_size"],
            "n_layers": sizes["num_hidden_layers"],
            "n_heads": 2,
            "hidden_dim": sizes["hidden_size"],
            "initializer_range": 0.25,
        }
    if kind in ("albert", "electra"):
        sizes["embedding_size"] = 16
    if kind == "deberta-v2":
        settings = {
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
            **settings,
        }
    config = config_class(
        vocab_size=len(tokenizer),
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        **sizes,
        **(_names(labels) if labels else {}),
        **settings,
    )
    return model_class(config).eval()


def _tokens(tokenizer: Any, items: Sequence[Item], limit: int) -> list[dict[str, list[int]]]:
    rows = []
    for item in items:
        # As lists of one: alone, transformers takes an empty second text for none.
        texts_of = [[item]] if isinstance(item, str) else [[item[0]], [item[1]]]
        tokens = tokenizer(*texts_of, truncation=True, max_length=limit)
        rows.append({name: values[0] for name, values in tokens.items()})
    return rows


def _logits(model: Any, rows: Sequence[dict[str, list[int]]]) -> np.ndarray:
    """Each text alone, without padding."""
    with torch.no_grad():
        return np.concatenate(
            [
                model(**{name: torch.tensor([values]) for name, values in row.items()}).logits.double().numpy()
                for row in rows
            ]
        )


def _gap(logits: np.ndarray, expect: str) -> float:
    """How near the nearest answer is to a tie."""
    if expect == "labels":
        return float(np.abs(sigmoid(logits) - 0.5).min())
    if expect == "value":
        return np.inf
    best = np.sort(softmax(logits), axis=1)
    return float((best[:, -1] - best[:, -2]).min())


def _spread(model: Any, rows: Sequence[dict[str, list[int]]], expect: str) -> np.ndarray:
    """Scale the last layer until the texts get different answers, and shift it until none is near a tie. Returns the logits."""
    head = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
    logits = _logits(model, rows)
    with torch.no_grad():
        factor = DEVIATION / float((logits - logits.mean(0)).std())
        mean = logits.mean(0) * factor - head.bias.double().numpy() * factor
        head.weight *= factor
        for attempt in range(TRIES):
            shift = np.random.default_rng(attempt).normal(0, 0.3, len(mean))
            head.bias.copy_(torch.tensor(shift - mean))
            if _gap(logits * factor - logits.mean(0) * factor + shift, expect) > 2 * GAP:
                logits = _logits(model, rows)
                if _gap(logits, expect) > GAP:
                    return logits
    raise ValueError(f"no shift of {TRIES} keeps all answers away from a tie")


def _case(item: Item, row: dict[str, list[int]]) -> dict[str, Any]:
    given = {"text": item} if isinstance(item, str) else {"text": item[0], "text_pair": item[1]}
    # As texts, because JSON would have a line for each number.
    types = {"types": " ".join(map(str, row["token_type_ids"]))} if "token_type_ids" in row else {}
    return {"input": given, "tokens": " ".join(map(str, row["input_ids"])), **types}


def _cases(
    items: Sequence[Item], rows: Sequence[dict[str, list[int]]], logits: np.ndarray, expect: str, labels: Sequence[str]
) -> list[dict[str, Any]]:
    found = sigmoid(logits) if expect == "labels" else logits if expect == "value" else softmax(logits)
    cases = []
    for item, row, answer in zip(items, rows, found, strict=True):
        case = _case(item, row)
        if expect == "value":
            case["value"] = number(answer[0])
        else:
            case["probabilities"] = [round(p, 8) for p in number(answer)]
            if expect == "labels":
                case["labels"] = [label for label, p in zip(labels, answer, strict=True) if p >= 0.5]
            else:
                case["label"] = labels[int(answer.argmax())]
        cases.append(case)
    return cases


class _Logits(torch.nn.Module):
    """A classifier that takes its inputs by place, and gives logits alone."""

    def __init__(self, model: Any, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Logits alone."""
        return self.model(**dict(zip(self.names, inputs, strict=True))).logits


def by_torch(model: Any, tokenizer: Any, folder: Path, length: int | None = None) -> None:
    """By torch.onnx.export, as people do it themselves; with a length, the axis of the tokens is fixed."""
    tokenizer.save_pretrained(folder)
    model.config.save_pretrained(folder)
    names = [name for name in tokenizer.model_input_names if name != "token_type_ids" or length is not None]
    fitting = {"padding": "max_length", "max_length": length, "truncation": True} if length else {}
    example = tokenizer("The food was good.", return_tensors="pt", **fitting)
    axes = {0: "batch"} if length else {0: "batch", 1: "length"}
    model.config._attn_implementation = "eager"
    torch.onnx.export(
        _Logits(model, names).eval(),
        tuple(example[name] for name in names),
        str(folder / "model.onnx"),
        dynamo=False,
        input_names=names,
        output_names=["logits"],
        dynamic_axes={**{name: axes for name in names}, "logits": {0: "batch"}},
    )


def by_optimum(model: Any, tokenizer: Any, folder: Path, task: str = "text-classification") -> None:
    """By optimum, which also copies the tokenizer."""
    with tempfile.TemporaryDirectory() as source:
        model.save_pretrained(source)
        tokenizer.save_pretrained(source)
        main_export(source, str(folder), task=task, do_validation=False)


def make_one(
    exports: Exports,
    name: str,
    kind: str,
    tokenizer: Callable[[], Any],
    *,
    labels: Sequence[str] | None = None,
    positions: int = 512,
    limit: int = 512,
    expect: str = "classes",
    items: Sequence[Item] | None = None,
    small: bool = False,
    export: Callable[[Any, Any, Path], None] = by_optimum,
    edit_config: dict[str, Any] | None = None,
    finish: Callable[[Path], None] | None = None,
    network_settings: dict[str, Any] | None = None,
    note: str | None = None,
) -> None:
    """One folder, and transformers' own tokens and answers for each text."""
    if not exports.wants(name):
        return
    seed()
    own = tokenizer()
    model = network(kind, own, labels, positions, small, **(network_settings or {}))
    items = items or texts.asked()
    rows = _tokens(own, items, limit)
    logits = _spread(model, rows, expect)
    # The tokenizer would be saved with the last limit that it was given.
    own.backend_tokenizer.no_truncation()
    shutil.rmtree(exports.out / name, ignore_errors=True)
    folder = exports.folder(name)
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        export(model, own, folder)
    _keep(folder)
    if edit_config:
        _edit(folder / "config.json", edit_config)
    if finish:
        finish(folder)
    named = list(labels or ["LABEL_0", "LABEL_1"])
    exports.write(
        name,
        family=FAMILY,
        made_with=MADE_WITH,
        expect=expect,
        labels=None if expect == "value" else named,
        cases=_cases(items, rows, logits, expect, named),
        gap=GAP,
        note=note,
    )


def _keep(folder: Path) -> None:
    """Only what the server reads; the rest says the same again."""
    for path in folder.iterdir():
        if path.name not in ("config.json", "model.onnx", "model.onnx_data", "tokenizer.json", "tokenizer_config.json"):
            path.unlink()


def _edit(path: Path, changes: dict[str, Any]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content.update(changes)
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}, indent=2))


def families(exports: Exports) -> None:
    """One of each family, each with its own kind of tokenizer."""
    make_one(exports, "text-bert", "bert", bert_tokenizer, labels=SENTIMENTS)
    make_one(exports, "text-distilbert", "distilbert", distilbert_tokenizer, labels=SENTIMENTS)
    make_one(exports, "text-electra", "electra", bert_tokenizer, labels=["bad", "good"])
    make_one(exports, "text-roberta", "roberta", roberta_tokenizer, labels=["offensive", "not offensive"], positions=514)
    make_one(exports, "text-deberta-v3", "deberta-v2", deberta_tokenizer, labels=SENTIMENTS)
    stars = [f"{count} star{'s' if count > 1 else ''}" for count in range(1, 6)]
    make_one(exports, "text-xlm-roberta", "xlm-roberta", xlm_roberta_tokenizer, labels=stars, positions=514)
    make_one(exports, "text-albert", "albert", albert_tokenizer)


def answers(exports: Exports) -> None:
    """Several labels, two texts, one number."""
    several = {"problem_type": "multi_label_classification"}
    make_one(
        exports,
        "text-multi-label",
        "distilbert",
        distilbert_tokenizer,
        labels=TOPICS,
        expect="labels",
        network_settings=several,
    )
    make_one(
        exports,
        "text-pairs",
        "bert",
        bert_tokenizer,
        labels=["entailment", "neutral", "contradiction"],
        items=texts.pairs(),
    )
    make_one(
        exports,
        "text-pairs-roberta",
        "roberta",
        roberta_tokenizer,
        labels=["not_duplicate", "duplicate"],
        positions=514,
        items=texts.pairs(),
    )
    make_one(
        exports,
        "text-value",
        "bert",
        bert_tokenizer,
        labels=["stars"],
        expect="value",
        network_settings={"problem_type": "regression"},
    )
    make_one(
        exports,
        "text-cross-encoder",
        "bert",
        bert_tokenizer,
        labels=["LABEL_0"],
        expect="value",
        items=texts.pairs(),
        edit_config={"sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity", "version": "5.1.2"}},
    )
    make_one(exports, "text-one-label", "bert", bert_tokenizer, labels=["spam"], expect="labels")


def exporters(exports: Exports) -> None:
    """Other ways to export, and other files."""
    make_one(exports, "text-torch", "bert", bert_tokenizer, labels=SENTIMENTS, export=by_torch)
    make_one(
        exports,
        "text-fixed-length",
        "bert",
        bert_tokenizer,
        labels=SENTIMENTS,
        limit=48,
        export=lambda model, tokenizer, folder: by_torch(model, tokenizer, folder, 48),
    )
    make_one(
        exports,
        "text-cut-left",
        "bert",
        lambda: bert_tokenizer(limit=64, truncation_side="left"),
        labels=SENTIMENTS,
        limit=64,
    )
    name = "text-quantized"
    if exports.wants(name):

        def finish(folder: Path) -> None:
            (folder / "onnx").mkdir(exist_ok=True)
            (folder / "model.onnx").replace(folder / "onnx" / "model.onnx")
            quantize_dynamic(
                folder / "onnx" / "model.onnx", folder / "onnx" / "model_quantized.onnx", weight_type=QuantType.QInt8
            )

        make_one(exports, name, "bert", bert_tokenizer, labels=SENTIMENTS, finish=finish)
        _answer_by_runtime(exports, name)


def _answer_by_runtime(exports: Exports, name: str) -> None:
    """The answers of a quantised model are those of ONNX Runtime: it is not transformers' model any more.

    The scales of dynamic quantisation are those of the whole batch, so that a text has other answers in company.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(exports.out / name / "onnx" / "model_quantized.onnx")
    path = exports.out / f"{name}.reference.json"
    reference = json.loads(path.read_text(encoding="utf-8"))
    reference["model"] = f"{name}/onnx/model_quantized.onnx"
    reference["alone"] = True
    kept = []
    for case in reference["cases"]:
        ids, types = (np.array([[int(id) for id in case[key].split()]]) for key in ("tokens", "types"))
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}
        answer = softmax(session.run(None, feeds)[0])[0]
        best = np.sort(answer)
        if best[-1] - best[-2] > SMALLEST_GAP:
            kept.append({**case, "label": reference["labels"][int(answer.argmax())], "probabilities": number(answer)})
    reference["cases"] = kept
    path.write_text(json.dumps(reference, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def small(exports: Exports) -> None:
    """The smallest of each kind of tokenizer, for `npm test`."""
    some = texts.asked()[::10]
    pairs = texts.pairs()[::10]
    make_one(
        exports,
        "text-small-bert",
        "bert",
        lambda: bert_tokenizer(300, 64),
        labels=SENTIMENTS,
        positions=64,
        limit=64,
        items=some,
        small=True,
    )
    make_one(
        exports,
        "text-small-roberta",
        "roberta",
        lambda: roberta_tokenizer(330, 64),
        labels=["no", "yes"],
        positions=66,
        limit=64,
        items=some,
        small=True,
    )
    make_one(
        exports,
        "text-small-xlm-roberta",
        "xlm-roberta",
        lambda: small_xlm_roberta_tokenizer(300, 64),
        labels=SENTIMENTS,
        positions=66,
        limit=64,
        items=some,
        small=True,
    )
    make_one(
        exports,
        "text-small-pairs",
        "bert",
        lambda: bert_tokenizer(240, 64),
        labels=["entailment", "not_entailment"],
        positions=64,
        limit=64,
        items=pairs,
        small=True,
    )
    make_one(
        exports,
        "text-small-multi-label",
        "distilbert",
        lambda: distilbert_tokenizer(240, 64),
        labels=TOPICS,
        expect="labels",
        positions=64,
        limit=64,
        items=some,
        small=True,
        network_settings={"problem_type": "multi_label_classification"},
    )


def plain(exports: Exports) -> None:
    """What is no classifier of texts is served as plain tensors."""
    for name, task, has_tokenizer in [
        ("text-tokens", "token-classification", True),
        ("text-masked", "fill-mask", True),
        ("text-features", "feature-extraction", True),
        ("text-no-tokenizer", "text-classification", False),
    ]:
        if not exports.wants(name):
            continue
        seed()
        tokenizer = bert_tokenizer(240, 64)
        config = transformers.BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **_sizes(16, 1))
        model = {
            "token-classification": transformers.BertForTokenClassification,
            "fill-mask": transformers.BertForMaskedLM,
            "feature-extraction": transformers.BertModel,
            "text-classification": transformers.BertForSequenceClassification,
        }[task](config).eval()
        folder = exports.folder(name)
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            by_optimum(model, tokenizer, folder, task)
        if not has_tokenizer:
            (folder / "tokenizer.json").unlink()
        cases = []
        for sentence in ("The food was good.", "The room was so cold."):
            row = dict(tokenizer(sentence, return_tensors="pt"))
            with torch.no_grad():
                outputs = model(**row)
            kept = {key: value for key, value in outputs.items() if key in ("logits", "last_hidden_state")}
            given = {"inputs": {key: value.tolist() for key, value in row.items()}}
            cases.append({"input": given, "outputs": {key: number(value.numpy()) for key, value in kept.items()}})
        exports.write(name, family=FAMILY, made_with=MADE_WITH, expect="tensors", cases=cases)


def make(exports: Exports) -> None:
    """Make all exports of this family."""
    families(exports)
    answers(exports)
    exporters(exports)
    small(exports)
    plain(exports)


if __name__ == "__main__":
    main(make, __doc__)
