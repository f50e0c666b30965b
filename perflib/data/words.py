"""Cells that are not numbers: text, codes, years, months, dates, yes/no and choices."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pandas as pd

from perflib.data.amounts import BLANKS, INVISIBLE, NOTE_CHARS
from perflib.data.contract import Column
from perflib.data.marks import is_error, serial
from perflib.data.outline import OutlineError, read_outline
from perflib.data.periods import fiscal_month

YES = {"是", "y", "yes", "true", "1", "√", "✓", "有", "已"}
NO = {"否", "n", "no", "false", "0", "×", "无", "未"}
_LONG = 10**15
_EPOCH = date(1899, 12, 30)
_EARLIEST = 1950  # a date cell before it holds a number, such as a month or a year
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?e\+\d+|\d+[.,]\d+e\d+", re.IGNORECASE)
_ODD_CODE = re.compile(r"\0\d+(?:[.,]\d+)?[eE]\+?\d+(?=\0)|\0\d{4,}\.0+(?=\0)|\0(?:[-—–/]+|无)(?=\0)")
_DAY = re.compile(
    r"(?:(\d{4})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{1,2})|(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?|(\d{4})(\d\d)(\d\d))"
    r"(?:(?:\s+|t)\d{1,2}:\d\d(?::\d\d(?:\.\d+)?z?)?)?"
)
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
_UNSEEN = re.compile(f"{INVISIBLE}|[\x01-\x08\x0e-\x1f\x7f]")
_MESSY = re.compile(f"[^\\S ]|[\u0080-\u009fÃÂ]|{_UNSEEN.pattern}")
_SPACED = ("  ", " \0", "\0 ", "\0#", "\0Err:", "\0'", "\0’", "\0`")
_NOTED = re.compile(rf"(?<=\d)[{NOTE_CHARS}†‡※]+$")  # the mark of a note behind a code
_TEXT_MARK = re.compile(r"^['’`](?=[^'’`]+$)")  # as a spreadsheet marks text that is no number
_MONTHS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
_CONTROLS = re.compile("[\u0080-\u009f]")


@dataclass
class Coded:
    """Cells as numbers of the distinct ones among them; the number of a blank one is -1."""

    code: np.ndarray
    distinct: np.ndarray

    def __getitem__(self, keep: np.ndarray) -> "Coded":
        return Coded(self.code[keep], self.distinct)

    def at(self, place: np.ndarray | int) -> object:
        """The cells at `place`, "" where blank."""
        return np.append(self.distinct, "")[self.code[place]]


@dataclass
class Words:
    """A column's values by the number of each cell, which cells can't be read, and what was mended."""

    found: np.ndarray  # the values, and None behind them for what is blank
    code: np.ndarray
    bad: np.ndarray
    repairs: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def values(self) -> np.ndarray:
        """The value of each cell, None where blank."""
        return self.found[self.code]

    def series(self, column: Column) -> pd.Series:
        """The values as the column's kind has them."""
        if dtype_of(column) != "str":
            return as_series(self.values, column)
        return as_series(self.found, column).take(self.code).reset_index(drop=True)


def normal(text: object) -> str:
    """`text` for comparing: NFKC, case-folded, without blanks, invisible characters and decoration."""
    plain = unicodedata.normalize("NFKC", str(text))
    return re.sub(r"[\s*:：]", "", plain if plain.isascii() else _UNSEEN.sub("", plain)).casefold()


def coded(cells: "np.ndarray | Coded") -> "Coded":
    """`cells` by their distinct values: what costs much is done once for each."""
    if isinstance(cells, Coded):
        return cells
    code, distinct = pd.factorize(np.asarray(cells, dtype=object))
    return Coded(np.where(np.append(distinct == "", False)[code], -1, code), distinct)


def _map(cells: Coded, read: Callable[[object], tuple[object, str]]) -> Words:
    """Read each distinct cell once; `read` returns the value and the kind of repair ("bad": none)."""
    bare = [_TEXT_MARK.sub("", d) if isinstance(d, str) else d for d in cells.distinct]
    pairs = [(value, kind or ("spaces" if b != d else "")) for b, d in zip(bare, cells.distinct, strict=True)
             for value, kind in [read(b)]]  # fmt: skip
    told = np.array([*(p[1] for p in pairs), ""], dtype=object)[cells.code]
    found = np.full(len(pairs) + 1, None, dtype=object)
    found[:-1] = [p[0] for p in pairs]
    kinds = pd.Series(told)[lambda s: (s != "") & (s != "bad")]
    first = {k: str(cells.at(i)) for k, i in zip(kinds[::-1], kinds.index[::-1], strict=True)}
    repairs = {k: (int(n), first[k]) for k, n in kinds.value_counts().sort_index().items()}
    return Words(found, cells.code, told == "bad", repairs)


