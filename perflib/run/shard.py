"""A share of the work: for schedulers that start the same command many times, each with its number."""

import re

from perflib.data.errors import ArgumentError


def parse_shard(text: str) -> tuple[int, int]:
    """(i, n) of "i/n", 1 <= i <= n; (1, 1) for "".

    >>> parse_shard("2/5")
    (2, 5)
    """
    if not text:
        return 1, 1
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    place, count = (int(g) for g in found.groups()) if found else (0, 0)
    if not 1 <= place <= count:
        raise ArgumentError("run.bad_shard", given=text)
    return place, count


def share(items: list, shard: tuple[int, int]) -> list:
    """Every n-th of `items`, beginning with the i-th: together the shares are all, and none twice."""
    place, count = shard
    return items[place - 1 :: count]
