"""From files to a book: every sheet read, every table checked, all problems told at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.book import NOTHING_GIVEN, Book, Given
from perflib.data.check import check_table
from perflib.data.contract import tables as declared_tables
from perflib.data.doubts import find_doubts
from perflib.data.errors import DataError
from perflib.data.fonts import check_glyphs
from perflib.data.links import check_codes, check_links
from perflib.data.periods import AsOf, seen_as_of
from perflib.data.piece import Piece, none_aside
from perflib.data.stack import Stack, fill_defaults, find_codes, make_codes, pile
from perflib.data.text import say
from perflib.data.totals import is_no_sum
from perflib.data.units import amount_text
from perflib.data.words import as_series

INPUTS = ("file", "sheet", "sha256", "rows", "encoding", "unit")
REPAIRS = ("file", "sheet", "table", "column", "kind", "count", "example")


@dataclass
class Source:
    """What was read, before it is checked."""

    pieces: list[Piece]
    currency: str = ""  # as the mapping or the heads name it, else CNY
    is_sample: bool = False
    notes: list[pd.DataFrame] = field(default_factory=list)  # problems of whole files and sheets
    relaxed: tuple[str, ...] = ()  # rules that only warn for this source
    off: tuple[str, ...] = ()  # rules that this source's layout makes meaningless
    about: dict[str, str] = field(default_factory=dict)  # what it holds, by language
    year_begins: int = 1  # month in which its fiscal year begins
    relaxable: tuple[str, ...] = ()  # rules that its mapping may turn into warnings
    as_of: AsOf | None = None  # the year in course and its last month, where it is declared
    given: Given = NOTHING_GIVEN  # district and year of rows that tell none
    mapping: str = ""  # the file of its mapping, where it has one

    def __post_init__(self) -> None:
        named = [p for p in self.pieces if p.currency]
        self.currency = self.currency or (named[0].currency if named else "CNY")
        for piece in (p for p in named if p.currency != self.currency):
            where = {"file": piece.grid.file, "sheet": piece.grid.sheet}
            told = {"found": piece.currency, "expected": self.currency}
            self.notes.append(problems.report("unit_clash", "error", piece.table.name, **where, **told))


MOST_TOTALS = 200  # of a sheet, that are held against its rows


def make_book(source: Source) -> Book:
    """The checked book of `source`; CheckError with every problem if any is an error."""
    stacks = _stacks(source.pieces, source.currency)
    _fill_given(source, stacks)
    if "projects" not in stacks:
        notes = problems.join(source.notes)
        if (notes["severity"] == "error").any():
            raise problems.CheckError(notes)
        raise DataError(
            "reading.no_projects", found=", ".join(p.grid.sheet or p.grid.file for p in source.pieces)
        )
    if stacks["projects"].frame.empty:
        piece = next(p for p in source.pieces if p.table.is_required)
        reasons = piece.set_aside["reason"].unique()
        if len(reasons):
            told = {"count": len(piece.set_aside), "reasons": partial(_say_reasons, reasons)}
            raise DataError("reading.all_aside", file=piece.grid.file, **told)
        raise DataError("reading.no_rows", file=piece.grid.file)
    made = make_codes(stacks["projects"])
    for stack in stacks.values():
        stack.called = stacks["projects"].called
    if made:
        first = next(iter(stacks["projects"].called.values()))
        source.pieces[0].repaired("project", "code_made", made, first)
    find_codes(stacks)
    report = _check(source, stacks)
    if (report["severity"] == "error").any():
        raise problems.CheckError(report, relaxable=source.relaxable)
    is_doubt, pieces = report["severity"] == "doubt", source.pieces
    as_of = source.as_of
    if not as_of and "progress" in stacks:
        as_of = seen_as_of(stacks["projects"].frame, stacks["progress"].frame)
    about = {n: getattr(source, n) for n in ("currency", "is_sample", "about", "year_begins")}
    reconciliation = _reconcile(pieces, stacks)
    _fill_month_budgets(source, stacks)
    return Book(
        tables={n: s.frame for n, s in stacks.items()}, **about, as_of=as_of,
        inputs=_inputs(pieces), repairs=_repairs(pieces), set_aside=_set_aside(pieces),
        reconciliation=reconciliation, warnings=report[~is_doubt].reset_index(drop=True),
        doubts=problems.join([report[is_doubt], find_doubts(stacks, pieces, as_of)]),
    )  # fmt: skip


def _fill_given(source: Source, stacks: dict[str, Stack]) -> None:
    """Put the district and year that the user gave where a key column is missing or blank, and count them."""
    for name, stack in stacks.items():
        for column, value in zip(("district", "year"), source.given, strict=True):
            if not value or column not in stack.table.key:
                continue
            there = stack.frame.get(column, pd.Series(None, stack.frame.index, dtype=object))
            lacks = there.isna()
            if not lacks.any():
                continue
            filled = there.astype(object).where(~lacks, value).to_numpy()
            stack.frame[column] = as_series(filled, stack.table[column])
            stack.frame = stack.frame[[n for n in stack.table.names if n in stack.frame]]
            first = next(p for p in source.pieces if p.table.name == name)
            first.repaired(column, "given", int(lacks.sum()), str(value))


def _fill_month_budgets(source: Source, stacks: dict[str, Stack]) -> None:
    """Give a month that has no budget of its own that of its project in the year, and count them."""
    keys, amount = ["district", "year", "project"], "adjusted_budget"
    if "progress" not in stacks or amount not in stacks["projects"].frame:
        return
    stack = stacks["progress"]
    own = stack.frame.get(amount, pd.Series(float("nan"), stack.frame.index))
    if own.notna().all():
        return
    budgets = stacks["projects"].frame[[*keys, amount]].drop_duplicates(keys)
    found = stack.frame[keys].merge(budgets, on=keys, how="left", validate="many_to_one")[amount]
    filled = own.fillna(found.set_axis(own.index))
    stack.frame = stack.frame.assign(**{amount: filled})
    stack.frame = stack.frame[[n for n in stack.table.names if n in stack.frame]]
    first = next(p for p in source.pieces if p.table is stack.table)
    first.repaired(amount, "month_budget", int((own.isna() & filled.notna()).sum()), "")


def _say_reasons(reasons: Iterable[str], lang: str) -> str:
    return say("show_report.comma", lang).join(say(f"reading.reason_{r}", lang) for r in reasons)


def _stacks(pieces: list[Piece], currency: str) -> dict[str, Stack]:
    stacks = {}
    for name in declared_tables():
        if mine := [p for p in pieces if p.table.name == name]:
            stacks[name] = pile(mine, currency)
            fill_defaults(stacks[name])
    return stacks


def _check(source: Source, stacks: dict[str, Stack]) -> pd.DataFrame:
    read = [p for piece in source.pieces for p in piece.problems]
    found = [*source.notes, *read, *(check_table(s) for s in stacks.values())]
    report = problems.join(found)
    if source.mapping:
        report = _unstated(report, source.mapping)
    if not report["rule"].isin(["missing_column", "unstated_column"]).any():
        cells = (r for check in (check_codes, check_glyphs) for s in stacks.values() for r in check(s))
        totals = _totals(source.pieces, source.currency)
        report = problems.join([report, check_links(stacks), *cells, *totals])
    report = _drop_echoes(report[~report["rule"].isin(source.off)].reset_index(drop=True))
    relaxed = report["rule"].isin(source.relaxed)
    report["severity"] = report["severity"].where(~relaxed, "warning")
    return report


def _unstated(report: pd.DataFrame, mapping: str) -> pd.DataFrame:
    """What a mapped table lacks is for its mapping to state, once for all of its files."""
    lacks = report["rule"] == "missing_column"
    told = report[lacks].drop_duplicates(["table", "column"])
    told = told.assign(rule="unstated_column", file="", sheet="")
    return problems.join([told.assign(found=told["column"], expected=mapping), report[~lacks]])


def _drop_echoes(report: pd.DataFrame) -> pd.DataFrame:
    """Say once what is wrong: a cell that could not be read is blank for the checks too, a row given twice
    has its name twice, and of a merged amount the other cells are blank."""
    if report.empty:
        return report
    where = ["file", "sheet", "row"]
    spots = pd.MultiIndex.from_frame(report[[*where, "column"]])
    lost = ["unreadable", "code_as_number", "uncomputed", "mark_doubt", "mark_clash"]
    unread = spots[report["rule"].isin(lost)]
    cells = pd.Index(report["file"] + "\0" + report["sheet"] + "\0" + report["cell"])
    uncomputed = cells[report["rule"] == "uncomputed"]
    is_blank = report["rule"].isin(["empty_required", "not_reported"])
    echoes = is_blank & (spots.isin(unread) | cells.isin(uncomputed))
    twice = report["rule"] == "duplicate"
    echoes |= (report["rule"] == "same_name") & report["key"].isin(report.loc[twice, "key"])
    return report[~echoes].reset_index(drop=True)


def _totals(pieces: list[Piece], currency: str) -> list[pd.DataFrame]:
    """Totals that a sheet prints and that its rows don't sum to."""
    found = []
    for piece in pieces:
        rows = piece.set_aside[piece.set_aside["reason"] == "totals_row"]
        rows = rows[[not is_no_sum(key) for key in rows["key"]]].head(MOST_TOTALS)
        names = [n for n in piece.table.of_kind("amount") if n in rows and n in piece.frame]
        for at in range(len(rows)) if names else ():
            total = rows.iloc[[at]]
            summed, count = _run_of(piece, total, names)
            if not count and len(rows) == 1:
                summed = np.array([piece.cents_kept.get(name, 0) for name in names])
            elif not count:
                continue  # of several it is not known which rows each one covers
            printed = to_cents(total[names].to_numpy(float))[0]
            # amounts of subtotals may be rounded one by one, to two decimals of their unit
            slack = np.array(
                [piece.scales.get(name, 1) * count / 2 if len(rows) > 1 else 0 for name in names]
            )
            differs = (np.abs(printed - summed) > slack) & total[names].notna().to_numpy()[0]
            for name, *cents in zip(np.array(names)[differs], printed[differs], summed[differs], strict=True):
                row, scale = total["row"].iloc[0], piece.scales.get(name, 1)
                where = {"file": piece.grid.file, "sheet": piece.grid.sheet, "row": row}
                where["cell"] = f"{piece.letters.get(name, '')}{row}"
                told = [amount_text(int(v), scale, currency) for v in cents]
                found.append(problems.report("total_differs", "warning", piece.table.name, str(name),
                                             found=told[0], expected=told[1], **where))  # fmt: skip
    return found