def _undouble(pair: re.Match) -> str:
    """Two characters that are one in UTF-8, read as Latin-1 or Windows-1252 and saved again."""
    for codec in ("cp1252", "latin-1"):
        try:
            return pair[0].encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return pair[0]


def _read_text(cell: object) -> tuple[object, str]:
    if isinstance(cell, str):
        if is_error(cell):
            return None, "bad"
        plain = cell.isascii() and " " not in cell and cell.isprintable()
        seen = cell if plain else _UNSEEN.sub("", cell)
        clean = seen if plain else re.sub(r"\s+", " ", seen).strip()
        meant = clean if plain else _CONTROLS.sub("", _MOJIBAKE.sub(_undouble, clean))
        if meant != clean:
            return meant, "double_encoded"
        return clean or None, "" if clean == cell else "invisible" if seen != cell else "spaces"
    if isinstance(cell, bool):
        return str(cell), ""
    if isinstance(cell, (int, float)):
        return (str(int(cell)) if float(cell).is_integer() else repr(float(cell))), ""
    return (cell.strftime("%Y-%m-%d") if isinstance(cell, date) else str(cell)), ""


def _read_code(cell: object) -> tuple[object, str]:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= _LONG:
        return None, "bad"  # Excel keeps 15 digits: the rest of the code is lost
    if isinstance(cell, date):
        return None, "bad"  # Excel makes a date of `3-1`: the code is lost
    text, kind = _read_text(cell)
    if text is None:
        return text, kind
    bare = _NOTED.sub("", text)
    form = unicodedata.normalize("NFKC", bare)
    if re.fullmatch("[-—–/]+|无", form):
        return None, "dash"
    if _SCIENTIFIC.fullmatch(form):
        return None, "bad"
    if isinstance(cell, str) and re.fullmatch(r"\d{4,}\.0+", form):
        return form.partition(".")[0], "code_decimal"
    if bare != text and form.isascii():
        return form, "footnote"
    return (form, "full_width") if form != text and form.isascii() else (text, kind)


def _read_year(cell: object, epoch: date = _EPOCH) -> tuple[object, str]:
    if isinstance(cell, date):
        number = serial(cell, epoch)
        return (number, "year_from_date") if 1900 <= number <= 2100 else (cell.year, "year_from_date")
    if isinstance(cell, (int, float)) and float(cell).is_integer() and 1900 <= cell <= 2100:
        return int(cell), ""
    word = normal(cell)
    found = re.fullmatch(r"(?:fy)?((?:19|20)\d\d)(?:\.0)?(?:年度?|财年|预算年度)?", word)
    if not found:
        day = _day(word.removesuffix(".0"))
        return (day.year, "year_from_date") if day else (None, "bad")
    return int(found[1]), "" if cell == found[1] else "year_as_text"


def _read_month(cell: object, epoch: date = _EPOCH) -> tuple[object, str]:
    if isinstance(cell, date):
        number = serial(cell, epoch)  # the number 6 in a cell that is formatted as a date
        if number > 366:
            return cell.month, "month_from_date"
        return (number, "month_from_date") if 1 <= number <= 12 else (None, "bad")
    # 2023.1 may be January or October: only two digits after a point are a month
    word = normal(cell).removesuffix(".0")
    shape = r"(?:(?:19|20)\d\d(?:[-/年]|\.(?=\d\d)))?(0?\d|1[0-2])(?:月[份末底]?)?"
    found = re.fullmatch(shape, word)
    if not found:
        day = _day(word)
        named = _MONTHS.index(word[:-1]) + 1 if word[:-1] in _MONTHS and word[-1] == "月" else None
        month = day.month if day else named or (fiscal_month(word) if word.isalpha() else None)
        return month, ("month_from_date" if day else "month_as_text") if month else "bad"
    is_plain = not isinstance(cell, str) or cell.isdecimal()
    return int(found[1]), "" if is_plain else "month_as_text"


