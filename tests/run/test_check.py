"""`perflib check` lists everything, on the terminal and in a workbook, and leaves with the same exit code."""

import pytest
from python_calamine import CalamineWorkbook

from perflib.run.check import check_data

HEAD = "district,year,project,name,adjusted_budget,executed\n"


@pytest.fixture
def data(tmp_path):
    def write(*rows: str) -> str:
        (tmp_path / "projects.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
        return str(tmp_path / "projects.csv")

    return write


def test_every_finding_stands_in_the_list_and_in_the_workbook(data, tmp_path):
    rows = [f"a,2022,P{i},x{i},100,110" for i in range(60)]
    text, code = check_data(data(*rows), "en", tmp_path / "check.xlsx")
    assert code == 0 and "Spent above budget (60)" in text and " 60. " in text
    book = CalamineWorkbook.from_path(str(tmp_path / "check.xlsx"))
    cells = book.get_sheet_by_name("Spent above budget").to_python()
    assert len(cells) == 1 + 60 and cells[1][2] == "F2" and cells[1][7] == "110.00 元"


def test_sums_are_told_in_the_main_unit_and_in_a_large_one(data, tmp_path):
    text, _ = check_data(data("a,2022,P1,x,150000000,0"), "zh", tmp_path / "check.xlsx")
    assert "全年预算数 150,000,000.00 元" in text
    text, _ = check_data(data("a,2022,P1,x,15600000000,0"), "zh", tmp_path / "check.xlsx")
    assert "全年预算数 15,600,000,000.00 元（156.00 亿元）" in text


def test_errors_are_all_listed_and_the_exit_code_is_that_of_wrong_data(data, tmp_path):
    text, code = check_data(data(*(f"a,2022,P{i},x,-1,0" for i in range(30))), "en", tmp_path / "check.xlsx")
    assert code == 3 and " 30. " in text and "perflib check" not in text
    assert "Negative amounts" in CalamineWorkbook.from_path(str(tmp_path / "check.xlsx")).sheet_names


def test_sound_data_writes_nothing(data, tmp_path):
    text, code = check_data(data("a,2022,P1,x,100,90"), "en", tmp_path / "check.xlsx")
    assert code == 0 and not (tmp_path / "check.xlsx").exists() and "Wrote" not in text
