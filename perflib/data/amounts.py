"""Numbers as people type them: full-width digits, separators, brackets, dashes, per cent, units."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

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
BLANKS = ("", "-", "--", "---", "—", "——", "–", "―", "/", "\\", "无", "n/a", "na", "nan", "null", "none", "…")
_CELL_UNIT = r"(千元|百万元|万元|亿元|万|亿|元)$"
_POINT = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$"
_COMMA = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$"


@dataclass
class Numbers:
    """What a column of cells says: numbers, which cells say none, and what had to be mended."""

    values: np.ndarray
    bad: np.ndarray
    is_percent: np.ndarray
    scale: np.ndarray | None = None
    repairs: dict[str, tuple[int, str]] = field(default_factory=dict)


def is_blank(cells: np.ndarray) -> np.ndarray:
    """True where a cell is empty, None or NaN."""
    if cells.dtype != object:
        return np.asarray(pd.isna(cells))
    return np.asarray(cells == "", dtype=bool) | pd.isna(cells)


def _is_text(cells: np.ndarray) -> np.ndarray:
    return np.fromiter((type(c) is str for c in cells), bool, len(cells))


def _plain(cells: np.ndarray) -> Numbers:
    values = cells.astype(float) if isinstance(cells, np.ndarray) else cells.to_numpy(float, na_value=np.nan)
    no = np.zeros(len(values), bool)
    return Numbers(values, ~np.isfinite(values) & ~np.isnan(values), no)


def _ungroup(text: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Take out thousands separators; which had them, and which use the other decimal mark."""
    own, other = (_POINT, _COMMA) if decimal == "." else (_COMMA, _POINT)
    mark, group = (".", ",") if decimal == "." else (",", ".")
    grouped = text.str.match(own)
    # `1.234,5` or `12,3` where the file writes a point: the other style, if it can't be read as ours
    foreign = ~grouped & (
        text.str.match(rf"^[+-]?\d+\{group}\d+$")
        | (text.str.match(other) & text.str.contains(mark, regex=False))
    )
    native = text.where(foreign, text.str.replace(group, "", regex=False).str.replace(mark, ".", regex=False))
    turned = native.where(
        ~foreign, text.str.replace(mark, "", regex=False).str.replace(group, ".", regex=False)
    )
    clean = turned.where(
        grouped | foreign | text.str.match(rf"^[+-]?\d*(?:\{mark}\d*)?(?:[eE][+-]?\d+)?$"), "?"
    )
    return clean, grouped, foreign


def _mend(text: pd.Series, decimal: str) -> pd.DataFrame:
    """One row per distinct text: its value, its unit, and flags for what was mended."""
    form = text.str.normalize("NFKC").str.replace(r"[\s\u200b\ufeff']", "", regex=True)
    out = pd.DataFrame(
        {"raw": text, "full_width": form != text.str.replace(r"[\s\u200b\ufeff']", "", regex=True)}
    )
    out["spaces"] = text.str.contains(r"[\s\u200b\ufeff']", regex=True) & (text != "")
    form = form.str.replace(r"^[−–—](?=[\d(.])", "-", regex=True)
    out["dash"] = form.str.lower().isin(BLANKS)
    out["is_percent"] = form.str.endswith("%")
    unit = form.str.extract(_CELL_UNIT)[0]
    out["scale"] = unit.map(UNITS)
    form = form.str.replace(r"%$|^[¥€]|€$", "", regex=True).str.replace(_CELL_UNIT, "", regex=True)
    out["currency"] = text.str.contains(r"[¥￥€]", regex=True) | unit.notna()
    out["brackets"] = form.str.match(r"^\(.*\)$|^[△▲]")
    form = form.where(~out["brackets"], "-" + form.str.replace(r"[()△▲]", "", regex=True))
    clean, out["thousands"], out["decimal_style"] = _ungroup(form, decimal)
    out["value"] = pd.to_numeric(clean.where(~out["dash"], ""), errors="coerce").astype("float64")
    out.loc[out["is_percent"], "value"] /= 100
    return out


