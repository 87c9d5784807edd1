"""Train, export and evaluate tensorfood: a photo -> one of 25 dishes, starting from food101's checkpoint."""

import json
import sys
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import card, data, evaluate, food, probe  # noqa: E402
from training.loop import Recipe, train  # noqa: E402
from training.network import EfficientNetLite0  # noqa: E402
from training.publish import places, publish  # noqa: E402

OTHERS_SHARE = 1 / 8  # pictures of other dishes per picture of a known dish


def start_from(checkpoint: Path, labels: list[str], chosen: list[str]) -> EfficientNetLite0:
    """food101's averaged network with only the head rows of the chosen dishes."""
    state = torch.load(checkpoint, weights_only=True)["average"]
    rows = [labels.index(label) for label in chosen]
    state["fc.weight"], state["fc.bias"] = state["fc.weight"][rows], state["fc.bias"][rows]
    network = EfficientNetLite0(len(chosen))
    network.load_state_dict(state)
    return network


def main() -> None:
    """Run the whole recipe."""
    parser = food.arguments(__doc__, FOLDER, "96,96,96,112")
    parser.add_argument(
        "--start",
        type=Path,
        default=FOLDER.parent / "food101" / "checkpoints" / "latest.pt",
        help="food101's checkpoint",
    )
    options = parser.parse_args()
    work, output = places(FOLDER, options.checkpoints, options.limit is not None)
    dataset, chosen = data.read_food101(options.data / "food101-64", options.cache), card.read(FOLDER)["labels"]
    training, others = data.select_classes(dataset.train, dataset.labels, chosen)
    test, unknown = data.select_classes(dataset.test, dataset.labels, chosen)
    training, test, unknown = (data.limited(split, options.limit) for split in (training, test, unknown))

    some = data.limited(test, 1500)
    recipe = Recipe(options.sizes, part=36, body_rate=4e-4, head_rate=1e-3, warm_up=100, smoothing=0.05)
    network = train(
        start_from(options.start, dataset.labels, chosen),
        recipe,
        len(training),
        food.batches(training, len(chosen), recipe.smoothing, others.images, OTHERS_SHARE),
        lambda averaged: probe.split_accuracy(averaged, some, food.prepare),
        work,
        options.threads,
    )
    session = publish(output, work, network, food.prepare, food.SETTINGS, training, test, "official test images, 64 px")
    known, strange = (evaluate.onnx_probabilities(session, split.images) for split in (test, unknown))
    figures = {name: round(value, 4) for name, value in evaluate.confidence(known, strange).items()}
    figures["noise mean"] = round(float(evaluate.onnx_probabilities(session, noise()).max(1).mean()), 4)
    (work / "confidence.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(json.dumps(figures, indent=2))


def noise(count: int = 256) -> np.ndarray:
    """Pictures of uniform noise: uint8 [count, 64, 64, 3]."""
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), np.uint8)


if __name__ == "__main__":
    main()
