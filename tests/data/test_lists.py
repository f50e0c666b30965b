"""Lists that go out and come back, with what people do to them on the way."""

import openpyxl
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.data.lists import RECORD, list_specs, read_list
from perflib.show.outgoing import list_bytes

ROWS = pd.DataFrame({
    "finding": ["F1", "F2"], "project_name": ["道路养护", "幼儿园建设"], "type": ["资金闲置", "目标不实"], "amount": [350_000.0, 12_345.67],
    "found_on": pd.to_datetime(["2023-03-01", "2023-04-01"]), "due_on": pd.to_datetime(["2023-09-30", None]),
    "status": ["open", None], "closed_on": pd.NaT, "recovered": None, "reply": None,
})  # fmt: skip


@pytest.fixture
def returned(tmp_path):
    """returned(edit, …): a rectification list after `edit(sheet)`, read back."""

    def make(edit=lambda sheet: None, lang="zh", record=None):
        path = tmp_path / "收回.xlsx"
        path.write_bytes(
            list_bytes("rectification", ROWS, lang, district="330102", year=2023, department="交通局")
        )
        book = openpyxl.load_workbook(path)
        edit(book.worksheets[0])
        if record:
            record(book)
        book.save(path)
        return read_list(path)

    return make


def at(sheet, head: str, row: int):
    column = next(c.column for c in sheet[4] if c.value == head)
    return sheet.cell(4 + row, column)


def put(head: str, row: int, value):
    def edit(sheet):
        at(sheet, head, row).value = value

    return edit


def test_untouched_it_has_no_answer_and_no_fault(returned):
    found = returned()
    assert found.answers.empty and not found.faults and found.spec.name == "rectification"


@pytest.mark.parametrize(
    ("head", "typed", "column", "value"),
    [
        ("整改状态", "已整改", "status", "closed"),
        ("整改状态", "整 改 中", "status", "in_progress"),
        ("收回金额（万元）", "３５", "recovered", 35.0),
        ("收回金额（万元）", "3500元", "recovered", 0.35),
        ("收回金额（万元）", "1.5万元", "recovered", 1.5),
        ("销号日期", "2023年8月31日", "closed_on", "2023-08-31"),
        ("整改措施及结果", "已 盘活", "reply", "已 盘活"),
    ],
)
def test_answers_are_read_as_people_write_them(returned, head, typed, column, value):
    found = returned(put(head, 1, typed))
    assert not found.faults
    assert found.answers[["row", "column", "is"]].values.tolist() == [[("F1",), column, value]]


def test_sorted_rows_moved_columns_and_an_inserted_title_do_no_harm(returned):
    def shuffle(sheet):
        put("整改状态", 2, "已整改")(sheet)
        rows = [[c.value for c in sheet[r]] for r in (5, 6)]
        for r, cells in zip((5, 6), rows[::-1], strict=True):
            for c, value in enumerate(cells, 1):
                sheet.cell(r, c).value = value
        sheet.column_dimensions["C"].hidden = True
        sheet.insert_rows(1)

    found = returned(shuffle)
    assert (
        not found.faults
        and found.answers["row"].tolist() == [("F2",)]
        and found.answers["cell"].tolist() == ["G6"]
    )


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (put("涉及金额（万元）", 1, 99), "locked"),
        (put("整改状态", 1, "差不多了"), "no_choice"),
        (put("收回金额（万元）", 1, "约三十"), "no_number"),
        (put("收回金额（万元）", 1, 350_000), "magnitude"),
        (put("收回金额（万元）", 1, 36), "out_of_range"),
        (put("收回金额（万元）", 1, -1), "out_of_range"),
        (put("销号日期", 1, "年底前"), "no_date"),
        (put("整改状态", 0, "状态"), "no_column"),
        (lambda sheet: sheet.delete_rows(5), "row_missing"),
        (lambda sheet: [sheet.cell(7, c.column, c.value) for c in sheet[5]], "row_twice"),
        (lambda sheet: [sheet.cell(7, c, "新行") for c in (1, 2)], "unknown_row"),
        (lambda sheet: sheet.delete_rows(4), "no_heads"),
    ],
)
def test_what_was_broken_is_a_fault_with_its_cell(returned, edit, kind):
    found = returned(edit)
    assert (
        [f["kind"] for f in found.faults] == [kind]
        and found.faults[0]["cell"]
        and found.faults[0]["file"] == "收回.xlsx"
    )


