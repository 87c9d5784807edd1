"""Dishes as scenes for render.py. Each function returns the bodies of one dish and how to look at them."""

from collections.abc import Callable

import numpy as np

from render import Array, Body, Points, View, at, ball, block, colour_of, disc, length, merge, mix, noise, ramp, ring, rod

Scene = tuple[list[Body], View]


def plain(text: str) -> Callable[[Points], Array]:
    """One colour everywhere."""
    colour = colour_of(text)
    return lambda p: np.repeat(colour, p.shape[1], 1)


def mottled(first: str, second: str, scale: float, low: float = 0.3, high: float = 0.7, octaves: int = 3) -> Callable[[Points], Array]:
    """Two colours in spots."""
    one, two = colour_of(first), colour_of(second)
    return lambda p: mix(one, two, ramp(noise(p, scale, octaves), low, high))


def rough(scale: float, height: float, octaves: int = 3) -> Callable[[Points], Array]:
    """An uneven surface."""
    return lambda p: noise(p, scale, octaves) * height


def wood(dark: str = "#6b4326", pale: str = "#9c6b3f", board: float = 0.9) -> Body:
    """A table of boards along x."""

    def colour(p: Points) -> Array:
        number = np.floor(p[2] / board)
        grain = noise(np.stack([p[0] * 0.25 + number * 5.3, p[1], p[2] * 3 + number * 2.1]), 2.2, 4)
        shade = mix(colour_of(dark), colour_of(pale), ramp(grain, 0.3, 0.7))
        gap = np.abs(p[2] / board - number - 0.5)
        return shade * (1 - 0.75 * ramp(gap, 0.475, 0.495)) * (0.85 + 0.3 * ((number * 0.37) % 1))

    return Body(lambda p: p[1], colour, rough(14, 0.006), shine=0.05, gloss=20)


def cloth(text: str = "#d8d4cc") -> Body:
    """A table with an even cover."""
    return Body(lambda p: p[1], lambda p: colour_of(text) * (0.9 + 0.2 * noise(p, 1.5, 3)), rough(30, 0.004))


def plate(radius: float = 1.75, colour: str = "#f3f1ec", height: float = 0.1, shine: float = 0.25) -> Body:
    """A plate with a raised rim; its floor is at y = 0.08."""

    def distance(p: Points) -> Array:
        out = length(p[0], p[2])
        rise = 0.16 * ramp(out, radius * 0.62, radius) + 0.04
        return np.maximum(np.abs(p[1] - rise) - 0.035, out - radius) * 0.8

    return Body(distance, plain(colour), shine=shine, gloss=60)


def scattered(seed: int, count: int, radius: float) -> Array:
    """Places [count, 2] in a circle, evenly and by chance."""
    chance = np.random.default_rng(seed)
    angle, out = np.arange(count) * 2.39996, radius * np.sqrt((np.arange(count) + 0.5) / count)
    return np.stack([out * np.cos(angle), out * np.sin(angle)], 1) + chance.normal(0, radius * 0.06, (count, 2))


def laid(table: Body, scene: Scene) -> Scene:
    """The same dish on another table."""
    (_, *bodies), view = scene
    return [table, *bodies], view


def union(shapes: list[Callable[[Points], Array]]) -> Callable[[Points], Array]:
    """Several shapes as one."""

    def distance(p: Points) -> Array:
        best = shapes[0](p)
        for shape in shapes[1:]:
            best = np.minimum(best, shape(p))
        return best

    return distance


