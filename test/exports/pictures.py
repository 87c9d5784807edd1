"""Test pictures: drawn, of odd sizes, and PNG, so that every decoder sees the same pixels."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

# Wide, high, nearly square, and narrow and smaller than most models want.
SIZES = {"wide": (333, 200), "high": (201, 301), "square": (121, 120), "narrow": (97, 180)}
COLOURS = [(240, 235, 220), (190, 60, 30), (20, 90, 160), (230, 200, 40)]


def _scene(width: int, height: int, at: int) -> Image.Image:
    """A gradient with shapes: smooth parts, hard edges, no symmetry, and other colours in each picture."""
    y, x = np.mgrid[0:height, 0:width]
    ways = [x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height), 255 - x * 255 // width]
    image = Image.fromarray(np.stack([ways[at % 4], ways[(at + 1) % 4], ways[(at + 2) % 4]], axis=-1).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.2, height * 0.1, width * 0.9, height * (0.5 + 0.1 * at)), fill=COLOURS[at % 4])
    draw.rectangle((width * 0.05 * at, height * 0.55, width * 0.45, height * 0.95), fill=COLOURS[(at + 1) % 4])
    draw.line((0, height * 0.9, width * 0.6, 0), fill=COLOURS[(at + 2) % 4], width=max(1, width // 20))
    for stripe in range(0, width, 6 + at):
        draw.line((stripe, 0, stripe, height * 0.12), fill=COLOURS[(at + 3) % 4])
    return image


def pictures(out: Path) -> list[str]:
    """Draw the pictures into OUT/pictures, unless they are there. Returns their paths relative to OUT."""
    folder = out / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for at, (name, (width, height)) in enumerate(SIZES.items()):
        path = folder / f"{name}.png"
        paths.append(f"pictures/{path.name}")
        if path.exists():
            continue
        # Several families draw at the same time: a file appears whole or not at all.
        new = path.with_name(f"{name}.{os.getpid()}")
        _scene(width, height, at).save(new, "PNG", optimize=True)
        new.replace(path)
    return paths


def opened(out: Path, paths: list[str]) -> list[Image.Image]:
    """The pictures as Pillow reads them, in RGB."""
    return [Image.open(out / path).convert("RGB") for path in paths]
