import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perflib.data.errors import ArgumentError, DataError
from perflib.infer.expert_panel import (
    d_study,
    flip_probability,
    panel_scores,
    panel_table,
    rater_severity,
    raters_needed,
    variance_components,
)
from perflib.infer.reliability import icc

SCALE = (0, 100)


def _rate(rng, n, k, item=6.0, rater=3.0, rest=4.0, mean=80.0):
    truth = mean + rng.normal(size=n) * item
    y = truth[:, None] + rng.normal(size=k) * rater + rng.normal(size=(n, k)) * rest
    return truth, pd.DataFrame(y, columns=[f"e{j}" for j in range(k)])


def _long(rows):
    return pd.DataFrame(rows, columns=["rater", "item", "score"])


def test_ratings_that_cannot_be_used_are_left_out():
    ratings = _long(
        [
            ("张", "a", 80), ("张", "b", 85), ("张", "c", 101), ("李", "a", 90), ("李", "b", 90), ("李", "c", 90),
            ("王", "a", 70), ("王", "a", 72), ("赵", "a", None), ("外", "a", 60),
        ]
    )  # fmt: skip
    table = panel_table(ratings, scale=SCALE)
    assert table.stack().dropna().to_dict() == {
        ("a", "外"): 60, ("a", "张"): 80, ("a", "李"): 90, ("b", "张"): 85, ("b", "李"): 90, ("c", "李"): 90,
    }  # fmt: skip


@pytest.mark.parametrize(("score", "is_out"), [(-0.01, True), (0, False), (100, False), (100.01, True)])
def test_ends_of_the_scale_belong_to_it(score, is_out):
    assert panel_table(_long([("a", "x", score)]), scale=SCALE).empty == is_out


def test_an_unfinished_form_is_no_score():
    ratings = pd.DataFrame(
        [("a", "x", "need", 80.0), ("a", "x", "cost", 60.0), ("b", "x", "need", 70.0)],
        columns=["rater", "item", "dimension", "score"],
    )
    table = panel_table(ratings, scale=SCALE)
    assert table.loc["x", "a"] == (80 + 60) / 2
    assert pd.isna(table.loc["x", "b"])


def test_components_of_a_full_table_are_those_of_the_anova():
    _, wide = _rate(np.random.default_rng(2), 12, 5)
    parts = variance_components(wide)
    single = parts["item"] / (parts["item"] + parts["rater"] + parts["residual"])
    assert single == pytest.approx(icc(wide)["value"])


def test_components_equal_reml_of_mixedlm():
    import statsmodels.formula.api as smf

    _, wide = _rate(np.random.default_rng(3), 15, 6)
    long = wide.reset_index(names="item").melt("item", var_name="rater", value_name="y").assign(all=1)
    vc = {"item": "0+C(item)", "rater": "0+C(rater)"}
    fit = smf.mixedlm("y ~ 1", long, groups="all", re_formula="0", vc_formula=vc).fit()
    parts = variance_components(wide)
    # vcomp is ordered by name; full tables with positive components have one answer.
    assert list(fit.vcomp) == pytest.approx([parts["item"], parts["rater"]], rel=0.01)
    assert fit.scale == pytest.approx(parts["residual"], rel=0.01)


def test_components_are_unbiased_with_missing_cells():
    rng = np.random.default_rng(4)
    got = []
    for _ in range(300):
        _, wide = _rate(rng, 14, 6)
        got.append(
            variance_components(wide.mask(rng.random(wide.shape) < 0.4))[["item", "rater", "residual"]]
        )
    mean = np.mean([g.astype(float) for g in got], axis=0)
    assert mean == pytest.approx([36, 9, 16], rel=0.1)


def test_three_projects_and_five_experts_hold_their_coverage():
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(400):
        truth, wide = _rate(rng, 3, 5)
        scores = panel_scores(wide, min_items=3)
        hits.append(scores["value"].notna() & (scores["low"] <= truth) & (truth <= scores["high"]))
    assert np.mean(hits) == pytest.approx(0.95, abs=0.025)


