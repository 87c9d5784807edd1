"""Answers questions of pillow.ts: a JSON line in, a JSON line out. Needs pillow>=13."""

import base64
import io
import json
import sys
import traceback

from PIL import Image, ImageFile, ImageOps

ORIENTATION_TAG = 0x0112
FILTERS = {name: Image.Resampling[name.upper()] for name in ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")}

Image.MAX_IMAGE_PIXELS = None
# A buffer with room for any file that is written: Pillow's own guess is too small for noise, and for a long comment.
ImageFile.MAXBLOCK = 2**23
ImageFile.LOAD_TRUNCATED_IMAGES = False


def encode(question: dict, pixels: bytes) -> dict:
    """Writes a JPEG."""
    picture = Image.frombytes("RGB", (question["width"], question["height"]), pixels)
    picture = picture.convert({"rgb": "RGB", "grey": "L", "cmyk": "CMYK"}[question["colours"]])
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = question["orientation"]
    file = io.BytesIO()
    options = {} if question["colours"] == "grey" else {"subsampling": question["sampling"]}
    picture.save(
        file,
        "jpeg",
        quality=question["quality"],
        progressive=question["isProgressive"],
        optimize=question["hasOptimisedCodes"],
        restart_marker_blocks=question["restartBlocks"],
        restart_marker_rows=question["restartRows"],
        comment=question["comment"].encode(),
        exif=exif,
        **options,
    )
    return {"bytes": base64.b64encode(file.getvalue()).decode()}


def decode(question: dict, file: bytes) -> dict:
    """Decodes a picture to RGB: turned upright, or as it is stored."""
    try:
        with Image.open(io.BytesIO(file)) as picture:
            picture.load()
            shown = (ImageOps.exif_transpose(picture) if question["isUpright"] else picture).convert("RGB")
    except Exception as error:  # noqa: BLE001 - Pillow refuses damaged files with errors of many kinds.
        return {"refusal": f"{type(error).__name__}: {error}"}
    return {"width": shown.width, "height": shown.height, "bytes": base64.b64encode(shown.tobytes()).decode()}


def resize(question: dict, pixels: bytes) -> dict:
    """Resizes pixels."""
    picture = Image.frombytes("RGB" if question["channels"] == 3 else "L", (question["width"], question["height"]), pixels)
    result = picture.resize((question["toWidth"], question["toHeight"]), FILTERS[question["filter"]])
    return {"bytes": base64.b64encode(result.tobytes()).decode()}


def main() -> None:
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {"encode": encode, "decode": decode, "resize": resize}[question["do"]](question, base64.b64decode(question["bytes"]))
        except Exception:  # noqa: BLE001 - One question without an answer leaves the others theirs.
            answer = {"failure": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
