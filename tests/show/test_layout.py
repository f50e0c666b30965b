"""How tables and figures share a page of the PDF and of the Word file."""

import io
import json
import re
import struct

import pytest
from pypdf import PdfReader

from perflib.data.fonts import family, font_file
from perflib.data.places import shared_folder
from perflib.show.pdf import MANY_COLUMNS, compiled
from perflib.show.word import card_table as tiles_of
from perflib.show.word import drawn_width, mended_body

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
    return [page.extract_text() for page in PdfReader(io.BytesIO(compiled(folder / "r.typ"))).pages]


@pytest.mark.parametrize("height", [60, 150, 900])
def test_a_figure_of_any_height_stays_on_the_first_page_of_its_chapter(tmp_path, height):
    last = pages_of(tmp_path, height)[-1]
    assert "before" in last and "the caption" in last


@pytest.mark.parametrize(("size", "share"), [((160, 90), 100), ((160, 172), 100), ((160, 344), 50)])
def test_word_gives_a_tall_figure_less_than_the_whole_width(tmp_path, size, share):
    file = tmp_path / "f.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR") + struct.pack(">II", *size))
    assert drawn_width(file) == pytest.approx(share)


def table(columns: int) -> str:
    cells = '<w:tc><w:p><w:pPr><w:pStyle w:val="Compact" /></w:pPr></w:p></w:tc>' * columns
    grid = "<w:tblGrid>" + '<w:gridCol w:w="9" />' * columns + "</w:tblGrid>"
    return f"<w:tbl><w:tblPr><w:tblLook /></w:tblPr>{grid}<w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>"


def test_word_sets_a_wide_table_in_smaller_type_with_narrower_cells():
    plain, wide = (mended_body(table(n), "en") for n in (MANY_COLUMNS, MANY_COLUMNS + 1))
    assert set(re.findall(r'pStyle w:val="(\w+)"', plain)) == {"TableText"} and "tblCellMar" not in plain
    assert set(re.findall(r'pStyle w:val="(\w+)"', wide)) == {"WideTableText"}
    assert wide.index("<w:tblCellMar>") < wide.index("<w:tblLook")
    assert plain.count("<w:keepNext/>") == MANY_COLUMNS and wide.count("<w:keepNext/>") == MANY_COLUMNS + 1


@pytest.mark.parametrize("between", ["", '\n<w:bookmarkEnd w:id="1" />\n<w:bookmarkEnd w:id="2" />\n'])
def test_word_keeps_what_follows_a_table_at_a_distance(between):
    after = '<w:p><w:pPr><w:pStyle w:val="BodyText" /></w:pPr></w:p>'
    body = mended_body(table(2) + between + after + after, "en")
    assert body.count('<w:spacing w:before="200"/>') == 1


@pytest.mark.parametrize(("tiles", "cells"), [(2, 2), (3, 3), (4, 4), (5, 6), (6, 6)])
def test_tiles_of_a_word_file_leave_no_row_half_empty(tiles, cells):
    assert tiles_of([{"value": str(n)} for n in range(tiles)]).count("<w:tc>") == cells