def test_all_faults_are_told_at_once(returned):
    found = returned(
        lambda sheet: (
            put("整改状态", 1, "?")(sheet),
            put("销号日期", 2, "?")(sheet),
            put("涉及金额（万元）", 2, 1)(sheet),
        )
    )
    assert sorted(f["kind"] for f in found.faults) == ["locked", "no_choice", "no_date"]


def test_a_workbook_without_the_record_is_no_list_and_an_altered_one_is_refused(returned):
    assert returned(record=lambda book: book.remove(book[RECORD])) is None

    def alter(book):
        book[RECORD]["A3"] = "[]"

    with pytest.raises(DataError) as caught:
        returned(record=alter)
    assert "被改动过" in caught.value.sentence("zh") and "was altered" in caught.value.sentence("en")


def test_the_same_rows_are_the_same_bytes_in_one_language_with_keys_hidden():
    made = [
        list_bytes("rectification", ROWS, lang, district="330102", year=2023) for lang in ("zh", "zh", "en")
    ]
    assert made[0] == made[1] != made[2]
    assert {c.head("en", "CNY") for c in list_specs()["rectification"].fill} >= {"Recovered (CNY thousand)"}


def test_money_of_another_currency_stands_in_its_main_unit(tmp_path):
    path = tmp_path / "back.xlsx"
    path.write_bytes(list_bytes("rectification", ROWS, "en", district="208", year=2023, currency="EUR"))
    book = openpyxl.load_workbook(path)
    assert "money is in EUR" in str(book.worksheets[0]["B2"].value)
    at(book.worksheets[0], "Recovered (EUR)", 1).value = 3500
    book.save(path)
    answer = read_list(path).answers.iloc[0]
    assert (answer["column"], answer["is"]) == ("recovered", 3500)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("purpose", list_specs())
def test_every_list_reads_back_untouched_and_fits_across_a4(purpose, lang, tmp_path):
    spec = list_specs()[purpose]
    words = {"text": "很长的一个名称" * 9, "amount": 123_456_789.0, "share": 0.5, "score": 88.0}
    rows = pd.DataFrame(
        {c.name: ["1", "2"] if c.kind == "code" else [words.get(c.kind)] * 2 for c in spec.columns}
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(list_bytes(purpose, rows, lang, district="330102", year=2023))
    found = read_list(path)
    assert not found.faults and found.answers.empty and len(found.rows) == 2
    sheet = openpyxl.load_workbook(path).worksheets[0]
    shown = [w.width * (w.max - w.min + 1) for w in sheet.column_dimensions.values() if not w.hidden]
    assert 90 < sum(shown) < 150  # at 128 type of 10 points is printed at full size, at 150 it is 8.5
    assert sheet.page_setup.paperSize == "9" or sheet.page_setup.paperSize == 9
    assert sheet.row_dimensions[5].height >= 30  # what is longer than its column stands on several lines


PROPOSED = pd.DataFrame({
    "project": ["P1", "P2"], "name": ["道路养护", "=SUM(A1)"],
    "adjusted_budget": [1_000_000.0, 500_000.0], "kind": ["自评", "抽评"], "score": [71.25, 95.0], "grade": ["中", "优"],
    "consequence": ["compress", "priority"], "take_back": [0.0, 1234.0], "decision": ["compress", "priority"],
    "decided_cut": [None, 0.0], "decided_take_back": [0.0, 1234.0], "decision_note": None,
})  # fmt: skip


def test_a_reduction_without_an_amount_is_refused(tmp_path):
    path = tmp_path / "建议表.xlsx"
    about = {"district": "330102", "year": 2023, "department": "交通局"}
    path.write_bytes(list_bytes("proposal", PROPOSED, "zh", **about))
    found = read_list(path)
    assert [(f["kind"], f["cell"]) for f in found.faults] == [("needs", "J5")]
    book = openpyxl.load_workbook(path)
    assert book.worksheets[0]["G5"].value == book.worksheets[0]["I5"].value == "压减"
    book.worksheets[0]["J5"] = 20
    book.save(path)
    found = read_list(path)
    assert not found.faults and found.answers["is"].tolist() == [20.0]
    decided = found.decided()
    assert decided.loc["P1", ["decision", "cut"]].tolist() == ["compress", 20.0] and decided[
        "back"
    ].sum() == pytest.approx(0.1234)
