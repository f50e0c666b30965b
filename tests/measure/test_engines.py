"""One contract for every engine: pandas, Polars, DuckDB and Spark give the same numbers.

Spark has an environment of its own (`make test-spark`); elsewhere its part is skipped, saying so.
"""

import importlib.util
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError, MissingTool
from perflib.data.packed import open_packed
from perflib.data.text import LANGUAGES
from perflib.measure.balance import balance_rates
from perflib.measure.money import sum_amounts
from perflib.measure.rates import execution_rates, project_rates
from perflib.run.pack import pack_sources

AMOUNTS = ["initial_budget", "adjusted_budget", "received", "executed", "carried_over", "lapsed"]
MONEY = {"budget", "executed_without_budget", "initial_budget", "executed"}
ENGINES = ["polars", "polars_lazy", "duckdb", "spark"]


def made_up(rows: int = 600, seed: int = 7, spread: float = 4) -> pd.DataFrame:
    """Amounts of every kind that sources hold: blank, zero, negative, tiny, huge, halves of a cent."""
    rng = np.random.default_rng(seed)

    def amounts() -> np.ndarray:
        values = np.round(np.exp(rng.normal(10, spread, rows)), 3)
        values = np.where(rng.random(rows) < 0.15, 0.0, values)
        values = np.where(rng.random(rows) < 0.05, -values, values)
        return np.where(rng.random(rows) < 0.1, np.nan, values)

    keys = {"district": rng.choice(["甲", "b", "c", "空"], rows), "year": rng.integers(2021, 2024, rows)}
    words = {"project": [f"P{i:04d}" for i in range(rows)], "category": rng.choice(["x", "y"], rows)}
    frame = pd.DataFrame({**keys, **words, **{name: amounts() for name in AMOUNTS}})
    frame.loc[frame["district"] == "空", AMOUNTS] = np.nan  # a group in which nothing is reported
    return frame


MEASURES = {
    "sums": lambda f: sum_amounts(f, AMOUNTS, by=["district", "year"]),
    "sums of all": lambda f: sum_amounts(f, AMOUNTS),
    "rates": lambda f: execution_rates(f, by=["district", "year"]),
    "rates of all": lambda f: execution_rates(f, bases=["adjusted"]),
    "balance": lambda f: balance_rates(f, by=["district"]),
    "projects": lambda f: project_rates(f, base="adjusted").sort_values("project", ignore_index=True),
}


@pytest.fixture(scope="session")
def spark():
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark is not installed here; `make test-spark` runs this in an environment that has it")
    from perflib.data.spark import local_session

    session = local_session()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def convert(request):
    """{engine: its frame of a pandas frame}; Spark is started only when it is asked for."""

    def to_spark(frame):
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return request.getfixturevalue("spark").createDataFrame(frame)

    return {
        "polars": pl.from_pandas,
        "polars_lazy": lambda f: pl.from_pandas(f).lazy(),
        "duckdb": lambda f: duckdb.connect().from_df(f),
        "spark": to_spark,
    }


def assert_agree(got: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Money to the cent, everything else to 1e-9 of its largest term."""
    assert list(got.columns) == list(expected.columns) and len(got) == len(expected)
    for column in expected:
        one, other = got[column], expected[column]
        assert (one.isna() == other.isna()).all(), column
        if not pd.api.types.is_float_dtype(other):
            assert (one.dropna() == other.dropna()).all(), column
        elif column in MONEY or column in AMOUNTS:
            assert (one.dropna().round(2) == other.dropna().round(2)).all(), column
        elif other.notna().any():
            assert (one - other).abs().max() <= 1e-9 * max(1.0, other.abs().max()), column


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_numbers_of_pandas(convert, engine, measure):
    frame = made_up()
    assert_agree(MEASURES[measure](convert[engine](frame)), MEASURES[measure](frame))


def test_the_contract_notices_a_cent_and_a_billionth():
    table = execution_rates(made_up(), by=["district", "year"])
    for column, step in (("executed", 0.01), ("mean_rate", 2e-9 * table["mean_rate"].abs().max())):
        with pytest.raises(AssertionError):
            assert_agree(table.assign(**{column: table[column] + step}), table)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    rows = made_up(spread=1).assign(name="路", executed=lambda f: f["executed"].abs().round(2))
    rows[AMOUNTS] = rows[AMOUNTS].abs().round(2)
    rows.to_csv(folder / "projects.csv", index=False)
    pack_sources([str(folder)], folder / "packed")
    return folder / "packed"


def test_packed_data_gives_the_same_numbers_in_duckdb(packed):
    book = load_book(str(packed), engine="duckdb")
    for measure in MEASURES.values():
        assert_agree(measure(book.frame("projects")), measure(book.frame("projects", "pandas")))


def test_packed_data_gives_the_same_numbers_in_spark(packed, spark):
    from perflib.data.spark import spark_frame

    book = load_book(str(packed))
    for name in ("rates", "sums"):
        assert_agree(MEASURES[name](spark_frame(spark, packed)), MEASURES[name](book.frame("projects")))
    one = book.select("b", 2022).table("projects")
    assert spark_frame(spark, packed, district="b", year=2022).count() == len(one) > 0
    with pytest.raises(DataError, match="progress"):
        spark_frame(spark, packed, "progress")


def test_spark_refuses_a_changed_partition(packed, tmp_path):
    """Held to its hash before any session is asked for anything."""
    import shutil

    from perflib.data.spark import spark_frame

    copy = shutil.copytree(packed, tmp_path / "copy")
    file = copy / open_packed(copy).by_table["projects"][0].name
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    with pytest.raises(DataError, match="was changed after it was packed"):
        spark_frame(None, copy)


def test_spark_without_java_or_without_pyspark_says_so(monkeypatch, tmp_path):
    from perflib.data.spark import local_session

    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingTool) as caught:
        local_session()
    has_spark = importlib.util.find_spec("pyspark") is not None
    word = "no java was found" if has_spark else "pyspark) is not installed"
    assert word in str(caught.value) and caught.value.exit_code == 5
    assert all(caught.value.sentence(lang) for lang in LANGUAGES)
