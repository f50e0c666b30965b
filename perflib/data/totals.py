"""Rows that sum up other rows: told by their words, and by their sums."""

import re

import numpy as np

from perflib.data.words import normal

_WORD = r"(?:总?合计|总计|小计|共计|累计|汇总|总和|总数)数?"
_SURE = re.compile(
    r"(?:全[区县市省州镇乡街院校局部]|本[页表级年区县市]|各项|各单位|所有|以上|资金|预算|支出|项目|部门|单位|经费)*"
    rf"{_WORD}|(?:grand|sub|sum|overall)?-?totals?(?:amount|general|sum)?|sum(?:total)?"
)
_MAYBE = re.compile(
    rf".*{_WORD}|(?:合计|总计|小计|共计).*|total(?:s|for|of|expenditure|spending|dep).*|.*total"
)
_PART = re.compile(r"其中|ofwhich")
_TAIL = re.compile(r"[(\[【（].*[)\]】）]$|[.。,，、;；=＝*＊\-—–…]+$")
HINT = re.compile(r"计|总|其\s*中|total|sum|of\s?which", re.IGNORECASE)  # a quick first look
_LENGTH = 30  # no total is called by a longer name
SURE, MAYBE, PART = "totals_row", "maybe", "part_row"


def by_word(text: object) -> str:
    """SURE for a word that only a total bears, MAYBE for one that ends or begins so, PART for 其中, else "".

    >>> by_word("合　计（元）："), by_word("部门1小计"), by_word("Grand Total:"), by_word("社区小计量站")
    ('totals_row', 'maybe', 'totals_row', '')
    """
    word = normal(text) if isinstance(text, str) and len(text) < _LENGTH else ""
    if _PART.match(word):
        return PART
    while (shorter := _TAIL.sub("", word)) != word:
        word = shorter
    return "" if not word else SURE if _SURE.fullmatch(word) else MAYBE if _MAYBE.fullmatch(word) else ""


def by_sum(amounts: np.ndarray, is_data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row how many rows right above it (or, for the first, below) it is the sum of, and in how many columns.

    `amounts`: rows × columns, whole numbers; `is_data`: rows that are none of them set aside yet. A row
    counts only if it equals the sum in every column; rows without any amount are not counted.
    """
    size, columns = np.zeros(len(amounts), int), (amounts != 0).sum(axis=1)
    left = np.where(is_data[:, None], amounts, 0)
    for _ in range(3):  # subtotals, then what sums those up
        found = _sums_above(left) | _sums_below(left)
        if not found:
            break
        for row, count in found.items():
            size[row] = count
            left[row] = 0
    return size, columns


def _sums_above(left: np.ndarray) -> dict[int, int]:
    """Rows that equal the sum of the rows right above them, with the number of those that hold an amount."""
    weights = np.random.default_rng(0).integers(1, 2**62, left.shape[1], dtype=np.uint64)
    with np.errstate(over="ignore"):
        mark = (left.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
        before = np.concatenate([[np.uint64(0)], np.cumsum(mark, dtype=np.uint64)[:-1]])
        wanted = before - mark
    held = left.any(axis=1)
    rows = np.flatnonzero(held & np.isin(wanted, before))
    count = np.concatenate([[0], np.cumsum(held)])
    first: dict[int, list[int]] = {}
    for at in np.flatnonzero(np.isin(before, wanted[rows])):
        first.setdefault(int(before[at]), []).append(int(at))
    found: dict[int, int] = {}
    for row in rows:
        starts = [s for s in first.get(int(wanted[row]), []) if s < row and count[row] - count[s] > 1]
        if starts and not any(r in found for r in range(starts[-1], row)):
            found[int(row)] = int(count[row] - count[starts[-1]])
    return found


def _sums_below(left: np.ndarray) -> dict[int, int]:
    """The first row, if it is the sum of all the others."""
    held = np.flatnonzero(left.any(axis=1))
    if len(held) < 3 or (left[held[0]] * 2 != left.sum(axis=0)).any():
        return {}
    return {int(held[0]): len(held) - 1}