def _read_date(cell: object, epoch: date = _EPOCH) -> tuple[object, str]:
    if isinstance(cell, date):
        day = pd.Timestamp(cell).normalize()
        return (np.datetime64(day, "us"), "") if day.year >= _EARLIEST else (None, "bad")
    if isinstance(cell, (int, float)) and 20000 <= cell <= 80000:
        return np.datetime64(pd.Timestamp(epoch) + pd.Timedelta(days=int(cell)), "us"), "date_serial"
    day = _day(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))
    if not day or day.year < _EARLIEST:
        return None, "dash" if normal(cell) in BLANKS else "bad"
    return np.datetime64(day, "us"), "" if re.fullmatch(r"\d{4}-\d\d-\d\d.*", str(cell)) else "date_as_text"


def _day(text: str) -> datetime | None:
    """The day that `text` writes in figures; None if it is none of the calendar."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip().casefold())
    try:
        return datetime(*(int(p) for p in found.groups() if p and p.isdigit())) if found else None
    except ValueError:
        return None


def _read_flag(cell: object) -> tuple[object, str]:
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell), ""
    word = normal(cell).removesuffix(".0").split("/")[0]
    return (word in YES, "") if word in YES | NO else (None, "bad")


def _read_outline(cell: object) -> tuple[object, str]:
    try:
        return read_outline(cell)
    except OutlineError:
        return None, "bad"


def _choice_reader(column: Column) -> Callable[[object], tuple[object, str]]:
    known = {normal(w): c.value for c in column.choices for w in (*c.also, c.zh, c.en, c.value)}
    known |= {normal(f"{c.zh}/{c.en}"): c.value for c in column.choices}

    def read(cell: object) -> tuple[object, str]:
        word = normal(cell)
        value = known.get(word)
        return (value, "") if value else (None, "dash" if word in BLANKS else "bad")

    return read


_READERS = {
    "text": _read_text, "code": _read_code, "year": _read_year,
    "month": _read_month, "date": _read_date, "flag": _read_flag,
    "outline": _read_outline,
}  # fmt: skip


def _is_clean(cells: np.ndarray, kind: str) -> bool:
    """Whether every one of `cells` is text that needs no mending.

    One search through all of them at once: most columns are clean, and a look at each cell costs
    more than reading the file.
    """
    try:
        text = "\0".join(["", *cells, ""])
    except TypeError:
        return False
    if any(s in text for s in _SPACED) or _MESSY.search("".join(set(text))):
        return False
    return kind != "code" or not (_ODD_CODE.search(text) or not unicodedata.is_normalized("NFKC", text))


def read_words(cells: np.ndarray | Coded, column: Column, *, epoch: date = _EPOCH) -> Words:
    """Values of `cells` as `column` declares them, None where blank; each distinct cell is read once.

    `epoch` is day 0 of the file's numbers of days.
    """
    cells = coded(cells)
    if column.kind in ("text", "code") and _is_clean(cells.distinct, column.kind):
        return Words(np.append(cells.distinct, None), cells.code, np.zeros(len(cells.code), bool))
    read = _choice_reader(column) if column.kind == "choice" else _READERS[column.kind]
    if column.kind in ("year", "month", "date"):
        return _map(cells, lambda cell: read(cell, epoch))
    return _map(cells, read)


_DTYPES = {
    "code": "str", "text": "str", "choice": "str", "flag": "boolean", "date": "datetime64[us]",
    "year": "Int64", "month": "Int64", "integer": "Int64", "outline": "str",
}  # fmt: skip


def dtype_of(column: Column) -> str:
    """The type of `column` in a checked table; whole numbers as the type that can be NA."""
    return _DTYPES.get(column.kind, "float64")


def as_series(values: np.ndarray, column: Column) -> pd.Series:
    """`values` with the dtype of the column's kind; whole years and months without NA are int64."""
    kind = dtype_of(column)
    if kind == "Int64":
        numbers = pd.to_numeric(pd.Series(values, dtype=object)).to_numpy(float)
        whole = pd.array(numbers, dtype="Float64").astype("Int64")
        return pd.Series(whole if pd.isna(whole).any() else whole.to_numpy("int64"))
    return pd.Series(values, dtype=kind if kind == "float64" else object).astype(kind)
