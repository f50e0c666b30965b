"""Random numbers of the sample: one independent stream for each thing that is drawn."""

from zlib import crc32

import numpy as np

SEED = 20230961


def stream(*names: object) -> np.random.Generator:
    """Generator for the thing called `names`; adding another thing never moves this one's numbers."""
    return np.random.default_rng([SEED, crc32("/".join(map(str, names)).encode())])


def pick(
    lists: list[list[str]], rows: np.ndarray, rng: np.random.Generator, *, lean: float = 1.0
) -> np.ndarray:
    """One entry of the list at each of the places `rows`; `lean` above 1 favours the first ones."""
    count = np.array([len(names) for names in lists])
    wide = np.array([[*names, *[""] * (count.max() - len(names))] for names in lists], dtype=object)
    return wide[rows, (rng.random(len(rows)) ** lean * count[rows]).astype(int)]
