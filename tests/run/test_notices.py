"""Notices to departments: what is open, overdue, closed and found again, and the letter itself."""

import datetime as dt

import docx
import pandas as pd
import pytest

from perflib.data.documents import read_document
from perflib.data.errors import DataError
from perflib.data.lists import read_list
from perflib.run.notices import tracked, write_notices
from tests.notebooks.cells import folder_of, project
from tests.whole.made_ledger import write_ledger


def test_where_findings_stand():
    projects = pd.DataFrame(
        {
            "district": "1",
            "year": [2022, 2023],
            "project": "P1",
            "name": "甲",
            "department": "教育局",
            "class": "specific",
        }
    )
    rows = [
        ("F1", 2022, "资金闲置", "2022-12-31", "2022-11-01"),
        ("F2", 2023, "资金闲置", "2023-06-30", None),
        ("F3", 2023, "目标不实", "2024-03-31", None),
    ]
    found = pd.DataFrame(rows, columns=["finding", "year", "type", "due_on", "closed_on"]).assign(
        district="1", subject_kind="project", subject="P1", source="audit", responsible=None, status=["closed", None, None], amount=1.0, recovered=None,
        severity=None, found_on=pd.NaT,
    ).astype({"due_on": "datetime64[us]", "closed_on": "datetime64[us]"})  # fmt: skip
    table = tracked(found, projects, as_of=dt.date(2023, 12, 31)).set_index("finding")
    assert table["state"].to_dict() == {"F1": "closed", "F2": "overdue", "F3": "open"}
    assert table["is_repeated"].to_dict() == {"F1": False, "F2": True, "F3": False}


def test_a_district_without_findings_is_told_which_have_some(tmp_path):
    found = {"district": "330199", "year": 2023, "finding": "F1", "subject_kind": "project", "subject": "P1",
             "source": "audit", "type": "资金闲置", "found_on": "2023-05-01"}  # fmt: skip
    data = folder_of(tmp_path, projects=[project(), project(district="330198")], findings=[found])
    with pytest.raises(DataError, match=r"no finding on 330198; it has findings on 330199\.$"):
        write_notices(data, "en", tmp_path / "out", district="330198", year=2023)


def test_a_letter_with_a_reply_sheet_and_a_list_that_can_be_read_back(tmp_path):
    data = write_ledger(tmp_path / "台账.xlsx", 12, size=12)
    told, files = write_notices(str(data), "zh", tmp_path / "notices", district="上城区", year=2023)
    folder = tmp_path / "notices"
    assert "已逾期 2 项" in told and files == [folder / "问题整改台账.xlsx"] and files[0].is_file()
    blocks = read_document(folder / "整改通知书-教育局.docx")
    styles = docx.Document(folder / "整改通知书-教育局.docx").styles
    assert {"Compact", "Table"} <= {
        style.style_id for style in styles
    }  # else cells have a letter's indent and spacing
    text, grids = "".join(b.text for b in blocks), [b.grid for b in blocks if b.grid is not None]
    assert "请立即完成整改" in text and "以前年度同类" not in text
    assert "教育局：" in text and "请逐项整改" in text and "F000" not in text
    assert "教育设备购置项目" in grids[0].cells[1] and "责任人签字" in grids[1].cells[0]
    assert not read_list(folder / "问题整改清单-教育局.xlsx").faults