def doughnuts(icings: tuple[str, ...] = ("#f0609a", "#3a1a0c", "#f6efe2"), seed: int = 3, **view: float) -> Scene:
    """Three doughnuts with icing and sprinkles on a plate."""
    places = ((-0.82, 0.1, 0.0), (0.86, 0.1, 0.15), (0.02, 0.1, 1.45))
    bodies = [wood("#7a5230", "#a97c50"), plate(2.3)]
    gaudy = [colour_of(text) for text in ("#ffffff", "#ffd338", "#35b6d8", "#7ac943", "#ff5a3c")]
    for number, ((x, y, z), icing) in enumerate(zip(places, icings, strict=True)):
        chance = np.random.default_rng(seed + number)

        def own(p: Points, x: float = x, y: float = y, z: float = z) -> Points:
            return at(p, x, y + 0.3, z)

        def dough(p: Points, own: Callable = own) -> Array:
            q = own(p)
            return length(length(q[0], q[2]) - 0.52, q[1] * 1.08) - 0.31

        def glaze(p: Points, own: Callable = own, number: int = number) -> Array:
            q = own(p)
            angle = np.arctan2(q[2], q[0])
            edge = 0.03 + 0.05 * np.sin(5 * angle + number) + 0.03 * np.sin(9 * angle + 2 * number)
            return np.maximum(length(length(q[0], q[2]) - 0.52, q[1] * 1.08) - 0.335, (edge - q[1]) * 0.8)

        around, tube = chance.uniform(0, 2 * np.pi, 46), chance.uniform(0.35, 2.75, 46)
        out = 0.52 + 0.335 * np.cos(tube)
        dots = np.stack([out * np.cos(around), 0.31 * np.sin(tube), out * np.sin(around)], 1)
        leans = chance.normal(0, 1, (46, 3))
        leans = leans / np.linalg.norm(leans, axis=1, keepdims=True)

        def sprinkle(p: Points, own: Callable = own, dots: Array = dots, leans: Array = leans) -> tuple[Array, Array]:
            q = own(p)
            best, which = np.full(q.shape[1], 9.0, np.float32), np.zeros(q.shape[1], int)
            for index, (dot, lean) in enumerate(zip(dots, leans, strict=True)):
                away = q - dot[:, None]
                along = np.clip((away * lean[:, None]).sum(0), -0.055, 0.055)
                far = length(*(away - along * lean[:, None]))
                which = np.where(far < best, index, which)
                best = np.minimum(best, far)
            return best, which

        def iced(p: Points, icing: str = icing, sprinkle: Callable = sprinkle) -> Array:
            base = np.repeat(colour_of(icing), p.shape[1], 1)
            far, which = sprinkle(p)
            return np.where(far < 0.03, np.stack([gaudy[k % len(gaudy)][:, 0] for k in range(46)], 1)[:, which], base)

        def raised(p: Points, sprinkle: Callable = sprinkle) -> Array:
            return -0.02 * ramp(sprinkle(p)[0], 0.045, 0.01)

        def browned(p: Points, own: Callable = own) -> Array:
            q = own(p)
            return mix(colour_of("#b9752f"), colour_of("#ecc98a"), ramp(0.12 - np.abs(q[1] + 0.02), 0.0, 0.1)) * (0.85 + 0.3 * noise(p, 6, 3))

        bodies += [Body(dough, browned, rough(12, 0.015)), Body(glaze, iced, raised, shine=0.35, gloss=40, soft=0.35)]
    return bodies, View(**{"height": 48, "away": 6.4, "look": (0, 0.2, 0.4), "zoom": 3.25, "blur": 0.90, **view})


