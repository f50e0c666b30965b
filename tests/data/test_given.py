"""District and year that the command gives for data that does not tell them."""

import pytest

from perflib.data.book import load_book
from perflib.data.errors import ArgumentError, DataError

HEAD = "项目代码,项目名称,全年预算数（元）,全年执行数（元）"


def book(path, head, *rows):
    (path / "a.csv").write_text("\n".join([head, *rows]), "utf-8")
    return str(path / "a.csv")


def test_missing_columns_are_filled_and_counted(tmp_path):
    data = book(tmp_path, HEAD, "1,甲,10,9", "2,乙,20,20")
    with pytest.raises(DataError, match="--district NAME --year 2023"):
        load_book(data)
    with pytest.raises(DataError, match="Fiscal year"):
        load_book(data, district="上城区")
    read = load_book(data, district="上城区", year=2023)
    assert read.projects[["district", "year"]].drop_duplicates().values.tolist() == [["上城区", 2023]]
    assert (read.name, read.year) == ("上城区", 2023)
    assert read.repairs.query("kind == 'given'")["count"].tolist() == [2, 2]


def test_blank_cells_are_filled_and_others_kept(tmp_path):
    data = book(tmp_path, f"区划代码,预算年度,{HEAD}", "330102,2022,1,甲,10,9", ",,2,乙,20,20")
    read = load_book(data, district="330102", year=2023)
    assert read.projects["year"].tolist() == [2022, 2023] and read.districts == ["330102"]


def test_the_one_district_without_a_name_is_called_as_given(tmp_path):
    data = book(tmp_path, f"区划代码,预算年度,{HEAD}", "330102,2023,1,甲,10,9")
    read = load_book(data, district="上城区")
    assert (read.district, read.name) == ("330102", "上城区")
    assert read.repairs["kind"].tolist() == ["called"]
    with pytest.raises(ArgumentError, match="330103"):
        load_book(data, district="330103")


def test_two_districts_are_never_renamed(tmp_path):
    data = book(tmp_path, f"区划代码,预算年度,{HEAD}", "330102,2023,1,甲,10,9", "330103,2023,1,甲,10,9")
    with pytest.raises(ArgumentError, match="上城区"):
        load_book(data, district="上城区")


def test_a_month_without_a_budget_has_that_of_its_project(tmp_path):
    head = "区划代码,预算年度,项目代码"
    (tmp_path / "projects.csv").write_text(
        f"{head},项目名称,全年预算数（元）\n330102,2023,1,甲,10\n330102,2023,2,乙,20\n"
    )
    months = [f"{head},月份,累计执行数（元）,当月预算数（元）", "330102,2023,1,6,4,", "330102,2023,1,7,5,12",
              "330102,2023,3,6,1,"]  # fmt: skip
    (tmp_path / "progress.csv").write_text("\n".join(months))
    read = load_book(str(tmp_path))
    budgets = read.table("progress").set_index(["project", "month"])["adjusted_budget"]
    assert (budgets["1", 6], budgets["1", 7]) == (10, 12) and budgets[["3"]].isna().all()
    assert read.repairs.query("kind == 'month_budget'")["count"].tolist() == [1]
    (tmp_path / "progress.csv").write_text("\n".join(line.rpartition(",")[0] for line in months))
    assert load_book(str(tmp_path)).table("progress")["adjusted_budget"].tolist()[:2] == [10, 10]
