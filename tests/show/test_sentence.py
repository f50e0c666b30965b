"""Sentences: a printed cell is a fact with its trail, and nothing else can be printed."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.show.labels import Column
from perflib.show.sentence import Telling, tell

TRAIL = {
    "base": "adjusted",
    "rules": "r",
    "table": "projects",
    "filter": "all",
    "input_sha256": "0" * 64,
    "rows": 9,
}


def telling(lang="en", mode="notebook", edition="internal"):
    return Telling(lang, mode, "CNY", edition, TRAIL)


def rates(**columns):
    frame = pd.DataFrame(
        {"base": ["initial", "adjusted"], "projects": [7, 8], "rate": [0.5, None], **columns}
    )
    return frame.set_index("base", drop=False)


def test_a_printed_cell_is_a_fact_with_rows_base_and_trail():
    said = telling()
    frame = rates()
    frame.attrs = {"table": "funds", "filter": "2023"}
    assert tell("{{ rates.initial.rate }} spent", said, {"rates": frame}, {}) == "50\\.0% spent".replace(
        "\\", ""
    )
    (fact,) = said.facts.values()
    assert (fact.id, fact.value, fact.rows, fact.base) == ("rates.initial.rate", 0.5, 7, "initial")
    assert (fact.table, fact.filter, fact.unit) == ("funds", "2023", "share")


def test_what_is_asked_and_not_printed_is_no_fact():
    said = telling()
    words = "{% if rates.adjusted.rate %}yes{% else %}no{% endif %}{% if rates.initial.rate.value > 0.4 %}!{% endif %}"
    assert tell(words, said, {"rates": rates()}, {}) == "no!"
    assert said.facts == {}


def test_a_missing_value_is_printed_with_its_reason():
    said = telling()
    text = tell("{{ rates.adjusted.rate }}", said, {"rates": rates(reason=[None, "no_budget"])}, {})
    assert text.startswith("n/a (") and said.facts["rates.adjusted.rate"].reason == "no_budget"


@pytest.mark.parametrize(
    ("words", "of_one"),
    [
        ("{{ t.projects }} projects were cut", "1 project was cut"),
        ("Of {{ t.projects }} projects and policies", "Of 1 project or policy"),
        ("{{ t.projects }} are overdue", "1 is overdue"),
        ("{{ t.projects }} still rate themselves Excellent", "1 still rates itself Excellent"),
        ("{{ t.projects }} of the findings are known", "1 of the findings are known"),
    ],
)
def test_english_says_one_of_one_and_more_of_more(words, of_one):
    one, more = pd.DataFrame({"projects": [1]}), pd.DataFrame({"projects": [11]})
    assert tell(words, telling(), {"t": one}, {}) == of_one
    assert re.sub(r"\[|\]\{[^}]*\}", "", tell(words, telling(mode="page"), {"t": one}, {})) == of_one
    assert 'data-fact="t.projects"' in tell(
        words, telling(mode="page"), {"t": one}, {}
    )  # the way to the fact stays
    assert tell(words, telling(), {"t": more}, {}) == words.replace("{{ t.projects }}", "11")
    assert tell(words, telling(lang="zh"), {"t": one}, {}) == words.replace("{{ t.projects }}", "1")


def test_one_row_needs_no_label_and_a_plain_index_takes_the_first_column():
    totals = pd.DataFrame({"executed": [2.0], "projects": [3]})
    assert tell("{{ t.executed }}", telling(mode="plain"), {"t": totals}, {}) == "CNY 2"
    assert tell("{{ t | length }} {{ t.projects }}", telling(mode="plain"), {"t": totals}, {}) == "1 3"
    by_class = pd.DataFrame({"class": ["public", "personnel"], "rate": [0.1, 0.2]})
    words = "{{ c['public'].rate }} {% for row in c %}{{ row.rate }};{% endfor %}"
    assert tell(words, telling(mode="plain"), {"c": by_class}, {}) == "10.0% 10.0%;20.0%;"


def test_unknown_rows_and_columns_tell_those_there_are():
    with pytest.raises(ArgumentError, match=r"no row `recieved`. It has: initial, adjusted"):
        tell("{{ rates.recieved.rate }}", telling(), {"rates": rates()}, {})
    with pytest.raises(
        ArgumentError, match=r"no column `rat`. It has: base, projects, rate. Did you mean `rate`"
    ):
        tell("{{ rates.initial.rat }}", telling(), {"rates": rates()}, {})


def test_shares_of_one_whole_are_printed_so_that_they_add_up():
    parts = pd.DataFrame({"class": ["a", "b", "c"], "share": [1 / 3, 1 / 3, 1 / 3]})
    words = "{{ p['a'].share }} {{ p['b'].share }} {{ p['c'].share }}"
    assert tell(words, telling(mode="plain"), {"p": parts}, {}) == "33.4% 33.3% 33.3%"


def test_the_public_edition_prints_no_count_from_one_to_four():
    few = pd.DataFrame({"projects": [3], "rate": [0.5]})
    said = telling(edition="public")
    assert "0.5" not in tell("{{ f.projects }} {{ f.rate }}", said, {"f": few}, {})
    assert {fact.value for fact in said.facts.values()} == {None}
    many = pd.DataFrame({"projects": [5], "rate": [0.5]})
    assert tell("{{ f.rate }}", telling("en", "plain", "public"), {"f": many}, {}) == "50.0%"


def test_a_count_that_is_hidden_is_not_denied():
    words = "{% if f.above.value %}above: {{ f.above }}{% else %}none{% endif %}{% if f.above.value == 0 %}!{% endif %}"
    own = {"f": {"above": Column("above", "超过数", "Above", unit="count")}}

    def said(above, projects):
        frame = pd.DataFrame({"above": [above], "projects": [projects]})
        return tell(words, replace(telling("en", "plain", "public"), columns=own), {"f": frame}, {})

    assert [said(3, 9), said(0, 9), said(6, 9)] == ["above: fewer than 5", "none!", "above: 6"]
    assert said(7, 2) == "above: n/a (from too few to publish)"  # seven are not fewer than five


def test_a_small_count_among_the_rows_of_a_frame_takes_another_with_it():
    rows = pd.DataFrame({"action": ["keep", "cut", "raise"], "projects": [2, 40, 9]})
    words = "{{ f.keep.projects }}, {{ f.cut.projects }}, {{ f['raise'].projects }}"
    told = tell(words, telling("en", "plain", "public"), {"f": rows}, {})
    assert told == "fewer than 5, 40, n/a (from too few to publish)"
    assert tell(words, telling("en", "plain"), {"f": rows}, {}) == "2, 40, 9"


def test_names_are_joined_and_escaped():
    names = pd.DataFrame({"name": ["a*b", "c"]})
    assert tell("{{ n | names('name') }}", telling(), {"n": names}, {}) == "a\\*b, c"
    assert tell("{{ who }}", telling(), {}, {"who": "x_y"}) == "x\\_y"
