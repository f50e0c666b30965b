"""Numbers as people type them: full-width digits, separators, brackets, dashes, per cent, units."""

import re
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from perflib.data.delimited import COMMA, POINT, decide, evidence, is_unsure, ungroup

UNITS = {
    word: scale
    for scale, words in {
        1: "元 人民币元 yuan cny rmb eur euro euros € ¥",
        10**3: "千元 thousand thousandyuan thousandeur keur k€",
        10**4: "万元 万 10kyuan 10,000yuan 10000yuan tenthousandyuan",
        10**6: "百万元 million millionyuan millioneur meur m€",
        10**8: "亿元 亿 100millionyuan hundredmillionyuan",
    }.items()
    for word in words.split()
}
BLANKS = (
    "", *"-—–―‐−─/\\…", "--", "---", "——", "──", "...", "无", "暂无", "不适用", "不涉及", "n/a", "na", "nan", "null", "none",
)  # fmt: skip
_CELL_UNIT = r"(千元|百万元|万元|亿元|万|亿|元)整?$"
_CURRENCY = r"(?:^|(?<=^[-+(]))(?:¥|€|人民币|rmb|cny)|(?:€|rmb|cny)$"
_NEGATIVE = r"^\(.*\)$|^[△▲负]|^[\d.,]*[.,]\d\d-$"  # the last as SAP prints it
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٬٫", "01234567890123456789,.")  # Arabic and Persian
MOST = 1e15  # no amount reaches it, in no currency; a code in the wrong column does
# every character of Unicode that only formats (category Cf), and those that fill no place
INVISIBLE = (
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@dataclass
class Numbers:
    """What a column of cells says: numbers, which cells say none, and what had to be mended."""

    values: np.ndarray
    bad: np.ndarray
    is_percent: np.ndarray
    scale: np.ndarray | None = None
    repairs: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_unsure: np.ndarray | None = None
    decimal: str = ""  # the decimal mark that the values themselves tell
    has_marks: bool = False  # some have a point or a comma


def is_blank(cells: np.ndarray) -> np.ndarray:
    """True where a cell is empty, None or NaN."""
    if cells.dtype != object:
        return np.asarray(pd.isna(cells))
    return np.asarray(cells == "", dtype=bool) | pd.isna(cells)


def _plain(cells: np.ndarray) -> Numbers:
    values = cells.astype(float) if isinstance(cells, np.ndarray) else cells.to_numpy(float, na_value=np.nan)
    return Numbers(values, np.abs(values) >= MOST, np.zeros(len(values), bool))


# superscripts, subscripts, circled and bracketed numbers: the marks of notes at the foot of a table
NOTE_CHARS = (
    "\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
    "\u3220-\u3229\u3248-\u324f\u3251-\u325f\u3280-\u3289\u32b1-\u32bf\U0001f100-\U0001f10c"
)
_NOTE = rf"(?:[{NOTE_CHARS}*＊†‡※]|[\[［【〔]\d{{1,2}}[\]］】〕])+$"
_NO_NUMBER = rf"[{NOTE_CHARS}\u00bc-\u00be\u2150-\u215f\u2189]"
_FIXED = "\u00a0\u202f\u2007\u2009"  # blanks that are typed between groups of digits and nowhere else
_SPACED = rf"[+-]?\d{{1,3}}(?:[{_FIXED}]\d{{3}})+(?:[.,]\d+)?|[+-]?\d{{1,3}}(?: \d{{3}}){{2,}}(?:[.,]\d+)?"
_SPACED += r"|[+-]?\d{1,3} \d{3}[.,]\d\d|[+-]?\d{1,3}(?:,\s\d{3})+\.\d\d"  # without cents it may as well be two numbers
_QUOTED = r"[+-]?\d{1,3}(?:['’]\d{3})+(?:\.\d+)?"


def _forms(text: pd.Series) -> pd.DataFrame:
    """One row per distinct text: its digits and marks alone (`form`), its unit, and what was taken off."""
    bare = text.str.replace(INVISIBLE, "", regex=True).str.strip().str.replace("^['’`]", "", regex=True)
    out = pd.DataFrame({"raw": text, "spaces": bare != text})
    noted = bare.str.replace(rf"(?<=[\d)）]){_NOTE}", "", regex=True)
    out["footnote"] = noted != bare
    is_spaced, is_quoted = noted.str.fullmatch(_SPACED), noted.str.fullmatch(_QUOTED)
    joined = noted.where(~is_spaced, noted.str.replace(rf"[ {_FIXED}]", "", regex=True))
    joined = joined.where(~is_quoted, joined.str.replace("['’]", "", regex=True))
    form = joined.str.normalize("NFKC").str.translate(_DIGITS)
    form = form.str.replace(r"(?<=\d)。(?=\d+$)", ".", regex=True)
    form = form.where(~joined.str.contains(_NO_NUMBER, regex=True), "?")
    out["full_width"] = (form != joined) & (form != "?")
    # blanks beside a sign or a unit are decoration; between digits they part two numbers
    form = form.str.replace(r"(?<=[^\d.,])[ \t]+|[ \t]+(?=[^\d.,])", "", regex=True)
    form = form.str.replace(r"^[−–—](?=[\d(.])", "-", regex=True)
    out["dash"] = form.str.lower().isin(BLANKS)
    out["is_percent"] = form.str.endswith("%")
    unit = form.str.extract(_CELL_UNIT)[0]
    out["scale"] = unit.map(UNITS)
    form = form.str.replace(rf"%$|{_CURRENCY}", "", regex=True, flags=re.IGNORECASE)
    form = form.str.replace(_CELL_UNIT, "", regex=True)
    is_marked = text.str.contains(r"[¥￥€]|人民币|rmb|cny", regex=True, flags=re.IGNORECASE)
    out["currency"] = is_marked | unit.notna()
    out["brackets"] = form.str.match(_NEGATIVE)
    form = form.where(~out["brackets"], "-" + form.str.replace(r"[()△▲负]|-$", "", regex=True))
    return out.assign(form=form, thousands=is_spaced | is_quoted)


def _read_distinct(text: pd.Series, decimal: str, fallback: str) -> tuple[pd.DataFrame, str]:
    """One row per distinct text: value, unit, flags for what was mended; and the decimal mark found ("" for none).

    Plain numbers (most) are taken as they are; only the others are looked at closely.
    """
    out = pd.DataFrame({"raw": text, "form": text, "scale": np.nan, **dict.fromkeys(_KINDS, False)})
    odd = ~text.str.fullmatch(r"-?[0-9]+(?:[.,][0-9]+)*").to_numpy(bool)
    if odd.any():
        formed = _forms(text[odd])
        for name in ("form", "scale", *(k for k in _KINDS if k in formed)):
            out.loc[odd, name] = formed[name]
    form = out["form"].where(~out["dash"], "")
    found = decimal or decide(*evidence(form))
    mark = found or fallback or POINT
    clean, grouped = ungroup(form, mark)
    out["thousands"] |= grouped
    if decimal:
        other = COMMA if mark == POINT else POINT
        turned, _ = ungroup(form, other)
        out["decimal_style"] = (clean == "?") & (turned != "?")
        clean = clean.where(~out["decimal_style"], turned)
    out["decimal_comma"] = (mark == COMMA) & form.str.contains(COMMA, regex=False) & ~out["decimal_style"]
    is_open = not decimal or decide(*evidence(form)) not in ("", mark)  # a mark that the column itself denies
    out["is_unsure"] = is_unsure(form, mark) if is_open else False
    out["value"] = pd.to_numeric(clean, errors="coerce").astype("float64")
    out["value"] = out["value"].where(out["value"].abs() < MOST)
    out.loc[out["is_percent"], "value"] /= 100
    return out, found


_KINDS = (
    "full_width", "spaces", "footnote", "dash", "is_percent", "currency", "brackets", "thousands",
    "decimal_style", "decimal_comma",
)  # fmt: skip


def _count(mended: pd.DataFrame, code: np.ndarray) -> dict[str, tuple[int, str]]:
    times = np.bincount(code, minlength=len(mended))
    good = (mended["value"].notna() | mended["dash"]).to_numpy()
    found = {}
    for kind in _KINDS:
        hit = mended[kind].to_numpy(bool) & good
        if hit.any():
            name = "percent" if kind == "is_percent" else kind
            found[name] = (int(times[hit].sum()), mended["raw"][hit].iloc[0])
    return found


def read_numbers(
    cells: np.ndarray | pd.Series, *, decimal: str = "", fallback: str = "", is_typed: bool = True
) -> Numbers:
    """Numbers in `cells`, NaN where blank; `bad` marks cells that hold something else, or beyond all sense.

    `decimal` is the file's decimal mark where it is declared; else the values tell it (`Numbers.decimal`),
    and where they don't, `fallback` counts. `is_typed`: the file knows numbers from text (a workbook,
    not a CSV), so that a number stored as text is a repair. A per cent string becomes a fraction.
    `scale` is the unit written in the cell itself (`3.5万元`), NaN where there is none; `is_unsure` marks
    decimals that may as well be a group of thousands (`1.234`).

    >>> read_numbers(np.array(["1,200", "（3）", "—", "x", 4.5], dtype=object)).values.tolist()
    [1200.0, -3.0, nan, nan, 4.5]
    >>> read_numbers(np.array(["101.000", "1.000.000"], dtype=object)).values.tolist()
    [101000.0, 1000000.0]
    """
    if cells.dtype != object and pd.api.types.is_numeric_dtype(cells.dtype):
        return _plain(cells)
    cells = np.asarray(cells, dtype=object)
    blank = is_blank(cells)
    if pd.api.types.infer_dtype(cells[~blank]) in ("floating", "integer", "mixed-integer-float", "empty"):
        values = np.full(len(cells), np.nan)
        values[~blank] = cells[~blank].astype(float)
        return _plain(values)
    text = np.fromiter((type(c) is str for c in cells), bool, len(cells)) & ~blank
    return _read_mixed(cells, blank, text, decimal, fallback, is_typed)


@cache
def read_number(cell: object) -> tuple[float | None, bool, float | None, bool]:
    """What one cell says: number (None: nothing), whether it is a per cent, its own unit, whether it can't be read.

    >>> read_number("3.5万元"), read_number("95%"), read_number("x")
    ((3.5, False, 10000.0, False), (0.95, True, None, False), (None, False, None, True))
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return (None if np.isnan(cell) else float(cell)), False, None, False
    if re.fullmatch(r"-?\d+(?:\.\d+)?", str(cell)):
        return float(cell), False, None, False
    read = read_numbers(np.array([cell], dtype=object))
    value, scale = float(read.values[0]), None if read.scale is None else float(read.scale[0])
    own = None if scale is None or np.isnan(scale) else scale
    return (None if np.isnan(value) else value), bool(read.is_percent[0]), own, bool(read.bad[0])


def _read_mixed(cells, blank, text, decimal, fallback, is_typed) -> Numbers:
    number = np.fromiter((type(c) in (int, float) for c in cells), bool, len(cells)) & ~blank
    values = np.full(len(cells), np.nan)
    values[number] = cells[number].astype(float)
    bad = (~blank & ~number & ~text) | (np.abs(values) >= MOST)
    code, distinct = pd.factorize(cells[text])
    mended, mark = _read_distinct(pd.Series(distinct, dtype="str"), decimal, fallback)
    values[text] = mended["value"].to_numpy()[code]
    bad[text] = (mended["value"].isna() & ~mended["dash"]).to_numpy()[code]
    is_percent, is_unsure = np.zeros(len(cells), bool), np.zeros(len(cells), bool)
    is_percent[text] = mended["is_percent"].to_numpy(bool)[code]
    is_unsure[text] = mended["is_unsure"].to_numpy(bool)[code]
    scale = np.full(len(cells), np.nan)
    scale[text] = mended["scale"].to_numpy(float)[code]
    repairs = _count(mended, code)
    plain = mended["value"].notna().to_numpy() & ~mended[list(_KINDS)].any(axis=1).to_numpy()
    if is_typed and plain.any():
        repairs["number_as_text"] = (int(plain[code].sum()), str(mended["raw"][plain].iloc[0]))
    scales = scale if not np.isnan(scale).all() else None
    has_marks = bool(mended["form"].str.contains("[.,]", regex=True).any())
    return Numbers(values, bad, is_percent, scales, repairs, is_unsure, mark, has_marks)


def to_cents(values: np.ndarray) -> np.ndarray:
    """Whole cents of amounts in the main unit, NaN as 0."""
    return np.rint(np.nan_to_num(values) * 100).astype("int64")
