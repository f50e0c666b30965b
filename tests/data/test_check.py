"""What keeps data from being used: every problem at once, with its place and its remedy."""

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.check import schema
from perflib.data.contract import tables
from perflib.data.problems import CheckError

HEAD = ("区划代码", "预算年度", "项目代码", "项目名称", "实施单位", "全年预算数（元）", "全年执行数（元）")
ROW = ("420106", 2022, "A1", "道路养护", "市政所", 100.0, 90.0)


def failing(path: str) -> CheckError:
    with pytest.raises(CheckError) as caught:
        load_book(path)
    return caught.value


def changed(**cells) -> tuple:
    places = {"district": 0, "year": 1, "project": 2, "name": 3, "unit": 4, "budget": 5, "spent": 6}
    row = list(ROW)
    for name, value in cells.items():
        row[places[name]] = value
    return tuple(row)


@pytest.mark.parametrize(
    ("row", "zh", "en"),
    [
        (changed(budget="约一百"),
         "文件《book.xlsx》工作表“项目”单元格 F2（全年预算数）：读到“约一百”，应为金额（数字）。请改正该单元格。",
         "`book.xlsx`, sheet `项目`, cell F2 (Adjusted budget): found `约一百`, expected an amount (a number). Correct the cell."),
        (changed(budget=-100.0),
         "单元格 F2（全年预算数）：金额为负数 -100，预算和资金来源不得小于 0。",
         "cell F2 (Adjusted budget): the amount -100 is negative; a budget can't be below 0."),
        (changed(year="廿二年"),
         "单元格 B2（预算年度）：读到“廿二年”，应为四位年度，如 2022",
         "cell B2 (Fiscal year): found `廿二年`, expected a year of four digits"),
        (changed(name=""), "单元格 D2（项目名称）：必填项为空", "cell D2 (Project): a required cell is empty"),
        (changed(spent=1_000_000.0), "疑为元与万元混用", "元 and 万元 seem to be mixed"),
    ],
)  # fmt: skip
def test_one_fault(projects, row, zh, en):
    error = failing(projects(row))
    assert zh in error.sentence("zh") and en in error.sentence("en")
    assert len(error.problems) == 1 and error.exit_code == 3


def test_duplicate_names_both_rows(projects):
    error = failing(projects(ROW, changed(project="A2"), ROW))
    assert "420106 2022 年“A1”重复，见第 2, 4 行" in error.sentence("zh")
    assert "`A1` of 420106, 2022, is there more than once, in rows 2, 4" in error.sentence("en")


def test_equal_names_in_different_units_are_no_duplicate(projects):
    book = load_book(projects(changed(project="", unit="一中"), changed(project="", unit="二中")))
    frame = book.tables["projects"]
    assert frame["project"].nunique() == 2 and frame["is_code_made"].all()
    assert book.repairs.query("kind == 'code_made'")["count"].tolist() == [2]


def test_made_codes_depend_on_unit_and_name_only(projects, workbook):
    first = load_book(projects(changed(project=""))).tables["projects"]["project"][0]
    other = load_book(projects(changed(project="", year=2023, budget=7.0, spent=1.0), ROW)).tables[
        "projects"
    ]["project"][0]
    assert first == other and first.startswith("M")


def test_all_problems_at_once(projects):
    error = failing(
        projects(changed(budget="x"), changed(project="A2", spent="y"), changed(project="A3", year="z"))
    )
    assert error.problems["cell"].tolist() == ["B4", "F2", "G3"]
    assert error.sentence("zh").startswith("数据中有 3 处错误") and error.sentence("en").startswith(
        "The data has 3 errors"
    )


def test_long_list_says_how_many_more(projects):
    rows = [changed(project=f"A{i}", budget="x") for i in range(30)]
    said = failing(projects(*rows)).sentence("en")
    assert "and 10 more" in said and "F21" in said and "F22 " not in said


def test_missing_column(projects):
    head = list(HEAD)
    head[1] = "备注"
    error = failing(projects(ROW, head=head))
    assert "“项目”表缺少必填列“预算年度”" in error.sentence("zh")
    assert "lacks the required column `Fiscal year`" in error.sentence("en")


def test_secret_row_stops_the_import(workbook):
    path = workbook({"项目": [[*HEAD, "公开属性"], [*ROW, "涉密"]]})
    error = failing(path)
    assert "单元格 H2：该行标为涉密（A1），涉密项目不得导入" in error.sentence("zh")
    assert "cell H2: this row (A1) is marked secret" in error.sentence("en")


def test_no_unit_is_an_error(projects):
    head = [h.replace("（元）", "") for h in HEAD]
    error = failing(projects(ROW, head=head))
    assert "没有写明金额单位" in error.sentence("zh") and "the unit of the amounts is stated nowhere" in str(
        error
    )


def test_unknown_choice_lists_the_choices(workbook):
    error = failing(workbook({"项目": [[*HEAD, "公开属性"], [*ROW, "大概"]]}))
    assert "读到“大概”，应为下列之一：公开 / 不予公开 / 涉密" in error.sentence("zh")


def test_long_code_stored_as_number(projects):
    error = failing(projects(changed(project=110101200000000012345)))
    assert "长代码" in error.sentence("zh") and "stored as the number" in error.sentence("en")


def test_column_twice(projects):
    head = list(HEAD)
    head[4] = "项目名称"
    assert "“项目名称”出现了不止一列" in failing(projects(ROW, head=head)).sentence("zh")


@pytest.mark.parametrize("name", tables())
def test_schema_declares_every_column(name):
    assert list(schema(name).columns) == list(tables()[name].names)


def test_schema_enforces_range_and_type():
    import pandera.errors

    frame = pd.DataFrame(
        {"district": ["a"], "year": [2022], "project": ["p"], "name": ["n"], "executed": ["x"]}
    )
    with pytest.raises(pandera.errors.SchemaErrors):
        schema("projects", ("year",)).validate(frame, lazy=True)
