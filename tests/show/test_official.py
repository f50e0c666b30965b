"""The official text as a Word file, and the bureau's own words in it."""

import io
import zipfile

import pandas as pd
from docx import Document

from perflib.show.official import bureau_words, official_docx

TEXT = "### 一、工作\n\n#### （一）制度\n\n正文3项。\n\n〔待补充：下年安排〕"


def items(**columns) -> pd.DataFrame:
    row = {"year": 2023, "item": "1", "stage": "general", "kind": "rule", "title": "<b>办法</b>", "title_en": None,
           "document": None, "date": "2023-01-01", "is_first": False, "done_on": None, "text": "印发《[办法]》",
           "text_en": None}  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def test_the_word_file_is_the_same_bytes_in_official_styles():
    options = {"title": "总结", "lang": "zh", "author": "示例区", "mark": "示例数据，非真实数据"}
    made = official_docx(TEXT, **options)
    assert made == official_docx(TEXT, **options)
    held = zipfile.ZipFile(io.BytesIO(made))
    styles = held.read("word/styles.xml").decode()
    assert all(name in styles for name in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"))
    assert 'w:line="560" w:lineRule="exact"' in styles
    assert "示例数据，非真实数据" in held.read("word/header1.xml").decode()
    document = held.read("word/document.xml").decode()
    assert "titlePg" not in document  # the mark stands on the first page too
    assert "NUMPAGES" not in held.read("word/footer1.xml").decode()
    assert [p.style.name for p in Document(io.BytesIO(made)).paragraphs[1:3]] == ["Heading 1", "Heading 2"]
    assert document.count('w:val="Typed"') == 1  # what is to be added stands out


def test_the_bureaus_words_stay_what_they_are_and_are_closed_with_a_stop():
    told = bureau_words(items(), year=2023, lang="zh")
    text = official_docx(
        f"### 一、工作\n\n{told['general'][0]}{told['rules'][0]}", title="t", lang="zh", author="a"
    )
    assert Document(io.BytesIO(text)).paragraphs[2].text == "印发《[办法]》。《<b>办法</b>》"


def test_plans_are_done_open_or_coming():
    rows = pd.concat([
        items(kind="plan", title="甲", done_on="2023-05-01"), items(kind="plan", title="乙"),
        items(kind="plan", title="丙", text="丙要细化。", year=2024),
    ])  # fmt: skip
    told = bureau_words(rows, year=2023, lang="zh")
    assert (told["plan_done"], told["plan_open"], told["coming"]) == (["甲"], ["乙"], ["丙要细化"])
