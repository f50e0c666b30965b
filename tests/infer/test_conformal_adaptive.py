import numpy as np
import pandas as pd
import pytest

from perflib.infer.conformal import conformal_intervals, next_miss, yearly_intervals


def years(spreads, n=300, seed=0):
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {"year": 2015 + i, "month": 6, "value": 0.0, "scale": 1.0, "outturn": s * rng.normal(size=n)}
        )
        for i, s in enumerate(spreads)
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_steady_world_keeps_its_level():
    tested = years([1.0] * 8)
    found = yearly_intervals(tested, levels=[[]], confidence=0.8)
    ends = tested.loc[found.index, "outturn"]
    # 2100 rows: standard error below 0.01
    assert ((ends >= found["low"]) & (ends <= found["high"])).mean() == pytest.approx(0.8, abs=0.025)


def test_growing_spread_is_followed():
    tested = years(1.25 ** np.arange(8))
    plain = yearly_intervals(tested, levels=[[]], confidence=0.8, gain=0.0)
    adapted = yearly_intervals(tested, levels=[[]], confidence=0.8)
    ends = tested.loc[plain.index, "outturn"]
    inside = [((ends >= f["low"]) & (ends <= f["high"])).mean() for f in (plain, adapted)]
    assert inside[0] < 0.75 < inside[1] < 0.82


def test_without_gain_it_is_the_plain_interval():
    tested = years([1.0, 2.0])
    found = yearly_intervals(tested, levels=[[]], confidence=0.8, gain=0.0)
    now = tested[tested["year"] == 2016]
    plain = conformal_intervals(tested, now, levels=[[]], confidence=0.8, year=2016, smallest=20)
    pd.testing.assert_frame_equal(found.drop(columns="aimed"), plain, check_exact=False)


def test_a_running_year_gets_intervals_and_teaches_nothing():
    tested = years([1.0, 1.0, 1.0])
    running = tested.assign(outturn=tested["outturn"].where(tested["year"] < 2017))
    one, two = (yearly_intervals(t, levels=[[]], confidence=0.8) for t in (tested, running))
    pd.testing.assert_frame_equal(one, two)
    assert one.loc[tested["year"] == 2017, "high"].notna().all()


def test_the_aim_stays_within_reason():
    assert next_miss(0.2, 1.0, 0.8) == pytest.approx(0.04)
    assert next_miss(0.2, 0.2, 0.8) == pytest.approx(0.2)
    assert next_miss(0.5, 0.0, 0.8) == 0.5


def test_each_type_follows_its_own_misses():
    """One type's spread grows, the other's shrinks: together they look steady, apart both must hold."""
    parts = [
        years(rate ** np.arange(12), n=400, seed=i).assign(type=name)
        for i, (name, rate) in enumerate([("growing", 1.2), ("shrinking", 1 / 1.2)])
    ]
    tested = pd.concat(parts, ignore_index=True)
    inside = {}
    for by in (None, "type"):
        found = yearly_intervals(tested, levels=[["type"], []], confidence=0.8, by=by)
        ends = tested.loc[found.index, "outturn"]
        held = (ends >= found["low"]) & (ends <= found["high"])
        inside[by] = held.groupby(tested.loc[found.index, "type"]).mean()
    off = {by: (shares - 0.8).abs() for by, shares in inside.items()}
    assert inside[None]["growing"] < 0.76 and inside[None]["shrinking"] > 0.84
    assert (off["type"] < 0.6 * off[None]).all()
