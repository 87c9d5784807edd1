"""Render small scenes of solid bodies with soft light, shadows and a shallow depth of field; needs numpy and Pillow only.

A body is a signed distance function: the distance of points from its surface, negative inside. Rays march along it
(https://iquilezles.org/articles/distfunctions/). Lengths are in decimetres or so; y points up, and the table is y = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

Array = np.ndarray
Points = Array  # float32 [3, N]

STEPS = 90
FAR = 14.0
TOUCH = 0.0015  # a ray that comes this near has hit
LATTICE = np.random.default_rng(7).random((32, 32, 32), np.float32)


@dataclass(frozen=True)
class Body:
    """One thing of a scene: its shape, and how its surface looks."""

    distance: Callable[[Points], Array]  # [3, N] -> [N]
    colour: Callable[[Points], Array]  # [3, N] -> [3, N], linear light from 0 to 1
    bump: Callable[[Points], Array] | None = None  # small height that only the light notices
    shine: float = 0.0  # strength of the highlight
    gloss: float = 30.0  # how small the highlight is
    soft: float = 0.25  # how far light creeps around, as in dough and fruit


@dataclass(frozen=True)
class View:
    """Where the camera stands and what lights the scene."""

    turn: float = 0.0  # degrees around the table
    height: float = 40.0  # degrees above it
    away: float = 5.0
    look: tuple[float, float, float] = (0.0, 0.4, 0.0)
    zoom: float = 2.4
    blur: float = 0.0  # radius of the blur in pixels, one unit of length behind the point looked at
    sun: tuple[float, float, float] = (-0.6, 0.8, -0.45)
    warmth: float = 0.0  # above 0: yellower light
    sun_strength: float = 2.3
    sky_strength: float = 0.85
    exposure: float = 0.6


def noise(points: Points, scale: float, octaves: int = 1) -> Array:
    """Smooth noise from 0 to 1, `scale` grains in a unit of length; each octave is twice as fine and half as strong."""
    total, weight, strength = np.zeros(points.shape[1], np.float32), 0.0, 1.0
    for octave in range(octaves):
        p = points * scale * 2**octave + 17.3 * octave
        cell = np.floor(p).astype(np.int32)
        part = p - cell
        part = part * part * (3 - 2 * part)
        (i, j, k), (x, y, z) = cell & 31, part
        value = 0
        for a, wx in ((0, 1 - x), (1, x)):
            for b, wy in ((0, 1 - y), (1, y)):
                for c, wz in ((0, 1 - z), (1, z)):
                    value = value + wx * wy * wz * LATTICE[(i + a) & 31, (j + b) & 31, (k + c) & 31]
        total, weight, strength = total + strength * value, weight + strength, strength / 2
    return total / weight


def colour_of(text: str) -> Array:
    """Linear light [3, 1] of a colour such as #c98a45."""
    values = np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)], np.float32) / 255
    return (values**2.2)[:, None]


def mix(first: Array, second: Array, share: Array) -> Array:
    """From `first` (share 0) to `second` (share 1)."""
    share = np.clip(share, 0, 1)
    return first * (1 - share) + second * share


