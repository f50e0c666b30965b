"""Exploring without code: what is offered, the three lines, table and figure that agree; no browser needed."""

import matplotlib
import pandas as pd
import pytest

import perflib as pf
from perflib.show.explore import Explorer, Inquiry, explore, worded

matplotlib.use("Agg")


@pytest.fixture
def projects() -> pd.DataFrame:
    """Two departments, two classes, one amount above a million, no budget received."""
    return pd.DataFrame({
        "project": ["p1", "p2", "p3", "p4"], "name": ["a", "b", "c", "d"], "year": [2022] * 4,
        "department": ["Roads", "Roads", 'The "Parks"', 'The "Parks"'],
        "class": ["public", "specific", "public", "specific"],
        "initial_budget": [0.0] * 4, "adjusted_budget": [100.0, 300.0, 200.0, 2_000_000.0], "received": [None] * 4,
        "executed": [90.0, 150.0, 200.0, 500_000.0],
    })  # fmt: skip


def asked(projects, **changes) -> Inquiry:
    return Inquiry(projects, "mine", pf.rates, pf.plot.dots, lang="en", by="department").asked(**changes)


def test_only_what_the_rows_have_is_offered(projects):
    found = asked(projects)
    assert [c for _, c in found.groups()] == [
        "department",
        "class",
    ]  # the one year and the names of projects are no groups
    assert [b for _, b in found.bases()] == ["adjusted"]
    assert ("Adjusted budget, at least", "adjusted_budget") in found.filters()
    assert found.asked(where="class").values()[0] == ("Running costs", "public")
    assert [v for _, v in found.asked(where="adjusted_budget").values()] == [10**5, 10**6]
    funnel = Inquiry(projects, "mine", pf.funnel, pf.plot.funnel, lang="en", by="department")
    assert [m for _, m in funnel.measures(pd.DataFrame({"rate": [1], "budget": [1]}))] == ["rate"]


def test_three_lines_make_frame_and_figure(projects):
    found = asked(projects, where="class", equals="public").asked(marked=("Roads",))
    assert found.lines() == [
        'rows = mine[mine["class"] == "public"]',
        'frame = pf.rates(rows, by="department", base="adjusted", confidence=0.95)',
        'pf.plot.dots(frame, y="department", mark=["Roads"], x="rate", lang="en")',
    ]
    names = {"pf": pf, "mine": projects}
    exec("\n".join(found.lines()), names)
    frame = found.frames()[1]
    pd.testing.assert_frame_equal(names["frame"], frame)
    assert frame.set_index("department")["rate"].to_dict() == {"Roads": 90 / 100, 'The "Parks"': 200 / 200}
    assert found.axes(frame).has_data()


@pytest.mark.parametrize(
    ("where", "equals", "budget"), [("department", 'The "Parks"', 2_000_200), ("executed", 10**5, 2_000_000)]
)
def test_a_filter_keeps_the_rows_that_it_names(projects, where, equals, budget):
    assert asked(projects, where=where, equals=equals).frames()[1]["budget"].sum() == budget


def test_a_group_can_be_dropped_and_the_sentence_counts_what_is_left(projects):
    box = Explorer(asked(projects), "CNY")
    assert "4 projects in 2 groups" in box.told.value and box.controls["sign"].layout.display == "none"
    box.controls["where"].value = "department"
    box.controls["equals"].value = "Roads"
    assert "2 projects in 1 groups" in box.told.value
    box.controls["sign"].value = "!="
    assert box.frame["department"].tolist() == ['The "Parks"'] and "2 projects" in box.told.value
    assert 'mine[mine["department"] != "Roads"]' in box.code.value.replace("&quot;", '"')
    box.controls["where"].value = "executed"
    assert box.inquiry.sign == "==" and ">= " in box.code.value.replace("&gt;", ">")


def test_a_choice_drops_what_hung_on_the_one_before(projects):
    found = asked(projects, where="class").asked(marked=("Roads",))
    assert (found.equals, found.asked(where="department").equals) == ("public", "Roads")
    assert found.asked(by="class").marked == () and found.asked(where="").lines()[0] == "rows = mine"


@pytest.mark.parametrize(
    ("lang", "budget", "heading"), [("zh", 200.02, "预算数（万元）"), ("en", 2_000_200.0, "Budget (CNY)")]
)
def test_the_table_has_the_units_of_its_headings(projects, lang, budget, heading):
    shown = worded(asked(projects).frames()[1], ["department"], lang, "CNY").set_index(
        {"zh": "主管部门", "en": "Department"}[lang]
    )
    assert shown.loc['The "Parks"', heading] == budget
    assert shown.filter(regex="^执行率|^Execution rate").loc["Roads"].item() == 60.0  # 240 / 400


def test_rows_chosen_in_the_table_stand_out_in_figure_and_lines(projects):
    box = Explorer(asked(projects), "CNY")
    before = box.figure.value
    place = box.frame["department"].tolist().index("Roads")
    box.table.selected_rows = [place]
    assert 'mark=["Roads"]' in box.code.value.replace("&quot;", '"') and box.figure.value != before
    assert box.controls["marked"].value == ("Roads",)
    box.controls["marked"].value = ('The "Parks"',)  # by keyboard, which reaches no row of the table
    assert box.table.selected_rows == [1 - place] and "Parks" in box.code.value
    box.controls["where"].value = "class"
    assert box.table.selected_rows == [] and "mark" not in box.code.value
    assert box.controls["base"].layout.display == "none"  # one base is no choice


def test_table_figure_and_lines_agree_after_a_change(projects):
    box = Explorer(asked(projects), "CNY")
    box.controls["by"].value = "class"
    shown = box.table.df.iloc[:, 0].tolist()
    assert shown == ["Running costs", "Specific target"]
    assert 'by="class"' in box.code.value.replace("&quot;", '"')


def test_no_row_and_no_group_are_sentences(projects):
    box = Explorer(asked(projects), "CNY")
    box.inquiry = box.inquiry.asked(where="department", equals="Nobody")
    box.answer()
    assert "No row is left" in box.told.value
    thin = projects[["project", "adjusted_budget", "executed"]]
    assert "no column to group by" in explore(pf.rates, pf.plot.dots, mine=thin, lang="en").value


def test_a_function_of_ones_own_is_called_by_its_name(projects):
    def counts(rows: pd.DataFrame, *, by: str) -> pd.DataFrame:
        return rows.groupby(by, as_index=False).agg(value=("project", "size"))

    found = Inquiry(projects, "mine", counts, pf.plot.bars, lang="en", by="class", measure="value")
    assert found.lines()[1:] == [
        'frame = counts(rows, by="class")',
        'pf.plot.bars(frame, y="class", x="value", lang="en")',
    ]
    assert found.frames()[1]["value"].tolist() == [2, 2]
    assert found.bases() == found.levels() == []
