"""Tables that disagree with one another: warnings with a list, told in both languages."""

import pytest

from perflib.data.book import load_book
from perflib.data.problems import CheckError, sentence

HEAD = ["district", "year", "project", "name", "unit", "initial_budget", "adjusted_budget", "executed"]
BASE = ["d", 2022, "A", "路", "u", 80, 100, 90]


@pytest.fixture
def folder(tmp_path):
    """Writes CSV tables (name → rows, the first being the header) and gives the folder."""

    def write(**tables):
        for name, rows in tables.items():
            text = "\n".join(",".join(str(c) for c in row) for row in rows)
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        return str(tmp_path)

    return write


def warned(path, rule):
    book = load_book(path)
    rows = book.warnings[book.warnings["rule"] == rule].to_dict("records")
    for row in rows:
        assert sentence(row, "zh") and sentence(row, "en")
    return rows


def row(**cells):
    return [cells.get(h, b) for h, b in zip(HEAD, BASE, strict=True)]


def test_above_budget_is_a_warning_with_a_list(folder):
    rows = warned(
        folder(projects=[HEAD, row(executed=100), row(project="B", executed=100.01)]), "above_budget"
    )
    assert [(r["key"], r["found"], r["expected"], r["cell"]) for r in rows] == [
        ("B", "100.01 元", "100.00 元", "H3")
    ]


def test_spent_without_budget_and_negative(folder):
    path = folder(projects=[HEAD, row(adjusted_budget=0), row(project="B", executed=-1)])
    assert len(warned(path, "spent_without_budget")) == len(warned(path, "negative_executed")) == 1


@pytest.mark.parametrize(
    ("executed", "is_mixed"), [(499_999, False), (500_000, True), (1_000_000, True), (2_000_001, False)]
)
def test_magnitude(folder, executed, is_mixed):
    path = folder(projects=[HEAD, row(executed=executed)])
    if not is_mixed:
        assert len(warned(path, "above_budget")) == 1
        return
    with pytest.raises(CheckError) as caught:
        load_book(path)
    assert caught.value.problems["rule"].tolist() == ["unit_mix"]
    assert "相差约一万倍，疑为元与万元混用" in caught.value.sentence("zh")


@pytest.mark.parametrize(
    ("budget", "is_doubted"), [(0.09, True), (0.1, False), (100_000, False), (100_001, True)]
)
def test_whole_rows_in_another_unit_are_doubted(folder, budget, is_doubted):
    """A thousand times below the lower quarter of the budgets (here 100), or above the upper one."""
    usual = [row(project=f"P{i}") for i in range(8)]
    odd = row(project="Z", initial_budget=budget, adjusted_budget=budget, executed=budget)
    found = warned(folder(projects=[HEAD, *usual, odd]), "unit_doubt")
    assert [r["key"] for r in found] == ["Z"] * is_doubted
    if found:
        assert "half of all projects lie within 100.00–100.00" in sentence(found[0], "en")
        assert "疑为元与万元混用" in sentence(found[0], "zh")


def test_few_projects_do_not_say_what_is_usual(folder):
    path = folder(
        projects=[HEAD, row(), row(project="Z", initial_budget=0.01, adjusted_budget=0.01, executed=0)]
    )
    assert not warned(path, "unit_doubt")


def test_magnitude_the_other_way_only_warns(folder):
    assert (
        len(
            warned(
                folder(
                    projects=[HEAD, row(initial_budget=1_000_000, adjusted_budget=1_000_000, executed=100)]
                ),
                "unit_mix",
            )
        )
        == 1
    )


def test_funds_sum_to_the_project_to_the_cent(folder):
    head = ["district", "year", "project", "fund", "adjusted_budget", "executed"]
    funds = [head, ["d", 2022, "A", "general", 60.01, 50], ["d", 2022, "A", "own", 40, 40]]
    rows = warned(folder(projects=[HEAD, row()], funds=funds), "funds_differ")
    assert [(r["column"], r["found"], r["expected"]) for r in rows] == [
        ("adjusted_budget", "100.01 元", "100.00 元")
    ]


def test_funds_in_another_unit_are_an_error(folder):
    funds = [["district", "year", "project", "fund", "executed"], ["d", 2022, "A", "general", 900_000]]
    with pytest.raises(CheckError) as caught:
        load_book(folder(projects=[HEAD, row()], funds=funds))
    assert caught.value.problems["rule"].tolist() == ["funds_unit_mix"]


def test_movements_lead_from_initial_to_adjusted(folder):
    head = ["district", "year", "adjustment", "project", "basis", "stage", "amount"]
    moves = [
        head,
        ["d", 2022, "1", "A", "budget", "supplement", 20],
        ["d", 2022, "2", "A", "request", "ex_ante", -5],
    ]
    assert warned(folder(projects=[HEAD, row()], adjustments=moves), "adjustments_differ") == []
    moves[1][-1] = 19.99
    rows = warned(folder(projects=[HEAD, row()], adjustments=moves), "adjustments_differ")
    assert [(r["found"], r["expected"]) for r in rows] == [("99.99 元", "100.00 元")]


def test_carried_over_is_carried_in_the_year_after(folder):
    head = [*HEAD, "carried_in", "carried_over"]
    path = folder(projects=[head, [*row(), 0, 10], [*row(year=2023), 9, 0]])
    assert [(r["year"], r["found"], r["expected"]) for r in warned(path, "carried_differs")] == [
        (2023, "9.00 元", "10.00 元")
    ]


