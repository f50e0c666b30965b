import shutil
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.data.proposal import HEAD_ROW, RECORD, SHEET, as_text, fingerprint, read_proposal
from perflib.run.command import main
from perflib.show.proposal import COLUMNS, proposal_xlsx

FIRST = HEAD_ROW + 2  # number of the first row of data, as a spreadsheet counts


def make_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "district": "330199",
            "year": 2023,
            "project": ["P1", "P2", "P3", "P4"],
            "name": ["道路养护", "=SUM(A1)", "鄠邑 街道", "幼儿园建设"],
            "department": ["区城市管理局", "区教育局", None, "区教育局"],
            "adjusted_budget": [1000.1, 2500.0, 0.0, 800_000.55],
            "kind": ["自评", "抽评", None, "自评"],
            "score": [95.3, 71.25, None, 55.0],
            "grade": ["优", "中", None, "差"],
            "consequence": ["priority", "compress", None, "cancel"],
            "take_back": [0.0, 12.34, 0.0, 0.0],
            "proposed_cut": [0.0, None, None, 800_000.55],
        }
    )


def cell(column: str, row: int) -> str:
    return f"{chr(65 + COLUMNS.index(column))}{FIRST + row}"


@pytest.fixture(params=["zh", "en"])
def lang(request) -> str:
    return request.param


@pytest.fixture
def written(tmp_path, lang):
    return write_proposal(tmp_path / "proposal.xlsx", make_frame(), lang)


def write_proposal(path, frame, lang):
    path.write_bytes(proposal_xlsx(frame, lang))
    return path


def edit(path, changes: dict, sheet=None) -> None:
    book = openpyxl.load_workbook(path)
    own = book[sheet or book.sheetnames[0]]
    for at, value in changes.items():
        own[at] = value
    book.save(path)


def test_what_was_not_touched_has_no_change(written):
    assert read_proposal(written).empty


def test_same_frame_same_bytes_and_it_is_written_whole(lang):
    assert proposal_xlsx(make_frame(), lang) == proposal_xlsx(make_frame(), lang)


def test_every_change_is_traced(written, lang):
    word = {"zh": "压减", "en": "Reduce"}[lang]
    edit(
        written, {cell("decision", 0): word, cell("decided_cut", 0): 100.1, cell("decision_note", 2): "续建"}
    )
    got = read_proposal(written)[["cell", "project", "column", "was", "now"]].to_records(index=False).tolist()
    assert got == [
        (cell("decided_cut", 0), "P1", "decided_cut", "0.00", "100.10"),
        (cell("decision", 0), "P1", "decision", "priority", "compress"),
        (cell("decision_note", 2), "P3", "decision_note", "", "续建"),
    ]


def test_an_emptied_cell_is_a_change(written):
    edit(written, {cell("decided_cut", 3): None})
    assert read_proposal(written)[["was", "now"]].values.tolist() == [["800000.55", ""]]


def test_sorted_rows_are_the_same_rows(written):
    book = openpyxl.load_workbook(written)
    sheet = book.worksheets[0]
    rows = [[c.value for c in sheet[FIRST + i]] for i in range(4)]
    for at, row in enumerate(reversed(rows)):
        for col, value in enumerate(row, start=1):
            sheet.cell(FIRST + at, col).value = value
            if isinstance(value, str):  # a name that begins with "=" stays a name
                sheet.cell(FIRST + at, col).data_type = "s"
    sheet[cell("decided_cut", 0)] = 1.0
    book.save(written)
    assert read_proposal(written)[["cell", "project"]].values.tolist() == [[cell("decided_cut", 0), "P4"]]


@pytest.mark.parametrize(
    ("column", "row", "value", "words"),
    [
        ("decided_cut", 0, "一百元", "must be a number"),
        ("decided_cut", 0, "100", "must be a number"),
        ("decided_take_back", 1, -5, "below 0"),
        ("decided_cut", 1, 2500.01, "larger than the budget of 2500.00"),
        ("decided_cut", 2, 1, "larger than the budget of 0.00"),
        ("decision", 1, "随便", "choose a decision"),
        ("adjusted_budget", 1, 9999, "not to be changed"),
        ("score", 0, 99, "not to be changed"),
        ("name", 0, "改名", "not to be changed"),
        ("project", 0, "P9", "was not in the table"),
        ("project", 0, "P2", "stands there twice"),
        ("project", 3, None, "was not in the table"),
    ],
)
def test_a_broken_cell_is_refused_by_name(written, column, row, value, words):
    edit(written, {cell(column, row): value})
    with pytest.raises(DataError, match=words) as refused:
        read_proposal(written)
    at = refused.value.fields["cell"]
    assert at in (cell(column, row), cell(column, 1))  # of two equal keys the later row is named


