"""The book of a packed folder: its tables are read when they are asked for, as far as they are asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from perflib.data.book import Book
from perflib.data.packed import RECORDS, File, Packed, open_packed


class PackedTables(Mapping):
    """The tables of `packed`, of one district, one year, or all; each read on first use and kept."""

    def __init__(self, packed: Packed, district: str = "", year: int = 0):
        self.packed, self.district, self.year = packed, district, year
        self.in_memory: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.in_memory:
            self.in_memory[name] = self._rows(name)
        return self.in_memory[name]

    def __contains__(self, name: object) -> bool:  # Mapping's own would read the table
        return name in self.packed.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.packed.columns)

    def __len__(self) -> int:
        return len(self.packed.columns)

    def select(self, district: str, year: int) -> "PackedTables":
        return PackedTables(self.packed, district or self.district, year or self.year)

    def files(self, name: str) -> list[File]:
        return self.packed.chosen(name, self.district, self.year)

    def has_rows(self, name: str) -> bool:
        if name in self.in_memory or self.district or self.year:
            return len(self[name]) > 0
        return self.packed.rows[name] > 0

    def relation(self, name: str) -> Any:
        """The rows as a relation of DuckDB over the files: nothing is read yet."""
        import duckdb

        files, columns = self.files(name), self.packed.columns[name]
        if not files:
            from perflib.data.packer import as_arrow

            return duckdb.from_arrow(as_arrow(self[name]))
        paths = [str(p) for p in self.packed.whole(files)]
        rows = duckdb.read_parquet(paths, union_by_name=True, hive_partitioning=False)
        there = set(rows.columns)
        names = [f'"{c}"' if c in there else f'NULL::{_SQL[t]} AS "{c}"' for c, t in columns.items()]
        for column, value in (("district", self.district), ("year", self.year)):
            if value and column in columns:
                rows = rows.filter(duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value))
        return rows.project(", ".join(names))

    def _rows(self, name: str) -> pd.DataFrame:
        import pyarrow as pa
        import pyarrow.parquet as pq

        files, columns = self.files(name), self.packed.columns[name]
        paths = self.packed.whole(files)
        tables = [self._of_district(pq.read_table(p), f) for p, f in zip(paths, files, strict=True)]
        table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
        frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get)
        frame = frame.reindex(columns=list(columns)).astype(columns)
        for column, value in (("district", self.district), ("year", self.year)):
            if value and column in columns:
                frame = frame[frame[column] == value]
        return frame.reset_index(drop=True)

    def _of_district(self, table: Any, file: File) -> Any:
        """The district's rows, which lie together, and no note of how they were written."""
        table = table.replace_schema_metadata(None)
        if not self.district or file.parts[0].district == "":
            return table  # no district's, or the table of districts
        at = 0
        for part in file.parts:
            if part.district == self.district:
                return table.slice(at, part.rows)
            at += part.rows
        return table.slice(0, 0)


_SQL = {
    "str": "VARCHAR", "float64": "DOUBLE", "int64": "BIGINT", "Int64": "BIGINT",
    "boolean": "BOOLEAN", "datetime64[us]": "TIMESTAMP",
}  # fmt: skip


@dataclass(frozen=True)
class PackedBook(Book):
    """A book whose districts, years and counts come from the stamp, without reading a row.

    With tables of its own (`holding`), as in the public edition, it is a book as any other.
    """

    @property
    def packed(self) -> Packed:
        """The folder behind the tables."""
        return self.tables.packed

    def has(self, name: str) -> bool:
        return name in self.tables and self.tables.has_rows(name)

    def frame(self, name: str, engine: str = "") -> Any:
        if (engine or self.engine) == "pandas":
            return super().frame(name, engine)
        if not self.has(name):
            self.table(name)  # says which tables there are
        return self.tables.relation(name)

    @property
    def districts(self) -> list[str]:
        parts = (p.district for f in self.packed.by_table["projects"] for p in f.parts)
        return list(dict.fromkeys(parts))

    @property
    def years(self) -> list[int]:
        return sorted({f.year for f in self.packed.by_table["projects"]})

    def years_of(self, district: str) -> dict[int, bool]:
        held = [(f.year, part) for f in self.packed.by_table["projects"] for part in f.parts]
        held = [(year, part.is_spent) for year, part in held if not district or part.district == district]
        return {year: any(s for y, s in held if y == year) for year in sorted({y for y, _ in held})}

    def districts_by_table(self) -> list[set[str]]:
        named = [n for n in self.packed.columns if "district" in self.packed.columns[n] and n != "districts"]
        return [{p.district for f in self.packed.by_table[n] for p in f.parts} for n in named]

    def select(self, district: str = "", year: int = 0) -> Book:
        chosen = {"district": district or self.district, "year": year or self.year}
        return replace(self, tables=self.tables.select(district, year), **chosen)


def packed_book(folder: Path) -> PackedBook:
    """The book of the packed data in `folder`. Raises DataError if it isn't whole, stamped and of this contract."""
    packed = open_packed(folder)
    records = {name: pd.read_parquet(packed.record(name)) for name in RECORDS}
    records |= {n: getattr(packed, n) for n in ("currency", "is_sample", "about", "year_begins", "as_of")}
    return PackedBook(tables=PackedTables(packed), **records)
