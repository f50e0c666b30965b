import pandas as pd
import pytest

from perflib.data.errors import ArgumentError, DataError
from perflib.infer.forecast_panel import cutoff_panel

KEYS = ["section", "programme"]


def lines(rows):
    """(year, month, section, programme, budget, executed)"""
    table = pd.DataFrame(rows, columns=["year", "month", *KEYS, "adjusted_budget", "executed"])
    return table.assign(initial_budget=table["adjusted_budget"], authorised=0.0, committed=0.0, type="x")


HISTORY = [
    (2020, 5, "A", "p", 100.0, 30.0),
    (2020, 6, "A", "p", 100.0, 40.0),
    (2020, 12, "A", "p", 120.0, 90.0),
    (2021, 6, "A", "p", 200.0, 50.0),
]


def panel(rows, **options):
    return cutoff_panel(lines(rows), keys=KEYS, month=6, **options)


def test_a_unit_meets_its_own_year_before():
    row = panel(HISTORY).iloc[1]
    assert (row["year"], row["joined_1"]) == (2021, "same")
    assert (row["executed_1"], row["adjusted_budget_1"], row["outturn_1"]) == (40, 100, 90)
    assert row["outturn_budget_1"] == 120


def test_a_year_without_december_has_no_outturn_and_teaches_nothing():
    table = panel([*HISTORY, (2022, 6, "A", "p", 200.0, 60.0)])
    assert table["outturn"].isna().tolist() == [False, True, True]
    assert table["joined_1"].tolist() == ["none", "same", "none"]
    assert table["joined_2"].tolist() == ["none", "none", "same"]


def test_months_back_are_there_or_na():
    table = panel(HISTORY)
    assert table["executed_back1"].iloc[0] == 30
    assert table["executed_back2"].isna().all()
    assert table["executed_back1"].isna().tolist() == [False, True]


def test_repeated_lines_are_summed_in_cents():
    table = panel(
        [(2020, 6, "A", "p", 0.1, 0.1), (2020, 6, "A", "p", 0.2, 0.2), (2020, 12, "A", "p", 1.0, 1.0)]
    )
    assert table["executed"].tolist() == [0.3]


def test_a_renamed_section_is_found_by_its_programme():
    rows = [*HISTORY[:3], (2021, 6, "B", "p", 60.0, 0.0), (2021, 6, "C", "p", 140.0, 0.0)]
    table = panel(rows, family=["programme"])
    late = table[table["year"] == 2021]
    assert late["joined_1"].tolist() == ["family", "family"]
    # the programme's 90 of last year, split by this year's budgets 60 : 140
    assert late["outturn_1"].tolist() == pytest.approx([90 * 60 / 200, 90 * 140 / 200])
    assert not table.loc[table["year"] < 2021, "joined_1"].eq("family").any()


def test_a_unit_moved_within_the_year_is_followed():
    rows = [
        (2020, 6, "A", "p", 100.0, 40.0),
        (2020, 6, "A", "q", 50.0, 10.0),
        (2020, 12, "A", "p", 40.0, 40.0),
        (2020, 12, "B", "p", 60.0, 55.0),
        (2020, 12, "A", "q", 50.0, 45.0),
    ]
    table = panel(rows, family=["programme"])
    assert table["outturn"].tolist() == [40 + 55, 45]
    assert table["outturn_budget"].tolist() == [100, 50]
    assert table["is_moved"].tolist() == [True, False]
    assert panel(rows)["outturn"].tolist() == [40, 45]  # without a family nothing is followed


def test_a_unit_created_after_the_cutoff_is_nobodys_if_nobody_lost_budget():
    rows = [
        (2020, 6, "A", "p", 100.0, 40.0),
        (2020, 12, "A", "p", 100.0, 90.0),
        (2020, 12, "B", "p", 9.0, 9.0),
    ]
    assert panel(rows, family=["programme"])["outturn"].tolist() == [90]


def test_a_unit_that_vanished_spent_nothing():
    rows = [(2020, 6, "A", "p", 100.0, 0.0), (2020, 6, "A", "q", 1.0, 1.0), (2020, 12, "A", "q", 1.0, 1.0)]
    assert panel(rows)["outturn"].tolist() == [0, 1]


def test_order_of_rows_does_not_matter():
    rows = lines([*HISTORY, (2021, 6, "A", "q", 5.0, 1.0)])
    mixed = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        cutoff_panel(rows, keys=KEYS, month=6), cutoff_panel(mixed, keys=KEYS, month=6)
    )


def test_faults_are_told():
    with pytest.raises(
        DataError, match="no progress for the cut-off month 7; the months at hand are 5, 6, 12"
    ):
        cutoff_panel(lines(HISTORY), keys=KEYS, month=7)
    with pytest.raises(ArgumentError, match="must be 1 to 11"):
        cutoff_panel(lines(HISTORY), keys=KEYS, month=12)
    with pytest.raises(ArgumentError, match="lacks the columns executed"):
        cutoff_panel(lines(HISTORY).drop(columns="executed"), keys=KEYS, month=6)


REORGANISED = [  # section A hands over to B after June: budget moves for p, stays behind for q, and C is new
    (2020, 5, "A", "p", 100.0, 30.0),
    (2020, 5, "A", "q", 50.0, 20.0),
    (2020, 6, "A", "p", 100.0, 40.0),
    (2020, 6, "A", "q", 50.0, 25.0),
    (2020, 7, "A", "p", 40.0, 40.0),
    (2020, 7, "B", "p", 60.0, 5.0),
    (2020, 7, "A", "q", 50.0, 25.0),
    (2020, 7, "B", "q", 1.0, 4.0),
    (2020, 7, "C", "r", 9.0, 1.0),
    (2020, 12, "A", "p", 40.0, 40.0),
    (2020, 12, "B", "p", 60.0, 55.0),
    (2020, 12, "A", "q", 50.0, 25.0),
    (2020, 12, "B", "q", 1.0, 24.0),
    (2020, 12, "C", "r", 9.0, 9.0),
]


@pytest.mark.parametrize("month", [6, 7])
def test_nothing_that_goes_on_under_a_new_key_is_lost(month):
    """Seen before the change and after it: the same units with the same ends, and the year's money whole."""
    table = cutoff_panel(lines(REORGANISED), keys=KEYS, month=month, family=["programme"])
    old = table[table["section"] == "A"]
    assert old["outturn"].tolist() == [95, 49 if month == 7 else 48]
    assert old["is_moved"].tolist() == [True, True]
    # What is covered by a new budget that nobody lost is no old unit's before it is there: B's 1 for q.
    assert table["outturn"].sum() == (153 if month == 7 else 143)
    assert table["section"].tolist() == (["A", "A", "C"] if month == 7 else ["A", "A"])


def test_months_before_the_change_go_by_the_same_key():
    table = cutoff_panel(lines(REORGANISED), keys=KEYS, month=7, family=["programme"])
    assert table["executed_back1"].tolist()[:2] == [40, 25]
    assert table["executed"].tolist()[:2] == [45, 29]


def test_new_money_joins_nobody():
    rows = [r for r in REORGANISED if r[3] != "q"]
    rows = [(*r[:4], 100.0, r[5]) if r[2] == "A" else r for r in rows]  # A keeps its budget, B has its own
    table = cutoff_panel(lines(rows), keys=KEYS, month=7, family=["programme"])
    assert table["section"].tolist() == ["A", "B", "C"]
    assert not table["is_moved"].any()
