"""Largest standardised difference of any pair, in each of many simulated worlds, without trying every pair.

With independent errors s·z the difference of a pair is |s_j z_j − s_k z_k| / √(s_j² + s_k²) ≤ √(z_j² + z_k²)
(Cauchy–Schwarz). So a pair of small z can't be the largest: the units with the largest |z| are
tried first, and the others only where the bound can't exclude them. The result is exact.
"""

import numpy as np

_FIRST = 32  # units with the largest |z| that are tried first
_CELLS = 200_000  # numbers held at once: they fit the processor's cache


def largest_differences(z: np.ndarray, scale: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Largest (s_j z_j − s_k z_k) / √(s_j² + s_k²) per row of `z`, over ordered pairs not `left_out`.

    `z` is draws × units of standard normals, `scale` the standard errors s. −inf if no pair is left.
    """
    n = z.shape[1]
    order = np.argsort(-np.abs(z), axis=1)
    best = np.full(len(z), -np.inf)
    open_rows, tried = np.arange(len(z)), min(_FIRST, n)
    while len(open_rows):
        for rows in _chunks(open_rows, tried * tried):
            best[rows] = _top_pairs(z, scale, left_out, order[rows, :tried], rows)
        if tried == n:
            break
        # Any pair with a unit outside the tried ones is at most this large.
        size = np.abs(np.take_along_axis(z[open_rows], order[open_rows], axis=1)[:, [0, tried]])
        open_rows = open_rows[np.hypot(size[:, 0], size[:, 1]) > best[open_rows]]
        tried = min(2 * tried, n)
    return best


def _top_pairs(z, scale, left_out, units: np.ndarray, rows: np.ndarray) -> np.ndarray:
    error, s = z[rows[:, None], units] * scale[units], scale[units]
    gaps = (error[:, :, None] - error[:, None, :]) / np.sqrt((s**2)[:, :, None] + (s**2)[:, None, :])
    same = np.eye(units.shape[1], dtype=bool)
    gaps[left_out[units[:, :, None], units[:, None, :]] | same] = -np.inf
    return gaps.max(axis=(1, 2))


def largest_differences_each(
    z: np.ndarray, scale: np.ndarray, units: np.ndarray, beats: np.ndarray, beaten: np.ndarray
) -> np.ndarray:
    """The same for each of `units` (columns) by itself, over the pairs with it in either direction.

    `beats[j, k]` leaves out "j above k", `beaten[j, k]` leaves out "k above j", in the family of j.
    """
    order = np.argsort(-np.abs(z), axis=1)
    best = np.full((len(z), len(units)), -np.inf)
    top = np.abs(np.take_along_axis(z, order, axis=1))
    rows, columns = (i.ravel() for i in np.indices(best.shape))
    done, n = 0, z.shape[1]
    while len(rows):
        upto = min(max(_FIRST, 2 * done), n)
        for part in _chunks(np.arange(len(rows)), upto - done):
            r, c = rows[part], columns[part]
            found = _against(z, scale, units[c], order[r, done:upto], r, beats, beaten)
            best[r, c] = np.maximum(best[r, c], found)
        if upto == n:
            break
        bound = np.hypot(z[rows, units[columns]], top[rows, upto])
        still = bound > best[rows, columns]
        rows, columns, done = rows[still], columns[still], upto
    return best


def _against(z, scale, unit, others: np.ndarray, rows: np.ndarray, beats, beaten) -> np.ndarray:
    error = (z[rows, unit] * scale[unit])[:, None] - z[rows[:, None], others] * scale[others]
    gap = error / np.sqrt(scale[unit][:, None] ** 2 + scale[others] ** 2)
    same = others == unit[:, None]
    above = np.where(beats[unit[:, None], others] | same, -np.inf, gap)
    below = np.where(beaten[unit[:, None], others] | same, -np.inf, -gap)
    return np.maximum(above, below).max(axis=1)


def _chunks(rows: np.ndarray, width: int) -> list[np.ndarray]:
    size = max(1, _CELLS // max(width, 1))
    return [rows[i : i + size] for i in range(0, len(rows), size)]
