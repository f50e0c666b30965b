"""Where a sheet's header is, which column is which, and in which unit the amounts are."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache

import numpy as np

from perflib.data.amounts import NOTE_CHARS, UNITS
from perflib.data.contract import Table, table
from perflib.data.totals import SURE, by_word
from perflib.data.units import currency_of, scale_of
from perflib.data.words import normal

DEPTH = 30  # rows in which a header is looked for
_UNIT = re.compile(
    r"[(（\[【]\s*(?:(?:金额)?单位|金额|unit)?\s*[:：]?\s*([^()（）\[\]【】]+?)\s*[)）\]】]\s*$",
    re.IGNORECASE,
)
_UNIT_LINE = re.compile(
    r"(?:[单單]位|unit|amounts? in|currency)\s*(?:[:：]|均?[为為])?\s*(?:人民币)?\s*(?=([^\s)]+.*))",
    re.IGNORECASE,
)
_AFTER_UNIT = re.compile(r"[\s,;、()].*")
# what stands around a label and is none of its words: a number before it, the mark of a note or a bare unit behind it
_NUMBERED = re.compile(r"^(?:[(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)、]|\d{1,2}[.](?!\d))\s*")
_NOTE_MARK = re.compile(
    rf"(?:[{NOTE_CHARS}*†‡※]|[(\[](?:注?\d{{1,2}}|[A-H]|必填|选填|required|optional)[)\]]|(?<=[\u4e00-\u9fff)\]])[A-H])+(?=$|[(\[【])"
)
_BARE_UNIT = re.compile(r"[\s/,_:\-–—]+((?:百|千|万|百万|亿)?元)\s*$")
_LAST_UNIT = re.compile(r"\s*(?:[,/:–—-]|\bin\b)\s*([^,/:–—-]{3,})$")  # Executed, EUR thousand
_BARE_LINE = re.compile(  # （万元） or "Figures in CNY thousand" alone above the head
    r"([(\[])?(?:(?:all )?(?:amounts?|figures?|values?)[ :]*)?(?:are )?(?:expressed |stated |shown )?(?:in )?"
    r"([^()\[\]]+?)[)\]]?", re.IGNORECASE,
)  # fmt: skip
_BRACKETS = str.maketrans("（）［］，：", "()[],:")
_FOREIGN = re.compile("[美欧日韩]元|港[元币]|英镑|(?:新)?台[币幣]")


@dataclass
class Header:
    """Columns of a sheet (contract name → position), and what its head says of units."""

    first_row: int  # 0-based row of the header in the grid
    first_data: int
    columns: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)  # as the heads stand
    units: dict[str, float] = field(default_factory=dict)  # column → factor to the main unit
    unit: float | None = None  # of the whole sheet
    unit_text: str = ""
    unknown: dict[int, str] = field(default_factory=dict)
    lesser: dict[str, str] = field(default_factory=dict)  # columns known by another name only → that name
    doubled: dict[str, list[int]] = field(default_factory=dict)
    # row, column, unit there and elsewhere
    clashes: list[tuple[int, int, str, str]] = field(default_factory=list)
    currency: str = ""
    is_own: bool = False  # the header uses the contract's own column names
    is_merged: bool = False

    @property
    def named(self) -> set[int]:
        """Positions of all columns that have a head."""
        doubled = (at for places in self.doubled.values() for at in places)
        return {*self.columns.values(), *self.unknown, *doubled}


@cache
def _names(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Labels and other names of the columns of table `name`, normalised: sure ones and lesser ones."""
    declared = table(name)
    columns = declared.columns[::-1]  # of two columns with one label, the first in the table wins
    sure = {normal(c.name): c.name for c in columns}
    sure |= {normal(c.en): c.name for c in columns}
    sure |= {normal(c.zh): c.name for c in columns}
    return sure, {normal(w): c.name for c in columns for w in c.also}


def factor(text: str) -> float | None:
    """How many main units one `text` ("万元", "thousand EUR") is; None if it is no unit."""
    word = normal(text)
    if word in {"%", "百分比", "percent"}:
        return 0.01
    scale = UNITS.get(word.replace("人民币", "")) or scale_of(_FOREIGN.sub("元", text))
    return scale if scale is None or scale >= 1 else None


