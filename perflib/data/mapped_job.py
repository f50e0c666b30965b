"""One reading of files by a mapping: what it asks, the sheets it opened, its fields, and lists of codes looked up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.derive import PLACEHOLDER, each, fill
from perflib.data.fields import Fields, read_fields, trimmed
from perflib.data.files import Grid, read_grids
from perflib.data.header import Header
from perflib.data.mapping import Layout, Lookup, Mapping, Series
from perflib.data.mapping_fault import Fault, MappingError
from perflib.data.packed import ENDINGS, read_json
from perflib.data.patterns import find_files
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.piece import Piece
from perflib.data.units import plain
from perflib.data.words import normal


@dataclass
class Job:
    """One reading: the mapping, where its files lie, and the year asked for (0: all)."""

    mapping: Mapping
    file: Path
    folder: Path
    year: int = 0
    grids: dict[tuple, list[Grid]] = field(default_factory=dict)
    notes: list[pd.DataFrame] = field(default_factory=list)
    # place in the mapping, what it looks for
    is_used: dict[tuple[str, str], bool] = field(default_factory=dict)

    def uses(self, series: Series, key: str, wanted: object, hit: bool) -> None:
        """Note whether anything in the data fitted what the mapping says there."""
        at = next((i for i, s in enumerate(self.mapping.file, 1) if s is series), 0)
        told = wanted if isinstance(wanted, str) else json.dumps(wanted, ensure_ascii=False)
        place = (f"[[file]] {at} ({', '.join(series.pattern)}), {key}", told)
        self.is_used[place] = self.is_used.get(place, False) or bool(hit)

    def year_of(self, text: object) -> int | None:
        return fiscal_year(text, begins=self.mapping.year_begins, called=self.mapping.year_called)

    def month_of(self, text: object) -> int | None:
        return fiscal_month(text, begins=self.mapping.year_begins)

    def open(self, path: Path, layout: Layout, *, years: tuple = ()) -> list[Grid]:
        """Sheets of the file, read once for all blocks that look at it."""
        labels = [label for f in layout.fields.values() for label in f.label]
        chosen = [tuple(labels), years] if path.suffix == ".parquet" else []
        key = (path, layout.encodings, layout.separator, *chosen)
        if key not in self.grids:
            if path.suffix.lower() in ENDINGS:
                grids = read_json(path, layout.encodings)
            else:
                grids = read_grids(path, layout.encodings, layout.separator, columns=labels, years=years)
            is_inside = path.is_relative_to(self.folder)
            for grid in grids:
                grid.file = path.relative_to(self.folder).as_posix() if is_inside else path.name
            self.grids[key] = grids
        return self.grids[key]

    def warn(self, rule: str, **fields) -> None:
        self.notes.append(problems.report(rule, "warning", "", **fields))


@dataclass
class Draft:
    """Rows of one set of columns on their way into a table: cells by column, and why each row goes aside."""

    piece: Piece
    text: "Texts"
    cells: dict[str, np.ndarray]
    header: Header
    rows: np.ndarray
    reason: np.ndarray


class Texts:
    """Fields as trimmed text, padded where the mapping says; each is made when it is asked for."""

    def __init__(self, job: Job, fields: Fields, layout: Layout, piece: Piece, when: int):
        self.fields, self.layout, self.piece = fields, layout, piece
        self.raw = dict(fields.raw)
        told = {"year": str(when) if when else "", **fields.told}
        for name, read in (("year", job.year_of), ("month", job.month_of)):
            if name in fields.told and (value := read(fields.told[name])):
                told[name] = str(value)
        told = {name: text for name, text in told.items() if name not in self.raw}
        self.made = {name: np.full(len(fields.rows), text, dtype=object) for name, text in told.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.made:
            spec = self.layout.fields.get(name)
            width = self.layout.pad.get(name, spec.pad if spec else 0)
            values, short, first = trimmed(self.raw[name], width)
            if short:
                self.piece.repaired("", "code_padded", short, f"{name} {first}")
            self.made[name] = values
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.raw, *self.made]))

    def cells(self, name: str) -> np.ndarray:
        """The field as the file has it."""
        return self.raw[name] if name in self.raw else self[name]


def look_up(job: Job, rule: Lookup, when: int, text: Texts) -> None:
    """Add to `text` what another file says of the same key (its first row counts); "" where nothing."""
    told = {n: v for n, v in text.fields.told.items() if n != "year"}
    files = find_files(job.folder, PLACEHOLDER.sub(lambda m: told.get(m[1], m[0]), rule.pattern))
    if not files:
        raise MappingError(job.file.name, [Fault("lookup", rule.pattern, kind="no_file")])
    path, known = min(files, key=lambda f: abs((job.year_of(f[1].get("year", "")) or when) - when))
    if "year" in known and job.year_of(known["year"]) != when:
        text.piece.repaired("", "lookup_other_year", 1, path.relative_to(job.folder).as_posix())
    grids = job.open(path, rule)
    grid = next((g for g in grids if not rule.sheet or normal(g.sheet) == normal(rule.sheet[0])), grids[0])
    sets, _ = read_fields(grid, rule, known, mapping=job.file.name)
    other = Texts(job, sets[0], rule, Piece(text.piece.table, pd.DataFrame(), np.array([], int), grid), when)
    form = plain if rule.match == "loose" else str
    template = "\x1f".join(f"{{{name}}}" for name in rule.by)

    def keys(fields: Texts) -> np.ndarray:
        written = fill(template, fields, len(fields.fields.rows))
        return each(written, lambda d: "\x1f".join(map(form, d.split("\x1f"))))

    theirs, own = keys(other), pd.Series(keys(text), dtype=object)
    for name in rule.take:
        _tell_twice(job, other, theirs, name, set(own))
        known_values = dict(zip(theirs[::-1], other[name][::-1], strict=True))
        text.made[name] = own.map(known_values).fillna("").to_numpy(dtype=object)


def _tell_twice(job: Job, other: Texts, keys: np.ndarray, name: str, used: set) -> None:
    """Tell of keys of a code list that stand there again with another content, if any row has them."""
    rows = pd.DataFrame({"key": keys, "value": other[name], "row": other.fields.rows})
    first = rows.groupby("key")["value"].transform("first")
    other_rows = rows[(rows["value"] != first) & rows["key"].isin(used)].drop_duplicates(["key", "value"])
    grid = other.piece.grid
    note = problems.report(
        "lookup_twice", "warning", "", file=grid.file, sheet=grid.sheet, count=len(other_rows),
        row=list(other_rows["row"]), key=[k.replace("\x1f", " / ") for k in other_rows["key"]],
        found=list(other_rows["value"]), expected=list(first[other_rows.index]),
    )  # fmt: skip
    if len(note) and not any(note.equals(n) for n in job.notes):
        job.notes.append(note)
