"""Pages: parts in the order of their calls, headings only over something, thin data tells less."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.book import Book
from perflib.data.errors import ArgumentError, PerflibError
from perflib.show import page as page_module
from perflib.show.page import NothingToTell, Page

TEXT = {
    "title": {"zh": "标题", "en": "Title"},
    "source": {"zh": "来源", "en": "source"},
    "heads": {"money": {"zh": "资金", "en": "Money"}, "rest": {"zh": "其他", "en": "Rest"}},
    "say": {
        "headline": {"zh": "{{ totals.executed }}", "en": "Spent {{ totals.executed }}."},
        "money": {
            "zh": "执行{{ totals.rate }}",
            "en": "{% if totals.rate %}Rate {{ totals.rate }}.{% endif %}",
        },
    },
    "tables": {"rest": {"zh": "明细", "en": "Details"}},
}


@pytest.fixture
def book(monkeypatch):
    monkeypatch.setattr(page_module, "page_text", lambda name: TEXT)
    projects = pd.DataFrame({"district": ["d"], "year": [2023], "project": ["p"], "executed": [5.0]})
    return Book({"projects": projects}, district="d", year=2023, lang="en")


def totals(**columns):
    return pd.DataFrame({"executed": [5.0], "projects": [1], "rate": [0.5], **columns})


def test_parts_stand_in_the_order_of_their_calls_under_their_headings(book, tmp_path):
    page = Page("40_x", book, rules="binjiang-2023", output=tmp_path)
    assert page.say("headline", totals=totals()).data == "Spent CNY 5\\.".replace("\\", "")
    page.say("money")
    page.table("rest", totals(), "executed rate")
    page.write()
    folder = tmp_path / "chapters" / "40_x"
    told = (folder / "page.md").read_text("utf-8")
    assert told.index("## Money") < told.index("Rate") < told.index("## Rest") < told.index("Details")
    facts = json.loads((folder / "facts.json").read_text("utf-8"))["facts"]
    assert facts["totals.rate"]["value"] == 0.5 and facts["totals.rate"]["rows"] == 1
    assert (folder / "tables" / "rest.csv").read_text("utf-8-sig").splitlines()[1] == "5.00,0.5"


def test_there_is_no_heading_over_nothing(book, tmp_path):
    page = Page("40_x", book, rules="binjiang-2023", output=tmp_path)
    page.say("headline", totals=totals(rate=[None]))
    assert page.say("money").data == ""
    page.table("rest", totals()[:0], "executed")
    page.write()
    assert "##" not in (tmp_path / "chapters" / "40_x" / "page.md").read_text("utf-8")


def test_a_cell_that_is_run_again_replaces_what_it_told(book, tmp_path):
    page = Page("40_x", book, rules="binjiang-2023", output=tmp_path)
    page.say("headline", totals=totals())
    page.say("headline", totals=totals(executed=[7.0]))
    page.write()
    told = (tmp_path / "chapters" / "40_x" / "page.md").read_text("utf-8")
    assert "CNY 7" in told and "CNY 5" not in told


def test_one_fact_has_one_value(book, tmp_path):
    page = Page("40_x", book, rules="binjiang-2023", output=tmp_path)
    page.say("headline", totals=totals(rate=[0.4]))
    page.say("money")
    page.say("headline", totals=totals(executed=[7.0]))  # changes what "money" printed of the same frame
    page.say("money", totals=totals(rate=[0.6]))
    page.say("headline")
    page.write()
    page.text["say"]["again"] = {"en": "{{ totals.rate }}"}
    page.say("again", totals=totals(rate=[0.1]))
    with pytest.raises(PerflibError, match="two values"):
        page.write()
    del page.text["say"]["again"]


def test_unknown_ids_columns_and_bare_numbers_are_told(book):
    page = Page("40_x", book, rules="binjiang-2023")
    with pytest.raises(ArgumentError, match=r"no `mony` among its say.*money"):
        page.say("mony")
    with pytest.raises(ArgumentError, match=r"no column `excuted`.*executed"):
        page.table("rest", totals(), "excuted")
    with pytest.raises(PerflibError, match="must come in a frame"):
        page.say("money", share=0.4)


def test_a_missing_table_ends_the_notebook_with_one_line(book, tmp_path, capsys):
    with pytest.raises(NothingToTell):
        Page("20_x", book, rules="binjiang-2023", needs=("projects", "appraisals"), output=tmp_path)
    told = json.loads((tmp_path / "chapters" / "20_x" / "chapter.json").read_text("utf-8"))
    assert told["is_missing"] and told["missing_tables"] == ["appraisals"]


def test_a_page_of_ones_own_needs_no_declarations(tmp_path):
    projects = pd.DataFrame({"district": ["d"], "year": [2023], "project": ["p"], "executed": [5.0]})
    page = Page(
        "mine",
        Book({"projects": projects}, district="d", year=2023, lang="en"),
        rules="binjiang-2023",
        output=tmp_path,
    )
    own = pd.DataFrame({"suburb": ["North", "South"], "cars": [3, 4], "rate": [0.5, 0.25]})
    assert page.say(
        "{{ own['North'].cars }} cars, {{ own['South'].rate }}", own=own
    ).data == "3 cars, 25\\.0%".replace("\\", "")
    page.table("cars", own, "suburb cars rate", title="Cars by suburb", labels={"cars": "Cars owned"})
    page.write()
    folder = tmp_path / "chapters" / "mine"
    assert (folder / "tables" / "cars.csv").read_text("utf-8-sig").splitlines()[
        0
    ] == "suburb,Cars owned,Execution rate"
    assert "Cars by suburb" in (folder / "page.md").read_text("utf-8")
    fact = json.loads((folder / "facts.json").read_text("utf-8"))["facts"]["own.North.cars"]
    assert (fact["value"], fact["unit"], fact["label_en"]) == (3, "count", "cars")


def test_a_base_that_is_none_is_told_before_anything_is_printed(book):
    with pytest.raises(ArgumentError, match=r"one of initial, adjusted, received, not `approved`"):
        Page("40_x", book, rules="binjiang-2023", base="approved")


def test_a_figure_of_the_public_edition_is_given_what_the_table_shows(book):
    found = pd.DataFrame(
        {"source": ["audit", "self", "people"], "n_findings": [56, 18, 3], "closed": [52, 17, 3]}
    )
    public = Page("40_x", replace(book, edition="public"), rules="binjiang-2023")
    shown = public.disclosed(found, count="n_findings")
    assert shown["closed"].fillna(0).tolist() == [52, 0, 0] and shown["source"].tolist()[2] == "people"
    assert Page("40_x", book, rules="binjiang-2023").disclosed(found, count="n_findings") is found