def split_unit(text: str) -> tuple[str, float | None]:
    """A label without the unit behind it, and that unit: 执行数（万元）, 执行数（万元、含税）, 执行数/万元."""
    found = _UNIT.search(text) or _BARE_UNIT.search(text) or _LAST_UNIT.search(text)
    parts = {factor(part) for part in found[1].split("/")} if found else set()  # 万元 / 10,000 yuan
    both = parts.pop() if len(parts) == 1 else None
    scale = factor(re.split("[、,，;；]", found[1])[0]) if found and both is None else both
    return (text[: found.start()], scale) if scale is not None else (text, None)


def _unit_said(text: str) -> tuple[float, str] | None:
    """The unit that a line above the header states (单位：万元 制表日期：…), and its words; None if it states none."""
    plain = unicodedata.normalize("NFKC", text)
    for line in (plain, re.sub(r"\s", "", plain)):  # 单　位：万　元
        told = [f[1].rstrip() if "(" in f[1] else f[1].rstrip(") ") for f in _UNIT_LINE.finditer(line)]
        units = ([(s, w) for w in (t, _AFTER_UNIT.sub("", t)) if (s := factor(w) or 0) >= 1] for t in told)
        if said := max((found[0] for found in units if found), key=lambda one: one[0], default=None):
            return said  # of a currency and a unit (Currency: CNY; unit: thousand) the unit
    bare = _BARE_LINE.fullmatch(plain.strip())
    scale = factor(bare[2]) or 0 if bare else 0
    return (scale, bare[2]) if scale >= 1 and (bare[1] or (scale > 1 and currency_of(bare[2]))) else None


def match(text: str, declared: Table) -> tuple[str | None, int, float | None]:
    """Column that header `text` names (or None), how sure that is (3 best), and the unit in it."""
    return (text, 3, None) if text in declared.names else _called(text, declared.name)


@lru_cache(4096)
def _called(text: str, name: str) -> tuple[str | None, int, float | None]:
    if _UNIT_LINE.match(text.lstrip(" (（[【")) and _unit_said(text):
        return None, 0, None  # 单位：万元 states the unit of the sheet and heads no column of units
    marked = _NUMBERED.sub("", _NOTE_MARK.sub("", text.strip().translate(_BRACKETS)))
    bare, scale = split_unit(unicodedata.normalize("NFKC", marked))
    if scale is None and "\n" in bare:  # 执行数（万元）, and its English name below
        lines = [split_unit(line) for line in bare.splitlines()]
        bare, scale = "\n".join(line for line, _ in lines), next((s for _, s in lines if s is not None), None)
    sure, also = _names(name)
    words = [normal(part) for part in dict.fromkeys((text, bare, *re.split(r"[\n\r/|]", bare)))]
    for names, rank in ((sure, 2), (also, 1)):
        for word in words:
            if found := names.get(word):
                return found, rank, scale
    return None, 0, scale


def nearest(text: str, declared: Table, header: Header) -> str:
    """The amount that an unknown label is likely to mean, where the sheet has no column of it; "" if none."""
    wanted = set(declared.of_kind("amount")) - header.columns.keys()
    names = {word: n for known in _names(declared.name) for word, n in known.items() if n in wanted}
    close = get_close_matches(normal(split_unit(text)[0]), names, n=1, cutoff=0.75)
    return names[close[0]] if close and not re.search("[率比%]", text) else ""


def _texts(cells: np.ndarray, row: int) -> list[str]:
    return [c.strip() if isinstance(c, str) else "" for c in cells[row]]


def _with_group_unit(texts: list[str], upper: list[str]) -> list[str]:
    """A head without a unit takes that of the merged head above it: 预算（元） above 年初预算数."""
    out, group = [], ""
    for up, text in zip(upper, texts, strict=True):
        group = up or group
        unit = None if _unit_said(group) else _UNIT.search(unicodedata.normalize("NFKC", group))
        scale = factor(unit[1]) if unit else None
        is_bare = bool(text) and text != group and split_unit(text)[1] is None
        out.append(f"{text}{unit[0]}" if is_bare and scale is not None and scale >= 1 else text)
    return out


