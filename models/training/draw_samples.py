"""Draw the golden samples of the image models: none of them is a photo.

usage: python models/training/draw_samples.py

Writes models/NAME/samples. The flat drawings (PNG) pin the model's answer, whose label need not be right. The rendered dishes
(WebP, from dishes.py) are also the examples on the page: their views were chosen among some tens by the model's own probability.
"""

import math
from collections.abc import Callable
from pathlib import Path

import dishes
import render
from PIL import Image, ImageDraw

MODELS = Path(__file__).resolve().parents[1]
SCALE = 4  # drawn larger and scaled down, for smooth edges
RENDERED_PIXELS = 192
RENDERED_QUALITY = 60
Point = tuple[float, float]

# Food-101 has dishes of its own that look like some of these.
SERVED_BY = {
    **dict.fromkeys(("hamburger", "doughnuts", "waffles", "hot-dog", "macarons"), ("tensorfood", "food101")),
    "creme-brulee": ("food101",),
}


def circle(draw: ImageDraw.ImageDraw, centre: Point, radius: float, fill: str) -> None:
    """A filled circle, in pixels of the finished picture."""
    x, y = centre[0] * SCALE, centre[1] * SCALE
    draw.ellipse((x - radius * SCALE, y - radius * SCALE, x + radius * SCALE, y + radius * SCALE), fill=fill)


def polygon(draw: ImageDraw.ImageDraw, points: list[Point], fill: str | int) -> None:
    """A filled polygon, in pixels of the finished picture."""
    draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)


def picture(width: int, height: int, mode: str, background: str | int, paint: Callable) -> Image.Image:
    """A picture of width x height pixels that `paint` draws on."""
    canvas = Image.new(mode, (width * SCALE, height * SCALE), background)
    paint(ImageDraw.Draw(canvas))
    return canvas.resize((width, height), Image.Resampling.BOX)


def chips(draw: ImageDraw.ImageDraw) -> None:
    """A heap of yellow sticks on a 96x80 plate."""
    circle(draw, (48, 44), 46, "#e9e6df")
    for turn in range(46):
        x, y, angle = 22 + 13 * turn % 53, 20 + 29 * turn % 47, 2.4 * turn
        across, along = (2.6 * math.sin(angle), -2.6 * math.cos(angle)), (17 * math.cos(angle), 17 * math.sin(angle))
        corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
        points = [(x + a * across[0] + b * along[0], y + a * across[1] + b * along[1]) for a, b in corners]
        polygon(draw, points, ("#e8b64c", "#f2cd6b", "#d79a35", "#f6da8d")[turn % 4])


def shirt(draw: ImageDraw.ImageDraw) -> None:
    """A T-shirt, dark on a light 112x140 ground."""
    outline = [(38, 22), (74, 22), (106, 44), (96, 66), (82, 58), (82, 124), (30, 124), (30, 58), (16, 66), (6, 44)]
    polygon(draw, outline, 70)
    circle(draw, (56, 20), 12, "#f5f5f5")


def trousers(draw: ImageDraw.ImageDraw) -> None:
    """Trousers, light on a black 28x28 ground."""
    polygon(draw, [(9, 1), (19, 1), (20, 27), (15.5, 27), (14, 9), (12.5, 27), (8, 27)], 190)


def bag(draw: ImageDraw.ImageDraw) -> None:
    """A handbag, grey on 90x70 transparent pixels."""
    circle(draw, (45, 26), 22, "#46464aff")
    circle(draw, (45, 26), 17, "#00000000")
    polygon(draw, [(10, 26), (80, 26), (86, 66), (4, 66)], "#2e2e33ff")
    polygon(draw, [(10, 26), (80, 26), (78, 38), (12, 38)], "#5a5a60ff")


def boot(draw: ImageDraw.ImageDraw) -> None:
    """An ankle boot, light on a black 56x56 ground."""
    polygon(draw, [(30, 6), (50, 6), (51, 40), (51, 46), (4, 46), (5, 38), (20, 31), (29, 22)], 170)
    polygon(draw, [(4, 46), (51, 46), (51, 51), (42, 51), (41, 48), (4, 49)], 90)


def served() -> dict[str, dishes.Scene]:
    """The dishes that the page offers."""
    red, slate, cream = dishes.cloth("#7a2f2a"), dishes.cloth("#39424a"), dishes.cloth("#d9d2c6")
    dark, pale, grey = dishes.wood("#3a2416", "#5d4028"), dishes.wood("#8a6a48", "#b8946a"), dishes.wood("#4a4038", "#6a5c50")
    return {
        "pizza": dishes.laid(slate, dishes.pizza(seed=3, turn=1, height=59, zoom=3.72, exposure=0.67, warmth=0.5, blur=1.3, sun=(-0.9, 0.8, 0.4))),
        "hamburger": dishes.laid(red, dishes.hamburger(turn=-32, height=10, zoom=4.14, exposure=0.68, warmth=0.3, blur=0.5, sun=(-0.8, 1.0, -0.7))),
        "doughnuts": dishes.laid(pale, dishes.doughnuts(turn=-18, height=39, zoom=3.29, exposure=0.42, warmth=0.6, blur=0.9, sun=(-0.8, 0.6, 0.3))),
        "waffles": dishes.laid(pale, dishes.waffles(turn=-36, height=64, zoom=3.83, exposure=0.59, warmth=0.6, blur=0.7, sun=(0.7, 0.5, -0.3))),
        "hot-dog": dishes.laid(dark, dishes.hot_dog(turn=7, height=51, zoom=3.47, exposure=0.43, warmth=0.2, blur=1.4, sun=(0.2, 0.9, -0.8))),
        "ice-cream": dishes.laid(slate, dishes.ice_cream(turn=38, height=17, zoom=3.21, exposure=0.56, warmth=0.5, blur=1.1, sun=(0.5, 0.9, -0.3))),
        "french-fries": dishes.french_fries(),
        "cup-cakes": dishes.laid(cream, dishes.cup_cakes()),
        "macarons": dishes.macarons(),
        "creme-brulee": dishes.laid(grey, dishes.creme_brulee(turn=31, height=38, zoom=3.21, exposure=0.42, warmth=0.4, blur=0.3, sun=(0.1, 0.6, -0.4))),
    }


def save(model: str, name: str, image: Image.Image) -> None:
    """Write a flat drawing as a sample of a model."""
    image.save(MODELS / model / "samples" / f"{name}.png", optimize=True)


def main() -> None:
    """Draw every sample."""
    save("tensorfood", "chips", picture(96, 80, "RGB", "#8a5a3c", chips))
    save("fashion-mnist", "shirt", picture(112, 140, "L", 245, shirt))
    save("fashion-mnist", "trousers", picture(28, 28, "L", 0, trousers))
    save("fashion-mnist", "bag", picture(90, 70, "RGBA", "#00000000", bag))
    save("fashion-mnist", "boot", picture(56, 56, "L", 0, boot))
    for name, scene in served().items():
        image = render.render(*scene, RENDERED_PIXELS)
        for model in SERVED_BY.get(name, ("tensorfood",)):
            image.save(MODELS / model / "samples" / f"{name}.webp", quality=RENDERED_QUALITY, method=6)


if __name__ == "__main__":
    main()
