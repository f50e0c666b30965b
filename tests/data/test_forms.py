"""Layouts of forms, and filled forms of one project each with the faults that people make."""

import docx
import openpyxl
import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.form_layout import FOLDER, layouts, read_layout
from perflib.data.form_reading import goal_of
from perflib.data.problems import CheckError
from perflib.show.forms import exchange_table, form_docx, form_xlsx, indicator_values, project_values
from tests.conftest import through_libreoffice

NONE = pd.DataFrame(columns=["fund"])
PROJECT = {"project": "510000210001", "name": "道路养护", "department": "交通局", "unit": "公路站", "year": 2023, "is_code_made": False,
           "initial_budget": 900_000.0, "adjusted_budget": 899_740.0, "executed": 899_740.0}  # fmt: skip
LINES = [
    {"indicator": "1", "level1": "产出指标", "level2": "数量指标", "name": "养护里程", "direction": "at_least", "target": 50.0, "unit": "公里",
     "actual": 52.0, "weight": 50.0, "score": 50.0},
    {"indicator": "2", "level1": "产出指标", "level2": "质量指标", "name": "质量", "direction": "qualitative", "target_text": "达成预期指标",
     "actual_text": "达成预期指标", "weight": 40.0, "score": 38.0},
]  # fmt: skip


def values(**changed) -> dict:
    return project_values({**PROJECT, **changed}, funds=NONE, evaluation={"score": 98.0}, ends={})


@pytest.fixture
def form(tmp_path):
    """form(edit): a filled form of the national layout in a folder of its own, after `edit(sheet)`."""

    def make(edit=lambda sheet: None, layout="self_evaluation", name="甲.xlsx"):
        path = tmp_path / "forms" / name
        path.parent.mkdir(exist_ok=True)
        lines = [indicator_values(line) for line in LINES]
        path.write_bytes(form_xlsx(layouts()[layout], {"道路养护": (values(), lines)}, 2023))
        book = openpyxl.load_workbook(path)
        edit(book.active)
        book.save(path)
        return str(path.parent)

    return make


def put(words: str, value, *, right: int = 0, below: int = 0):
    """An edit: `value` into the cell that lies so far from the one that says `words`."""

    def edit(sheet):
        at = next(c for row in sheet.iter_rows() for c in row if c.value == words)
        for merged in list(sheet.merged_cells.ranges):
            if at.coordinate in merged and right:
                at = sheet.cell(at.row, merged.max_col)
        target = sheet.cell(at.row + below, at.column + right)
        for merged in list(sheet.merged_cells.ranges):
            if target.coordinate in merged:
                target = sheet.cell(merged.min_row, merged.min_col)
        target.value = value

    return edit


def read(folder):
    return load_book(folder, district="上城区", year=2023)


@pytest.mark.parametrize("layout", ["self_evaluation", "self_evaluation_sichuan"])
def test_a_filled_form_is_read_as_three_tables(form, layout):
    book = read(form(layout=layout))
    row = book.projects.iloc[0]
    assert row[["name", "department", "unit", "year"]].tolist() == ["道路养护", "交通局", "公路站", 2023]
    assert row[["initial_budget", "adjusted_budget", "executed"]].tolist() == [900_000, 899_740, 899_740]
    assert book.indicators[["target", "actual", "weight", "score"]].iloc[0].tolist() == [50, 52, 50, 50]
    assert book.indicators[["direction", "target_text"]].iloc[1].tolist() == ["qualitative", "达成预期指标"]
    assert book.evaluations[["kind", "score", "reported_rate"]].iloc[0].tolist() == ["self", 98, 1.0]
    assert (row["project"] == PROJECT["project"]) == (layout == "self_evaluation_sichuan")