def pizza(slices: int = 10, seed: int = 4, **view: float) -> Scene:
    """A pizza with cheese, salami and basil."""
    spots, greens = scattered(seed, slices, 1.0), scattered(seed + 9, 9, 1.05)

    def base(p: Points) -> Array:
        return disc(at(p, y=0.12), 1.42, 0.06, 0.05)

    def crust(p: Points) -> Array:
        out, angle = length(p[0], p[2]), np.arctan2(p[2], p[0])
        swell = 0.13 + 0.02 * np.sin(4 * angle + seed) + 0.015 * np.sin(9 * angle)
        return length(out - 1.4, (p[1] - 0.17) * 1.15) - swell

    def baked(p: Points) -> Array:
        brown = mix(colour_of("#e2b06a"), colour_of("#a8632a"), ramp(noise(p, 2.4, 4), 0.35, 0.75))
        return mix(brown, colour_of("#3f1d0c"), ramp(noise(p + 5, 4, 3), 0.66, 0.82))

    def topped(p: Points) -> Array:
        sauce = mix(colour_of("#b3210f"), colour_of("#d9491c"), noise(p, 5, 2))
        cheese = mix(colour_of("#f4cf7a"), colour_of("#fbeab8"), ramp(noise(p + 3, 4, 3), 0.3, 0.7))
        cheese = mix(cheese, colour_of("#c27a2c"), ramp(noise(p + 8, 5, 3), 0.62, 0.78))
        return mix(sauce, cheese, ramp(noise(p, 2.6, 3) - 0.25 * ramp(length(p[0], p[2]), 1.0, 1.3), 0.36, 0.5))

    salami = union([lambda p, s=s: disc(at(p, s[0], 0.2, s[1], tilt=4 * np.sin(9 * s[0]), roll=4 * np.sin(7 * s[1])), 0.22, 0.025, 0.02) for s in spots])

    def meat(p: Points) -> Array:
        out = np.min([length(p[0] - s[0], p[2] - s[1]) for s in spots], 0)
        red = mix(colour_of("#a3200f"), colour_of("#cf4a2c"), ramp(noise(p, 11, 2), 0.4, 0.7))
        return mix(red, colour_of("#6e1208"), ramp(out, 0.17, 0.22))

    basil = union([lambda p, s=s: ball(at(p, s[0], 0.22, s[1], turn=200 * s[0]) * np.array([[1], [2.5], [1.8]]), 0.14) / 2.6 for s in greens])
    bodies = [
        wood("#5d3c24", "#8a6038"), Body(base, topped, rough(6, 0.05), shine=0.22, gloss=18),
        Body(crust, baked, rough(7, 0.03)), Body(salami, meat, rough(14, 0.012), shine=0.3, gloss=20),
        Body(basil, mottled("#2c5c1c", "#4f8a30", 8), shine=0.1),
    ]
    return bodies, View(**{"height": 56, "away": 5.4, "look": (0, 0.1, 0.05), "zoom": 3.58, "blur": 0.68, **view})


