"""The sample's files: one Parquet file a table, the same bytes on every run."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from perflib.data.contract import table


def write_tables(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Writes `<table>.parquet` for each table into `folder`, with nothing in it that changes between runs."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        arrow = packed(name, frame)
        floats = [f.name for f in arrow.schema if pa.types.is_floating(f.type)]
        words = [f.name for f in arrow.schema if pa.types.is_string(f.type)]
        pq.write_table(
            arrow,
            folder / f"{name}.parquet",
            compression="zstd",
            compression_level=19,
            use_dictionary=[*words, *floats],
        )


def packed(name: str, frame: pd.DataFrame) -> pa.Table:
    """Arrow table with the contract's types: text, whole numbers, days, flags; no pandas metadata."""
    kinds = {c.name: c.kind for c in table(name).columns}
    arrays = {c: pa.array(frame[c], type=_type(kinds[c]), from_pandas=True) for c in frame.columns}
    return pa.table(arrays)


def _type(kind: str) -> pa.DataType:
    if kind in {"code", "text", "choice", "outline"}:
        return pa.string()
    if kind in {"year", "month", "integer"}:
        return pa.int64()
    return {"date": pa.date32(), "flag": pa.bool_()}.get(kind, pa.float64())