def test_the_same_form_as_word(tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    lines = [indicator_values(line) for line in LINES]
    forms = {"道路养护": (values(), lines), "桥梁": (values(name="桥梁", project="510000210002"), lines)}
    (folder / "交通局.docx").write_bytes(form_docx(layouts()["self_evaluation_sichuan"], forms, 2023))
    book = read(str(folder))
    assert book.projects["project"].tolist() == ["510000210001", "510000210002"] and len(book.indicators) == 4


def test_a_total_of_0_over_parts_that_are_not_is_told_and_the_parts_are_taken(form):
    def edit(sheet):
        for at in range(4, 7):
            sheet.cell(6, at).value = 0
        for at, value in zip(range(4, 7), (90, 89.974, 89.974), strict=True):
            sheet.cell(7, at).value = value

    book = read(form(edit))
    assert book.projects[["initial_budget", "executed"]].iloc[0].tolist() == [900_000, 899_740]
    assert book.warnings["rule"].tolist() == ["form_total_zero"] * 3 and book.warnings["cell"].iloc[0] == "D6"


def test_fillers_are_no_indicators(form):
    folder = form(lambda sheet: (put("质量", "指标1：")(sheet), put("养护里程", "指标1：养护里程")(sheet)))
    assert read(folder).indicators["name"].tolist() == ["养护里程"]


def test_a_blank_score_is_not_the_sum_of_weights(form):
    def edit(sheet):
        row = next(c.row for r in sheet.iter_rows() for c in r if c.value == "总分")
        sheet.cell(row, 7).value, sheet.cell(row, 8).value = 100, None

    assert "evaluations" not in read(form(edit)).tables


@pytest.mark.parametrize(
    ("edit", "rule", "cell"),
    [
        (put("年度资金总额", 9_000_000, right=1), "form_magnitude", "A6"),
        (put("年度资金总额", "见附件", right=1), "unreadable", "D6"),
        (lambda sheet: sheet.cell(30, 1, "项目名称") and sheet.cell(30, 2, "另一个项目"), "form_two_projects", "C3, B30"),
        (put("项目名称", None, right=1), "form_no_name", ""),
    ],
)  # fmt: skip
def test_what_can_not_be_right_is_refused_with_its_cell(form, edit, rule, cell):
    with pytest.raises(CheckError) as caught:
        read(form(edit))
    found = caught.value.problems
    assert (
        found["rule"].tolist() == [rule]
        and found["cell"].iloc[0] == cell
        and "甲.xlsx" in caught.value.sentence("zh")
    )
    assert "甲.xlsx" in caught.value.sentence("en")


def test_files_that_can_not_be_read_are_all_named(form, tmp_path):
    folder = tmp_path / "forms"
    form()
    (folder / "坏.docx").write_bytes(b"PK\x03\x04")
    (folder / "锁.docx").write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"))
    docx.Document().save(folder / "空.docx")
    with pytest.raises(CheckError) as caught:
        read(str(folder))
    assert sorted(caught.value.problems["rule"]) == ["form_damaged", "form_locked", "form_unknown"]
    assert "打开密码" in caught.value.sentence("zh") and "password" in caught.value.sentence("en")


def test_a_third_layout_is_added_without_code(tmp_path):
    """A column of one's own beside each indicator, as docs/forms.md has it; the layout lies beside the forms."""
    text = (FOLDER / "self_evaluation.toml").read_text("utf-8")
    for was, now in (
        ('zh = "项目支出绩效自评表"', 'zh = "某省项目自评表"'),
        ("widths = [10, 14, 16, 22, 14, 14, 9, 9, 30]", "widths = [10, 14, 16, 22, 14, 14, 9, 9, 30, 12]"),
        ("{name}:7", "{name}:8"), ("{unit}:2", "{unit}:3"), ("执行率（B/A） | 得分", "执行率（B/A） | 得分:2"),
        ("{rate_score}", "{rate_score}:2"), ("— | — | —", "— | — | —:2"), ("实际完成情况:4", "实际完成情况:5"),
        ("{goal_actual}:4", "{goal_actual}:5"), ("三级指标 | 年度指标值", "三级指标 | 绩效目标值"),
        ('["年度指标值", "指标值"]', '["绩效目标值"]'), ("| 偏差原因分析及改进措施", "| 偏差原因分析及改进措施 | 评分标准"),
        ("{deviation}", "{deviation} | {standard}"), ("{score} | ", "{score} | :2"), ("{phone}:3", "{phone}:4"),
    ):  # fmt: skip
        assert was in text, was
        text = text.replace(was, now)
    own = tmp_path / "forms" / "myprovince.toml"
    own.parent.mkdir()
    own.write_text(text, "utf-8")
    lines = [indicator_values(line) for line in LINES]
    (own.parent / "甲.xlsx").write_bytes(form_xlsx(read_layout(own), {"道路养护": (values(), lines)}, 2023))
    book = read(str(own.parent))
    assert book.indicators[["target", "actual"]].iloc[0].tolist() == [50, 52]
    assert book.evaluations["score"].tolist() == [98] and book.projects["executed"].tolist() == [899_740]
    (own.parent / "mapping.toml").write_text("currency = 'EUR'", "utf-8")  # none of ours: passed over
    assert read(str(own.parent)).evaluations["score"].tolist() == [98]
    own.unlink()
    assert "target" not in read(str(own.parent)).indicators  # no layout that ships knows its head


def test_a_word_form_through_libreoffice_loses_no_value(tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    lines = [indicator_values(line) for line in LINES]
    (folder / "甲.docx").write_bytes(form_docx(layouts()["self_evaluation"], {"甲": (values(), lines)}, 2023))
    before = read(str(folder)).tables
    through_libreoffice(folder / "甲.docx", "odt")
    (folder / "甲.odt").unlink()
    after = read(str(folder)).tables
    assert before.keys() == after.keys()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(after[name], frame)


@pytest.mark.parametrize(
    ("cell", "number", "sign", "unit"),
    [("≥50个", 50, "at_least", "个"), ("100%", 100, "at_least", "%"), ("≤3天", 3, "at_most", "天"), (12, 12, "at_least", ""),
     ("不低于９５%", 95, "at_least", "%"), ("1,200人次", 1200, "at_least", "人次"), ("及时", None, "qualitative", "")],
)  # fmt: skip
def test_goals_are_read_as_people_write_them(cell, number, sign, unit):
    found = goal_of(cell)
    assert (found["number"], found["sign"], found["unit"]) == (number, sign, unit)


@pytest.mark.parametrize(
    ("was", "now", "zh", "en"),
    [
        ('executed = ["全年执行数（B）", ', 'executed = ["支出数", ', "锚点有误", "faulty anchor"),
        ('"项目名称:2 | {name}:7"', '"项目名称:2 | {name}:6"', "第 1 行共 8 列", "Row 1"),
        ('unit = "万元"', 'unit = "斤"', "unit 为“斤”", "`斤`"),
        ('of = "self_evaluation"', "of = 1.2.3", "无法读取", "can't be read"),
        ('of = "self_evaluation"', "", "缺少 of", "lacks of"),
    ],
)
def test_a_faulty_layout_is_a_message(tmp_path, was, now, zh, en):
    text = (FOLDER / "self_evaluation.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(
        text.replace(was, now, 1).replace(', "全年执行数", "执行数（B）", "执行数"]', "]"), "utf-8"
    )
    with pytest.raises(DataError) as caught:
        read_layout(own)
    assert zh in caught.value.sentence("zh") and en in caught.value.sentence("en")


def test_the_exchange_table_leaves_blank_what_nobody_knows():
    layout = layouts()["pay_perf_monitor_info"]
    ends = {"executed": 500_000.0, "value": 800_000.0, "p_failing": 0.25, "likelihood": "有可能"}
    known = project_values(PROJECT, funds=NONE, evaluation={}, ends=ends, month=10)
    table = exchange_table(
        layout,
        [
            (known, [indicator_values(LINES[0])]),
            (project_values(PROJECT, funds=NONE, evaluation={}, ends={}, month=10), []),
        ],
    )
    columns = [
        "pro_bgt_comp",
        "est_pro_bgt_annual",
        "complete_rate",
        "ana_dev_reasons",
        "kpi_val",
        "is_deleted",
    ]
    assert table[columns].iloc[0].tolist() == [500_000, 800_000, 0.75, "", "≥50公里", "2"]
    assert table[columns[:4]].iloc[1].tolist() == ["", "", "", ""]
