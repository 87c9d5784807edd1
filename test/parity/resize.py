"""Are resized pictures Pillow's to the last bit? Compares resizes of random sizes with the installed Pillow.

usage: npm run build && python test/parity/resize.py [--count N] [--seed N]

Half of the resizes are to a size and a crop of their own, and half are what a model's card says: resized, cropped and
padded as torchvision, timm or transformers do it.

Half of the pictures are pixels, RGB or grey, and half are JPEGs of any EXIF orientation. Many are tall: Pillow 13
resizes the height of those first. Pillow before version 13 does not and is refused.
Exits 1 when a picture differs. Needs numpy and pillow>=13.
"""

import argparse
import base64
import io
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps
from tqdm import tqdm

FILTERS = {name: Image.Resampling[name.upper()] for name in ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")}
ORIENTATION_TAG = 0x0112
EVALUATOR = Path(__file__).with_suffix(".js")


def sizes(numbers: random.Random) -> tuple[tuple[int, int], tuple[int, int]]:
    """A source's size and a result's. A third are close to the shape from which on Pillow resizes the height first."""
    width, height = numbers.randint(5, 120), numbers.randint(5, 320)
    to_width, to_height = numbers.randint(1, 120), numbers.randint(1, 160)
    if numbers.random() < 1 / 3 and height > to_height:
        to_width = max(1, width - (height - to_height) // 2 + numbers.randint(-1, 1))
    return (width, height), (to_width, to_height)


def picture_of(numbers: random.Random, size: tuple[int, int]) -> tuple[dict, Image.Image]:
    """A picture of noise as resize.js reads it, and as Pillow does."""
    noise = np.random.default_rng(numbers.getrandbits(32)).integers(0, 256, (size[1], size[0], 3), np.uint8)
    picture = Image.fromarray(noise)
    if numbers.random() < 0.5:
        picture = picture.convert(numbers.choice(["RGB", "L"]))
        return {"bytes": base64.b64encode(picture.tobytes()).decode(), "size": size, "channels": len(picture.mode)}, picture
    file, exif = io.BytesIO(), Image.Exif()
    exif[ORIENTATION_TAG] = numbers.randint(1, 8)
    picture.save(file, "jpeg", quality=90, subsampling=numbers.choice(["4:4:4", "4:2:2", "4:2:0"]), exif=exif)
    return {"bytes": base64.b64encode(file.getvalue()).decode(), "channels": 3}, ImageOps.exif_transpose(Image.open(file))


def resized(numbers: random.Random) -> tuple[dict, bytes, bool]:
    """A question to resize.js, Pillow's answer, and whether Pillow resizes the height first."""
    size, to = sizes(numbers)
    name = numbers.choice(list(FILTERS))
    question, picture = picture_of(numbers, size)
    left, top = numbers.randrange(to[0]), numbers.randrange(to[1])
    crop = left, top, numbers.randint(left + 1, to[0]), numbers.randint(top + 1, to[1])
    answer = picture.resize(to, FILTERS[name]).crop(crop).tobytes()
    return question | {"to": to, "filter": name, "crop": crop}, answer, is_height_first(picture, to)


def is_height_first(picture: Image.Image, to: tuple[int, int]) -> bool:
    fewer = picture.height - to[1]
    return fewer > 0 and fewer > 2 * (picture.width - to[0])


def shorter_to(size: tuple[int, int], shorter: int) -> tuple[int, int]:
    """torchvision: _compute_resized_output_size. transformers: get_resize_output_image_size."""
    short, long = min(size), max(size)
    other = int(shorter * long / short)
    return (shorter, other) if size[0] <= size[1] else (other, shorter)


def longer_to(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """timm: ResizeKeepRatio(longest=1)."""
    ratio = max(size[0] / longer, size[1] / longer)
    return max(1, round(size[0] / ratio)), max(1, round(size[1] / ratio))


def torchvision_crop(pixels: np.ndarray, side: int) -> np.ndarray:
    """torchvision: center_crop. It pads first."""
    for axis in (0, 1):
        missing = max(0, side - pixels.shape[axis])
        before = [(0, 0)] * pixels.ndim
        before[axis] = (missing // 2, (missing + 1) // 2)
        pixels = np.pad(pixels, before)
        start = int(round((pixels.shape[axis] - side) / 2.0))
        pixels = np.take(pixels, range(start, start + side), axis)
    return pixels


def transformers_crop(pixels: np.ndarray, side: int) -> np.ndarray:
    """transformers: center_crop."""
    for axis in (0, 1):
        start = (pixels.shape[axis] - side) // 2
        before = [(0, 0)] * pixels.ndim
        before[axis] = (max(0, -start), max(0, side - pixels.shape[axis]))
        pixels = np.take(np.pad(pixels, before), range(max(0, start), max(0, start) + side), axis)
    return pixels


def fitted(numbers: random.Random) -> tuple[dict, bytes, bool]:
    """The same for a card's input."""
    question, picture = picture_of(numbers, sizes(numbers)[0])
    name, rounding, fit = numbers.choice(list(FILTERS)), numbers.choice(["torchvision", "transformers"]), numbers.choice(["cover", "stretch", "contain"])
    side, number = numbers.randint(4, 60), numbers.randint(2, 90)
    to = {"cover": shorter_to(picture.size, number), "stretch": (number, number), "contain": longer_to(picture.size, number)}[fit]
    crop = torchvision_crop if rounding == "torchvision" else transformers_crop
    answer = crop(np.asarray(picture.resize(to, FILTERS[name])), side).tobytes()
    resize = {"fit": fit, "filter": name, "rounding": rounding, "longerSide" if fit == "contain" else "shorterSide": number}
    form = {"type": "uint8", "layout": "NHWC", "width": side, "height": side, "colour": "rgb" if question["channels"] == 3 else "grey"}
    return question | {"input": form | {"resize": resize, "background": "#000000"}}, answer, is_height_first(picture, to)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000, help="number of pictures")
    parser.add_argument("--seed", type=int, default=1, help="for other pictures")
    options = parser.parse_args()
    if int(PIL.__version__.split(".")[0]) < 13:
        parser.error(f"Pillow {PIL.__version__} resizes the width of every picture first; install 13 or later")

    numbers = random.Random(options.seed)
    different, height_first = 0, 0
    with subprocess.Popen(["node", str(EVALUATOR)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        for _ in tqdm(range(options.count), unit="picture", disable=None):
            question, answer, height_is_first = numbers.choice([resized, fitted])(numbers)
            print(json.dumps(question), file=node.stdin, flush=True)
            height_first += height_is_first
            if base64.b64decode(node.stdout.readline()) != answer:
                different += 1
                print({key: value for key, value in question.items() if key != "bytes"})
        node.stdin.close()
    print(f"{options.count} pictures, {height_first} of them resized height first, Pillow {PIL.__version__}: {different} differ")
    print("parity holds" if different == 0 else "PARITY BROKEN")
    return 0 if different == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
