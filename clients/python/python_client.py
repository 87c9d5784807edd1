#!/usr/bin/env python3
"""
Asks a Servery what is on a picture, and shows the picture with the answer on it.

    python_client.py photo.jpg
    python_client.py photo.jpg --url http://servery.example:8000 --out answer.png
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps, ImageShow

from servery_client import Client, Prediction, ServeryError

SMALLEST_SIDE, LARGEST_SIDE = 480, 1920
"""Pixels; a smaller picture is enlarged, and a narrow one widened with black, so that there is room to read."""

WHITE, GREY, ORANGE = (255, 255, 255, 255), (90, 90, 90, 255), (249, 115, 22, 255)
BAND = (0, 0, 0, 200)
"""Dark enough under white text on any picture."""


def overlay(picture: Image.Image, prediction: Prediction) -> Image.Image:
    """A copy of the picture with a band along its lower edge: the labels, their probabilities and bars."""
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    enlarge = max(1, min(SMALLEST_SIDE / min(upright.size), LARGEST_SIDE / max(upright.size)))
    enlarged = ImageOps.scale(upright, enlarge, Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", (max(enlarged.width, SMALLEST_SIDE), max(enlarged.height, SMALLEST_SIDE)), "black")
    canvas.paste(enlarged, ((canvas.width - enlarged.width) // 2, (canvas.height - enlarged.height) // 2))
    unit = min(canvas.size) / 28
    margin = round(unit)
    rows = prediction.top[: 1 + max(0, int((canvas.height / 2 - 4 * unit) / (1.6 * unit)))]
    height = round(4 * unit + 1.6 * unit * (len(rows) - 1))

    band = Image.new("RGBA", (canvas.width, height), BAND)
    draw = ImageDraw.Draw(band)
    right = canvas.width - margin
    y = 1.6 * unit
    for at, each in enumerate(rows):
        size = 1.8 * unit if at == 0 else unit
        percent, name = f"{each.probability:.1%}", each.label.replace("_", " ")
        numbers = ImageFont.load_default(size)
        room = right - margin - draw.textlength(percent, numbers) - unit
        names = ImageFont.load_default(size * min(1, room / max(1, draw.textlength(name, numbers))))
        draw.text((margin, y), name, WHITE, names, anchor="lm")
        draw.text((right, y), percent, WHITE, numbers, anchor="rm")
        line = y + 0.7 * size
        draw.rectangle((margin, line, right, line + unit / 6), GREY)
        draw.rectangle((margin, line, margin + (right - margin) * each.probability, line + unit / 6), ORANGE)
        y += 2.6 * unit if at == 0 else 1.6 * unit
    canvas.alpha_composite(band, (0, canvas.height - height))
    return canvas.convert("RGB")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python_client.py",
        description="Ask a Servery what is on a picture.",
        epilog="A key is read from the environment variable SERVERY_API_KEY.",
    )
    parser.add_argument("image", type=Path, metavar="IMAGE")
    parser.add_argument("--url", default="http://localhost:8000", help="of the server (default: %(default)s)")
    parser.add_argument("--top-k", type=int, metavar="K", help="how many labels to show (default: the server's)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="save the picture with the answer there, show nothing")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON; no picture without --out")
    chosen = parser.parse_args(arguments)

    try:
        with Client(chosen.url, os.environ.get("SERVERY_API_KEY")) as client:
            prediction = client.predict(chosen.image, top_k=chosen.top_k)
        if chosen.json:
            print(json.dumps(asdict(prediction)))
        else:
            print(f"{prediction.label} {prediction.probability:.1%}")
        if chosen.json and chosen.out is None:
            return 0
        with Image.open(chosen.image) as picture:
            result = overlay(picture, prediction)
        if chosen.out is not None:
            result.save(chosen.out)
        elif not ImageShow.show(result, title=prediction.label):
            print("There is no program here to show a picture with; --out FILE saves it.", file=sys.stderr)
    except (ServeryError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