def _read_distinct(text: pd.Series, decimal: str) -> pd.DataFrame:
    """As `_mend`, but plain numbers (most) are read in one step."""
    plain = text.str.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?" if decimal == "." else r"-?[0-9]+(?:,[0-9]+)?")
    plain = plain.to_numpy(bool)
    out = pd.DataFrame({"raw": text, "scale": np.nan, "value": np.nan, **dict.fromkeys(_KINDS, False)})
    ready = text[plain] if decimal == "." else text[plain].str.replace(",", ".", regex=False)
    out.loc[plain, "value"] = ready.astype("float64")
    if not plain.all():
        mended = _mend(text[~plain], decimal)
        for name in ("scale", "value", *_KINDS):
            out.loc[~plain, name] = mended[name]
    return out


_KINDS = ("full_width", "spaces", "dash", "is_percent", "currency", "brackets", "thousands", "decimal_style")


def _count(mended: pd.DataFrame, code: np.ndarray, decimal: str) -> dict[str, tuple[int, str]]:
    times = np.bincount(code, minlength=len(mended))
    good = (mended["value"].notna() | mended["dash"]).to_numpy()
    found = {}
    for kind in _KINDS:
        hit = mended[kind].to_numpy(bool) & good
        if hit.any():
            found["percent" if kind == "is_percent" else kind] = (
                int(times[hit].sum()),
                mended["raw"][hit].iloc[0],
            )
    if decimal == ",":
        hit = (
            good
            & mended["raw"].str.contains(",", regex=False).to_numpy(bool)
            & ~mended["decimal_style"].to_numpy(bool)
        )
        if hit.any():
            found["decimal_comma"] = (int(times[hit].sum()), mended["raw"][hit].iloc[0])
    return found


def read_numbers(cells: np.ndarray | pd.Series, *, decimal: str = ".", is_typed: bool = True) -> Numbers:
    """Numbers in `cells`, NaN where blank; `bad` marks cells that hold something else.

    `decimal` is the file's decimal mark. `is_typed`: the file knows numbers from text (a workbook,
    not a CSV), so that a number stored as text is a repair. A per cent string becomes a fraction.
    `scale` is the unit written in the cell itself (`3.5万元`), NaN where there is none.

    >>> read_numbers(np.array(["1,200", "（3）", "—", "x", 4.5], dtype=object)).values.tolist()
    [1200.0, -3.0, nan, nan, 4.5]
    """
    if cells.dtype != object and pd.api.types.is_numeric_dtype(cells.dtype):
        return _plain(cells)
    cells = np.asarray(cells, dtype=object)
    blank = is_blank(cells)
    text = _is_text(cells) & ~blank
    if not text.any() and pd.api.types.infer_dtype(cells[~blank]) in (
        "floating",
        "integer",
        "mixed-integer-float",
        "empty",
    ):
        values = np.full(len(cells), np.nan)
        values[~blank] = cells[~blank].astype(float)
        return Numbers(values, np.zeros(len(cells), bool), np.zeros(len(cells), bool))
    return _read_mixed(cells, blank, text, decimal, is_typed)


def _read_mixed(cells, blank, text, decimal, is_typed) -> Numbers:
    number = np.fromiter((type(c) in (int, float) for c in cells), bool, len(cells)) & ~blank
    values = np.full(len(cells), np.nan)
    values[number] = cells[number].astype(float)
    bad = ~blank & ~number & ~text
    code, distinct = pd.factorize(cells[text])
    mended = _read_distinct(pd.Series(distinct, dtype="str"), decimal)
    values[text] = mended["value"].to_numpy()[code]
    bad[text] = (mended["value"].isna() & ~mended["dash"]).to_numpy()[code]
    is_percent = np.zeros(len(cells), bool)
    is_percent[text] = mended["is_percent"].to_numpy(bool)[code]
    scale = np.full(len(cells), np.nan)
    scale[text] = mended["scale"].to_numpy(float)[code]
    repairs = _count(mended, code, decimal)
    plain = mended["value"].notna().to_numpy() & ~mended[list(_KINDS)].any(axis=1).to_numpy()
    if is_typed and plain.any():
        repairs["number_as_text"] = (int(plain[code].sum()), str(mended["raw"][plain].iloc[0]))
    return Numbers(values, bad, is_percent, scale if not np.isnan(scale).all() else None, repairs)


def to_cents(values: np.ndarray) -> np.ndarray:
    """Whole cents of amounts in the main unit, NaN as 0."""
    return np.rint(np.nan_to_num(values) * 100).astype("int64")
