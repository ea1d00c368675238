"""Charts as tests look at them."""

from __future__ import annotations

import io
from typing import Any

from matplotlib import image


def pixels(png: bytes) -> Any:
    """Red, green and blue from 0 to 1, row by row."""
    return image.imread(io.BytesIO(png))[:, :, :3]


def ink(png: bytes) -> float:
    """Share of the pixels that are not white."""
    return float((pixels(png) < 0.95).any(axis=2).mean())


def grey(png: bytes) -> Any:
    """The picture as a copier without colour prints it."""
    return pixels(png).mean(axis=2)


def height_mm(png: bytes) -> float:
    return float(pixels(png).shape[0]) / 200 * 25.4
