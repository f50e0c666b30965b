"""The evidence on one reform: who takes part, what is found, and what would undo it."""

import numpy as np
import pandas as pd
import pytest

from perflib.infer.reform_evidence import reform_evidence, smallest_undoing

NAMES = [f"d{i:02d}" for i in range(12)]
STARTS = pd.DataFrame({"district": NAMES[:6], "year": [2021, 2021, 2022, 2022, 2022, 2022]})


def series(*, effect: float = 0.0, pretrend: float = 0.0, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([NAMES, range(2018, 2024)], names=["district", "year"])
    table = grid.to_frame(index=False).assign(segment=0)
    start = table["district"].map(STARTS.set_index("district")["year"]).fillna(9999)
    value = 0.9 + rng.normal(0, 0.003, len(table)) + effect * (table["year"] >= start)
    value += pretrend * (table["year"] - 2018) * (start < 9999)
    return table.assign(rate=value, mean_rate=value - 0.01)


def test_an_effect_is_found():
    found = reform_evidence(series(effect=0.03), STARTS, draws=499)
    assert found.is_proven and found.problem is None
    assert found.overall["value"] == pytest.approx(0.03, abs=0.005)
    assert found.outcomes["outcome"].tolist() == ["rate", "mean_rate"]
    assert found.outcomes["value"].iloc[0] == pytest.approx(found.outcomes["value"].iloc[1])
    assert smallest_undoing(found.study) > 1


def test_nothing_is_found_where_there_is_nothing():
    assert not reform_evidence(series(), STARTS, draws=499).is_proven


def test_a_trend_before_the_start_is_no_effect():
    found = reform_evidence(series(pretrend=0.02), STARTS, draws=499)
    assert found.pretrend["is_parallel"] is False and not found.is_proven
    assert smallest_undoing(found.study) < 1.5


def test_breaks_gaps_and_early_starters_are_told_apart():
    rows = series()
    rows.loc[(rows["district"] == "d00") & (rows["year"] >= 2021), "segment"] = 1
    rows = rows[~((rows["district"] == "d11") & (rows["year"] == 2019))]
    starts = pd.concat([STARTS, pd.DataFrame({"district": ["d07", "d08"], "year": [2018, 2030]})])
    roles = reform_evidence(rows, starts, draws=49).districts.set_index("district")["role"]
    assert roles["d00"] == "break" and roles["d11"] == "gap" and roles["d07"] == "early"
    assert roles["d08"] == "control", "a start after the last year is no start yet"
    assert (roles[["d01", "d05"]] == "starter").all()


@pytest.mark.parametrize("year", [2017, 2018, 2021])
def test_a_reform_of_all_at_once_has_no_control(year):
    found = reform_evidence(series(), pd.DataFrame({"district": NAMES, "year": year}), draws=49)
    assert "no control" in str(found.problem) and found.study.empty


def test_where_every_definition_broke_nobody_is_left():
    rows = series()
    rows.loc[rows["year"] >= 2021, "segment"] = 1
    assert reform_evidence(rows, STARTS, draws=49).problem is not None


def test_undoing_by_hand():
    study = pd.DataFrame({
        "event_time": pd.array([-1, 0, 1, None], dtype="Int64"), "value": [0.01, 0.05, 0.07, 0.06],
        "starters": [2, 2, 1, 2], "is_placebo": [True, False, False, False],
    })  # fmt: skip
    years = (1 * 2 + 2 * 1) / 3
    assert smallest_undoing(study) == pytest.approx(0.06 / (0.01 * years))
    assert np.isnan(smallest_undoing(study[~study["is_placebo"]]))
