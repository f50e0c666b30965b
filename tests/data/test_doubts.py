"""What a clerk would ask about: each doubt is listed with its cell, and in the cell's own unit."""

import pytest

from perflib.data.book import load_book
from perflib.data.doubts import alike_names, totals
from perflib.data.problems import CheckError, sentence

HEAD = (
    "区划代码", "预算年度", "项目代码", "项目名称", "主管部门", "年初预算数（万元）", "全年预算数（万元）", "全年执行数（万元）",
)  # fmt: skip


@pytest.fixture
def book(workbook):
    def read(rows, **sheets):
        return load_book(workbook({"项目": [HEAD, *rows], **sheets}))

    return read


def row(code="A1", name="道路", office="卫健局", initial=100.0, adjusted=100.0, spent=90.0, year=2022):
    return ("420106", year, code, name, office, initial, adjusted, spent)


def told(book, rule):
    rows = book.doubts.query("rule == @rule")
    return rows[["cell", "found", "expected"]].to_numpy().tolist()


@pytest.mark.parametrize(("adjusted", "asked"), [(300.0, 0), (300.01, 1)])
def test_an_adjusted_budget_above_three_times_the_initial(book, adjusted, asked):
    found = told(book([row(adjusted=adjusted)]), "adjusted_jump")
    assert found == [["G2", "300.01 万元", "100.00 万元"]][:asked]


def test_amounts_above_budget_are_told_in_the_unit_of_the_cell(book):
    warning = book([row(spent=120.5)]).warnings.iloc[0]
    assert "执行数 120.50 万元超过全年预算数 100.00 万元" in sentence(warning, "zh")


def test_projects_without_a_code_are_told_by_name(book):
    found = book([row(code="", name="桥梁", spent=120.0)])
    assert told(found, "code_made") == [["D2", "桥梁", ""]]
    assert found.warnings["key"].tolist() == ["桥梁"] and found.repairs["example"].tolist() == ["桥梁"]


@pytest.mark.parametrize(
    ("one", "two", "is_like"),
    [
        ("卫生健康局", "区卫健局", True),
        ("卫生健康局", "江汉区卫生健康局", True),
        ("人力资源和社会保障局", "人社局", True),
        ("卫健委", "卫生健康委员会", True),
        ("水资源管理局", "水利局", False),
        ("Parks Dept.", "parks dept", True),
        ("第一中学", "第二中学", False),
        ("东社区卫生服务中心", "西社区卫生服务中心", False),
        ("财政局", "审计局", False),
    ],
)
def test_names_that_look_alike(one, two, is_like):
    assert bool(list(alike_names([one, two]))) == is_like


def test_names_that_look_alike_are_asked_about_once(book):
    rows = [row("A1", office="卫生健康局"), row("A2", office="区卫健局"), row("A3", office="区卫健局")]
    assert told(book(rows), "names_alike") == [["E2", "卫生健康局", "区卫健局"]]


def test_departments_blank_in_blocks(book):
    offices = ["卫健局", "", "", "教育局", ""]
    found = book([row(f"A{i}", office=o) for i, o in enumerate(offices)])
    assert told(found, "blank_block") == [["E3:E4", "2", "卫健局"]]


PROGRESS = ("区划代码", "预算年度", "月份", "项目代码", "累计执行数（元）", "目标完成进度")


def test_december_is_held_against_the_year_and_shares_typed_as_per_cent(book):
    months = [PROGRESS, ("420106", 2022, 12, "A1", 899_999.0, 85.0), ("420106", 2017, 12, "A1", 1.0, 0.5)]
    found = book([row(spent=90.0)], 执行进度=months)
    assert told(found, "progress_differs") == [["E2", "899,999.00 元", "900,000.00 元"]]
    assert told(found, "typed_percent") == [["F2", "85", "85%"]]
    assert told(found, "unused_rows") == [["", "1", ""]]


@pytest.mark.parametrize(("spent", "asked"), [(60.0, 1), (70.0, 0)])
def test_a_last_year_far_behind_may_be_in_course(book, spent, asked):
    years = [row(year=2021), row(year=2022), row(year=2023, spent=spent)]
    assert len(told(book(years), "maybe_in_course")) == asked


def test_the_sums_of_a_table_to_date_are_those_of_its_last_month(book):
    months = [PROGRESS, *(("420106", 2022, m, "A1", 1000.0 * m, "") for m in (11, 12))]
    sums = totals(book([row(spent=1.2)], 执行进度=months).tables).set_index(["table", "column"])["cents"]
    assert sums[("projects", "executed")] == 1.2 * 10_000 * 100
    assert sums[("progress", "executed")] == 12_000 * 100


