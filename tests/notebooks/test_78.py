"""Notebook 78: the story of several years told from the data, and what was compared."""

import pandas as pd
import pytest

from tests.notebooks.cells import folder_of, write_notebook
from tests.notebooks.test_80 import rows

NAME = "78_comparison_scope"


def test_the_story_is_the_change_of_the_sums_and_of_each_district(tmp_path):
    frame = rows(4, per=8)
    data = folder_of(tmp_path, projects=frame.to_dict("records"))
    page = write_notebook(NAME, tmp_path / "out", data=data, years="2022,2023", lang="en")
    sums = frame.groupby("year")[["executed", "adjusted_budget"]].sum()
    before, after = sums["executed"] / sums["adjusted_budget"]
    assert (page.value("story.rate_before"), page.value("story.rate_after")) == pytest.approx((before, after))
    wide = frame.groupby(["district", "year"])[["executed", "adjusted_budget"]].sum()
    wide = (wide["executed"] / wide["adjusted_budget"]).unstack()
    assert page.value("story.up") == (wide[2023] > wide[2022]).sum() and page.value("story.both") == 4
    parts = page.value("change.mix_effect") + page.value("change.rate_effect")
    assert parts == pytest.approx(page.value("change.difference")) == pytest.approx(after - before)
    assert "without data" not in page.page and "lack a year" not in page.page
    first = page.page.split("::: kicker")[0]  # the first page: a sentence, six numbers, the ranked districts
    assert first.count("{.value}") == 6 and first.count("](figures/") == 1 and f"{after:.1%}" in first
    assert {f.stem for f in (page.folder / "figures").glob("*.svg")} == {"dots", "heat", "why"}


def test_a_missing_year_is_told_and_not_filled(tmp_path):
    frame = rows(4, per=8)
    frame = frame[(frame["district"] != "330102") | (frame["year"] != 2022)]
    data = folder_of(tmp_path, projects=frame.to_dict("records"))
    page = write_notebook(NAME, tmp_path / "out", data=data, years="2022,2023", lang="zh")
    assert "不补、不估" in page.page and page.value("story.both") == 3
    coverage = page.table("coverage").set_index("代码")  # a code stands in the file only
    assert coverage.index.tolist() == [330100, 330101, 330102, 330103] and "代码" not in page.page
    assert pd.notna(coverage.loc[330102, "没有数据的年度"]) and pd.isna(coverage.loc[330100, "没有数据的年度"])


def test_each_source_is_told_by_its_own_years(tmp_path):
    long, short = rows(4, per=8, years=(2021, 2022, 2023)), rows(3, per=8, seed=1)
    for name, frame in (("long", long), ("short", short)):
        (tmp_path / name).mkdir()
        folder_of(tmp_path / name, projects=frame.to_dict("records"))
    data = " | ".join(f"{name}={tmp_path / name}" for name in ("long", "short"))
    page = write_notebook(NAME, tmp_path / "out", data=data, years="2021..2023", lang="en")
    wide = short.groupby(["district", "year"])[["executed", "adjusted_budget"]].sum()
    wide = (wide["executed"] / wide["adjusted_budget"]).unstack()
    assert page.value("story.short.up") == (wide[2023] > wide[2022]).sum() and page.value("story.short.both") == 3
    assert (page.value("story.short.first_year"), page.value("story.long.both")) == (2022, 4)


def test_districts_of_too_few_projects_are_not_said_to_differ_by_chance(tmp_path):
    data = folder_of(tmp_path, projects=rows(4, per=2).to_dict("records"))
    page = write_notebook(NAME, tmp_path / "out", data=data, years="2022,2023", lang="en").page
    assert "cannot be told from chance" in page
    assert "no district clearly" not in page.lower() and "clearly differ" not in page and "No single" not in page
