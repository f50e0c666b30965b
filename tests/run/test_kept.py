"""`diff` and `proof` on folders of reports, with Word files as people edit them."""

import docx
import pytest

from perflib.data.errors import ArgumentError, DataError
from perflib.run.kept import diff_reports, proof_draft, report_of
from perflib.show.facts import facts_json
from tests.show.test_proof import FACTS, fact


@pytest.fixture
def reports(tmp_path):
    for name, rate, last in (("上城区-2022", 0.911, "8"), ("上城区-2023", 0.9534, "9")):
        folder = tmp_path / "reports" / name / "tables"
        folder.mkdir(parents=True)
        facts = {**FACTS, "40.rate": fact("40.rate", rate, "share", "预算执行率")}
        (folder.parent / "facts.json").write_text(facts_json(facts, {}), "utf-8")
        (folder / "40-list.csv").write_text(f"项目,执行数\n甲,{last}\n", "utf-8-sig")
    return tmp_path / "reports"


def draft(path, *paragraphs, cells=()):
    text = docx.Document()
    for words in paragraphs:
        text.add_paragraph(words)
    if cells:
        table = text.add_table(1, len(cells))
        for at, words in enumerate(cells):
            table.cell(0, at).text = words
    text.save(path)
    return path


def test_each_wrong_number_is_named_with_its_place(reports, tmp_path):
    path = draft(tmp_path / "总结.docx", "2023年执行率91.1%。", "共961个项目。", cells=("平均得分", "99.9"))
    told, files, wrong = proof_draft(path, reports, "zh", tmp_path / "proof.xlsx")
    assert wrong == 2 and [f.suffix for f in files] == [".html", ".xlsx"] and all(f.is_file() for f in files)
    assert "第 1 段：“91.1%”已过时（上城区-2022 如此），“预算执行率”现为 95.3%。" in told
    assert "表 1（行, 列 1, 2）：“99.9”找不到依据" in told and "961" not in told
    assert "stale (true of 上城区-2022)" in proof_draft(path, reports, "en", tmp_path / "proof.xlsx")[0]


def test_no_number_is_a_failure(reports, tmp_path):
    path = draft(tmp_path / "空.docx", "2023年，各项工作有序推进。")
    with pytest.raises(DataError, match="No number was read"):
        proof_draft(path, reports, "zh", tmp_path / "p.xlsx")


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "设有打开密码",
            "protected with a password",
        ),
        (b"\xd0\xcf\x11\xe0" + b"Word.Document.8", "旧版 Word", "old Word file"),
        (b"PK\x03\x04broken", "已损坏", "is damaged"),
        (b"\x00\x01", "已损坏", "is damaged"),
    ],
)
def test_a_locked_old_or_damaged_word_file_is_a_message(reports, tmp_path, content, zh, en):
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(DataError) as caught:
        proof_draft(tmp_path / "a.docx", reports, "zh", tmp_path / "p.xlsx")
    assert zh in caught.value.sentence("zh") and en in caught.value.sentence("en")


def test_two_reports_are_held_against_each_other(reports, tmp_path):
    told, files = diff_reports(reports / "上城区-2022", reports / "上城区-2023", "zh", tmp_path / "diff.xlsx")
    assert "变动 1 个数字，新增 0 个，不再出现 0 个；表格中有 1 处不同" in told
    page = files[0].read_text("utf-8")
    assert "91.1%" in page and "95.3%" in page and "甲" in page
    assert (
        "is the same"
        in diff_reports(reports / "上城区-2023", reports / "上城区-2023", "en", tmp_path / "d.xlsx")[0]
    )


def test_a_folder_without_a_report_is_a_message(tmp_path):
    with pytest.raises(ArgumentError, match="There is no report"):
        report_of(tmp_path)