def hamburger(seed: int = 2, **view: float) -> Scene:
    """A hamburger with salad, tomato, cheese and sesame, and some chips behind it."""
    y = 0.1
    chance = np.random.default_rng(seed)

    def low(p: Points) -> Array:
        return disc(at(p, y=y + 0.16), 0.9, 0.16, 0.12)

    def patty(p: Points) -> Array:
        return disc(at(p, y=y + 0.44), 0.95, 0.14, 0.12) - 0.02 * noise(p, 5, 2)

    def slab(p: Points) -> Array:
        q = at(p, y=y + 0.6, turn=40)
        sag = 0.16 * ramp(length(q[0], q[2]), 0.8, 1.25)
        return block(np.stack([q[0], q[1] + sag, q[2]]), 0.84, 0.025, 0.84, 0.02) * 0.8

    def tomato(p: Points) -> Array:
        return np.minimum(disc(at(p, -0.36, y + 0.68, -0.4), 0.5, 0.05, 0.04), disc(at(p, 0.42, y + 0.68, -0.34), 0.5, 0.05, 0.04))

    def salad(p: Points) -> Array:
        angle, out = np.arctan2(p[2], p[0]), length(p[0], p[2])
        wave = 0.07 * np.sin(11 * angle) * ramp(out, 0.6, 1.0) + 0.04 * np.sin(23 * angle + 1) * ramp(out, 0.7, 1.05)
        return np.maximum(np.abs(p[1] - (y + 0.78) - wave) - 0.03, out - 1.04 - 0.04 * np.sin(17 * angle)) * 0.45

    def top(p: Points) -> Array:
        q = at(p, y=y + 0.86)
        return merge(np.maximum(ball(q, 0.95, 0.66), -q[1]), disc(at(p, y=y + 0.92), 0.9, 0.08, 0.07), 0.08)

    around, lift = chance.uniform(0, 2 * np.pi, 90), np.sqrt(chance.uniform(0.0, 0.75, 90))
    seeds = np.stack([0.95 * lift * np.cos(around), y + 0.86 + 0.66 * 0.95 * np.sqrt(1 - lift**2), 0.95 * lift * np.sin(around)], 1)

    def near(p: Points) -> Array:
        best = np.full(p.shape[1], 9.0, np.float32)
        for k, dot in enumerate(seeds):
            away = p - dot[:, None]
            c, s = np.cos(k * 1.7), np.sin(k * 1.7)
            best = np.minimum(best, length((c * away[0] - s * away[2]) / 1.7, away[1], s * away[0] + c * away[2]))
        return best

    def crusted(p: Points) -> Array:
        brown = mix(colour_of("#d9963f"), colour_of("#a9581a"), ramp(p[1], y + 0.95, y + 1.4)) * (0.85 + 0.3 * noise(p, 2.5, 3))
        return np.where(near(p) < 0.03, colour_of("#fff0c8"), brown)

    bodies = [
        wood("#4a2f1d", "#7a5334"), Body(low, mottled("#c98a45", "#e2b06a", 3), rough(10, 0.01)),
        Body(patty, mottled("#2e1408", "#6a3618", 8), rough(11, 0.07), shine=0.25, gloss=15),
        Body(slab, plain("#ffb52a"), shine=0.15, soft=0.4), Body(tomato, mottled("#c4200f", "#e0452a", 6), shine=0.3), Body(salad, mottled("#4f8a1e", "#9cc94a", 4), rough(8, 0.02), shine=0.1, soft=0.5),
        Body(top, crusted, lambda p: -0.025 * ramp(near(p), 0.045, 0.015), shine=0.22, gloss=25),
    ]
    chance, parts = np.random.default_rng(seed + 5), []
    for k in range(16):
        spot = (1.35 + chance.normal(0, 0.2), 0.08 + 0.09 * (k % 3), 0.5 + chance.normal(0, 0.35))
        parts.append(lambda p, s=spot, t=chance.uniform(0, 180): block(at(p, *s, turn=t), 0.45, 0.06, 0.06, 0.02))
    bodies.append(Body(union(parts), mottled("#e8b64c", "#f6da8d", 5), rough(12, 0.01)))
    return bodies, View(**{"height": 13, "away": 5.2, "look": (0, 0.75, 0), "zoom": 3.51, "blur": 1.35, **view})


def hot_dog(waves: float = 9.0, **view: float) -> Scene:
    """A sausage in a bun with mustard and ketchup."""

    def bun(p: Points) -> Array:
        left = rod(at(p, 0, 0.36, -0.3), 1.0, 0.33)
        right = rod(at(p, 0, 0.36, 0.3), 1.0, 0.33)
        return merge(merge(left, right, 0.12), rod(at(p, 0, 0.22, 0), 1.0, 0.22), 0.1)

    def sausage(p: Points) -> Array:
        return rod(at(p, 0, 0.6, 0), 1.3, 0.22)

    def stripe(shift: float) -> Callable[[Points], Array]:
        def distance(p: Points) -> Array:
            path = 0.12 * np.sin(waves * p[0] + shift)
            lift = 0.6 + np.sqrt(np.maximum(0.24**2 - path**2, 0))
            return np.maximum(length(p[1] - lift, (p[2] - path) * 0.62) - 0.05, np.abs(p[0]) - 1.25) * 0.55

        return distance

    bodies = [
        wood("#5d3c24", "#93663c"), plate(2.2),
        Body(bun, lambda p: mix(colour_of("#f3dcae"), mix(colour_of("#d08a3a"), colour_of("#a55c1e"), ramp(noise(p, 2, 3), 0.3, 0.7)), ramp(np.abs(p[2]), 0.2, 0.42)), rough(9, 0.01), shine=0.12),
        Body(sausage, mottled("#7d2410", "#b54a22", 3), rough(5, 0.02), shine=0.5, gloss=25),
        Body(stripe(0), plain("#f2b705"), shine=0.4, soft=0.4),
        Body(stripe(np.pi), plain("#b3180f"), shine=0.4, soft=0.4),
    ]
    return bodies, View(**{"turn": 35, "height": 38, "away": 5.2, "look": (0, 0.35, 0), "zoom": 3.51, "blur": 0.90, **view})


