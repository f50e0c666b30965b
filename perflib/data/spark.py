"""Packed data as a Spark frame: the same rows, on this machine or on a cluster."""

import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from perflib.data.errors import DataError, MissingTool
from perflib.data.packed import open_packed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def local_session(cores: int = 2) -> "SparkSession":
    """A Spark session on this machine that opens no port to others. Raises MissingTool without Java or pyspark.

    On a cluster, make the session as the cluster wants it and give it to `spark_frame`.
    """
    try:
        with quiet():
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingTool("spark.not_installed") from error
    if not find_java():
        raise MissingTool("spark.no_java")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.ui.showConsoleProgress": "false",
    }
    with quiet():
        session = SparkSession.builder.master(f"local[{cores}]").appName("perflib").config(map=settings)
        made = session.getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def find_java() -> str:
    """The Java that Spark would start: of JAVA_HOME, else of the path; "" if there is none."""
    home = os.environ.get("JAVA_HOME", "")
    return shutil.which(str(Path(home) / "bin" / "java")) or "" if home else shutil.which("java") or ""


def spark_frame(
    session: "SparkSession", folder: str | Path, table: str = "projects", *, district: str = "", year: int = 0
) -> "DataFrame":
    """Table `table` of the packed data in `folder`, of a district or a year if asked; nothing is read yet.

    The folder must lie where every worker reads it under the same path. The files are held to their
    hashes here, by the process that asks. Raises DataError if they aren't what was packed.
    """
    packed = open_packed(Path(folder).expanduser())
    if table not in packed.columns:
        raise DataError("reading.missing_table", table=table, found=", ".join(packed.columns))
    files = packed.chosen(table, district, year)
    paths = [p.resolve().as_uri() for p in packed.whole(files)]
    names = packed.columns[table]
    schema = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in names.items())
    with quiet():
        rows = session.read.schema(schema).parquet(*paths) if paths else session.createDataFrame([], schema)
        for column, value in (("district", district), ("year", year)):
            rows = rows.filter(rows[column] == value) if value and column in names else rows
    return rows


_TYPES = {
    "str": "STRING", "float64": "DOUBLE", "int64": "BIGINT", "Int64": "BIGINT",
    "boolean": "BOOLEAN", "datetime64[us]": "TIMESTAMP_NTZ",
}  # fmt: skip


def quiet() -> warnings.catch_warnings:
    """Without pyspark's word that it doesn't support pandas 3 in full: the contract test says what works."""
    return warnings.catch_warnings(action="ignore", category=FutureWarning)
