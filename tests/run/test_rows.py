import os
import subprocess
import sys

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import ArgumentError
from perflib.data.shelf import SHELF
from perflib.run.kernels import Host, runtime_folder
from perflib.run.rows import Reading, absolute_data, hash_tables, input_files, read_rows, split_data


def tables(**changes):
    frame = pd.DataFrame(
        {"district": ["a", "a", "b"], "year": [2022, 2023, 2023], "executed": [1.0, None, 3.0]}
    )
    return {"projects": frame, "districts": pd.DataFrame({"district": ["a", "b"]}), **changes}


def test_the_hash_of_a_district_follows_its_rows_only():
    before, common = hash_tables(tables())
    changed = tables()
    changed["projects"].loc[2, "executed"] = 4.0
    after, common_after = hash_tables(changed)
    assert before["a"] == after["a"]
    assert before["b"] != after["b"]
    assert common == common_after


def test_order_of_rows_and_columns_does_not_count():
    frame = tables()["projects"]
    shuffled = frame.iloc[::-1, ::-1].reset_index(drop=True)
    assert hash_tables(tables()) == hash_tables(tables(projects=shuffled))


def test_a_row_given_twice_counts():
    frame = tables()["projects"]
    twice = pd.concat([frame, frame[frame["district"] == "b"]], ignore_index=True)
    assert hash_tables(tables())[0]["b"] != hash_tables(tables(projects=twice))[0]["b"]


def test_a_table_without_districts_concerns_all():
    extra = pd.DataFrame({"year": [2023], "x": [1]})
    assert hash_tables(tables(assessment=extra))[1] != hash_tables(tables())[1]


@pytest.fixture
def reading():
    return Reading("01", {"01": ["城东区", "Eastside"], "02": ["城西区", "Westside"]},
                   {"01": [2022, 2023], "02": [2023]}, {"01": 2023, "02": 2023}, {"01": "h1", "02": "h2"}, "c")  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "code"), [("", "01"), ("02", "02"), ("城西区", "02"), (" westside ", "02")]
)
def test_a_district_is_found_by_code_or_name(reading, wanted, code):
    assert reading.find_district(wanted) == code


def test_a_district_or_year_that_is_not_there_lists_those_that_are(reading):
    with pytest.raises(ArgumentError, match="02 城西区"):
        reading.find_district("城南区")
    with pytest.raises(ArgumentError, match="2022, 2023"):
        reading.find_year("01", 2020)
    assert reading.find_year("01", 0) == 2023


def test_rows_of_one_and_of_all(reading):
    assert reading.rows_of("02") == ("h2", "c")
    assert len(reading.all_rows()) == 1


def test_data_is_split_at_a_mapping_but_not_at_a_drive(tmp_path, monkeypatch):
    assert split_data("sample") == ("", None)
    mapping, path = split_data("madrid:some/folder")
    assert (mapping, str(path)) == ("madrid", "some/folder")
    assert split_data("C:\\data.xlsx")[0] == ""
    monkeypatch.chdir(tmp_path)
    assert absolute_data("madrid:x") == f"madrid:{tmp_path / 'x'}"
    assert absolute_data("sample") == "sample"


def test_the_reading_is_remembered_until_a_file_changes(tmp_path, monkeypatch, reading):
    data = tmp_path / "data.csv"
    data.write_text("1")
    reads = []
    monkeypatch.setattr("perflib.run.rows.read_anew", lambda data, *_: (reads.append(data) or reading, False))
    memory = tmp_path / "rows.json"
    for _ in range(2):
        assert read_rows(str(data), memory) == reading
    assert len(reads) == 1
    data.write_text("2")
    read_rows(str(data), memory)
    assert len(reads) == 2
    assert input_files(str(data)) == (data,)


def test_a_mapping_named_by_its_relative_path_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_data("city.toml:data") == f"{tmp_path}/city.toml:{tmp_path}/data"
    assert absolute_data("madrid:data") == f"madrid:{tmp_path}/data"


def test_a_report_looks_ahead_from_june_or_from_the_last_month_that_there_is():
    data = {"names": {"01": ["甲", "A"]}, "years": {"01": [2023]}, "last_year": {"01": 2023}, "hashes": {}}
    months = {"01 2021": list(range(1, 13)), "01 2022": [1, 2, 3, 4], "01 2023": [12]}
    reading = Reading("01", **data, common="", months=months)
    found = [reading.find_month("01", *of) for of in ((2021, 0), (2021, 9), (2022, 0), (2023, 0), (2020, 5))]
    assert found == ["", 9, 0, "", 5]
    for year, month in ((2022, 6), (2021, 12)):
        with pytest.raises(ArgumentError) as caught:
            reading.find_month("01", year, month)
        assert f"{month}" in caught.value.sentence("zh") and "1, 2, 3, 4" in caught.value.sentence("en")


def test_a_notebook_takes_the_book_that_the_command_read(tmp_path, monkeypatch):
    file = tmp_path / "projects.csv"
    file.write_text("district,year,project,name,adjusted_budget,executed\na,2023,p,n,2,1\n")
    monkeypatch.delenv(SHELF, raising=False)
    read_rows(str(file), tmp_path / ".run" / "rows.json")
    assert SHELF not in os.environ
    host = Host(runtime_folder(tmp_path / ".run"), warm=False)
    assert host.folder.stat().st_mode & 0o077 == 0  # nobody else may look at what is read
    monkeypatch.setenv(SHELF, host.environment[SHELF])
    monkeypatch.setattr("perflib.data.load.make_book", None)
    monkeypatch.chdir("/")
    assert load_book(str(file)).projects["executed"].tolist() == [1]


def test_a_run_that_is_refused_leaves_no_folder(tmp_path):
    file = tmp_path / "projects.csv"
    file.write_text("district,year,project,name,adjusted_budget,executed\na,2023,p,n,2,1\n")
    asked = ["report", "--data", str(file), "--year", "1999", "--output", str(tmp_path / "out" / "own")]
    done = subprocess.run([sys.executable, "-m", "perflib.run.command", *asked], capture_output=True)
    assert done.returncode == 2 and b"1999" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["projects.csv"]