def macarons(colours: tuple[str, ...] = ("#f08cae", "#a8c96a", "#f2d27a", "#b58ad0", "#8a5a3c"), **view: float) -> Scene:
    """Macarons in several colours: a row, and some on top."""
    places = [(-1.0, 0.0, -0.35, 0, 0), (0.05, 0.0, -0.55, 0, 0), (1.05, 0.0, -0.3, 0, 0), (-0.5, 0.0, 0.55, 0, 0), (0.6, 0.0, 0.55, 0, 0), (-0.45, 0.64, 0.0, 6, 3), (0.6, 0.64, 0.02, -5, 8)]
    bodies = [cloth("#e6dfd6")]
    for number, (x, y, z, tilt, roll) in enumerate(places):
        text = colours[number % len(colours)]

        def own(p: Points, place: tuple = (x, y + 0.32, z, 0, tilt, roll)) -> Points:
            return at(p, *place)

        def shell(p: Points, own: Callable = own) -> Array:
            q = own(p)
            q = np.stack([q[0], np.abs(q[1]) - 0.13, q[2]])
            return np.maximum(ball(q, 0.5, 0.36), -q[1])

        def foot(p: Points, own: Callable = own) -> Array:
            q = own(p)
            return ring(np.stack([q[0], np.abs(q[1]) - 0.11, q[2]]), 0.44, 0.055) - 0.03 * noise(p, 14, 2)

        def cream(p: Points, own: Callable = own) -> Array:
            return disc(own(p), 0.43, 0.08, 0.05)

        tint = colour_of(text)
        bodies += [
            Body(shell, lambda p, tint=tint: tint * (0.92 + 0.16 * noise(p, 9, 2)), rough(16, 0.006), shine=0.1, gloss=20, soft=0.45),
            Body(foot, lambda p, tint=tint: mix(tint, np.ones_like(tint), np.full(p.shape[1], 0.18)), rough(22, 0.05), soft=0.4),
            Body(cream, lambda p, tint=tint: mix(tint, np.ones_like(tint), np.full(p.shape[1], 0.6)), soft=0.4),
        ]
    return bodies, View(**{"turn": 8, "height": 30, "away": 5.6, "look": (0.05, 0.4, 0), "zoom": 3.64, "blur": 0.90, **view})


def waffles(cells: int = 6, count: int = 2, **view: float) -> Scene:
    """Waffles with berries, cream and syrup."""
    width = 1.12

    def one(p: Points, x: float, y: float, z: float, turn: float) -> Array:
        q = at(p, x, y, z, turn=turn)
        body = disc(q, width + 0.1, 0.12, 0.06)
        pitch = 2 * width / cells
        inside = np.stack([(q[0] + width) % pitch - pitch / 2, np.abs(q[1]) - 0.14, (q[2] + width) % pitch - pitch / 2])
        pits = block(inside, pitch * 0.36, 0.1, pitch * 0.36, 0.03)
        edge = length(q[0], q[2]) - width + 0.04
        return np.maximum(body, -np.maximum(pits, edge)) * 0.8

    places = [(0.0, 0.2 + 0.25 * k, 0.12 * k, 12.0 + 14 * k) for k in range(count)]
    top = 0.2 + 0.25 * (count - 1) + 0.12

    def stack(p: Points) -> Array:
        return union([lambda q, place=place: one(q, *place) for place in places])(p)

    def browned(p: Points) -> Array:
        raised = ramp(p[1], top - 0.1, top)
        brown = mix(colour_of("#d99a45"), colour_of("#b56c24"), ramp(noise(p, 3, 3), 0.3, 0.7))
        return mix(colour_of("#e9bd6e"), brown, raised * 0.9 + 0.1)

    reds = [(-0.25, -0.4), (0.12, -0.62), (0.4, -0.28)]
    blues = [(-0.5, -0.15), (0.55, 0.1), (0.0, -0.3), (0.2, 0.35), (-0.35, 0.3)]
    bodies = [
        cloth("#c9c4bb"), plate(2.0), Body(stack, browned, rough(12, 0.012), shine=0.06),
        Body(lambda p: merge(ball(at(p, 0.0, top + 0.1, 0.05), 0.3, 0.7), ball(at(p, 0.03, top + 0.3, 0.05), 0.18, 0.9), 0.1), plain("#fffaf0"), rough(5, 0.05), shine=0.1, soft=0.6),
        Body(union([lambda p, s=s: ball(at(p, s[0], top + 0.1, s[1]) * np.array([[1], [0.85], [1]]), 0.16) for s in reds]), mottled("#b3101c", "#dc2a30", 8), rough(22, 0.03), shine=0.35),
        Body(union([lambda p, s=s: ball(at(p, s[0], top + 0.06, s[1]), 0.1) for s in blues]), mottled("#1f2850", "#39457c", 9), shine=0.12),
    ]
    return bodies, View(**{"turn": 0, "height": 42, "away": 5.2, "look": (0, 0.3, 0), "zoom": 3.38, "blur": 0.68, **view})