def _run_of(piece: Piece, total: pd.DataFrame, names: list[str]) -> tuple[np.ndarray, int]:
    """Sums in cents of the rows right above or below a totals row that it covers, as most of its amounts tell, and how
    many rows they are: 0 where no amount is the sum of any such rows."""
    printed, is_told = to_cents(total[names].to_numpy(float))[0], total[names].notna().to_numpy()[0]
    cents, is_above = to_cents(piece.frame[names].to_numpy(float)), piece.rows < total["row"].iloc[0]
    sums = np.concatenate([np.cumsum(cents[is_above][::-1], axis=0), np.cumsum(cents[~is_above], axis=0)])
    hits = (sums == printed) & is_told
    score = np.where((hits & (printed != 0)).any(axis=1), hits.sum(axis=1), 0)
    if not score.any():
        return printed, 0
    best, above = int(score.argmax()), int(is_above.sum())
    return sums[best], (best if best < above else best - above) + 1


def _inputs(pieces: list[Piece]) -> pd.DataFrame:
    rows = [(p.grid.file, p.grid.sheet, p.grid.sha256, p.rows_read, p.grid.encoding, p.unit) for p in pieces]
    return pd.DataFrame(rows, columns=list(INPUTS))


def _repairs(pieces: list[Piece]) -> pd.DataFrame:
    out = pd.DataFrame([r for p in pieces for r in p.repairs], columns=list(REPAIRS))
    return out.astype({c: "int64" if c == "count" else "str" for c in REPAIRS})


