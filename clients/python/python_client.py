#!/usr/bin/env python3
"""
Asks a Servery server what a picture shows, and displays the picture with the answer on it.

    python_client.py photo.jpg
    python_client.py photo.jpg --url http://servery.example:8000 --out answer.png
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

INSTALL = f"pip install '{Path(__file__).parent}[pictures]'"

try:
    from servery_client import Client, Prediction, ServeryError
except ImportError as error:
    sys.exit(f"{error}. Install what the client needs: {INSTALL}")

if TYPE_CHECKING:
    from PIL import Image

SMALLEST_SIDE_PIXELS, LARGEST_SIDE_PIXELS = 480, 1920
"""A smaller picture is enlarged, and a narrow one gets black margins, so that there is room for the text."""

ROW_CHARACTERS = 80
"""How much of an answer without labels fits on the picture."""

WHITE, GREY, ORANGE = (255, 255, 255, 255), (90, 90, 90, 255), (249, 115, 22, 255)
BAND = (0, 0, 0, 200)
"""Dark enough to read white text on any picture."""


def text_of(prediction: Prediction) -> str:
    """What the model answers, on one line."""
    if prediction.value is not None:
        return f"{prediction.value:g}"
    if prediction.labels is not None:
        return ", ".join(each.label for each in prediction.labels) or "no label"
    if prediction.label is None:
        return json.dumps(prediction.outputs)
    return prediction.label if prediction.probability is None else f"{prediction.label} {prediction.probability:.1%}"


def rows_of(prediction: Prediction) -> list[tuple[str, float | None]]:
    """The lines to draw: each label and its probability, or the answer alone."""
    if not prediction.top:
        return [(text_of(prediction)[:ROW_CHARACTERS], None)]
    return [(each.label.replace("_", " "), each.probability) for each in prediction.top]


def overlay(picture: Image.Image, prediction: Prediction) -> Image.Image:
    """Copies the picture and adds a band along its lower edge, with the labels, their probabilities and bars."""
    from PIL import Image, ImageDraw, ImageFont, ImageOps

    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    enlarge = max(1, min(SMALLEST_SIDE_PIXELS / min(upright.size), LARGEST_SIDE_PIXELS / max(upright.size)))
    enlarged = ImageOps.scale(upright, enlarge, Image.Resampling.LANCZOS)
    size = (max(enlarged.width, SMALLEST_SIDE_PIXELS), max(enlarged.height, SMALLEST_SIDE_PIXELS))
    canvas = Image.new("RGBA", size, "black")
    canvas.paste(enlarged, ((canvas.width - enlarged.width) // 2, (canvas.height - enlarged.height) // 2))
    unit = min(canvas.size) / 28
    margin = round(unit)
    rows = rows_of(prediction)[: 1 + max(0, int((canvas.height / 2 - 4 * unit) / (1.6 * unit)))]
    height = round(4 * unit + 1.6 * unit * (len(rows) - 1))

    band = Image.new("RGBA", (canvas.width, height), BAND)
    draw = ImageDraw.Draw(band)
    right = canvas.width - margin
    y = 1.6 * unit
    for at, (name, probability) in enumerate(rows):
        letters = 1.8 * unit if at == 0 else unit
        percent = "" if probability is None else f"{probability:.1%}"
        numbers = ImageFont.load_default(letters)
        room = right - margin - draw.textlength(percent, numbers) - unit
        names = ImageFont.load_default(letters * min(1, room / max(1, draw.textlength(name, numbers))))
        draw.text((margin, y), name, WHITE, names, anchor="lm")
        draw.text((right, y), percent, WHITE, numbers, anchor="rm")
        line = y + 0.7 * letters
        if probability is not None:
            draw.rectangle((margin, line, right, line + unit / 6), GREY)
            draw.rectangle((margin, line, margin + (right - margin) * probability, line + unit / 6), ORANGE)
        y += 2.6 * unit if at == 0 else 1.6 * unit
    canvas.alpha_composite(band, (0, canvas.height - height))
    return canvas.convert("RGB")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python_client.py",
        description="Ask a Servery server what a picture shows.",
        epilog="If the server needs an API key, set SERVERY_API_KEY.",
    )
    parser.add_argument("image", type=Path, metavar="IMAGE")
    parser.add_argument("--url", default="http://localhost:8000", help="address of the server (default: %(default)s)")
    parser.add_argument("--top-k", type=int, metavar="K", help="how many labels to show (default: the server's)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="save the picture with the answer, do not display it")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON; make a picture only with --out")
    chosen = parser.parse_args(arguments)
    draws = chosen.out is not None or not chosen.json
    if draws and find_spec("PIL") is None:
        print(f"To draw on a picture, this needs Pillow: {INSTALL}. Without it, there is --json.", file=sys.stderr)
        return 1

    try:
        with Client(chosen.url, os.environ.get("SERVERY_API_KEY")) as client:
            prediction = client.predict(chosen.image, top_k=chosen.top_k)
        if chosen.json:
            print(json.dumps(asdict(prediction)))
        else:
            print(text_of(prediction))
        if not draws:
            return 0
        from PIL import Image, ImageShow

        with Image.open(chosen.image) as picture:
            result = overlay(picture, prediction)
        if chosen.out is not None:
            result.save(chosen.out)
        elif not ImageShow.show(result, title=text_of(prediction)[:ROW_CHARACTERS]):
            print("This machine has no program to display a picture; --out FILE saves it instead.", file=sys.stderr)
    except (ServeryError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