def ramp(value: Array, low: float, high: float) -> Array:
    """From 0 at `low` to 1 at `high`, without corners."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def length(*parts: Array) -> Array:
    """Length of vectors given by their parts."""
    return np.sqrt(sum(part * part for part in parts))


def at(points: Points, x: float = 0, y: float = 0, z: float = 0, turn: float = 0, tilt: float = 0, roll: float = 0) -> Points:
    """The points as a body sees them that lies at x, y, z, turned about y, then x, then z (degrees)."""
    x, y, z = points[0] - x, points[1] - y, points[2] - z
    if turn:
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        x, z = c * x - s * z, s * x + c * z
    if tilt:
        c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
        y, z = c * y - s * z, s * y + c * z
    if roll:
        c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
        x, y = c * x - s * y, s * x + c * y
    return np.stack([x, y, z])


def ball(p: Points, radius: float, flat: float = 1.0) -> Array:
    """A ball, or with `flat` below 1 an ellipsoid that is less high."""
    if flat == 1.0:
        return length(*p) - radius
    q = length(p[0], p[1] / flat, p[2])
    slope = length(p[0], p[1] / flat**2, p[2]) / np.maximum(q, 1e-6)
    return (q - radius) / np.maximum(slope, 1.0)


def ring(p: Points, radius: float, thick: float) -> Array:
    """A lying ring."""
    return length(length(p[0], p[2]) - radius, p[1]) - thick


def disc(p: Points, radius: float, half: float, edge: float = 0.03) -> Array:
    """A lying cylinder of the height 2 * half, with rounded edges."""
    out, up = length(p[0], p[2]) - radius + edge, np.abs(p[1]) - half + edge
    return np.minimum(np.maximum(out, up), 0) + length(np.maximum(out, 0), np.maximum(up, 0)) - edge


def block(p: Points, x: float, y: float, z: float, edge: float = 0.03) -> Array:
    """A box of the half sizes x, y, z, with rounded edges."""
    q = np.stack([np.abs(p[0]) - x + edge, np.abs(p[1]) - y + edge, np.abs(p[2]) - z + edge])
    return length(*np.maximum(q, 0)) + np.minimum(q.max(0), 0) - edge


def rod(p: Points, half: float, radius: float) -> Array:
    """A rod along x with round ends; 2 * half is the length without them."""
    return length(np.maximum(np.abs(p[0]) - half, 0), p[1], p[2]) - radius


def merge(first: Array, second: Array, soft: float) -> Array:
    """The union of two bodies, with a fillet of about `soft`."""
    share = np.clip(0.5 + 0.5 * (second - first) / soft, 0, 1)
    return second + (first - second) * share - soft * share * (1 - share)


def nearest(bodies: list[Body], points: Points) -> Array:
    """Distance from the nearest body."""
    best = bodies[0].distance(points)
    for body in bodies[1:]:
        best = np.minimum(best, body.distance(points))
    return best


def march(bodies: list[Body], origin: Points, ray: Points, far: float = FAR) -> Array:
    """How far each ray goes until it hits; `far` or more where it hits nothing."""
    gone = np.full(ray.shape[1], 0.02, np.float32)
    active = np.arange(ray.shape[1])
    for _ in range(STEPS):
        step = nearest(bodies, origin[:, active] + ray[:, active] * gone[active])
        gone[active] += step * 0.9
        active = active[(step > TOUCH) & (gone[active] < far)]
        if active.size == 0:
            break
    return gone


def shadow(bodies: list[Body], origin: Points, light: Array, size: float = 9.0) -> Array:
    """Share of a wide light that reaches each point."""
    share = np.ones(origin.shape[1], np.float32)
    gone = np.full(origin.shape[1], 0.03, np.float32)
    active = np.arange(origin.shape[1])
    for _ in range(36):
        step = nearest(bodies, origin[:, active] + light * gone[active])
        share[active] = np.minimum(share[active], np.clip(0.5 + 0.5 * size * step / gone[active], 0, 1))
        gone[active] += np.clip(step, 0.03, 0.3)
        active = active[(share[active] > 0.01) & (gone[active] < 4)]
        if active.size == 0:
            break
    return share * share * (3 - 2 * share)


def openness(bodies: list[Body], points: Points, normal: Points) -> Array:
    """Share of the sky that each point sees, roughly."""
    hidden, weight = np.zeros(points.shape[1], np.float32), 1.0
    for reach in (0.04, 0.12, 0.25, 0.45):
        hidden += weight * np.maximum(reach - nearest(bodies, points + normal * reach), 0) / reach
        weight *= 0.75
    return np.clip(1 - 0.42 * hidden, 0, 1)


def render(bodies: list[Body], view: View, pixels: int, samples: int = 2) -> Image.Image:
    """A square picture of the bodies."""
    size = pixels * samples
    turn, height = np.radians(view.turn), np.radians(view.height)
    look = np.array(view.look, np.float32)
    eye = look + view.away * np.array([np.sin(turn) * np.cos(height), np.sin(height), -np.cos(turn) * np.cos(height)], np.float32)
    ahead = (look - eye) / np.linalg.norm(look - eye)
    right = np.cross(np.array([0, 1, 0]), ahead)
    right /= np.linalg.norm(right)
    up = np.cross(ahead, right)
    v, u = np.mgrid[0.5:size, 0.5:size] / size * 2 - 1
    ray = right[:, None] * u.ravel() - up[:, None] * v.ravel() + ahead[:, None] * view.zoom
    ray = (ray / np.linalg.norm(ray, axis=0)).astype(np.float32)
    origin = np.repeat(eye[:, None], ray.shape[1], 1).astype(np.float32)
    gone = march(bodies, origin, ray)
    points = origin + ray * gone
    each = np.stack([body.distance(points) for body in bodies])
    owner = each.argmin(0)
    sun = np.array(view.sun, np.float32)
    c, s = np.cos(turn), np.sin(turn)
    sun = np.array([c * sun[0] - s * sun[2], sun[1], s * sun[0] + c * sun[2]], np.float32)
    sun = (sun / np.linalg.norm(sun))[:, None]
    warm = np.array([1 + 0.12 * view.warmth, 1, 1 - 0.22 * view.warmth], np.float32)[:, None]
    light = np.zeros_like(ray)
    for index, body in enumerate(bodies):
        mine = np.flatnonzero(owner == index)
        if mine.size == 0:
            continue
        here = points[:, mine]

        def surface(p: Points, body: Body = body) -> Array:
            return body.distance(p) + (body.bump(p) if body.bump else 0)

        normal, reach = np.empty_like(here), 0.004
        for axis in range(3):
            move = np.zeros((3, 1), np.float32)
            move[axis] = reach
            normal[axis] = surface(here + move) - surface(here - move)
        normal /= np.maximum(length(*normal), 1e-9)
        lifted = here + normal * 0.01
        facing = (normal * sun).sum(0)
        direct = np.clip((facing + body.soft) / (1 + body.soft), 0, 1) * shadow(bodies, lifted, sun)
        sky = openness(bodies, here, normal) * (0.6 + 0.4 * normal[1])
        albedo = body.colour(here)
        light[:, mine] = albedo * (view.sun_strength * direct * warm + view.sky_strength * sky + 0.12)
        if body.shine:
            half = sun - ray[:, mine]
            half /= length(*half)
            mirror = np.clip((normal * half).sum(0), 0, 1) ** body.gloss * direct
            rim = (1 - np.clip(-(normal * ray[:, mine]).sum(0), 0, 1)) ** 4 * sky * 0.5
            light[:, mine] += body.shine * (mirror * 1.6 + rim)
    light *= view.exposure
    light = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)  # the film curve of ACES, after Narkowicz
    shown = (np.clip(light, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8).T.reshape(size, size, 3)
    sharp = Image.fromarray(shown)
    if view.blur:
        depth = (gone * (ray * ahead[:, None]).sum(0) - view.away).reshape(size, size)
        sharp = defocus(sharp, np.abs(depth) * view.blur * samples)
    return sharp.resize((pixels, pixels), Image.Resampling.BOX)


def defocus(picture: Image.Image, radius: Array) -> Image.Image:
    """Blur each pixel by its own radius."""
    steps = [0.0, 1.0, 2.0, 4.0, 7.0, 11.0]
    layers = [np.asarray(picture.filter(ImageFilter.GaussianBlur(step)), np.float32) for step in steps]
    radius = np.asarray(Image.fromarray((np.clip(radius, 0, 11) * 20).astype(np.uint8)).filter(ImageFilter.BoxBlur(3)), np.float32) / 20
    result = layers[-1].copy()
    for index in range(len(steps) - 1):
        share = np.clip((radius - steps[index]) / (steps[index + 1] - steps[index]), 0, 1)[..., None]
        inside = (radius >= steps[index]) & (radius < steps[index + 1])
        result[inside] = (layers[index] * (1 - share) + layers[index + 1] * share)[inside]
    return Image.fromarray(result.astype(np.uint8))
