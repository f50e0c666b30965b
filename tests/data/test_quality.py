"""What became of the rows: every row and cent is accounted for, and what is lost shows."""

from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.book import Book
from perflib.data.quality import amount_differences, check, quality


@pytest.fixture
def book():
    place = {"file": ["a.csv"], "sheet": [""], "table": ["projects"]}
    rows = {"rows_read": [10], "rows_kept": [7], "rows_merged": [2], "rows_set_aside": [1]}
    money = {"executed_read": [1000], "executed_kept": [900], "executed_set_aside": [100]}
    inputs = pd.DataFrame({**place, "sha256": ["0"], "rows": [10], "encoding": ["utf-8"], "unit": ["元"]})
    repairs = pd.DataFrame(
        {**place, "column": ["executed"], "kind": ["spaces"], "count": [3], "example": ["１\x00２"]}
    )
    fields = ["severity", "rule", "table", "column", "file", "sheet", "row", "cell", "district", "year", "key", "found",
              "expected"]  # fmt: skip
    warning = dict.fromkeys(fields, "") | {"rule": "above_budget", "table": "projects", "file": "a.csv", "key": "P1",
                                           "found": "2.00", "expected": "1.00", "row": 2}  # fmt: skip
    return Book({"projects": pd.DataFrame({"project": ["P1"]})}, inputs=inputs.drop(columns="table"), repairs=repairs,
                reconciliation=pd.DataFrame({**place, **rows, **money}), warnings=pd.DataFrame([warning]),
                set_aside=pd.DataFrame(columns=["file", "sheet", "row", "table", "reason", "key"]), lang="en")  # fmt: skip


def test_rows_and_cents_are_accounted_for(book):
    totals = quality(book).totals.iloc[0]
    assert totals[["rows_read", "rows_difference", "amount_difference"]].tolist() == [10, 10 - 7 - 2 - 1, 0]
    assert totals[["repairs", "warnings", "tables", "counted"]].tolist() == [3, 1, 1, 10]


def test_a_lost_row_and_a_lost_cent_show(book):
    lost = book.reconciliation.assign(rows_kept=6, executed_kept=899)
    totals = quality(replace(book, reconciliation=lost)).totals.iloc[0]
    assert totals[["rows_difference", "amount_difference"]].tolist() == [
        10 - 6 - 2 - 1,
        (1000 - 899 - 100) / 100,
    ]


def test_money_is_in_the_main_unit(book):
    row = amount_differences(book.reconciliation).iloc[0]
    assert row[["amount_column", "read", "kept", "amount_set_aside"]].tolist() == ["executed", 10.0, 9.0, 1.0]
    assert amount_differences(book.reconciliation[["file", "sheet", "table", "rows_read"]]).empty


def test_examples_are_printable_and_warnings_are_sentences_without_backticks(book):
    found = quality(book)
    assert found.repairs["example"].tolist() == ["１２"]
    told = found.warnings["sentence"].iloc[0]
    assert "P1" in told and "`" not in told and "‘a.csv’" in told


def test_findings_of_data_that_is_refused_are_a_frame_with_its_cells(tmp_path):
    from tests.notebooks.cells import folder_of, project

    data = folder_of(tmp_path, projects=[project("P1", executed="x"), project("P2"), project("P2")])
    found = check(data, lang="en")
    assert found["severity"].eq("error").all()
    assert list(found["rule"]) == ["unreadable", "duplicate"]
    assert found["cell"].iloc[0] == "H2" and found["found"].iloc[0] == "x"
    assert all(told.startswith("`projects.csv`") for told in found["sentence"])