def _two_levels(cells: np.ndarray, row: int, declared: Table) -> list[str]:
    """Texts of a header of two rows: the lower where it names a column, else both together. Of what a head above
    covers, 小计 or 金额 bears its name, and the parts beside that do not."""
    upper, lower, above, at = _texts(cells, row), _texts(cells, row + 1), [], 0
    # 主管部门： stands before a value, not over a column
    upper = ["" if t.endswith((":", "：")) else t for t in upper]
    for place, up in enumerate(upper):
        at = place if up else at
        above.append(at)
    sums = {group for group, low in zip(above, lower, strict=True) if _is_sum(low)}
    out = []
    for up, low, group in zip(upper, lower, above, strict=True):
        head = upper[group]
        whole = [head] if group not in sums or _is_sum(low) else []
        options = [low, f"{head}{low}", f"{low}{head}", *whole] if low else [up]
        out.append(next((o for o in options if match(o, declared)[0]), low or up))
    return out


def _is_sum(text: str) -> bool:
    return text in ("金额", "Amount") or by_word(text) == SURE


def _is_part(cells: np.ndarray, row: int, declared: Table) -> bool:
    """Whether a row only says more of the amounts named above it: 小计, 财政拨款; and no more than their units."""
    above, words = "", []
    for up, low in zip(_texts(cells, row - 1), cells[row], strict=True):
        above = up or above
        if low != "":
            name = match(above, declared)[0]
            is_other = name and declared[name].kind != "amount"
            if is_other or not isinstance(low, str) or re.search(r"\d", low):
                return False
            words.append(factor(low) if name else 1)
    return None in words


def find_header(cells: np.ndarray, declared: Table) -> Header | None:
    """The header of table `declared` in a grid of cells; None if no row names two of its columns."""
    best: tuple[int, int, int, int, list[str]] = (0, 0, 0, 0, [])  # score, how sure, row, levels, texts
    for row in range(min(DEPTH, len(cells))):
        if not any(texts := _texts(cells, row)):
            continue
        tries = [(texts, 1)]
        is_part = row + 1 < len(cells) and _is_part(cells, row + 1, declared)
        if is_part or (row + 1 < len(cells) and not all(texts)):
            tries.append((_two_levels(cells, row, declared), 2))
        for found, levels in tries:
            score = len({m for t in found if t and (m := match(t, declared)[0])})
            sure = 0 if levels == 1 else 1 if is_part else -1
            if (score, sure) > best[:2]:
                best = (score, sure, row, levels, found)
    score, _, row, levels, texts = best
    for above in range(row if levels == 2 else row - 1, max(row - 2, -1), -1) if score >= 2 else ():
        texts = _with_group_unit(texts, _texts(cells, above))
    return _header(cells, row, levels, texts, declared) if score >= 2 else None


def _header(cells: np.ndarray, row: int, levels: int, texts: list[str], declared: Table) -> Header:
    header = Header(row, row + levels, texts=texts, is_merged=levels == 2)
    ranks: dict[str, int] = {}
    for at, text in enumerate(texts):
        name, rank, scale = match(text, declared) if text else (None, 0, None)
        if name and scale == 0.01 and declared[name].kind == "amount":
            name = None  # a rate, whatever it is called
        if name is None:
            header.unknown |= {at: text} if text else {}
        elif rank == ranks.get(name):
            header.doubled.setdefault(name, [header.columns[name]]).append(at)
        elif rank > ranks.get(name, 0):
            header.unknown |= {header.columns[name]: texts[header.columns[name]]} if name in ranks else {}
            header.columns[name], ranks[name] = at, rank
            header.units.pop(name, None)
            header.units |= {name: scale} if scale is not None else {}
        else:
            header.unknown[at] = text
    header.lesser = {n: texts[at] for n, at in header.columns.items() if ranks[n] == 1}
    header.is_own = all(texts[header.columns[c]] == c for c in header.columns)
    _pass_other_names(cells, header, declared)
    _find_units(cells, header, texts, declared)
    header.first_data += header.first_data < len(cells) and _is_count(cells[header.first_data])
    return header


def _pass_other_names(cells: np.ndarray, header: Header, declared: Table) -> None:
    """A row below that names the same columns again, in English or by their codes, belongs to the header."""
    below = _texts(cells, header.first_data) if header.first_data < len(cells) else []
    told = {n: match(below[at], declared) for n, at in header.columns.items() if below and below[at]}
    if len(told) < 2 or any(name != n for n, (name, _, _) in told.items()):
        return
    for name, (_, _, scale) in told.items():
        at, first = header.columns[name], header.units.get(name)
        if None not in (scale, first) and scale != first:
            header.clashes.append((header.first_data, at, below[at], header.texts[at]))
        header.units |= {name: scale} if first is None and scale is not None else {}
    header.first_data += 1


