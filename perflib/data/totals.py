"""Rows that sum up other rows: told by their words, and by their sums."""

import re

import numpy as np
import pandas as pd

from perflib.data.words import normal

_WORD = r"(?:总?合计|总计|小计|共计|累计|汇总|总和|总数|总额)数?"
_ABROAD = "gesamt(?:summe|betrag)?|summe|suma|somme|totale|totaux|итого|всего|jumlah|toplam|razem|average|mean|difference|variance"
_SURE = re.compile(
    r"(?:(?:19|20)\d\d年?度?|全[区县市省州镇乡街院校局部]|本[页表级年区县市]|各项|各单位|所有|以上|资金|预算|支出|项目|部门|单位|经费)*"
    rf"{_WORD}|[过转承接][次下后前上]页(?:{_WORD})?|计|平均[值数]?|均值|差额|增减[额率]?|占比|比重|比例|同比|环比|增[长幅]率?|(?:完成|执行)率|(?:total|balance)?(?:(?:carried|brought)forward|[bc]/[fd])|overall|(?:grand|sub|sum|overall)?-?totals?(?:amount|general|sum|(?:19|20)\d\d)?|sum(?:total)?|{_ABROAD}"
)
_MAYBE = re.compile(
    rf".*{_WORD}|.*占.{{0,8}}比[重例]?|[比较]?上年.{{0,4}}(?:数|额|增减|增长)|(?:合计|总计|小计|共计).*|全部.{{0,4}}|(?:total,?)?all(?:projects|departments|units)?|aggregate|(?:carried|brought)forward.*|total(?:s|for|of|expenditure|spending|dep).*|.*total"
)
_BEGINS = re.compile(r"\s*(?:sub|grand)?[\s-]?totals?\b", re.IGNORECASE)  # Total Housing
_PART = re.compile(r"其中|ofwhich|including")
_APART = re.compile(r"\s*(?:其\s*中|of\s*which|including)\s*(?:$|[:：、,，])", re.IGNORECASE)
_NO_SUM = re.compile(
    r"平均.*|均值|差额|增[减长额幅].*|(?:.*占.*)?比[重例]?|.*占比|.*率|[同环]比.*|[比较]?上年.*|average|mean|difference"
)
_TAIL = re.compile(r"[(\[【（].*[)\]】）]$|[.。,，、;；=＝*＊\-—–…]+$")
# all that has a word of a total has one of these: the engine of pandas looks through a column faster than `re` does
_STEMS = "(?is)计|計|总|總|総|均|差|增|比|率|全|上年|其|页|頁|rward|[bc]/[fd]|ncluding|ariance|ggregate|t ?o ?t ?a|sum|all|of.?wh|gesamt|somme|итого|всего|jumlah|toplam|razem|average|mean|fference"
_OLD = str.maketrans("計總総匯額數過轉頁", "计总总汇额数过转页")  # as Taiwan, Hong Kong and Japan write them
_LENGTH = 30  # no total is called by a longer name
SURE, MAYBE, PART, MAYBE_PART = "totals_row", "maybe", "part_row", "maybe_part"


def by_word(text: object) -> str:
    """SURE for a word that only a total bears, MAYBE for one that ends or begins so, PART for 其中 (MAYBE_PART
    where it may be a part of the name: 其中小学), else "".

    >>> by_word("合　计（元）："), by_word("部门1小计"), by_word("Grand Total:"), by_word("社区小计量站")
    ('totals_row', 'maybe', 'totals_row', '')
    """
    word = normal(text).translate(_OLD) if isinstance(text, str) and len(text) < _LENGTH else ""
    if _PART.match(word):
        return PART if _APART.match(text) else MAYBE_PART
    if _SURE.fullmatch(word.strip("=*-—–[]【】()")):
        return SURE
    tail = _TAIL.search(word)
    if tail and _SURE.fullmatch(tail[0].strip("()[]【】")):
        return MAYBE  # 教育局（小计）
    while (shorter := _TAIL.sub("", word)) != word:
        word = shorter
    if word and (_SURE.fullmatch(word) or _MAYBE.fullmatch(word) or _BEGINS.match(text)):
        return SURE if _SURE.fullmatch(word) else MAYBE
    return ""


