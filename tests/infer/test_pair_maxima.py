"""The shortcut past most pairs gives exactly what trying every pair gives."""

import numpy as np

from perflib.infer.ranks import largest_differences


def slow_largest(z, scale, left_out):
    """Every pair in every draw, one by one."""
    n = len(scale)
    pairs = [(j, k) for j in range(n) for k in range(n) if j != k and not left_out[j, k]]
    gap = lambda row, j, k: (row[j] * scale[j] - row[k] * scale[k]) / np.hypot(scale[j], scale[k])  # noqa: E731
    return [max(gap(row, j, k) for j, k in pairs) for row in z]


def test_the_shortcut_is_exact():
    rng = np.random.default_rng(5)
    z, scale = rng.standard_normal((40, 80)), np.exp(rng.normal(0, 1.5, 80))
    left_out = rng.random((80, 80)) < 0.7
    np.testing.assert_allclose(largest_differences(z, scale, left_out), slow_largest(z, scale, left_out))