def test_severity_is_taken_out_where_experts_saw_different_projects():
    rng = np.random.default_rng(6)
    truth, wide = _rate(rng, 30, 6, item=5, rater=8, rest=2)
    wide = wide.mask(rng.random(wide.shape) < 0.5)
    wide = wide[wide.notna().any(axis=1)]
    scores = panel_scores(wide)
    truth = truth[wide.index]
    adjusted = np.std(scores["value"] - truth)
    assert adjusted < 0.6 * np.std(scores["mean"] - truth)
    covered = ((scores["low"] <= truth) & (truth <= scores["high"])).mean()
    assert covered > 0.8
    assert np.corrcoef(rater_severity(wide)["value"], wide.sub(truth, axis=0).mean())[0, 1] > 0.95


def test_a_small_panel_gives_its_spread_only():
    _, wide = _rate(np.random.default_rng(7), 9, 5)
    scores = panel_scores(wide)
    assert scores["value"].isna().all()
    assert (scores["reason"] == "panel_too_small").all()
    assert scores["sd"].to_list() == pytest.approx(wide.std(axis=1).to_list())
    assert flip_probability(scores, thresholds=[70, 90])["flip"].isna().all()


def test_full_tables_give_the_plain_mean_and_bounds_inside_the_scale():
    _, wide = _rate(np.random.default_rng(8), 12, 4, mean=97)
    scores = panel_scores(wide.clip(upper=100), scale=SCALE)
    assert scores["value"].to_list() == pytest.approx(scores["mean"].to_list())
    assert scores["high"].max() <= 100


def test_experts_who_all_agree_have_no_variance():
    wide = pd.DataFrame(np.tile(np.arange(60.0, 72)[:, None], 3))
    parts = variance_components(wide)
    assert parts["rater"] == 0
    assert parts["residual"] == pytest.approx(0, abs=1e-18)
    assert raters_needed(parts) == 1
    flips = flip_probability(panel_scores(wide), thresholds=[65.5])["flip"]
    assert flips.max() < 1e-6


def test_one_rating_per_project_is_refused():
    with pytest.raises(DataError, match="only 3 ratings"):
        variance_components(pd.DataFrame(np.where(np.eye(3) > 0, 80.0, np.nan)))


def test_d_study_follows_its_formula():
    parts = pd.Series({"item": 36.0, "rater": 9.0, "residual": 16.0})
    study = d_study(parts, raters=[1, 5])
    assert study["absolute"].to_list() == pytest.approx([36 / (36 + 25), 36 / (36 + 25 / 5)])
    assert study["relative"].to_list() == pytest.approx([36 / (36 + 16), 36 / (36 + 16 / 5)])
    assert raters_needed(parts, reliability=0.9) == int(np.ceil(25 / 36 * 9))
    assert np.isnan(raters_needed(parts * 0))
    with pytest.raises(ArgumentError, match="reliability"):
        raters_needed(parts, reliability=1)


def test_flip_probability_is_what_a_second_panel_shows():
    rng = np.random.default_rng(9)
    said, did = [], []
    for _ in range(150):
        truth, wide = _rate(rng, 20, 5, item=8, mean=82)
        again = truth[:, None] + rng.normal(size=5) * 3 + rng.normal(size=(20, 5)) * 4
        first = flip_probability(panel_scores(wide), thresholds=[70, 90])
        said.append(first["flip"])
        did.append(first["band"].to_numpy() != np.searchsorted([70, 90], again.mean(axis=1), side="right"))
    assert np.mean(said) == pytest.approx(np.mean(did), abs=0.03)


@pytest.mark.parametrize(("score", "band"), [(89.99, 0), (90, 1), (90.01, 1)])
def test_a_score_on_the_threshold_is_above_it(score, band):
    scores = pd.DataFrame({"value": [score], "mean": [score], "se": [1.0], "df": [4.0]})
    assert flip_probability(scores, thresholds=[90])["band"].item() == band


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_row_order_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    _, wide = _rate(rng, 11, 4)
    mixed = wide.iloc[rng.permutation(11)]
    a, b = panel_scores(wide).set_index("item"), panel_scores(mixed).set_index("item").sort_index()
    np.testing.assert_allclose(a["low"], b["low"])