def is_no_sum(words: str) -> bool:
    """Whether the words of a row set aside, joined by " · ", name a mean, a share or last year's amount."""
    return any(_NO_SUM.fullmatch(normal(word)) for word in words.split(" · "))


def by_words(cells: np.ndarray) -> np.ndarray:
    """`by_word` of each of `cells`; only those that have a part of such a word are looked at closely.

    >>> by_words(np.array(["项目1", "合计", 2024], dtype=object)).tolist()
    ['', 'totals_row', '']
    """
    out = np.full(len(cells), "", dtype=object)
    at = np.flatnonzero(pd.Series(cells, dtype="str").str.contains(_STEMS, na=False))
    out[at] = [by_word(cell) for cell in cells[at]]
    return out


def by_sum(amounts: np.ndarray, is_data: np.ndarray, least: np.ndarray) -> np.ndarray:
    """For each row how many rows right above it, or right below it, it is the sum of; 0 for none.

    `amounts`: rows × columns, whole numbers; `is_data`: rows that are none of them set aside yet; `least`:
    as many rows it must sum up to be more than an accident. A row counts only if it equals the sum in
    every column; rows without any amount are not counted.
    """
    size = np.zeros(len(amounts), int)
    left = np.where(is_data[:, None], amounts, 0)
    for _ in range(3):  # subtotals, then what sums those up
        below = {len(left) - 1 - r: n for r, n in _sums_above(left[::-1], least[::-1]).items()}
        found = below | _sums_above(left, least)
        if not found:
            break
        for row, count in found.items():
            size[row] = count
            left[row] = 0
    return size


def _sums_above(left: np.ndarray, least: np.ndarray) -> dict[int, int]:
    """Rows that equal the sum of the rows right above them, with the number of those that hold an amount."""
    weights = np.random.default_rng(0).integers(1, 2**62, left.shape[1], dtype=np.uint64)
    with np.errstate(over="ignore"):
        mark = (left.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
        before = np.concatenate([[np.uint64(0)], np.cumsum(mark, dtype=np.uint64)[:-1]])
        wanted = before - mark
    held = left.any(axis=1)
    rows = np.flatnonzero(held & pd.Series(wanted).isin(before).to_numpy())
    count = np.concatenate([[0], np.cumsum(held)])
    first: dict[int, list[int]] = {}
    for at in np.flatnonzero(pd.Series(before).isin(wanted[rows])):
        first.setdefault(int(before[at]), []).append(int(at))
    found: dict[int, int] = {}
    for row in rows:
        starts = [s for s in first.get(int(wanted[row]), []) if s < row]
        starts = [s for s in starts if count[row] - count[s] >= least[row]]
        if starts and not any(r in found for r in range(starts[-1], row)):
            found[int(row)] = int(count[row] - count[starts[-1]])
    return found


def by_code(codes: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """For each row how many of those that its code begins, zeros at the end aside, and that head none themselves
    sum up to it; 0 for none.

    `amounts`: rows × columns, whole numbers. Nothing is found where fewer than half of the codes that begin
    others hold their sum: numbers such as 1 and 10 do so by accident.

    >>> by_code(np.array(["01", "0101", "0102", "02"]), np.array([[30], [10], [20], [5]])).tolist()
    [2, 0, 0, 0]
    """
    bare = np.array([c.rstrip("0") for c in codes], dtype=str)
    order = np.argsort(bare, kind="stable")
    bare, left = bare[order], amounts[order]
    first, end = np.searchsorted(bare, bare, "right"), np.searchsorted(bare, np.char.add(bare, chr(0x10FFFF)))
    is_head = end > first
    sums = np.concatenate([np.zeros_like(left[:1]), np.cumsum(np.where(is_head[:, None], 0, left), axis=0)])
    hit = is_head & left.any(axis=1) & (sums[end] - sums[first] == left).all(axis=1)
    leaves, out = np.concatenate([[0], np.cumsum(~is_head)]), np.zeros(len(codes), int)
    out[order] = np.where(hit & (2 * hit.sum() >= is_head.sum()), leaves[end] - leaves[first], 0)
    return out
