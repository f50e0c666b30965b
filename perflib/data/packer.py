"""Checked rows written as Parquet, by year and within it by district, and stamped when all are there."""

import hashlib
import json
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perflib.data import contract
from perflib.data.errors import ArgumentError
from perflib.data.packed import FORMAT, MARK, RECORDS, STAMP, File, Part
from perflib.data.whole import hash_file, hash_json

# A file for every district and year would be 28,430 files for the country, and opening them takes ten
# seconds whatever the question. So a file holds a year of as many whole districts as fit in this.
ROWS_A_FILE = 1_000_000
ROWS_A_GROUP = 131_072  # what a reader can skip: a district's rows lie together
_ARROW = {
    "str": pa.string(), "float64": pa.float64(), "int64": pa.int64(), "Int64": pa.int64(),
    "boolean": pa.bool_(), "datetime64[us]": pa.timestamp("us"),
}  # fmt: skip


@dataclass
class Packer:
    """Writes tables into `folder`, source by source, and the stamp last.

    What has no stamp is not packed data: a writing that was interrupted is refused by every reader.
    """

    folder: Path
    _: KW_ONLY
    currency: str
    is_sample: bool
    note: str = ""
    about: dict[str, str] = field(default_factory=dict)
    year_begins: int = 1
    as_of: tuple[int, int] | None = None  # of the sources together: the earliest end
    files: list[File] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: dict[tuple, str] = field(default_factory=dict)  # which source a partition came from
    shared: dict[str, pd.DataFrame] = field(default_factory=dict)  # tables that sources may hold in part
    records: dict[str, list[pd.DataFrame]] = field(default_factory=lambda: {name: [] for name in RECORDS})

    def add(self, name: str, frame: pd.DataFrame, *, source: str) -> None:
        """Write the checked rows of table `name`; ArgumentError for a district's year of another source."""
        if not len(frame):
            return
        self._note_columns(name, frame)
        if name in ("districts", "lineage", "names"):
            self._share(name, frame, source)
            return
        column = "year" if "year" in contract.table(name).names else "budget_year"
        years = frame.get(column, pd.Series(pd.NA, index=frame.index))
        for year, rows in frame.groupby(years, sort=True, dropna=False):
            self._add_year(name, None if pd.isna(year) else int(year), rows, source)

    def add_records(self, **tables: pd.DataFrame) -> None:
        """What was read, mended, set aside and doubted in a source."""
        for name, table in tables.items():
            if len(table) or not self.records[name]:
                self.records[name].append(table)

    def close(self) -> dict:
        """Write what all sources share, the records and the stamp; the stamp's content comes back."""
        for name, frame in self.shared.items():
            self._write(name, None, frame, "")
        records = {name: self._write_record(name) for name in RECORDS}
        content = {
            "format": FORMAT, **self._mark(), "columns": self.columns, "about": self.about, "year_begins": self.year_begins,
            "as_of": self.as_of, "files": [_plain(f) for f in self.files], "records": records, "rows": self.counts(),
        }  # fmt: skip
        content["stamp"] = hash_json(json.loads(json.dumps(content)))
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=None, separators=(",", ":"))
        (self.folder / STAMP).write_text(text.replace('{"bytes"', '\n{"bytes"') + "\n", "utf-8")
        return content

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows of each table: read = kept + merged + set aside, and kept = packed (+ given twice)."""
        parts = [r for r in self.records["reconciliation"] if len(r)]
        written = pd.Series({f.name: f.rows for f in self.files}).groupby([f.table for f in self.files]).sum()
        out = {name: {"packed": int(n)} for name, n in written.items()}
        for table in parts:
            for name, rows in table.groupby("table"):
                for key in ("read", "kept", "merged", "set_aside"):
                    out[name][key] = out[name].get(key, 0) + int(rows[f"rows_{key}"].sum())
        for name, n in out.items():
            assert "read" not in n or n["read"] == n["kept"] + n["merged"] + n["set_aside"], (name, n)
            is_shared = name in self.shared
            if "kept" in n:
                assert n["kept"] == n["packed"] or (is_shared and n["kept"] > n["packed"]), name
        return out

    def _note_columns(self, name: str, frame: pd.DataFrame) -> None:
        here = frame.dtypes.astype(str).to_dict()
        before = self.columns.get(name)
        if before is not None:
            for column in {*here, *before}:
                found = {here.get(column), before.get(column)}
                is_whole = "Int64" in found or found == {"int64", None}
                here[column] = "Int64" if is_whole else (found - {None}).pop()
        order = contract.table(name).names
        self.columns[name] = {c: here[c] for c in sorted(here, key=order.index)}

    def _share(self, name: str, frame: pd.DataFrame, source: str) -> None:
        """Add rows that are not there yet; the same key with other values is a contradiction."""
        both = pd.concat([self.shared[name], frame], ignore_index=True) if name in self.shared else frame
        both = both.drop_duplicates(ignore_index=True)
        key = list(contract.table(name).key)
        if (twice := both.duplicated(key)).any():
            item = " / ".join(str(v) for v in both.loc[twice, key].iloc[0])
            raise ArgumentError("pack.contradiction", table=name, item=item, source=source)
        self.shared[name] = both

    def _add_year(self, name: str, year: int | None, rows: pd.DataFrame, source: str) -> None:
        codes, districts = pd.factorize(rows["district"])
        for district in districts:
            first = self.owners.setdefault((name, year, district), source)
            if first != source:
                raise ArgumentError(
                    "pack.twice", table=name, district=district, year=year or "—", first=first, second=source
                )
        order = np.argsort(codes, kind="stable")
        sizes = np.bincount(codes)
        chunk = (np.cumsum(sizes) - 1) // ROWS_A_FILE
        start = 0
        for c in np.unique(chunk):
            stop = start + int(sizes[chunk == c].sum())
            self._write(name, year, rows.iloc[order[start:stop]], source)
            start = stop

    def _write(self, name: str, year: int | None, rows: pd.DataFrame, source: str) -> None:
        place = f"{name}/{'all' if year is None else year}"
        (self.folder / place).mkdir(parents=True, exist_ok=True)
        number = sum(1 for f in self.files if f.table == name and f.year == year)
        path = self.folder / f"{place}/{number:03d}.parquet"
        table = as_arrow(rows).replace_schema_metadata({MARK: json.dumps(self._mark())})
        pq.write_table(table, path, compression="zstd", row_group_size=ROWS_A_GROUP)
        parts = _parts(table) if "district" in rows and name != "districts" else [_part("", table)]
        digest = hash_file(path)
        size = path.stat().st_size
        self.files.append(File(f"{place}/{path.name}", name, year, size, digest, tuple(parts), source))

    def _mark(self) -> dict:
        """What stands in the stamp and in every file."""
        told = {name: getattr(self, name) for name in ("currency", "is_sample", "note")}
        return {"contract": contract.version(), **told}

    def _write_record(self, name: str) -> str:
        parts = [p for p in self.records[name] if len(p)] or self.records[name][:1] or [pd.DataFrame()]
        table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0].reset_index(drop=True)
        path = self.folder / f"records/{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        table.to_parquet(path, index=False)
        return hash_file(path)


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    """`frame` with the types of the contract, missing values as null."""
    arrays = [pa.Array.from_pandas(frame[c], type=_ARROW[str(frame[c].dtype)]) for c in frame]
    arrays = [a.combine_chunks() if isinstance(a, pa.ChunkedArray) else a for a in arrays]
    return pa.table(dict(zip(frame.columns, arrays, strict=True)))


def _parts(table: pa.Table) -> list[Part]:
    """The districts of a file whose rows lie together, in their order."""
    codes, districts = pd.factorize(table["district"].to_pandas())
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    sizes = np.diff(first, append=len(codes))
    spans = zip(districts, first, sizes, strict=True)
    return [_part(str(d), table.slice(int(at), int(n))) for d, at, n in spans]


def _part(district: str, table: pa.Table) -> Part:
    spent = pc.any(pc.not_equal(table["executed"], 0)).as_py() if "executed" in table.column_names else False
    return Part(district, table.num_rows, _digest(table), bool(spent))


def _digest(table: pa.Table) -> str:
    """SHA-256 of names, types and values; where the rows lie in a file doesn't matter, their order does."""
    digest = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        digest.update(f"{name}:{column.type}:{column.null_count}\x1f".encode())
        if column.null_count:
            digest.update(column.is_null().to_numpy().tobytes())
        _add_values(digest, column.combine_chunks())
    return digest.hexdigest()


def _add_values(digest, values: pa.Array) -> None:
    if not pa.types.is_string(values.type):
        filled = values.fill_null(False if pa.types.is_boolean(values.type) else 0)
        digest.update(filled.to_numpy(zero_copy_only=False).tobytes())
        return
    filled = values.fill_null("")
    digest.update(pc.binary_length(filled).to_numpy().tobytes())
    ends = np.frombuffer(filled.buffers()[1], dtype=np.int32)[filled.offset : filled.offset + len(filled) + 1]
    text = filled.buffers()[2]
    if text is not None:
        digest.update(text.slice(int(ends[0]), int(ends[-1] - ends[0])))


def _plain(file: File) -> dict:
    out = asdict(file)
    out["parts"] = [list(part.values()) for part in out["parts"]]
    return out