def _set_aside(pieces: list[Piece]) -> pd.DataFrame:
    parts = [p.set_aside for p in pieces if len(p.set_aside)]
    return pd.concat(parts, ignore_index=True) if parts else none_aside()


def _ledger(piece: Piece) -> dict[str, int]:
    """Lines of the file as counted in its bytes: header, empty, inside of cells; the others are the rows read."""
    if piece.at is None:
        return {}  # a mapping, or a file of columns, chooses its rows by itself
    grid = piece.grid
    lines = max(grid.line_count, grid.marks.size[0])
    inside = 0 if grid.lines is None else grid.line_count - len(grid.lines)
    empty = piece.rows_empty + max(0, grid.marks.size[0] - grid.line_count)
    assert lines == piece.rows_head + empty + inside + piece.rows_read, (grid.file, grid.sheet)
    return {"lines": lines, "lines_head": piece.rows_head, "lines_empty": empty, "lines_inside": inside}


def _reconcile(pieces: list[Piece], stacks: dict[str, Stack]) -> pd.DataFrame:
    """Rows and cents of each sheet: read from the cells, kept as they stand in the book, set aside."""
    rows, seen = [], {}
    for piece in pieces:
        stack, number = stacks[piece.table.name], seen.get(piece.table.name, 0)
        mine, seen[piece.table.name] = stack.piece == number, number + 1
        out = {"file": piece.grid.file, "sheet": piece.grid.sheet, "table": piece.table.name}
        out |= {"rows_read": piece.rows_read, "rows_kept": int(mine.sum()), "rows_merged": piece.rows_merged}
        out |= _ledger(piece)
        out["rows_set_aside"] = int((~piece.set_aside["reason"].str.endswith("_part")).sum())
        for name, read in piece.cents_read.items():
            aside = piece.set_aside[name].to_numpy(float) if name in piece.set_aside else np.array([])
            out[f"{name}_read"] = read
            out[f"{name}_kept"] = int(to_cents(stack.frame[name].to_numpy()[mine]).sum())
            out[f"{name}_set_aside"] = int(to_cents(aside).sum())
        rows.append(out)
    out = pd.DataFrame(rows)
    return out.astype({c: "Int64" for c in out.columns if c not in ("file", "sheet", "table")})
