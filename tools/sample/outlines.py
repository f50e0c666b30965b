"""Outlines of the made-up districts: hexagons with crooked borders, in the open sea. Sample, not real (示例数据)."""

from itertools import pairwise

import numpy as np
import pandas as pd

from perflib.data.outline import outline_text
from tools.sample.chance import stream

EAST, NORTH = 150.0, 30.0  # in the Pacific, so that nobody takes the outlines for real places
SIZE = 0.12  # degrees from the middle of a district to a corner
HALVINGS = 3  # a border becomes 2 ** HALVINGS pieces
# The sample district lies in the middle; the last row is the coast.
ROWS = (
    ("330188", "330190", "330189"),
    ("330191", "330192", "330199", "330193"),
    ("330194", "330195", "330196"),
    ("330197", "330198"),
)


def make_outlines() -> pd.Series:
    """The outline of each district by its code; neighbours share their border point by point."""
    middles = {
        code: ((at - (len(row) - 1) / 2) * np.sqrt(3), -1.5 * line)
        for line, row in enumerate(ROWS)
        for at, code in enumerate(row)
    }
    return pd.Series({code: outline_text([[_ring(middle)]]) for code, middle in middles.items()})


def _ring(middle: tuple[float, float]) -> list[list[float]]:
    turns = np.radians(30 + 60 * np.arange(6))
    corners = [_key(middle[0] + np.cos(t), middle[1] + np.sin(t)) for t in turns]
    ends = zip(corners, [*corners[1:], corners[0]], strict=True)
    points = [point for one, other in ends for point in _border(one, other)[:-1]]
    places = np.array([*points, points[0]]) * SIZE + (EAST, NORTH)
    return np.round(places, 4).tolist()


def _key(x: float, y: float) -> tuple[int, int]:
    """A corner as whole thousandths, so that all districts that meet there name it alike."""
    return round(x * 1000), round(y * 1000)


def _corner(key: tuple[int, int]) -> np.ndarray:
    return np.array(key) / 1000 + stream("outlines", *key).uniform(-0.28, 0.28, 2)


def _border(one: tuple[int, int], other: tuple[int, int]) -> list[np.ndarray]:
    """Points of the border from `one` to `other`, the same for both districts beside it."""
    first, last = sorted((one, other))
    rng = stream("outlines", *first, *last)
    line = [_corner(first), _corner(last)]
    for _ in range(HALVINGS):
        line = [p for a, b in pairwise(line) for p in (a, _bent(a, b, rng))] + line[-1:]
    return line if one == first else line[::-1]


def _bent(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The middle of `a` and `b`, moved to the side."""
    across = np.array([a[1] - b[1], b[0] - a[0]])
    return (a + b) / 2 + across * rng.uniform(-0.14, 0.14)
