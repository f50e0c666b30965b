"""Reform effects: identities on tiny panels, coverage and level by simulation, and what can't be told."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.reform_evidence import group_time_effects, pretrend_test, study_of

YEARS = np.arange(2015, 2023)


def panel(outcome):
    outcome = np.asarray(outcome, dtype=float)
    districts, years = range(len(outcome)), YEARS[: outcome.shape[1]]
    index = pd.MultiIndex.from_product([districts, years], names=["district", "year"])
    return pd.Series(outcome.ravel(), index=index, name="value").reset_index()


def starts(**years):
    return pd.DataFrame({"district": [int(k[1:]) for k in years], "year": list(years.values())})


def test_two_by_two_by_hand():
    table = group_time_effects(panel([[1, 2, 7], [1, 3, 4], [2, 2, 3]]), starts(d0=2017))
    row = table[(table["year"] == 2017)].iloc[0]
    assert row["effect"] == (7 - 2) - ((4 - 3) + (3 - 2)) / 2
    placebo = table[table["year"] == 2016].iloc[0]
    assert (placebo["effect"], placebo["event_time"]) == ((2 - 1) - ((3 - 1) + (2 - 2)) / 2, -1)
    assert (row["starters"], row["controls"]) == (1, 2)


def test_late_starters_are_controls_until_they_start():
    """Staggered effects that grow: plain two-way fixed effects would be off, 2×2 means are exact."""
    base = np.add.outer([0.1, 0.5, 0.9], 0.01 * np.arange(6))
    base[0, 2:] += [1, 2, 3, 4]
    base[1, 4:] += [10, 20]
    table = group_time_effects(panel(base), starts(d0=2017, d1=2019)).set_index(["cohort", "year"])
    assert table.loc[2017, "effect"].loc[2017:].tolist() == pytest.approx([1, 2, 3, 4])
    assert table.loc[2019, "effect"].loc[2019:].tolist() == pytest.approx([10, 20])
    assert table.loc[(2017, 2018), "controls"] == 2
    assert table.loc[(2017, 2019), "controls"] == 1
    study = study_of(panel(base), starts(d0=2017, d1=2019), draws=50).set_index("event_time")
    assert study.loc[0, "value"] == pytest.approx((1 + 10) / 2)
    assert study.loc[3, "value"] == pytest.approx(4)
    assert study["value"].iloc[-1] == pytest.approx((1 + 2 + 3 + 4 + 10 + 20) / 6)


def world(rng, effect, districts=16):
    noise = rng.normal(0, 0.03, (districts, len(YEARS)))
    outcome = 0.8 + rng.normal(0, 0.1, districts)[:, None] + rng.normal(0, 0.05, len(YEARS)) + noise
    for cohort, members in ((2018, slice(0, 4)), (2020, slice(4, 8))):
        outcome[members, cohort - 2015 :] += effect
    begin = {f"d{i}": 2018 if i < 4 else 2020 for i in range(8)}
    return panel(outcome), starts(**begin)


def test_interval_covers_and_is_the_test_turned_round():
    """16 districts, 8 starters, 80 worlds: 95 % intervals cover as often as that explains."""
    rng = np.random.default_rng(2023)
    hits = []
    for seed in range(80):
        row = study_of(*world(rng, 0.05), draws=199, seed=seed).iloc[-1]
        hits.append(row["low"] <= 0.05 <= row["high"])
        assert (row["p_value"] > 0.05) == (row["low"] <= 0 <= row["high"])
    assert np.sum(hits) >= 71  # fewer come about once in a hundred times


def test_three_districts_have_an_effect_but_no_interval():
    study = study_of(panel([[1, 2, 7], [1, 3, 4], [2, 2, 3]]), starts(d0=2017), draws=99)
    assert study["value"].iloc[-1] == (7 - 2) - ((4 - 3) + (3 - 2)) / 2
    assert study["reason"].iloc[-1] == "too_few_districts"
    assert study[["low", "high"]].iloc[-1].isna().all()


def test_pretrends():
    data, begin = world(np.random.default_rng(2), 0.0)
    study = study_of(data, begin, draws=199)
    assert pretrend_test(study)["is_parallel"] is True
    early = data["district"].isin(begin["district"]) & (data["year"] == 2016)
    jumped = data.assign(value=data["value"] + 0.5 * early)
    found = pretrend_test(study_of(jumped, begin, draws=999))
    assert found["is_parallel"] is False
    assert found["placebos"] == study["is_placebo"].sum() == 4


def test_no_year_before_means_no_placebo():
    study = study_of(panel([[1, 2], [1, 1], [2, 2]]), starts(d0=2016), draws=20)
    assert pretrend_test(study)["reason"] == "no_year_before"


@pytest.mark.parametrize("begin", [{"d0": 2017, "d1": 2017, "d2": 2017}, {"d0": 2015, "d1": 2014}])
def test_a_national_reform_has_no_control(begin):
    outcome = [[1, 2, 3], [1, 1, 2], [2, 2, 2]][: len(begin)]
    with pytest.raises(DataError, match="there is no control"):
        study_of(panel(outcome), starts(**begin))


def test_a_cohort_without_anybody_left_is_named():
    table = group_time_effects(panel([[1, 2, 3], [1, 1, 2]]), starts(d0=2016, d1=2017))
    late = table[(table["year"] == 2017)]
    assert late["reason"].tolist() == ["no_control", "no_control"]
    assert late["effect"].isna().all()


def test_districts_with_a_year_missing_are_left_out_and_counted():
    data = panel([[1, 2, 3], [1, 1, 1], [1, 1, 2], [5, 5, 5]]).drop(index=11)
    study = study_of(data, starts(d0=2017), draws=20)
    assert study["left_out"].unique().tolist() == [1]
    assert study["value"].iloc[-1] == (3 - 2) - ((1 - 1) + (2 - 1)) / 2