def test_the_budget_itself_may_be_cut(written):
    edit(written, {cell("decided_cut", 1): 2500.0})
    assert read_proposal(written)["now"].tolist() == ["2500.00"]


def test_rows_and_columns_must_all_be_there(written):
    whole = written.read_bytes()
    book = openpyxl.load_workbook(written)
    book.worksheets[0].delete_rows(FIRST + 1)
    book.save(written)
    with pytest.raises(DataError, match="1 rows are missing"):
        read_proposal(written)
    written.write_bytes(whole)
    book = openpyxl.load_workbook(written)
    book.worksheets[0].delete_cols(5)
    book.save(written)
    with pytest.raises(DataError, match="cell E3: the head should be"):
        read_proposal(written)


def test_what_stands_beside_the_table_is_not_lost(written):
    edit(written, {f"{chr(65 + len(COLUMNS))}{FIRST}": "另议"})
    with pytest.raises(DataError, match="outside the table"):
        read_proposal(written)


def test_without_its_record_or_with_another_one_it_is_refused(written, tmp_path):
    whole = written.read_bytes()
    edit(written, {"A3": '["330199"]'}, sheet=RECORD)
    with pytest.raises(DataError, match="was altered"):
        read_proposal(written)
    written.write_bytes(whole)
    book = openpyxl.load_workbook(written)
    del book[RECORD]
    book.save(written)
    with pytest.raises(DataError, match="hidden sheet"):
        read_proposal(written)
    with pytest.raises(DataError, match="no file"):
        read_proposal(tmp_path / "none.xlsx")
    (tmp_path / "x.xlsx").write_text("text")
    with pytest.raises(DataError, match="no readable workbook"):
        read_proposal(tmp_path / "x.xlsx")


def test_keys_are_locked_and_decisions_open(written, lang):
    sheet = openpyxl.load_workbook(written)[SHEET[lang]]
    assert sheet.protection.sheet
    assert sheet[cell("project", 0)].protection.locked
    assert not sheet[cell("decided_cut", 0)].protection.locked
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert len(lists) == 1
    assert openpyxl.load_workbook(written)[RECORD].sheet_state == "hidden"
    assert b"<f>" not in zipfile.ZipFile(written).read("xl/worksheets/sheet1.xml")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not on this machine")
def test_through_libreoffice_and_back_every_change_is_traced(tmp_path):
    path = write_proposal(tmp_path / "p.xlsx", make_frame(), "zh")
    edit(path, {cell("decision", 1): "取消", cell("decided_cut", 1): 2500})
    for kind in ("ods", "xlsx"):
        _convert(path, kind, tmp_path / kind)
        path = tmp_path / kind / f"p.{kind}"
        got = read_proposal(path)
        assert got[["cell", "column", "was", "now"]].values.tolist() == [
            [cell("decided_cut", 1), "decided_cut", "", "2500.00"],
            [cell("decision", 1), "decision", "compress", "cancel"],
        ]
    edit(path, {cell("decided_cut", 1): 2501})
    with pytest.raises(DataError, match=f"cell {cell('decided_cut', 1)}: a cut of 2501.00"):
        read_proposal(path)


def _convert(path, kind, folder) -> None:
    profile = f"-env:UserInstallation=file://{folder}-profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def test_the_command_prints_the_changes_and_refuses_with_code_3(tmp_path, capsys):
    path = write_proposal(tmp_path / "p.xlsx", make_frame(), "zh")
    with pytest.raises(SystemExit) as left:
        main(["proposal", str(path), "--lang", "zh"])
    assert left.value.code == 0
    assert "没有改动" in capsys.readouterr().out
    edit(path, {cell("decided_cut", 1): 300})
    with pytest.raises(SystemExit):
        main(["proposal", str(path), "--lang", "en"])
    assert (
        f"{cell('decided_cut', 1)}  P2  =SUM(A1)  Cut decided: (empty) -> 300.00" in capsys.readouterr().out
    )
    edit(path, {cell("decided_cut", 1): "三百"})
    with pytest.raises(SystemExit) as left:
        main(["proposal", str(path), "--lang", "zh"])
    assert left.value.code == 3
    assert f"单元格 {cell('decided_cut', 1)}：应填数字金额" in capsys.readouterr().err


def test_one_form_of_a_value():
    assert [as_text(v) for v in (0.1 + 0.2, -0.0, float("nan"), " 甲  乙 ")] == ["0.30", "0.00", "", "甲 乙"]
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])
