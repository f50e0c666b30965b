"""How tables and figures share a page of the PDF and of the Word file."""

import io
import json
import re
import struct
import zipfile

import pytest
from PIL import Image

from perflib.data.fonts import family, font_file
from perflib.data.places import shared_folder
from perflib.show.assembly import Report
from perflib.show.document import read_tree
from perflib.show.pdf import MANY_COLUMNS, compiled, report_pdf
from perflib.show.word import card_table as tiles_of
from perflib.show.word import drawn_width, report_docx
from tests.pdf import page_texts

WORDS = {
    "lang": "en", "region": "GB", "document": "d", "author": "a", "title_lines": ["t"], "place": "", "running": "r",
    "marks": "", "fiscal_year": "", "fields": [], "contents": "Contents", "page": "|/|", "kind": "",
}  # fmt: skip


def pages_of(folder, height: int) -> list[str]:
    """The text of each page of a chapter that holds a paragraph and a figure 100 wide and `height` tall."""
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="{height}"><rect width="9" height="9"/></svg>'
    template = (shared_folder("reports/templates") / "report" / "report.typ").read_text("utf-8")
    body = '= Chapter\nbefore\n#figure(drawing("f.svg", "alt"), caption: [the caption])'
    (folder / "f.svg").write_text(drawing, "utf-8")
    (folder / "words.json").write_text(json.dumps({**WORDS, "fonts": [family(font_file())]}), "utf-8")
    (folder / "r.typ").write_text(template + body, "utf-8")
    return page_texts(compiled(folder / "r.typ"))


@pytest.mark.parametrize("height", [60, 150, 900])
def test_a_figure_of_any_height_stays_on_the_first_page_of_its_chapter(tmp_path, height):
    last = pages_of(tmp_path, height)[-1]
    assert "before" in last and "the caption" in last


@pytest.mark.parametrize(("size", "share"), [((160, 90), 100), ((160, 172), 100), ((160, 344), 50)])
def test_word_gives_a_tall_figure_less_than_the_whole_width(tmp_path, size, share):
    file = tmp_path / "f.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR") + struct.pack(">II", *size))
    assert drawn_width(file) == pytest.approx(share)


def word_body(tmp_path, markdown: str, lang: str = "en") -> str:
    """The body of the Word file that a report of `markdown` has."""
    report = Report(lang, "A", 2023, "internal", "", "", "", "", "final", False, ())
    made = report_docx(report, read_tree(markdown, lang, is_numbered=False), tmp_path)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        return parts.read("word/document.xml").decode("utf-8")


def pipes(columns: int) -> str:
    return "\n".join([f"|{cell * columns}" for cell in ("a|", "--:|", "1|")]) + "\n\n: All {#tbl-x}\n\n"


def test_word_sets_a_wide_table_in_smaller_type_with_narrower_cells(tmp_path):
    plain, wide = (
        word_body(tmp_path, pipes(n)).rpartition("<w:tbl>")[2] for n in (MANY_COLUMNS, MANY_COLUMNS + 1)
    )
    assert set(re.findall(r'pStyle w:val="(\w+)"', plain)) == {"TableText"} and "tblCellMar" not in plain
    assert set(re.findall(r'pStyle w:val="(\w+)"', wide)) == {"WideTableText"}
    assert wide.index("<w:tblCellMar>") < wide.index("<w:tblLook")
    assert plain.count("<w:keepNext") == MANY_COLUMNS and wide.count("<w:keepNext") == MANY_COLUMNS + 1


def test_word_keeps_a_text_that_follows_a_table_at_a_distance(tmp_path):
    body = word_body(tmp_path, pipes(2) + "Said.\n\nSaid again.\n")
    assert body.count('w:val="AfterTable"') == 1


@pytest.mark.parametrize(("lang", "lead", "gap"), [("zh", "表\u00a0", "\u3000"), ("en", "Table\u00a0", ". ")])
def test_a_caption_in_word_has_its_number_its_mark_and_its_bookmark(tmp_path, lang, lead, gap):
    body = word_body(tmp_path, pipes(2) * 2, lang)
    captions = re.findall(r'"TableCaption" ?/>.*?</w:p>', body, re.DOTALL)
    texts = ["".join(re.findall(r">([^<>]+)</w:t>", caption)) for caption in captions]
    assert texts == [f"{lead}{n}{gap}All" for n in (1, 2)] and body.count("SEQ Table") == 2
    assert 'w:name="tbl-x"' in body


@pytest.mark.parametrize(("tiles", "cells"), [(2, 2), (3, 3), (4, 4), (5, 6), (6, 6)])
def test_tiles_of_a_word_file_leave_no_row_half_empty(tiles, cells):
    assert tiles_of([{"value": str(n)} for n in range(tiles)]).count("<w:tc>") == cells


def test_questions_without_a_figure_share_a_page_in_word():
    pages = {"figure": "![c](f.png)\n", "table": pipes(2), "text": "Said.\n"}
    asked = ("figure", "table", "table", "text", "figure", "text")
    markdown = "\n".join(
        f"::: kicker\nQ\n:::\n\n# H {{#h{n}}}\n\n{pages[kind]}" for n, kind in enumerate(asked)
    )
    tree = read_tree(markdown, "en", is_numbered=False)
    assert ["short" in block["c"][0][1] for block in tree["blocks"]] == [
        False,
        False,
        True,
        True,
        False,
        True,
    ]


def test_what_is_copied_from_the_pdf_is_the_word_itself(tmp_path):
    (tmp_path / "figures").mkdir()
    report = Report("zh", "A", 2023, "internal", "", "", "", "", "final", False, ())
    hashed, unit = "6339a3c5922156641f8606b698211904" * 2, "项目执行率变化（百分点）"
    table = f"| 校验值 | {unit} |\n|---|---:|\n| {hashed} | 1 |\n\n: 各区县数据来源的定义、币种、预算年度与规模 {{#tbl-x}}\n"
    made = report_pdf(report, read_tree(table, "zh", is_numbered=False), tmp_path)
    text = "".join(page_texts(made))
    assert "\u200b" not in text
    assert hashed in re.sub(r"\s", "", text)


@pytest.mark.parametrize(("height", "shares"), [(40, True), (150, False)])
def test_a_question_of_a_word_file_shares_a_page_that_it_would_leave_half_empty(tmp_path, height, shares):
    Image.new("L", (160, height)).save(tmp_path / "f.png")
    asked = "\n".join(f"::: kicker\nQ{n}\n:::\n\n# H {{#h{n}}}\n\n![c](f.png)\n" for n in range(2))
    styles = re.findall(r'w:val="(Kicker\w*)"', word_body(tmp_path, asked))
    assert styles == ["Kicker", "KickerShort" if shares else "Kicker"]
