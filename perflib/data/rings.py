"""Whether the rings of an outline cross themselves or one another, and where."""

import numpy as np

_BLOCK = 512  # segments looked at at once: an outline of thousands of points must not fill the memory

Place = tuple[float, float]


def crossing(one: np.ndarray, two: np.ndarray) -> Place | None:
    """Where a segment of ring `one` crosses a segment of ring `two` (points × 2, closed); touching is no crossing.

    >>> bow = np.array([[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]], float)
    >>> crossing(bow, bow)
    (1.0, 1.0)
    """
    for start in range(0, len(one) - 1, _BLOCK):
        part = one[start : start + _BLOCK + 1]
        hit = _changes(_sides(part, two)) & _changes(_sides(two, part)).T
        if hit.any():
            first, second = np.argwhere(hit)[0]
            return _meeting(part[first : first + 2], two[second : second + 2])
    return None


def _sides(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """On which side of each segment of `line` each point lies: segments × points, positive on the left."""
    step = np.diff(line, axis=0)
    away = points[None] - line[:-1, None]
    return np.sign(step[:, None, 0] * away[..., 1] - step[:, None, 1] * away[..., 0])


def _changes(sides: np.ndarray) -> np.ndarray:
    """Which steps between points lead from one side to the other."""
    return sides[:, :-1] * sides[:, 1:] < 0


def _meeting(one: np.ndarray, two: np.ndarray) -> Place:
    first, second, gap = one[1] - one[0], two[1] - two[0], two[0] - one[0]
    share = (gap[0] * second[1] - gap[1] * second[0]) / (first[0] * second[1] - first[1] * second[0])
    x, y = one[0] + share * first
    return float(x), float(y)


def is_inside(point: np.ndarray, ring: np.ndarray) -> bool:
    """Whether a ray from the point to the east leaves the ring an odd number of times."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    passes = (y0 > point[1]) != (y1 > point[1])
    height = np.where(passes, y1 - y0, 1)
    return bool((passes & (point[0] < x0 + (point[1] - y0) * (x1 - x0) / height)).sum() % 2)


def fault_of_polygon(rings: list[np.ndarray]) -> tuple[str, Place] | None:
    """("crossing" or "hole", place) of the first fault of a polygon: the outer ring and its holes; None if sound."""
    for ring in rings:
        if (place := crossing(ring, ring)) is not None:
            return "crossing", place
    shell = rings[0]
    for hole in rings[1:]:
        place = crossing(hole, shell)
        if place is None and not any(is_inside(point, shell) for point in hole):
            place = float(hole[0, 0]), float(hole[0, 1])
        if place is not None:
            return "hole", place
    return None
