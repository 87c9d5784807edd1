"""Augmentation of a batch on tensors: crop, flip, shift, softness, colour and cutout.

Every function takes its random numbers from the generator it is given, so a batch depends on nothing else.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


def uniform(generator: Generator, low: float, high: float, *shape: int) -> Tensor:
    """Random numbers between low and high."""
    return torch.empty(shape).uniform_(low, high, generator=generator)


def random_crop(generator: Generator, images: Tensor, pixels: int, smallest: float) -> Tensor:
    """Random resized crop and horizontal flip: uint8 [N, H, W, C] -> float [N, C, pixels, pixels] in 0..255.

    A crop covers between `smallest` and all of the area, with an aspect ratio between 3:4 and 4:3.
    """
    count, _, _, channels = images.shape
    side = uniform(generator, smallest, 1, count).sqrt()
    stretch = uniform(generator, -0.2877, 0.2877, count).exp().sqrt()
    scale_x, scale_y = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    affine = torch.zeros(count, 2, 3)
    affine[:, 0, 0] = scale_x * torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    affine[:, 0, 2] = uniform(generator, -1, 1, count) * (1 - scale_x)
    affine[:, 1, 1] = scale_y
    affine[:, 1, 2] = uniform(generator, -1, 1, count) * (1 - scale_y)
    grid = F.affine_grid(affine, [count, channels, pixels, pixels], align_corners=False)
    planes = images.permute(0, 3, 1, 2).float()
    return F.grid_sample(planes, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def soften(generator: Generator, images: Tensor, most: float) -> Tensor:
    """Blend every picture with its own 3x3 mean by a share of up to `most`: float [N, C, H, W]."""
    share = uniform(generator, 0, most, len(images), 1, 1, 1)
    return images.lerp(F.avg_pool2d(images, 3, 1, 1, count_include_pad=False), share)


def colour_jitter(generator: Generator, images: Tensor, strength: float) -> Tensor:
    """Random brightness, contrast and channel gains: float [N, C, H, W] in 0..255, kept there."""
    count, channels = images.shape[:2]
    gain = uniform(generator, 1 - strength, 1 + strength, count, 1, 1, 1)
    tint = uniform(generator, 1 - strength / 3, 1 + strength / 3, count, channels, 1, 1)
    images = (images * (gain * tint)).clamp(0, 255)
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = uniform(generator, 1 - strength, 1 + strength, count, 1, 1, 1)
    return ((images - mean) * contrast + mean).clamp(0, 255)


def cutout(generator: Generator, images: Tensor, side: int) -> Tensor:
    """Set one random square of `side` pixels (odd) to zero in every picture: float [N, C, H, W]."""
    count, _, height, width = images.shape
    rows = torch.arange(height)[None, :, None] - torch.randint(0, height, (count, 1, 1), generator=generator)
    columns = torch.arange(width)[None, None, :] - torch.randint(0, width, (count, 1, 1), generator=generator)
    inside = (rows.abs() <= side // 2) & (columns.abs() <= side // 2)
    return images * ~inside[:, None]


def shift_and_flip(generator: Generator, images: Tensor, most: int) -> Tensor:
    """Shift by up to `most` pixels (zeros enter) and flip at random: uint8 [N, H, W, C] -> float [N, C, H, W]."""
    count, height, width, _ = images.shape
    planes = F.pad(images.permute(0, 3, 1, 2).float(), (most, most, most, most))
    flip = torch.rand(count, generator=generator) < 0.5
    planes = torch.where(flip[:, None, None, None], planes.flip(3), planes)
    top = torch.randint(0, 2 * most + 1, (count, 1), generator=generator) + torch.arange(height)
    left = torch.randint(0, 2 * most + 1, (count, 1), generator=generator) + torch.arange(width)
    return planes[torch.arange(count)[:, None, None], :, top[:, :, None], left[:, None, :]].permute(0, 3, 1, 2)
