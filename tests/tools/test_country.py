"""The simulated country: as large as asked for, the same each time, checked, and never taken for real."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from perflib.data.book import load_book
from perflib.data.packed import MARK, STAMP
from perflib.data.problems import CheckError
from tools import country
from tools.country import (
    Country,
    check_chunk,
    chunks,
    make_chunk,
    make_counties,
    pack_country,
    projects_a_year,
)

SMALL = Country(projects=1200, counties=40, years=(2022, 2023), monthly=0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(country, "ROWS_A_CHUNK", 150)
        pack_country(SMALL, folder)
    return folder


def test_it_has_the_size_asked_for_and_every_county_every_year(folder):
    book = load_book(str(folder))
    projects = book.table("projects")
    assert len(projects) == 1200
    assert len(projects[["district", "year"]].drop_duplicates()) == 40 * 2
    assert len(make_counties(Country(1))) == 2843


def test_it_says_that_it_is_simulated_wherever_it_is_read(folder):
    book = load_book(str(folder))
    assert book.is_sample
    assert book.district_name(book.district, "en").startswith("Simulated county")
    assert book.district_name(book.district, "zh").startswith("模拟县")
    assert book.table("projects")["name"].str.startswith("模拟").all()
    assert "no county, project or amount is real" in json.loads((folder / STAMP).read_text("utf-8"))["note"]
    for file in folder.rglob("[0-9]*.parquet"):
        assert json.loads(pq.read_schema(file).metadata[MARK])["is_sample"] is True


def test_it_is_written_in_chunks_and_is_the_same_each_time(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(country, "ROWS_A_CHUNK", 150)
    assert len(list((folder / "projects/2023").glob("*.parquet"))) > 1
    pack_country(SMALL, tmp_path)
    assert (folder / STAMP).read_bytes() == (tmp_path / STAMP).read_bytes()


def test_another_seed_is_another_country(folder, tmp_path):
    pack_country(Country(**{**SMALL.__dict__, "seed": 2}), tmp_path)
    assert load_book(str(tmp_path)).sha256 != load_book(str(folder)).sha256


def test_progress_ends_where_the_year_ends(folder):
    book = load_book(str(folder))
    progress = book.table("progress")
    assert set(progress["month"]) == set(range(1, 13))
    last = progress[progress["month"] == 12].merge(book.table("projects"), on=["district", "year", "project"])
    known = last["executed_y"].notna()
    assert (last["executed_x"][known] == last["executed_y"][known]).all() and known.sum() > 50
    steps = progress.sort_values(["district", "year", "project", "month"])
    falls = steps.groupby(["district", "year", "project"])["executed"].diff() < 0
    assert not falls.any()


def test_amounts_are_whole_cents_with_every_reason_among_them(folder):
    projects = load_book(str(folder)).table("projects")
    money = projects[["initial_budget", "adjusted_budget", "received", "executed"]]
    assert ((money * 100).round() / 100).equals(money)
    assert (projects["adjusted_budget"] == 0).any() and (projects["initial_budget"] == 0).any()


def test_its_record_reconciles(folder):
    book = load_book(str(folder))
    sums = book.reconciliation.set_index("table").loc["projects"]
    assert sums["executed_kept"] == int(np.rint(book.table("projects")["executed"] * 100).sum())
    assert sums["rows_read"] == sums["rows_kept"] == 1200
    doubts = book.warnings
    assert set(doubts["rule"]) <= {"spent_without_budget", "not_reported"}
    assert doubts["row"].is_unique


def test_a_fault_in_a_chunk_stops_the_writing():
    counties = make_counties(SMALL)
    sizes = projects_a_year(SMALL, counties)
    frames = make_chunk(SMALL, counties, sizes, 2022, 0, 5)
    frames["projects"].loc[3, "received"] = -1.0
    with pytest.raises(CheckError, match=r"negative|-1"):
        check_chunk(frames, {"projects": 0, "progress": 0})


def test_chunks_cover_every_county_once():
    sizes = np.array([3, 900_000, 1, 1, 500_000, 2])
    runs = chunks(sizes)
    covered = [i for first, stop in runs for i in range(first, stop)]
    assert covered == list(range(len(sizes)))
    assert pd.Series(projects_a_year(Country(10**6), make_counties(Country(10**6)))).sum() == 10**5


@pytest.mark.parametrize("words", [[], ["--help"], ["out", "many"], ["out", "100", "1", "99"]])
def test_the_benchmark_says_how_it_is_used(words, tmp_path):
    script = Path(__file__).parents[2] / "benchmarks" / "country.py"
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1 and "python benchmarks/country.py FOLDER" in done.stderr
    assert "Traceback" not in done.stderr and not list(tmp_path.iterdir())
