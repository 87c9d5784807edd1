"""The Python answer of a model: photo -> Pillow -> ONNX Runtime.

usage: python models/training/reference.py models/NAME photo.jpg [more.jpg ...]

Prints one JSON line per file with the five most probable labels. Needs numpy, Pillow and onnxruntime only.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image, ImageOps


def read_card(folder: Path, session: ort.InferenceSession) -> dict:
    """The card of a model folder, with the fields that it leaves to the ONNX file: name, size and colour of the input."""
    card = json.loads((folder / "card.json").read_text("utf-8"))
    _, *shape = session.get_inputs()[0].shape
    known = {"height": shape[0], "width": shape[1], "colour": "grey" if shape[2] == 1 else "rgb"} if len(shape) == 3 else {}
    return {"name": folder.resolve().name, **card, "input": {**known, **card["input"]}}


def flatten(picture: Image.Image, background: str) -> Image.Image:
    """Apply the EXIF orientation and lay transparent parts over `background`."""
    picture = ImageOps.exif_transpose(picture)
    if not picture.has_transparency_data:
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, background), picture)


def cover(picture: Image.Image, width: int, height: int, resampling: Image.Resampling) -> np.ndarray:
    """Scale with antialiasing until the picture covers width x height, then cut out the centre: uint8 [H, W, ...]."""
    scale = max(width / picture.width, height / picture.height)
    size = max(width, round(picture.width * scale)), max(height, round(picture.height * scale))
    picture = picture.resize(size, resampling)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return np.asarray(picture.crop((left, top, left + width, top + height)), np.uint8)


def contain(picture: Image.Image, width: int, height: int, resampling: Image.Resampling) -> np.ndarray:
    """Scale with antialiasing until the picture just fits into width x height: uint8, not padded."""
    scale = min(width / picture.width, height / picture.height)
    size = min(width, max(1, round(picture.width * scale))), min(height, max(1, round(picture.height * scale)))
    return np.asarray(picture.resize(size, resampling), np.uint8)


def border_mean(pixels: np.ndarray) -> float:
    """Mean of the outermost ring of a grey picture [H, W]."""
    ring = np.ones(pixels.shape, bool)
    ring[1:-1, 1:-1] = False
    return float(pixels[ring].mean())


def pad(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Centre [H, W, ...] on a black canvas of width x height; odd remainders go to the right and the bottom."""
    canvas = np.zeros((height, width, *pixels.shape[2:]), np.uint8)
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


def to_tensor(picture: Image.Image, form: dict) -> np.ndarray:
    """A picture as the card's `input` wants it: uint8 [1, height, width, 3 or 1]."""
    width, height, grey = form["width"], form["height"], form["colour"] == "grey"
    picture = flatten(picture, form["background"]).convert("L" if grey else "RGB")
    reduce = cover if form["resize"]["fit"] == "cover" else contain
    pixels = reduce(picture, width, height, Image.Resampling[form["resize"]["filter"].upper()])
    if form.get("invert") == "auto" and border_mean(pixels) > 127:
        pixels = 255 - pixels
    return pad(pixels, width, height).reshape(1, height, width, 1 if grey else 3)


def probabilities(session: ort.InferenceSession, values: np.ndarray) -> np.ndarray:
    """Probabilities [N, classes] of an input tensor, also where the model ends in a ZipMap. They are the last output."""
    result = session.run([session.get_outputs()[-1].name], {session.get_inputs()[0].name: values})[0]
    return np.array([list(row.values()) for row in result]) if isinstance(result, list) else result


def main() -> None:
    """Answer every photo of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder with model.onnx and card.json")
    parser.add_argument("photos", type=Path, nargs="+")
    options = parser.parse_args()
    session = ort.InferenceSession(options.model / "model.onnx")
    card = read_card(options.model, session)
    for photo in options.photos:
        with Image.open(photo) as picture:
            row = probabilities(session, to_tensor(picture, card["input"]))[0]
        best = row.argsort(kind="stable")[::-1][:5]
        top = [[card["labels"][index], round(float(row[index]), 4)] for index in best]
        print(json.dumps({"file": str(photo), "top": top}))


if __name__ == "__main__":
    main()
