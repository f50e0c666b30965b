"""What one sheet (or file) gave to one table, and a record of all that was done to it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.contract import Table
from perflib.data.files import Grid

ASIDE = {"file": "str", "sheet": "str", "row": "int64", "table": "str", "reason": "str", "key": "str"}


def none_aside() -> pd.DataFrame:
    """No rows set aside."""
    return pd.DataFrame(columns=list(ASIDE)).astype(ASIDE)


@dataclass
class Piece:
    """What one sheet gave: rows of one table, where each came from, and what was done."""

    table: Table
    frame: pd.DataFrame
    rows: np.ndarray  # 1-based row of the sheet, for each row of `frame`
    grid: Grid
    letters: dict[str, str] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)  # as the file writes them
    places: dict[str, int] = field(default_factory=dict)  # position of each column in the grid
    unit: str = ""
    currency: str = ""  # as the head names it
    repairs: list[dict] = field(default_factory=list)
    set_aside: pd.DataFrame = field(default_factory=none_aside)
    problems: list[pd.DataFrame] = field(default_factory=list)
    rows_read: int = 0
    rows_merged: int = 0
    percents: dict[str, np.ndarray] = field(default_factory=dict)  # numbers written as per cent, by column
    cents_read: dict[str, int] = field(default_factory=dict)
    cents_kept: dict[str, int] = field(default_factory=dict)  # of the rows that stay, as the sheet has them
    decimal: str = "."
    scales: dict[str, float] = field(default_factory=dict)  # main units in one unit of a column's cells
    at: np.ndarray | None = None  # positions in the grid of the rows read
    rows_head: int = 0  # rows of the sheet up to the first that may be data
    rows_empty: int = 0
    title: str = ""  # what stands above the head
    files: np.ndarray | None = None  # file and sheet of each row, where they differ
    sheets: np.ndarray | None = None
    told: list[str] = field(default_factory=list)  # what a form says of each row that no column holds
    sums_keys: bool = False  # rows of one key are summed later, and rounded to the cent then

    def repaired(self, column: str, kind: str, count: int, example: str) -> None:
        where = {"file": self.grid.file, "sheet": self.grid.sheet, "table": self.table.name, "column": column}
        self.repairs.append({**where, "kind": kind, "count": count, "example": example})

    def put_aside(self, rows: np.ndarray, reason: object, key: object, **amounts) -> None:
        """Add rows of the sheet, by their numbers, to those set aside: why, their words, and their amounts."""
        if len(rows):
            where = {"file": self.grid.file, "sheet": self.grid.sheet, "row": rows, "table": self.table.name}
            more = pd.DataFrame({**where, "reason": reason, "key": key}).astype(ASIDE).assign(**amounts)
            parts = [self.set_aside, more] if len(self.set_aside) else [more]
            self.set_aside = pd.concat(parts, ignore_index=True)

    def report(self, rule: str, severity: str, column: str = "", **fields) -> None:
        """Report problems of this sheet; `fields` as `problems.report` has them."""
        where = {"file": self.grid.file, "sheet": self.grid.sheet}
        self.problems.append(problems.report(rule, severity, self.table.name, column, **where, **fields))

    def report_cells(self, rule: str, severity: str, places: list, column: str = "", **fields) -> None:
        """Report a problem of cells, by their positions (row, column) in the grid."""
        rows = [r + 1 for r, _ in places]
        cells = [f"{problems.letter(c)}{r + 1}" for r, c in places]
        self.report(rule, severity, column, count=len(places), row=rows, cell=cells, **fields)

    def complain(
        self, rule: str, severity: str, column: str, at: np.ndarray, found: object = "", **more
    ) -> None:
        """Report a problem in the rows at positions `at` of the frame."""
        rows, mark = self.rows[at], self.letters.get(column, "")
        cells = [f"{mark}{r}" for r in rows] if mark else ""
        self.report(rule, severity, column, count=len(at), row=rows, cell=cells, found=found, **more)

    def warn(self, rule: str, rows: np.ndarray, found: object = "") -> None:
        """Warn of whole rows, by their numbers."""
        self.report(rule, "warning", count=len(rows), row=list(rows), found=found)
