"""Formulas that nobody computed."""

import openpyxl
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.formulas import uncomputed


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "项目"
    sheet.append(["区划代码", "预算年度", "项目代码", "项目名称", "全年预算数（元）", "全年执行数（元）"])
    sheet.append(["420106", 2022, "A1", "路", 100, "=E2*0.9"])
    made.create_sheet("别的").append(["=1+1"])
    made.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_cells_by_sheet(book):
    assert uncomputed(book) == {"项目": ["F2"], "别的": ["A1"]}


def test_only_sheets_that_are_read_matter_and_the_cell_is_named(book):
    with pytest.raises(DataError) as caught:
        load_book(str(book))
    assert caught.value.sentence("zh").startswith(
        "文件《a.xlsx》工作表“项目”单元格 F2：单元格里有公式但没有计算结果"
    )
    assert "cell F2: the cell holds a formula that was never computed" in str(caught.value)


def test_computed_formulas_are_fine(workbook, tmp_path):
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as made:
        made.add_worksheet("项目").write_formula("A1", "=1+1", value=2)
    assert uncomputed(tmp_path / "b.xlsx") == {}


def test_what_is_no_workbook(tmp_path):
    (tmp_path / "a.csv").write_text("x")
    assert uncomputed(tmp_path / "a.csv") == {}