def ice_cream(flavours: tuple[str, ...] = ("#f6a9bd", "#fbf0d2", "#6a3b22"), seed: int = 2, **view: float) -> Scene:
    """Three scoops in a bowl of glass, with sauce."""
    places = [(-0.41, 0.88, -0.2), (0.41, 0.88, -0.15), (0.0, 1.34, 0.12)]

    def bowl(p: Points) -> Array:
        q = at(p, y=1.15)
        return np.maximum(np.abs(ball(q, 1.12, 0.9)) - 0.04, p[1] - 0.82) * 0.9

    bodies = [cloth("#cfc4b8"), Body(bowl, plain("#dfe6ea"), shine=0.6, gloss=60)]
    for number, ((x, y, z), text) in enumerate(zip(places, flavours, strict=True)):

        def scoop(p: Points, x: float = x, y: float = y, z: float = z) -> Array:
            q = at(p, x, y, z)
            skirt = ring(at(q, y=-0.26), 0.42, 0.1) - 0.08 * noise(p, 5, 2)
            return merge(ball(q, 0.5), skirt, 0.08) - 0.05 * noise(p, 6, 3)

        tint = colour_of(text)
        bodies.append(Body(lambda p, scoop=scoop: scoop(p) * 0.85, lambda p, tint=tint: tint * (0.85 + 0.3 * noise(p, 7, 3)), rough(11, 0.07), shine=0.12, gloss=20, soft=0.5))
    return bodies, View(**{"height": 22, "away": 5.2, "look": (0, 0.95, 0), "zoom": 3.30, "blur": 0.90, **view})


