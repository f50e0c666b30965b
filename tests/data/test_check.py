"""What keeps data from being used: every problem at once, with its place and its remedy."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.book import load_book
from perflib.data.check import bounds, check_table
from perflib.data.contract import table
from perflib.data.problems import CheckError
from perflib.data.stack import Stack
from perflib.data.words import as_series, dtype_of

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
        (changed(spent=1_000_000.0), "疑为元与万元混用", "two units of money seem to be mixed"),
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


def test_a_key_is_told_once_however_often_it_stands(projects):
    error = failing(projects(ROW, ROW, changed(project="B"), ROW, changed(project="B"), changed(project="C")))
    assert error.problems[["row", "key", "found"]].to_numpy().tolist() == [
        [3, "A1", "2, 3, 5"],
        [6, "B", "4, 6"],
    ]


def test_duplicate_names_the_sheets_where_they_differ(workbook):
    rows = [HEAD, ROW]
    with pytest.raises(CheckError) as caught:
        load_book(workbook({"项目": rows, "项目-旧": rows}))
    assert caught.value.problems["found"].tolist() == ["2 (项目), 2 (项目-旧)"]


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
    assert "and 27 more" in said and "F4" in said and "F5 " not in said


def test_a_long_list_tells_each_kind(projects):
    rows = [changed(project=f"A{i}", budget="x") for i in range(30)] + [changed(project="B", budget="-1")]
    said = failing(projects(*rows)).sentence("en")
    assert "Unreadable cells (30)" in said and "F32" in said and "and 27 more" in said


def test_a_lacking_column_is_not_called_by_a_head_that_is_there(projects):
    head = ["project" if h == HEAD[HEAD.index("项目名称")] else h for h in HEAD]
    said = failing(projects(ROW, head=head)).sentence("en")
    assert "lacks the required column `Project (name)`" in said


def test_missing_column(projects):
    head = list(HEAD)
    head[1] = "备注"
    error = failing(projects(ROW, head=head))
    assert "“项目”表缺少必填列“预算年度”" in error.sentence("zh")
    assert "lacks the required column `Fiscal year`" in error.sentence("en")
    assert f"现有列：{'、'.join(head)}。" in error.sentence(
        "zh"
    )  # the reader's own heads, and none that was made
    assert f"It has: {', '.join(head)}. Add" in error.sentence("en")


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


GOOD = {
    "district": ["a", "b", "c"], "year": [2021, 2022, 2023], "project": ["p", "q", "r"], "name": ["x", "y", "z"],
    "class": ["personnel", None, "specific"], "executed": [1.0, None, -3.0], "adjusted_budget": [0.0, 5.0, None],
    "disclosure": ["public", None, "internal"], "is_new": [True, None, False],
}  # fmt: skip
FAULTS = {
    "district": [None, "a", 5], "year": [1899, 2101, None], "project": [None, "p"], "name": [None],
    "class": ["other", None], "executed": [-1e9], "adjusted_budget": [-0.01, 0.0, None],
    "disclosure": ["secret", "x", None], "is_new": [True, None],
}  # fmt: skip


def stacked(cells: dict) -> Stack:
    declared = table("projects")
    frame = pd.DataFrame({n: as_series(np.array(v, dtype=object), declared[n]) for n, v in cells.items()})
    rows = np.arange(2, len(frame) + 2)
    empty = np.full(len(frame), "", dtype=object)
    return Stack(declared, frame, empty, empty, rows, {("", ""): {}})


def column_schema(column, whole: bool) -> pa.Column:
    low, high = bounds(column)
    checks = [pa.Check.ge(low)] if low is not None else []
    checks += [pa.Check.le(high)] if high is not None else []
    checks += [pa.Check.isin(column.values)] if column.choices else []
    checks += [pa.Check.ne("secret")] if column.name == "disclosure" else []
    dtype = "int64" if whole else dtype_of(column)
    return pa.Column(dtype, checks, nullable=not column.is_filled, required=column.is_filled)


def is_sound_for_pandera(frame: pd.DataFrame) -> bool:
    """What another checker says of a table of projects, by the same declaration."""
    declared = table("projects")
    whole = {n for n in frame if frame[n].dtype == "int64"}
    columns = {c.name: column_schema(c, c.name in whole) for c in declared.columns}
    try:
        pa.DataFrameSchema(columns, strict=True, unique=list(declared.key)).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors:
        return False
    return True


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_check_and_pandera_give_one_verdict(data):
    cells = {n: list(v) for n, v in GOOD.items()}
    for name in data.draw(st.lists(st.sampled_from(list(FAULTS)), max_size=2, unique=True)):
        cells[name][data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(FAULTS[name]))
    for name in data.draw(st.lists(st.sampled_from(["year", "name", "executed"]), max_size=1)):
        del cells[name]
    if data.draw(st.booleans()):
        cells = {n: [*v[:2], v[0]] for n, v in cells.items()}
    stack = stacked(cells)
    assert check_table(stack).empty == is_sound_for_pandera(stack.frame)


@pytest.mark.parametrize("value", [1899, 2101])
def test_years_out_of_range_are_told(value):
    stack = stacked({**GOOD, "year": [2021, 2022, value]})
    found = check_table(stack)
    assert found[["rule", "column", "found"]].values.tolist() == [["out_of_range", "year", str(value)]]
    assert found["expected"].tolist() == ["1900–2100"]


def test_a_column_of_another_type_is_a_fault_of_ours():
    stack = stacked(GOOD)
    stack.frame["executed"] = stack.frame["executed"].astype("str")
    with pytest.raises(AssertionError):
        check_table(stack)


def test_reading_needs_no_pandera():
    code = "import sys\nfrom perflib.data.book import load_book\nload_book('sample')\nassert 'pandera' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
