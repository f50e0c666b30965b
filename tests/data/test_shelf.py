"""Books that the processes of a run share: the same book, never a stale one, never a stranger's."""

import os
import pickle

import numpy as np
import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.shelf import RESULTS_KEPT, SHELF, shared_book, shared_result


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    folder = tmp_path / "shelf"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv(SHELF, str(folder))
    return folder


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "projects.csv"
    file.write_text("1")
    return file


@pytest.fixture
def made():
    """Counts how often a book was made, and makes one that says the count."""
    times = []

    def make() -> str:
        times.append(1)
        return f"book {len(times)}"

    return make


def test_a_book_is_made_once_and_then_taken(shelf, data, made):
    assert [shared_book(str(data), 0, made) for _ in range(3)] == ["book 1"] * 3


def test_another_year_or_a_changed_file_is_another_book(shelf, data, made):
    first = shared_book(str(data), 0, made)
    assert shared_book(str(data), 2023, made) != first
    data.write_text("22")
    assert shared_book(str(data), 0, made) == "book 3"


def test_files_that_change_while_they_are_read_are_not_kept(shelf, data, made):
    def slow() -> str:
        data.write_text("changed meanwhile")
        return made()

    assert shared_book(str(data), 0, slow) == "book 1"
    data.write_text("1")
    assert list(shelf.iterdir()) == []


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_folder_that_others_can_enter_is_not_trusted(shelf, data, made, mode):
    shared_book(str(data), 0, made)
    shelf.chmod(mode)
    assert shared_book(str(data), 0, made) == "book 2"


def test_without_a_shelf_or_without_files_nothing_is_shared(shelf, data, made, monkeypatch):
    assert [shared_book("~/nowhere.csv", 0, made) for _ in range(2)] == ["book 1", "book 2"]
    monkeypatch.delenv(SHELF)
    assert [shared_book(str(data), 0, made) for _ in range(2)] == ["book 3", "book 4"]


@pytest.mark.parametrize("content", [b"", b"half a pick"])
def test_a_damaged_book_is_made_again(shelf, data, made, content):
    shared_book(str(data), 0, made)
    next(shelf.iterdir()).write_bytes(content)
    assert shared_book(str(data), 0, made) == "book 2"


def test_a_full_disk_costs_only_the_sharing(shelf, data, made, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pickle, "dump", full)
    assert [shared_book(str(data), 0, made) for _ in range(2)] == ["book 1", "book 2"]
    assert os.listdir(shelf) == []


def test_a_shared_book_is_the_book(shelf, projects):
    rows = [
        ("420106", year, f"P{i}", f"n{i}", "u", 100.0 + i, 90.0) for year in (2022, 2023) for i in range(3)
    ]
    path = projects(*rows)
    first, second = load_book(path), load_book(path)
    assert len(list(shelf.iterdir())) == 1
    pd.testing.assert_frame_equal(first.tables["projects"], second.tables["projects"])
    pd.testing.assert_frame_equal(first.reconciliation, second.reconciliation)
    assert (first.sha256, first.year, first.currency) == (second.sha256, second.year, second.currency)
    assert first.tables["projects"] is not second.tables["projects"]


def test_a_result_is_computed_once_for_the_same_rows_and_options(shelf, made):
    rows = pd.DataFrame({"project": pd.array(["P1", None], "str"), "spent": [1.0, float("nan")]})
    first = shared_result("outlook", rows, {"month": 6}, made)
    assert shared_result("outlook", rows.copy(), {"month": 6}, made) == first == "book 1"
    assert shared_result("outlook", rows, {"month": np.int64(7)}, made) == "book 2"


def test_a_result_of_other_rows_options_or_name_is_another(shelf, made):
    rows = pd.DataFrame({"spent": [1.0, 2.0]})
    others = [
        ("outlook", rows, {"month": 7}),
        ("total", rows, {"month": 6}),
        ("outlook", rows.rename(columns={"spent": "budget"}), {"month": 6}),
        ("outlook", rows.assign(spent=[1.0, 2.5]), {"month": 6}),
        ("outlook", rows[::-1], {"month": 6}),
        ("outlook", rows.set_axis([1, 2]), {"month": 6}),
        ("outlook", rows.astype("int64"), {"month": 6}),
    ]
    found = [shared_result(*what, made) for what in [("outlook", rows, {"month": 6}), *others]]
    assert len(set(found)) == len(found)


def test_only_the_newest_results_are_kept_and_every_book(shelf, data, made):
    shared_book(str(data), 0, made)
    rows = pd.DataFrame({"spent": [1.0]})
    found = [shared_result("outlook", rows, {"month": m}, made) for m in range(RESULTS_KEPT + 3)]
    assert len(list(shelf.glob("*.result"))) == RESULTS_KEPT
    assert shared_result("outlook", rows, {"month": 3}, made) == found[3]
    assert shared_result("outlook", rows, {"month": 2}, made) not in found
    assert shared_book(str(data), 0, made) == "book 1"
