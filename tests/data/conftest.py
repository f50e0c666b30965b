"""Small workbooks and folders for the tests of reading."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

HEAD = ("区划代码", "预算年度", "项目代码", "项目名称", "实施单位", "全年预算数（元）", "全年执行数（元）")
ROW = ("420106", 2022, "A1", "道路养护", "市政所", 100.0, 90.0)


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., str]:
    """Writes sheets (name → rows) to a workbook and gives its path."""

    def write(sheets: dict[str, list], name: str = "book.xlsx") -> str:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path)) as book:
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
        return str(path)

    return write


@pytest.fixture
def projects(workbook) -> Callable[..., str]:
    """Writes a workbook whose sheet of projects has the rows given under the usual header."""
    return lambda *rows, head=HEAD: workbook({"项目": [head, *rows]})
