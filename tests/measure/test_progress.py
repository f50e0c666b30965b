import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.data.text import has_text, say
from perflib.measure.progress import (
    FLAGS,
    dual_position,
    expected_share,
    flag_progress,
    mark_months,
    tolerance_distance,
    type_profile,
    usual_gap,
)

COLUMNS = ["month", "executed", "adjusted_budget", "goal_progress"]


def progress(*rows, project="p", year=2023):
    return pd.DataFrame(rows, columns=COLUMNS).assign(district="d", year=year, project=project)


EVEN = progress((4, 30.0, 100.0, 0.3), (5, 40.0, 100.0, 0.4), (6, 50.0, 100.0, 0.5))


def flags(frame, *args, **options):
    return flag_progress(frame, *args, **options)["flag"].tolist()


def test_the_first_month_of_a_year_may_come_after_a_gap():
    added = mark_months(progress((4, 30.0, 100.0, 0.3), (6, 50.0, 100.0, 0.5)))
    assert added["is_month_gap"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("last", "flag"),
    [
        ((5, 29.99, 100.0, 0.4), "executed_falling"),
        ((5, 30.0, 100.0, 0.29), "goal_falling"),
        ((5, 30.0, 100.0, 1.01), "above_one"),
        ((5, 30.0, 90.0, 0.4), "budget_restated"),
        ((6, 30.0, 100.0, 0.4), "month_gap"),
    ],
)
def test_each_oddity_has_its_flag(last, flag):
    found = flag_progress(
        progress(
            (1, 0.0, 100.0, 0.0), (2, 1.0, 100.0, 0.1), (3, 2.0, 100.0, 0.2), (4, 30.0, 100.0, 0.3), last
        )
    )
    assert found["flag"].tolist() == [flag]
    assert found["month"].tolist() == [last[0]]


def test_a_budget_cut_to_nothing_in_september():
    found = flags(progress(*[(m, 10.0, 100.0, 0.1) for m in range(1, 9)], (9, 10.0, 0.0, 0.1)))
    assert found == ["budget_restated", "budget_zero"]


def test_a_cent_of_binary_noise_is_no_fall():
    assert "executed_falling" not in flags(progress((1, 0.1 + 0.2, 1.0, 0.1), (2, 0.3, 1.0, 0.1)))


def test_projects_and_progress_are_compared_both_ways():
    rows = progress((1, 0.0, 1.0, 0.0))
    projects = pd.DataFrame({"district": ["d"], "year": [2023], "project": ["q"]})
    found = flag_progress(rows, projects)
    assert found[["project", "flag"]].to_numpy().tolist() == [
        ["p", "not_in_projects"],
        ["q", "not_in_progress"],
    ]
    assert found["month"].isna().all()


def test_a_first_year_is_told():
    assert flags(
        progress((1, 0.0, 1.0, 0.0)), history=progress((1, 0.0, 1.0, 0.0), project="q", year=2022)
    ) == ["no_history"]
    assert flags(progress((1, 0.0, 1.0, 0.0)), history=progress((1, 0.0, 1.0, 0.0), year=2022)) == []


def test_flags_are_counted_and_have_their_words():
    counts = (
        flag_progress(progress((4, 30.0, 100.0, 1.2)))["flag"].value_counts().reindex(FLAGS, fill_value=0)
    )
    assert counts[["above_one", "month_gap", "no_history"]].tolist() == [1, 1, 0]
    for flag in FLAGS:
        assert has_text(f"progress.flag_{flag}")
        assert say(f"progress.flag_{flag}", "zh") != say(f"progress.flag_{flag}", "en")


def test_months_twice_or_impossible_are_refused():
    with pytest.raises(
        DataError, match="In 1 places a project has the same month twice, for example d / 2023 / p / 4"
    ):
        mark_months(pd.concat([EVEN, EVEN.iloc[:1]]))
    with pytest.raises(DataError, match="1 rows of progress have a month outside 1 to 12, for example `13`"):
        mark_months(progress((13, 1.0, 1.0, 0.1)))


def test_own_plan_first_then_profile_then_time():
    now = pd.DataFrame({"month": 6, "type": ["a", "a", "b"], "planned_share": [0.2, np.nan, np.nan]})
    profile = pd.DataFrame({"type": ["a"], "month": [6], "share": [0.3]})
    found = expected_share(now, profile)
    assert found["expected_share"].tolist() == [0.2, 0.3, 6 / 12]
    assert found["basis"].tolist() == ["plan", "profile", "time"]


def test_profile_is_a_ratio_of_sums():
    past = pd.concat([EVEN, progress((6, 0.0, 300.0, 0.1), project="q")]).assign(type="a")
    row = type_profile(past).query("month == 6").iloc[0]
    assert row["share"] == 50 / 400


@pytest.mark.parametrize(
    ("spent", "goal", "quadrant"),
    [
        (50.0, 0.5, "on_track"),
        (49.99, 0.5, "money_late"),
        (50.0, 0.49, "goals_late"),
        (0.0, 0.0, "both_late"),
    ],
)
def test_quadrants(spent, goal, quadrant):
    now = progress((6, spent, 100.0, goal)).assign(type="a")
    row = dual_position(now, expected_share(now)).iloc[0]
    assert row["quadrant"] == quadrant
    assert row["gap"] == pytest.approx(goal - spent / 100)
    assert row["spi"] == goal / 0.5
    assert row["cpi"] == pytest.approx(goal * 100 / spent) if spent else np.isnan(row["cpi"])


def test_no_goal_no_quadrant():
    now = progress((6, 1.0, 0.0, 0.5), (7, 1.0, 5.0, np.nan)).assign(type="a")
    assert dual_position(now, expected_share(now))["quadrant"].isna().all()


def test_usual_gap_of_a_small_type_is_that_of_all():
    past = pd.DataFrame(
        {"type": ["a"] * 30 + ["b"] * 2, "month": 6, "gap": [0.1] * 15 + [0.3] * 15 + [0.9] * 2}
    )
    found = usual_gap(past).set_index("type")
    assert found.loc["a", "usual"] == pytest.approx(0.2)
    assert found.loc["b", "usual"] == pytest.approx(0.3)  # the median of all 32


def test_tolerance_region_holds_its_share():
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.normal(0.5, 0.1, (199, 2)), columns=["spent_share", "goal_progress"])
    found = tolerance_distance(points, points)
    assert found["is_inside"].sum() == 180  # k = 0.9 × 200
    far = pd.DataFrame({"spent_share": [0.5, 0.0, np.nan], "goal_progress": [0.5, 1.0, 0.5]})
    assert tolerance_distance(points, far)["is_inside"].tolist() == [True, False, True]


def test_tolerance_needs_enough_projects():
    few = pd.DataFrame({"spent_share": [0.5], "goal_progress": [0.5]})
    assert tolerance_distance(few, few)["limit"].isna().all()
