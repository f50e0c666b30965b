import json
import re

import pandas as pd
import pytest

from perflib.data.errors import PerflibError
from perflib.show.chapter import missing_chapter


def test_a_block_prints_its_facts_and_escapes_names(chapter):
    said = chapter().headline().data
    assert said == "鄠邑\\<script\\>区2022年执行率为90.1%，与上年相差5.2个百分点。"


def test_a_phrase_is_plain_text(chapter):
    assert chapter("en").phrase("title_rates") == "33.3% of projects spent all of it"
    assert chapter("en").phrase("nothing") is None


def test_a_unit_said_once_is_left_out_of_the_other_number(chapter):
    page = "# x\n{% block headline %}{{ f.gap.bare }} to {{ f.gap }}{% endblock %}"
    assert chapter("en", page=page).headline().data == "−5.2 to −5.2 percentage points"


def test_an_unknown_fact_is_an_error(chapter):
    with pytest.raises(Exception, match="no_such"):
        chapter(page="# x\n{% block headline %}{{ f.no_such }}{% endblock %}").headline()


def test_a_number_in_a_template_is_refused(chapter):
    with pytest.raises(PerflibError, match="holds numbers of its own: 三个"):
        chapter(page="# x\n{% block headline %}有三个项目{{ f.rate }}{% endblock %}")


def test_a_raw_column_is_refused(chapter):
    with pytest.raises(PerflibError, match="Column `dept`"):
        chapter().add_table("t", pd.DataFrame({"dept": ["a"]}))


def test_a_notebook_table_is_the_same_each_time(full_chapter):
    c = full_chapter()
    html = c.table("departments").to_html()
    assert html == c.table("departments").to_html()
    assert "adjusted_budget" not in html and "全年预算数（万元）" in html
    assert "<script>" not in html and "10,000.00" in html


def test_what_is_written_is_whole_and_the_same_twice(written):
    first, second = written(output="a"), written(output="b")
    files = {
        f.relative_to(first[0].parent): f.read_bytes() for d in first for f in d.rglob("*") if f.is_file()
    }
    again = {
        f.relative_to(second[0].parent): f.read_bytes() for d in second for f in d.rglob("*") if f.is_file()
    }
    assert files == again
    names = {p.as_posix() for p in files if p.parts[0] == "40_made_up"}
    kept = (
        "page.md",
        "facts.json",
        "chapter.json",
        "tables/departments.csv",
        "figures/rates.png",
        "figures/rates.svg",
    )
    assert names == {f"40_made_up/{n}" for n in kept}


def test_nothing_is_written_without_an_output(full_chapter, tmp_path):
    full_chapter().write("")
    assert not (tmp_path / "chapters").exists()


def test_a_failed_write_leaves_the_old_chapter(full_chapter, tmp_path, monkeypatch):
    full_chapter().write(tmp_path)
    page = tmp_path / "chapters" / "40_made_up" / "page.md"
    before = page.read_bytes()
    broken = full_chapter()
    monkeypatch.setattr(broken, "page", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        broken.write(tmp_path)
    assert page.read_bytes() == before
    assert [p.name for p in (tmp_path / "chapters").iterdir()] == ["40_made_up"]


def test_a_table_traces_to_its_csv(written):
    folder = written()[0]
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    assert re.fullmatch("[0-9a-f]{64}", facts["tables"]["tables/departments.csv"])
    csv = (folder / "tables" / "departments.csv").read_text("utf-8-sig")
    assert csv.splitlines()[0] == "主管部门,项目数,全年预算数（元）,全年执行数（元）,执行率,不适用原因"
    assert "'=SUM(A1),40,5000000.00,5000000.00,1," in csv


def test_the_public_edition_blanks_small_cells(full_chapter, tmp_path):
    full_chapter(edition="public").write(tmp_path)
    csv = (tmp_path / "chapters/40_made_up/tables/departments.csv").read_text("utf-8-sig").splitlines()
    assert csv[3].endswith("</script>,,,,,") and csv[6].startswith("教育局,,,,")


def test_a_chapter_may_be_missing_for_another_reason(tmp_path):
    said = missing_chapter("40_made_up", [], district="a", district_name="a", year=2022, lang="en", output=tmp_path,
                           line="Only one district <b>.")  # fmt: skip
    assert said.data == "Only one district \\<b\\>."
    manifest = json.loads((tmp_path / "chapters" / "40_made_up" / "chapter.json").read_text("utf-8"))
    assert manifest["is_missing"] and manifest["missing_tables"] == [] and manifest["headline"] == said.data


def test_a_missing_chapter_says_which_table(written):
    page = (written()[1] / "page.md").read_text("utf-8")
    assert "缺少数据表“绩效评价”" in page
