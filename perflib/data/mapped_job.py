"""One reading of files by a mapping: what it asks, the sheets it opened, and fields on their way into a table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.fields import Fields, trimmed
from perflib.data.files import Grid, read_grids
from perflib.data.header import Header
from perflib.data.mapping import Layout, Mapping, Series
from perflib.data.packed import ENDINGS, read_json
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.piece import Piece


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