def _is_count(cells: np.ndarray) -> bool:
    """Whether a row below the header only numbers its columns: 1 2 3, 甲 乙 1 2, 栏次 1 2 3=2/1."""
    words = [str(c).strip() for c in cells if c != "" and c is not None]
    found = [re.fullmatch(r"[(（]?(\d{1,2})(?:\.0)?[)）]?(?:=.*)?", w) for w in words]
    numbers = [int(f[1]) for f in found if f]
    others = {w for f, w in zip(found, words, strict=True) if not f}
    is_rest = others <= {"栏次", "行次", *"甲乙丙丁戊己庚辛壬癸"}
    return is_rest and len(numbers) > 2 and numbers == list(range(1, len(numbers) + 1))


def _find_units(cells: np.ndarray, header: Header, texts: list[str], declared: Table) -> None:
    """Units above the header (for all columns), in it and in a row below it (each for its own)."""
    for row in range(header.first_row):
        line = _texts(cells, row)
        for at, text in enumerate(line):
            beside = next(filter(None, line[at + 1 :]), "") if text else ""
            if said := _unit_said(text) or _unit_said(text + beside):
                if header.unit not in (None, said[0]):
                    header.clashes.append((row, at, said[1], header.unit_text))
                header.unit, header.unit_text = said
    below = _unit_row(cells, header, declared)
    _find_currency(cells, header, texts, below)
    for name, at in header.columns.items():
        under = cells[header.first_data, at] if at in below else ""
        own = (header.units.get(name), texts[at])
        stated = [own, (below.get(at), under), (header.unit, header.unit_text)]
        stated = [(scale, text) for scale, text in stated if scale is not None and scale >= 1]
        clash = next((text for scale, text in stated if scale != stated[0][0]), None)
        if clash is not None:
            header.clashes.append((header.first_row, at, stated[0][1], clash))
    if below:
        header.units = {n: below[at] for n, at in header.columns.items() if at in below} | header.units
        header.first_data += 1


def _find_currency(cells: np.ndarray, header: Header, texts: list[str], below: dict[int, float]) -> None:
    """The one currency that the stated units name; each that names another clashes."""
    named = [(header.first_row, at, texts[at], _UNIT.search(unicodedata.normalize("NFKC", texts[at])))
             for name, at in header.columns.items() if header.units.get(name, 0) >= 1]  # fmt: skip
    stated = [(row, at, text, found[1]) for row, at, text, found in named if found]
    stated += [(header.first_data, at, t := str(cells[header.first_data, at]), t) for at in below]
    stated += [(header.first_row, 0, header.unit_text, header.unit_text)] if header.unit_text else []
    told = [(currency_of(unit), row, at, text) for row, at, text, unit in stated if currency_of(unit)]
    header.currency = told[0][0] if told else ""
    header.clashes += [(*place, told[0][3]) for code, *place in told if code != header.currency]


def later_units(cells: np.ndarray, header: Header, declared: Table, rows: Iterable[int]) -> list[tuple]:
    """Units that rows below the header state (a head that is repeated, a note) unlike those that count: row, column,
    the words there, and those of the head."""
    out = []
    amounts = [n for n in declared.of_kind("amount") if n in header.columns]
    for row in rows:
        for at, text in enumerate(_texts(cells, row)):
            names = [n for n in amounts if header.columns[n] == at and match(text, declared)[0] == n]
            said = match(text, declared)[2] if names else (_unit_said(text) or (None,))[0]
            for name in names or amounts[:1]:
                stated = header.units.get(name, header.unit)
                if None not in (said, stated) and said != stated:
                    told = header.texts[header.columns[name]] if name in header.units else header.unit_text
                    out.append((row, at, text, told))
    return out


def _unit_row(cells: np.ndarray, header: Header, declared: Table) -> dict[int, float]:
    """Units by position, if the row below the header holds nothing else, or they stand under all amounts of a row
    without a number."""
    if header.first_data >= len(cells):
        return {}
    below = _texts(cells, header.first_data)
    scales = {at: factor(t) for at, t in enumerate(below) if t}
    units = {at: scale for at, scale in scales.items() if scale is not None}
    amounts = {header.columns[n] for n in declared.of_kind("amount") if n in header.columns}
    is_told = bool(amounts) and amounts <= units.keys()
    is_bare = is_told and not any(re.search(r"\d", str(c)) for c in cells[header.first_data])
    return units if is_bare or len(units) == len(scales) else {}
