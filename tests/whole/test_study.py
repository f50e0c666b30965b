"""A comparison study of two made-up sources: every format, traced, in rates, the same each time."""

import json
import re
import shutil

import pytest

from tests.pdf import page_texts
from tests.whole.conftest import made_in
from tests.whole.test_report import CHINESE, ENGLISH, all_text, check_trails, digests

FORMATS = (*(f"{v}.{e}" for v in ("report", "annex") for e in ("html", "pdf", "docx")), "report.xlsx")
TITLES = {"zh": "区县预算执行横向比较研究", "en": "District comparison study"}
NO_ANNUAL = {"zh": "不是某一区县的年度报告", "en": "not a district"}


@pytest.mark.parametrize("options", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_study_has_every_format_and_says_what_it_is(make_study, options):
    folder, lang = make_study(*options), options[1]
    text = all_text(folder)
    for name in FORMATS:
        assert TITLES[lang] in text[name].replace("\n", "")
        assert NO_ANNUAL[lang] in text[name].replace("\n", "")
        assert {"zh": "示例数据", "en": "Sample data"}[lang] in text[name]
    pages = [page_texts(folder / f"{volume}.pdf") for volume in ("report", "annex")]
    mark = {"zh": "示例数据", "en": "Sample data"}[lang]
    assert all(mark in page for volume in pages for page in volume)
    assert len(pages[0]) <= 5


def test_facts_carry_their_trail_and_the_tables_their_hashes(make_study):
    folder = make_study(*CHINESE)
    content = json.loads((folder / "facts.json").read_text("utf-8"))
    places = [
        content["facts"][f"78_comparison_scope/story.{source}.both"]["value"] for source in ("本地", "海外")
    ]
    assert places == [3, 5]  # districts that both years have
    check_trails(folder, content)


def test_each_source_has_its_own_comparison_in_its_own_currency(make_study):
    content = json.loads((make_study(*CHINESE) / "facts.json").read_text("utf-8"))
    owners = {}
    for id, fact in content["facts"].items():
        owners.setdefault(id.partition("/")[0], set()).add(fact["currency"])
    assert owners["80_district_comparison-1"] == {"CNY"}
    assert owners["80_district_comparison-2"] == {"EUR"}
    assert {"85_trends_and_reform-1", "85_trends_and_reform-2"} <= set(owners)
    assert not [
        f["id"] for f in content["facts"].values() if f["id"].startswith("78_") and f["unit"] == "money"
    ]


def test_nothing_raw_reaches_the_reader(make_study):
    for options in (CHINESE, ENGLISH):
        words = all_text(make_study(*options))["report.pdf"].replace("\u200b", "")
        assert re.findall(r"\b(?:[a-z]+_[a-z_]+|nan|NaN|NaT|None(?! of))\b|<NA>", words) == []


def test_a_second_run_makes_the_study_alone_and_gives_the_same_bytes(make_study, run_study, tmp_path):
    root = shutil.copytree(make_study(*CHINESE).parent, tmp_path / "again")
    (made_in(root) / "report.html").unlink()
    run_study(root, *CHINESE)
    assert digests(made_in(root)) == digests(make_study(*CHINESE))
    summary = json.loads((made_in(root) / "summary.json").read_text("utf-8"))
    assert summary["counts"] == {"unchanged": 5, "done": 1}
