"""Text files as rows of cells: their encoding, their separator, and lines whose quotes or ends are off."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.errors import DataError

POINT, COMMA = ".", ","
_SIGN = r"[+-]?"
_OF = {
    POINT: (
        r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,}"  # 1,234.5 and 1,234,567
        r"|\d*\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d{3}|0?\.\d{3}|0\d+\.\d{3}"  # 1.5, 1.2345, 1234.567, 0.125
    ),
    COMMA: (
        r"\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,}"
        r"|\d*,\d{1,2}|\d{5,},\d{3}|0?,\d{3}"  # 12,3456 may be a group of four, and tells nothing
    ),
}
# of numbers with a decimal point
_GROUPS, _PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", r"\d*(?:\.\d*)?(?:[eE][+-]?\d+)?"
_UNSURE, _LONG = r"[1-9]\d{0,2}\.\d{3}", r"\d*\.\d{4,}|\d{4,}\.\d{3}|0?\.\d{3}"
_EXCHANGED = str.maketrans(",.", ".,")
_MARKS = ("锟斤拷", "\ufffd")
_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # a first line for Excel


@dataclass
class Records:
    """The rows of a text file, each as wide as the widest."""

    cells: np.ndarray
    widths: np.ndarray  # how many fields each row has in the file
    lines: np.ndarray  # the line on which each row begins, from 1
    is_open: bool  # the last line does not end
    quoted: int  # cells that were written as a formula of text


def read_records(text: str, file: str, separator: str = "") -> Records:
    """The records of `text`. Raises DataError with the lines where quotes don't close or swallow lines."""
    mark = separator or separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    rows, lines, line = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(line + 1)
            line = reader.line_num
    except csv.Error:
        last = max(reader.line_num, line + 1)
        raise DataError("reading.open_quote", file=file, row=line + 1, last=last) from None
    if '"' in text:
        _look_for_swallowed(rows, lines, mark, file)
    widths = np.array([len(r) for r in rows], int)
    cells = np.full((len(rows), widths.max(initial=0)), "", dtype=object)
    for width in np.unique(widths[widths > 0]):
        at = np.flatnonzero(widths == width)
        cells[at, :width] = np.array([rows[i] for i in at], dtype=object)
    spots = [tuple(s) for s in np.argwhere(cells != "") if cells[*s].startswith('="')] if '="' in text else []
    for spot in spots:  # ="00123", as programs write text that a spreadsheet shall not take for a number
        cells[spot] = cells[spot].removeprefix('="').removesuffix('"')
    is_open = line > 1 and not text.endswith(("\n", "\r"))
    return Records(cells, widths, np.array(lines, int), is_open, len(spots))


def separator_of(text: str) -> str:
    """The mark between the fields: the one that Excel's hint names, or the most frequent at the beginning."""
    lines = [line for line in text[:200_000].splitlines()[:20] if line.strip()]
    if lines and (hint := _HINT.fullmatch(lines[0])):
        return hint[1]
    return max((",", ";", "\t", "|"), key=lambda s: sum(line.count(s) for line in lines))


def _look_for_swallowed(rows: list[list[str]], lines: list[int], mark: str, file: str) -> None:
    """Refuse a field that runs over several lines and holds whole rows: its quote was never closed."""
    width = max(map(len, rows), default=0)
    for row, line in zip(rows, lines, strict=True):
        for cell in (c for c in row if "\n" in c or "\r" in c):
            breaks = cell.count("\n") or cell.count("\r")
            if width > 1 and cell.count(mark) >= (width - 1) * breaks:
                raise DataError("reading.open_quote", file=file, row=line, last=line + breaks)


def decode(content: bytes, file: str, encodings: Sequence[str] = ()) -> tuple[str, str]:
    """Text of `content` and the encoding it was in; DataError if none fits or the text is spoilt."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _utf_16(content, file), "utf-16"
    for name in encodings or ("utf-8", "gb18030"):
        try:
            text = content.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError as error:  # a last character cut in two: the file is not complete
            if error.reason == "unexpected end of data" and not content[: error.start].isascii():
                raise _cut(content, file) from None
            continue
        if name == "gb18030" and not encodings and not _looks_chinese(text, content):
            break
        if any(mark in text for mark in _MARKS):
            line = next(i for i, row in enumerate(text.splitlines(), 1) if any(m in row for m in _MARKS))
            raise DataError("reading.spoilt_text", file=file, row=line)
        return text, "utf-8-bom" if content[:3] == b"\xef\xbb\xbf" and name == "utf-8" else name
    raise DataError("reading.encoding", file=file, tried=", ".join(encodings or ("utf-8", "gb18030")))


def _utf_16(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError:
        raise _cut(content, file) from None


def _cut(content: bytes, file: str) -> DataError:
    return DataError("reading.cut_off", file=file, row=content.count(b"\n") + 1)


def _looks_chinese(text: str, content: bytes) -> bool:
    """Whether enough of the non-ASCII characters are in GB 2312: those that bytes of Latin, Big5 or Shift-JIS text
    decode to mostly are not (`Cr閐ito`, which is Crédito), and old characters are half of them."""
    foreign = "".join(c for c in text[:200_000] if ord(c) > 127)
    share = len(foreign.encode("gb2312", "ignore").decode("gb2312")) / max(1, len(foreign))
    return not foreign or share > (0.75 if any(_is_in(content, c) for c in ("big5", "shift_jis")) else 0.4)


def _is_in(content: bytes, encoding: str) -> bool:
    try:
        return bool(content.decode(encoding))
    except UnicodeDecodeError:
        return False


def _fits(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.fullmatch(f"{_SIGN}(?:{pattern})")


def evidence(text: pd.Series) -> tuple[int, int]:
    """How many of the numbers `text` can only be read with a decimal point, and only with a comma."""
    marked = text[text.str.contains(r"[.,]", regex=True)]
    return int(_fits(marked, _OF[POINT]).sum()), int(_fits(marked, _OF[COMMA]).sum())


def decide(point: int, comma: int) -> str:
    """The decimal mark that the evidence is for; "" where there is none. The more frequent style wins.

    >>> decide(0, 1), decide(5, 1), decide(0, 0)
    (',', '.', '')
    """
    if not point and not comma:
        return ""
    return COMMA if comma > point else POINT


def ungroup(text: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Numbers with a decimal point and no groups ("?" for what is none in this style), and which had groups."""
    text = text.str.translate(_EXCHANGED) if decimal == COMMA else text
    grouped = _fits(text, _GROUPS)
    is_number = grouped | _fits(text, _PLAIN)
    return text.str.replace(",", "", regex=False).where(is_number, "?"), grouped


def is_unsure(text: pd.Series, decimal: str) -> pd.Series:
    """Which decimals look like one group of thousands (`1.234`), in a column that has no longer decimals."""
    text = text.str.translate(_EXCHANGED) if decimal == COMMA else text
    return _fits(text, _UNSURE) & (not _fits(text, _LONG).any())
