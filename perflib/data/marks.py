"""What a workbook says of its cells beside their values: errors, formats, what is hidden or merged."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

Place = tuple[int, int]  # row and column, counted from 0

ERROR = re.compile(r"#(?:[^\W\d_][^\W_]*(?:/0)?[!?]|N/?[AV]|GETTING_DATA)|Err:\d+", re.IGNORECASE)
PERCENT, SCALED = "percent", "scaled"
MOST_CELLS = 30_000_000  # a used range beyond this is a stray cell, and would not fit into memory


@dataclass
class Marks:
    """Marks of one sheet; positions are counted from 0."""

    errors: dict[Place, str] = field(default_factory=dict)  # what an error cell shows
    formats: dict[Place, str] = field(default_factory=dict)  # PERCENT or SCALED, where a number is shown so
    uncomputed: list[Place] = field(default_factory=list)
    merged: list[tuple[Place, Place]] = field(default_factory=list)  # first and last cell of each range
    hidden_rows: list[int] = field(default_factory=list)
    is_hidden: bool = False
    epoch: date = date(1899, 12, 30)  # day 0 of the numbers of days
    size: Place = (0, 0)  # rows and columns of the used range, where it was looked at

    @property
    def is_too_large(self) -> bool:
        return self.size[0] * self.size[1] > MOST_CELLS


def is_error(cell: object) -> bool:
    """Whether `cell` is the word of a spreadsheet's error: `#DIV/0!`, `#N/A`, `Err:502`."""
    return isinstance(cell, str) and ("#" in cell or "rr" in cell) and bool(ERROR.fullmatch(cell.strip()))


def format_kind(code: str) -> str:
    """PERCENT or SCALED for a number format that shows other digits than the cell holds, else "".

    >>> format_kind("0.0%"), format_kind('#,##0,"k"'), format_kind("#,##0.00")
    ('percent', 'scaled', '')
    """
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code)
    if "%" in plain:
        return PERCENT
    return SCALED if re.search(r"[0#?],+(?![0#?,])", plain) else ""


def serial(day: date, epoch: date) -> int:
    """The number of days that a cell shown as the date `day` holds; before March 1900 as Excel counts."""
    found = ((day.date() if isinstance(day, datetime) else day) - epoch).days
    return found - 1 if epoch.year == 1899 and found <= 60 else found