def test_spent_carried_and_lapsed_make_the_budget(folder):
    head = [*HEAD, "carried_over", "lapsed"]
    path = folder(projects=[head, [*row(), 10, 0], [*row(project="B"), 5, 4]])
    assert [r["key"] for r in warned(path, "balance_differs")] == ["B"]


def test_unknown_project_in_other_tables(folder):
    progress = [
        ["district", "year", "month", "project", "executed"],
        ["d", 2022, 1, "A", 5],
        ["d", 2022, 2, "Z", 4],
    ]
    evaluations = [
        ["district", "year", "subject", "kind", "score"],
        ["d", 2022, "Y", "self", 90],
        ["d", 2021, "X", "self", 90],
    ]
    rows = warned(
        folder(projects=[HEAD, row()], progress=progress, evaluations=evaluations), "unknown_project"
    )
    assert [(r["table"], r["found"]) for r in rows] == [("progress", "Z"), ("evaluations", "Y")]


def test_months_that_fall_and_goals_above_one(folder):
    head = ["district", "year", "month", "project", "executed", "goal_progress"]
    path = folder(
        projects=[HEAD, row()], progress=[head, ["d", 2022, 2, "A", 4, 1.2], ["d", 2022, 1, "A", 5, 1]]
    )
    assert [(r["found"], r["expected"]) for r in warned(path, "progress_falls")] == [("4.00 元", "5.00 元")]
    assert [r["found"] for r in warned(path, "goal_above_one")] == ["1.2"]


def test_same_name_twice_in_one_unit(folder):
    path = folder(projects=[HEAD, row(), row(project="B"), row(project="C", unit="v")])
    assert [r["key"] for r in warned(path, "same_name")] == ["B"]


def test_district_that_the_table_of_districts_lacks(folder):
    path = folder(
        projects=[HEAD, row(), row(district="e")], districts=[["district", "name_zh"], ["d", "东区"]]
    )
    assert [r["found"] for r in warned(path, "unknown_district")] == ["e"]


@pytest.mark.parametrize("code", ["", "A7"])
@pytest.mark.parametrize("owner", [("单位", "实施单位"), ("预算单位", "主管部门"), ()])
def test_a_table_without_codes_finds_its_projects_by_unit_and_name(workbook, code, owner):
    head = ["区划代码", "预算年度", "项目代码", "项目名称", *owner[1:], "全年执行数（元）"]
    unit, other = (["一中"], ["二中"]) if owner else ([], [])
    rows = [["420106", 2023, code, "食堂", *unit, 10], ["420106", 2023, code and "A8", "路灯", *other, 20]]
    months = ["区划代码", "预算年度", "月份", *owner[:1], "项目名称", "累计执行数（元）"]
    lines = [["420106", 2023, m, *u, n, 5] for m in (3, 4) for u, n in ((unit, "食堂"), (other, "路灯"))]
    book = load_book(workbook({"项目": [head, *rows], "执行进度": [months, *lines]}))
    wanted = book.tables["projects"]["project"].tolist()
    assert book.tables["progress"]["project"].tolist() == wanted * 2
    assert not book.warnings["rule"].isin(["unknown_project", "unknown_column", "nameless_column"]).any()


def test_a_month_of_a_project_without_code_is_told_by_its_name(workbook):
    rows = [
        ["区划代码", "预算年度", "项目代码", "项目名称", "全年执行数（元）"],
        ["420106", 2023, "", "食堂", 10],
    ]
    months = ["区划代码", "预算年度", "月份", "项目名称", "累计执行数（元）"]
    lines = [["420106", 2023, month, "食堂", spent] for month, spent in ((3, 9), (4, 8))]
    told = load_book(workbook({"项目": rows, "执行进度": [months, *lines]})).warnings
    assert told.loc[told["rule"] == "progress_falls", "key"].tolist() == ["4 / 食堂"]


def test_a_name_that_no_project_or_several_bear_is_told_as_it_stands(workbook):
    head = ["区划代码", "预算年度", "项目代码", "项目名称", "实施单位", "全年执行数（元）"]
    rows = [["420106", 2023, c, "食堂", u, 10] for c, u in (("A1", "一中"), ("A2", "二中"))]
    months = ["区划代码", "预算年度", "月份", "项目名称", "累计执行数（元）"]
    lines = [["420106", 2023, 3, n, 5] for n in ("食堂", "校车")]
    told = load_book(workbook({"项目": [head, *rows], "执行进度": [months, *lines]})).warnings
    assert told.loc[told["rule"] == "unknown_project", "found"].tolist() == ["食堂", "校车"]


def test_a_column_that_is_missing_is_told_with_the_heads_of_the_file(workbook):
    months = ["区划代码", "预算年度", "月份", "累计执行数（元）", "备注"]
    rows = [["区划代码", "预算年度", "项目代码", "项目名称"], ["420106", 2023, "A1", "食堂"]]
    with pytest.raises(CheckError) as caught:
        load_book(workbook({"项目": rows, "执行进度": [months, ["420106", 2023, 3, 5, ""]]}))
    assert (
        "缺少必填列“项目代码”。现有列：区划代码、预算年度、月份、累计执行数（元）、备注。"
        in caught.value.sentence("zh")
    )
    assert "It has: 区划代码, 预算年度, 月份, 累计执行数（元）, 备注." in caught.value.sentence("en")
