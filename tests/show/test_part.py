"""Chapters read back: their order, and a name that is not their page's."""

import json

import pytest

from perflib.show.assembly import Report, report_markdown
from perflib.show.document import nodes, plain, read_tree
from perflib.show.part import read_parts

PAGE = """# 标题

![图](figures/a.png){#fig-40-rates-a alt="b"}

| a |
|---|
| b |

: 表 {#tbl-40-rates-c}
"""


@pytest.fixture
def chapter(tmp_path):
    def write(name: str, folder: str):
        place = tmp_path / folder
        place.mkdir()
        manifest = {"name": name, "title": name, "lang": "zh", "is_missing": False}
        (place / "chapter.json").write_text(json.dumps(manifest))
        (place / "page.md").write_text(PAGE)
        (place / "facts.json").write_text('{"facts": {}}')
        return place

    return write


def test_a_chapter_takes_another_name_its_place_and_anchors_of_its_own(chapter):
    suite, own, data = chapter("40_rates", "one"), chapter("40_rates", "two"), chapter("10_data", "three")
    parts = read_parts([data, own, suite], names={str(own): "35_mine"})
    assert [part.name for part in parts] == ["35_mine", "40_rates", "10_data"]
    assert "{#fig-35-mine-a " in parts[0].page and "{#tbl-35-mine-c}" in parts[0].page
    assert "40-rates" not in parts[0].page and parts[1].page == PAGE


def test_every_caption_of_a_source_ends_with_what_is_declared_of_it(chapter):
    one, two = chapter("80_comparison", "one"), chapter("85_trends", "two")
    said = {str(one): ("A", ' (currency: EUR; data: "a_b" <c>)')}
    report = Report("en", "", 2022, "internal", "", "", "", "", "draft", False, read_parts([one, two], said))
    for part in report.parts:
        part.manifest.update(base=None, headline="")
    blocks = read_tree(report_markdown(Report(**{**vars(report), "kind": "annex"})), "en")["blocks"]
    captions = [plain(b["c"][1][1]) for b in nodes(blocks) if b["t"] in ("Figure", "Table")]
    assert captions[:4] == [f'{c} (currency: EUR; data: "a_b" <c>)' for c in "图表"] + ["图", "表"]
