import numpy as np
import pandas as pd
import pytest

from perflib.data.edition import small_cells
from perflib.data.errors import DataError
from perflib.infer.questionnaire import (
    questionnaire,
    response_by_stratum,
    scale_reliability,
    top_two_box,
    weighted_top_two,
)


def _answers(scores, *, item="满意度", stratum="人大代表", invited=30, start=0):
    return pd.DataFrame(
        {
            "rater": [f"{stratum}{start + i}" for i in range(len(scores))],
            "item": item,
            "score": scores,
            "stratum": stratum,
            "invited": invited,
        }
    )


def test_response_by_stratum():
    ratings = pd.concat(
        [
            _answers([5] * 20),
            _answers([4] * 6, stratum="专家", invited=np.nan),
            _answers([4] * 9, stratum="政协委员", invited=8),
        ]
    )
    table = response_by_stratum(ratings).set_index("stratum")
    assert table.loc["人大代表", "rate"] == 20 / 30
    assert table.loc["专家", "reason"] == "invited_unknown"
    assert table.loc["政协委员", "reason"] == "more_than_invited"
    assert np.isnan(table.loc["政协委员", "rate"])


def test_three_answers_are_suppressed_and_cannot_be_had_from_the_total():
    ratings = pd.concat(
        [_answers([5] * 20), _answers([4] * 3, stratum="专家"), _answers([4] * 9, stratum="政协委员")]
    )
    table = response_by_stratum(ratings).set_index("stratum")
    assert table["reason"].eq("suppressed").to_dict() == {"专家": True, "人大代表": False, "政协委员": True}
    assert table.loc["专家", ["answered", "rate"]].isna().all()
    assert top_two_box(_answers([5, 5, 4]))["reason"].to_list() == ["suppressed"]
    assert top_two_box(_answers([5, 5, 4]))[["n", "n_top", "value", "low", "high"]].isna().all(axis=None)
    assert scale_reliability(_answers([5, 5, 4]))["reason"].eq("suppressed").all()
    assert weighted_top_two(_answers([5, 5, 4])).isna().all()


@pytest.mark.parametrize(("n", "is_hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_five_answers_may_be_shown(n, is_hidden):
    assert bool(small_cells(pd.Series([n])).item()) == is_hidden


def test_top_two_without_correction_is_wilson():
    # Wilson 1927 for 65 of 100: 0.5525 to 0.7364.
    row = top_two_box(_answers([5] * 40 + [4] * 25 + [3] * 35)).iloc[0]
    assert (row["n"], row["n_top"], row["value"]) == (100, 65, 65 / 100)
    assert [row["low"], row["high"]] == pytest.approx([0.5525, 0.7364], abs=5e-5)


def test_correction_narrows_and_a_census_has_no_error():
    scores = [5] * 40 + [4] * 25 + [3] * 35
    wide = top_two_box(_answers(scores)).iloc[0]
    part = top_two_box(_answers(scores), population=150).iloc[0]
    full = top_two_box(_answers(scores), population=100).iloc[0]
    assert wide["low"] < part["low"] < full["low"] == 0.65 == full["high"]
    over = top_two_box(_answers(scores), population=90).iloc[0]
    assert over["reason"] == "answers_exceed_population"
    assert over["low"] == wide["low"]


def test_correction_enlarges_the_sample_to_what_it_is_worth():
    from perflib.infer.interval import wilson_interval

    row = top_two_box(_answers([5] * 40 + [2] * 20), population=120).iloc[0]
    worth = 60 * (120 - 1) / (120 - 60)
    want = wilson_interval([40 / 60 * worth], [worth]).iloc[0]
    assert [row["low"], row["high"]] == pytest.approx([want["low"], want["high"]])


def test_corrected_interval_covers():
    rng = np.random.default_rng(1)
    people = np.where(np.arange(120) < 90, 5, 2)
    samples = [_answers(rng.choice(people, 60, replace=False), item=f"题{i}") for i in range(300)]
    table = top_two_box(pd.concat(samples), population=120)
    covered = (table["low"] <= 0.75) & (table["high"] >= 0.75)
    assert covered.mean() == pytest.approx(0.95, abs=0.04)


def test_missing_scores_are_no_answers():
    assert top_two_box(_answers([5, 5, 4, 2, 1, np.nan]))["n"].item() == 5


def test_strata_are_counted_at_their_size():
    ratings = pd.concat(
        [
            _answers([5] * 8 + [2] * 2, invited=100),
            _answers([5] * 2 + [2] * 8, stratum="政协委员", invited=20),
        ]
    )
    assert weighted_top_two(ratings).item() == pytest.approx((100 * 0.8 + 20 * 0.2) / 120)
    assert weighted_top_two(ratings.assign(invited=np.nan)).isna().all()


def test_scale_and_items():
    rng = np.random.default_rng(2)
    content = rng.normal(size=40)
    ratings = pd.concat(
        [
            _answers(np.clip(np.round(3.5 + content + rng.normal(0, 0.6, 40)), 1, 5), item=f"题{i}")
            for i in range(4)
        ]
    )
    table = scale_reliability(ratings, draws=50).set_index("quantity")
    assert table.loc["alpha", "value"] > 0.7
    assert table.loc["omega", "low"] < table.loc["omega", "value"] < table.loc["omega", "high"]
    two = scale_reliability(ratings[ratings["item"].isin(["题0", "题1"])]).set_index("quantity")
    assert two.loc["omega", "reason"] == "too_few_items"


def test_an_answer_given_twice_is_refused():
    ratings = pd.concat([_answers([5] * 6), _answers([4])])
    with pytest.raises(DataError, match="answered `满意度` more than once"):
        scale_reliability(ratings)


def test_the_summary_is_of_the_same_answers_as_the_items():
    asked = questionnaire(_answers([5, 5, 4, 4, 4, 1]))
    row, item = asked.summary.iloc[0], asked.items.iloc[0]
    assert row["answered"] == 6 and row["satisfied_share"] == 5 / 6
    assert row["best_share"] == row["worst_share"] == item["value"] == 5 / 6
    assert row["are_apart"] == 0


def test_four_answers_are_not_summed_up_and_none_says_so():
    few = questionnaire(_answers([5, 5, 4, 4])).summary.iloc[0]
    assert pd.isna(few["answered"]) and pd.isna(few["satisfied_share"]) and few["reason"] == "suppressed"
    assert questionnaire(_answers([5] * 6)[:0]).summary["reason"].item() == "no_answers"
