"""Draw the golden samples of the image models: small schematic pictures, none of them a photo.

usage: python models/training/draw_samples.py

Writes models/NAME/samples/*.png. The label of a sample need not be right: it pins the model's answer.
"""

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

MODELS = Path(__file__).resolve().parents[1]
SCALE = 4  # drawn larger and scaled down, for smooth edges
Point = tuple[float, float]


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


def pizza(draw: ImageDraw.ImageDraw) -> None:
    """Crust, sauce, cheese and salami on 160x120 pixels."""
    circle(draw, (80, 60), 58, "#dadde0")
    circle(draw, (80, 60), 52, "#b9772f")
    circle(draw, (80, 60), 46, "#b8341b")
    for turn in range(40):
        radius, angle = 6 + 0.95 * turn, 2.4 * turn
        circle(draw, (80 + radius * math.cos(angle), 60 + radius * math.sin(angle)), 6, "#f0c65c")
    for turn in range(9):
        radius, angle = 12 + 24 * (turn % 2), 0.7 * turn
        circle(draw, (80 + radius * math.cos(angle), 60 + radius * math.sin(angle)), 7, "#a3261b")
    for turn in range(12):
        angle = 0.3 + 2 * math.pi * turn / 12
        circle(draw, (80 + 31 * math.cos(angle), 60 + 31 * math.sin(angle)), 2, "#356b2b")


def doughnut(draw: ImageDraw.ImageDraw) -> None:
    """A ring with icing and sprinkles on 100x130 transparent pixels."""
    circle(draw, (50, 65), 46, "#c98a45")
    circle(draw, (50, 65), 42, "#e8789f")
    for turn in range(30):
        angle, colour = 2.4 * turn, ("#ffffff", "#f7d84b", "#5ac8d8")[turn % 3]
        radius = 22 + turn % 5 * 4
        circle(draw, (50 + radius * math.cos(angle), 65 + radius * math.sin(angle)), 1.8, colour)
    circle(draw, (50, 65), 17, "#c98a45")
    circle(draw, (50, 65), 14, "#00000000")


def dessert(draw: ImageDraw.ImageDraw) -> None:
    """A dark plate with a white scoop and red berries on 64x64 pixels."""
    circle(draw, (32, 34), 29, "#f4f1ea")
    circle(draw, (32, 34), 22, "#ded6c6")
    circle(draw, (32, 31), 15, "#fdf6df")
    circle(draw, (29, 27), 9, "#fffdf4")
    for x, y in ((17, 44), (25, 49), (34, 50), (42, 47)):
        circle(draw, (x, y), 4, "#b3152b")


def chips(draw: ImageDraw.ImageDraw) -> None:
    """A heap of yellow sticks on a 96x80 plate."""
    circle(draw, (48, 44), 46, "#e9e6df")
    for turn in range(46):
        x, y, angle = 22 + 13 * turn % 53, 20 + 29 * turn % 47, 2.4 * turn
        across, along = (2.6 * math.sin(angle), -2.6 * math.cos(angle)), (17 * math.cos(angle), 17 * math.sin(angle))
        corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
        points = [(x + a * across[0] + b * along[0], y + a * across[1] + b * along[1]) for a, b in corners]
        polygon(draw, points, ("#e8b64c", "#f2cd6b", "#d79a35", "#f6da8d")[turn % 4])


def broth(draw: ImageDraw.ImageDraw) -> None:
    """A bowl of brown soup with noodles, an egg and herbs on 80x80 pixels."""
    circle(draw, (40, 40), 38, "#f3f1ec")
    circle(draw, (40, 40), 33, "#a5672c")
    for turn in range(9):
        circle(draw, (30 + 2 * turn, 46), 14 - turn, ("#e3c37e", "#b97f3c")[turn % 2])
    circle(draw, (50, 28), 10, "#fbf8ee")
    circle(draw, (50, 28), 5, "#f0a92c")
    for turn in range(10):
        circle(draw, (18 + 7 * turn % 41, 22 + 11 * turn % 37), 2, "#3f7a2e")


def sky(width: int, height: int) -> Image.Image:
    """A smooth colour gradient without any dish."""
    image = Image.new("RGB", (width, height))
    for x in range(width):
        for y in range(height):
            image.putpixel((x, y), (40 + 150 * x // width, 90 + 120 * y // height, 220 - 90 * x // width))
    return image


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


def save(model: str, name: str, image: Image.Image) -> None:
    """Write one sample of a model."""
    folder = MODELS / model / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    image.save(folder / f"{name}.png", optimize=True)


def main() -> None:
    """Draw every sample."""
    dishes = {
        "broth": picture(80, 80, "RGB", "#3b3330", broth),
        "chips": picture(96, 80, "RGB", "#8a5a3c", chips),
        "dessert": picture(64, 64, "RGB", "#2f2a2a", dessert),
        "doughnut": picture(100, 130, "RGBA", "#00000000", doughnut),
        "pizza": picture(160, 120, "RGB", "#6b4a33", pizza),
        "sky": sky(96, 64),
    }
    for name in ("chips", "pizza", "sky"):
        save("tensorfood", name, dishes[name])
    for name in ("broth", "dessert", "pizza"):
        save("food101", name, dishes[name])
    save("fashion-mnist", "shirt", picture(112, 140, "L", 245, shirt))
    save("fashion-mnist", "trousers", picture(28, 28, "L", 0, trousers))
    save("fashion-mnist", "bag", picture(90, 70, "RGBA", "#00000000", bag))
    save("fashion-mnist", "boot", picture(56, 56, "L", 0, boot))


if __name__ == "__main__":
    main()