def cup_cakes(icings: tuple[str, ...] = ("#f7a6c4", "#fff3dd", "#7a4a2c"), cups: tuple[str, ...] = ("#d94f7a", "#8a5a3c", "#e9d9b8"), **view: float) -> Scene:
    """Three cup cakes with swirls of icing."""
    places = [(-0.95, 0.1), (0.35, -0.45), (0.75, 1.0)]
    bodies = [cloth("#d9d2c6")]
    for number, ((x, z), icing, cup) in enumerate(zip(places, icings, cups, strict=True)):

        def case(p: Points, x: float = x, z: float = z) -> Array:
            q = at(p, x, 0.36, z)
            angle = np.arctan2(q[2], q[0])
            wide = 0.46 + 0.2 * (q[1] + 0.36) + 0.02 * np.cos(28 * angle)
            return np.maximum(length(q[0], q[2]) - wide, np.abs(q[1]) - 0.36) * 0.75

        def swirl(p: Points, x: float = x, z: float = z) -> Array:
            q = at(p, x, 0.72, z)
            angle = np.arctan2(q[2], q[0]) / (2 * np.pi)
            best = None
            for turn in range(5):
                lift = np.clip(turn + angle, 0.0, 4.2)
                out = 0.47 - 0.105 * lift
                one = length(length(q[0], q[2]) - out, q[1] - 0.1 - 0.17 * lift) - (0.2 - 0.026 * lift)
                best = one if best is None else merge(best, one, 0.03)
            return best * 0.75

        def cake(p: Points, x: float = x, z: float = z) -> Array:
            return disc(at(p, x, 0.72, z), 0.58, 0.08, 0.07)

        bodies += [
            Body(case, plain(cup), soft=0.4), Body(cake, mottled("#b9752f", "#8f5420", 7), rough(12, 0.03)),
            Body(swirl, plain(icing), rough(7, 0.015), shine=0.12, gloss=20, soft=0.5),
        ]
        bodies.append(Body(lambda p, x=x, z=z: ball(at(p, x, 1.62, z), 0.13), plain("#c4121f"), shine=0.6, gloss=50))
    return bodies, View(**{"turn": 0, "height": 22, "away": 6.6, "look": (0, 0.75, 0.2), "zoom": 3.51, "blur": 0.90, **view})


def creme_brulee(burnt: float = 0.4, seed: int = 4, **view: float) -> Scene:
    """A white dish of cream with a burnt crust of sugar."""

    def dish(p: Points) -> Array:
        out, angle = length(p[0], p[2]), np.arctan2(p[2], p[0])
        wall = np.maximum(np.abs(out - 1.3) - 0.09 - 0.02 * np.cos(36 * angle) * ramp(out, 1.3, 1.38), np.abs(p[1] - 0.36) - 0.36)
        return wall * 0.7

    def cream(p: Points) -> Array:
        return disc(at(p, y=0.35), 1.26, 0.22, 0.03)

    def crust(p: Points) -> Array:
        base = mix(colour_of("#f0b548"), colour_of("#d98a20"), ramp(noise(p + seed, 1.6, 4), 0.3, 0.6))
        dark = mix(base, colour_of("#6b2e0a"), ramp(noise(p + 2 * seed, 2.2, 4), burnt, burnt + 0.18))
        return mix(dark, colour_of("#200b03"), ramp(noise(p + 3 * seed, 3.0, 4), burnt + 0.14, burnt + 0.26))

    bodies = [cloth("#b9b2a8"), plate(2.3), Body(dish, plain("#f7f6f2"), shine=0.4, gloss=60), Body(cream, crust, rough(7, 0.05), shine=0.45, gloss=25)]
    return bodies, View(**{"height": 44, "away": 5.4, "look": (0, 0.35, 0), "zoom": 3.38, "blur": 0.68, **view})


def french_fries(count: int = 46, seed: int = 4, **view: float) -> Scene:
    """A heap of chips on a plate."""
    chance = np.random.default_rng(seed)
    spots, shapes = scattered(seed, count, 0.95), []
    for k, s in enumerate(spots):
        high = 0.16 + 0.62 * max(0.0, 1 - np.hypot(*s) / 1.05) * chance.uniform(0.5, 1)
        place = (s[0], high, s[1], chance.uniform(0, 360), chance.normal(0, 10), chance.normal(0, 14))
        half = chance.uniform(0.4, 0.72)
        shapes.append(lambda p, place=place, half=half: block(at(p, *place), half, 0.085, 0.085, 0.02))
    heap = union(shapes)
    bodies = [wood("#4d3220", "#7d5738"), plate(1.9), Body(heap, lambda p: mix(mix(colour_of("#e9a93a"), colour_of("#f3c860"), ramp(noise(p, 4, 3), 0.3, 0.7)), colour_of("#c98428"), ramp(noise(p + 4, 5, 3), 0.6, 0.85)), rough(12, 0.012), shine=0.1, soft=0.4)]
    return bodies, View(**{"height": 42, "away": 5.2, "look": (0, 0.3, 0), "zoom": 3.38, "blur": 0.68, **view})