def test_what_a_mapping_may_relax_is_said(tmp_path):
    (tmp_path / "b.csv").write_text("Code,Name,Budget\n1,x,-5\n", "utf-8")
    (tmp_path / "city.toml").write_text(
        'currency = "EUR"\nunit = "EUR"\n[[file]]\ntable = "projects"\npattern = "b.csv"\n'
        'fields = { c = "Code", n = "Name", b = "Budget" }\n'
        'columns = { district = "A", year = 2023, project = "{c}", name = "{n}", adjusted_budget = "{b}" }\n',
        "utf-8",
    )
    with pytest.raises(CheckError, match=r'relax = \["negative"\]'):
        load_book(f"{tmp_path}/city.toml:{tmp_path}")


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ((2022, 2022, 2022, 2022, 2023, 2032), [["B7", "2032", "2022–2023"]]),
        ((2022, 2022, 2022, 2022, 2023), []),
        ((2019, 2019, 2022, 2022, 2022), []),
        ((2022,), []),
    ],
)
def test_a_few_rows_of_a_year_apart_from_the_others(book, years, found):
    rows = [row(code=f"A{i}", name=f"道路{i}", year=year) for i, year in enumerate(years)]
    assert told(book(rows), "year_apart") == found


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        ((10, 20, 30, 40, 400_000), [["G6", "400,000.00 万元", "40.00 万元"]]),
        ((100_000, 200_000, 300_000, 400_000, 50), [["G6", "50.00 万元", "100,000.00 万元"]]),
        ((10, 20, 30, 40, 30_000), []),
        ((10, 20, 300_000, 400_000), []),
        ((0.001, 0.5, 10, 200, 4_000), []),
    ],
)
def test_amounts_a_thousand_times_those_of_all_other_rows(book, amounts, found):
    rows = [row(f"A{i}", name=f"道路{i}", initial=a, adjusted=a, spent=a) for i, a in enumerate(amounts)]
    assert told(book(rows), "amounts_apart") == found


@pytest.mark.parametrize(
    ("one", "two", "is_like"),
    [
        ("东城区", "110101", True),
        ("东城区", "东城", True),
        ("北京市东城区", "东城区", True),
        ("110101 东城区", "110101", True),
        ("朝阳市", "朝阳县", False),
        ("北京市朝阳区", "长春市朝阳区", False),
        ("E09000001", "110101", False),
        ("东城区", "西城区", False),
    ],
)
def test_districts_by_name_and_by_code(book, one, two, is_like):
    rows = [(one, *row("A1")[1:]), (two, *row("A2", name="桥")[1:])]
    assert told(book(rows), "names_alike") == ([["A2", one, two]] if is_like else [])


@pytest.mark.parametrize(("shares", "asked"), [((0.95, 50), ["F2"]), ((95, 50), []), ((0, 50), [])])
def test_shares_beside_per_cents_are_asked_about(book, shares, asked):
    head = (*PROGRESS[:4], "累计执行数（元）", "目标完成进度（%）")
    months = [head, *(("420106", 2022, m, "A1", m, s) for m, s in zip((6, 7), shares, strict=True))]
    assert [cell for cell, *_ in told(book([row()], 执行进度=months), "typed_fraction")] == asked


@pytest.mark.parametrize(
    ("title", "asked"),
    [
        ("某区2021年项目支出情况表", [["B4", "2021", "2022"]]),
        ("某区2022年项目支出情况表（对比2021年）", []),
        ("制表日期：2023年1月5日", []),
        ("某区项目支出情况表", []),
    ],
)
def test_a_title_of_another_year(workbook, title, asked):
    found = load_book(workbook({"项目": [[title], [], HEAD, row()]}))
    assert told(found, "title_year") == asked


@pytest.mark.parametrize(
    ("target", "actual", "asked"),
    [(95, 0.96, True), (0.95, 96, True), (1, 98, False), (95, 96, False), (0.95, 0.96, False), (5, 1, False),
     (95, 0.3, False), (500, 3, False)],
)  # fmt: skip
def test_results_a_hundred_times_their_targets(book, target, actual, asked):
    head = ("区划代码", "预算年度", "对象代码", "指标编号", "指标名称", "目标值", "完成值")
    found = book([row()], 绩效指标=[head, ("420106", 2022, "A1", "I1", "合格率", target, actual)])
    assert told(found, "hundredfold") == ([["G2", f"{actual:g}", f"{target:g}"]] if asked else [])
