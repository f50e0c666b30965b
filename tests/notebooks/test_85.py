"""Notebook 85: changes since a base year, and what a reform did, on made-up districts."""

import pandas as pd
import pytest

from tests.notebooks.cells import folder_of, write_notebook
from tests.notebooks.test_80 import rows

NAME = "85_trends_and_reform"


def written(tmp_path, frame: pd.DataFrame, lang: str = "en", items=(), **parameters):
    tables = {"projects": frame.to_dict("records"), **({"work_items": list(items)} if items else {})}
    return write_notebook(NAME, tmp_path / "out", data=folder_of(tmp_path, **tables), lang=lang, **parameters)


def test_a_district_that_fell_is_named_and_its_change_is_the_difference_of_its_rates(tmp_path):
    frame = rows(6, per=40)
    low = (frame["district"] == "330100") & (frame["year"] == 2023)
    frame["executed"] = frame["executed"].where(~low, frame["executed"] * 0.5)
    page = written(tmp_path, frame, district="330100")
    assert "fell (330100)" in page.page
    assert page.value("mine.value") == pytest.approx(page.value("mine.after") - page.value("mine.before"))


def test_a_reform_is_studied_and_one_that_nobody_knows_is_not(tmp_path):
    frame = rows(6, per=10, years=(2020, 2021, 2022, 2023))
    items = [{"district": f"33010{i}", "year": 2022, "item": f"W{i}", "kind": "reform", "title": "挂钩改革", "date": "2022-01-01"}
             for i in range(3)]  # fmt: skip
    page = written(tmp_path, frame, items=items, lang="zh")
    assert "挂钩改革" in page.page and page.has("study") and page.has("roles")
    assert set(page.table("roles").iloc[:, -1]) == {"实施改革", "未实施，作对照"}


def test_without_a_reform_nothing_is_said_of_one(tmp_path):
    page = written(tmp_path, rows(4, years=(2021, 2022, 2023)))
    assert (
        "Did the reform do it" not in page.page and not page.has("roles") and "effect.value" not in page.facts
    )


def test_one_year_says_that_there_is_nothing_to_compare(tmp_path):
    assert "no years that could be compared" in written(tmp_path, rows(3, years=(2023,))).page
