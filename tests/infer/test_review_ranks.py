import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import ArgumentError
from perflib.infer.review_ranks import judge_pairs, place_items, rank_reviews, read_judgements

GIVEN = "1 1/2 1/2 1/2 1/2 1"
NONE = pd.DataFrame(columns=["rater", "item", "dimension", "score"])
INDICATORS = pd.DataFrame(
    {"name": ["补助人数", "成本控制率", "满意度"], "level1": ["产出", "成本", "满意度"]}
)


def raters(n: int) -> pd.DataFrame:
    """`n` people who find effect twice as important as output, of which cost is a part."""
    marks = {"补助人数": 2.0, "成本控制率": 2.0, "满意度": 4.0}
    rows = [(f"代表{i}", item, "重要性", score) for i in range(n) for item, score in marks.items()]
    return pd.DataFrame(rows, columns=NONE.columns)


def reviews(points: dict) -> pd.DataFrame:
    rows = pd.DataFrame.from_dict(points, orient="index", columns=["decision", "process", "output", "effect"])
    return rows.add_prefix("points_").rename_axis("subject_name").reset_index().assign(kind="finance")


@pytest.mark.parametrize("text", ["", "1 2 3", "1 1/0 1 1 1 1", "a b c d e f", "1 -1 1 1 1 1"])
def test_judgements_that_cannot_be_read_are_refused(text):
    with pytest.raises(ArgumentError, match="six numbers or fractions"):
        read_judgements(text)


def test_raters_stand_in_for_the_pairs_that_they_speak_of():
    pairs, found = judge_pairs(GIVEN, raters(5), INDICATORS, source="ratings")
    row = pairs[pairs["evaluation_dimension"] == "output"].iloc[0]
    assert row["against_dimension"] == "effect" and row["judgement"] == pytest.approx(2 / 4)
    assert (row["judgement_source"], row["voices"]) == ("by_ratings", 5)
    assert pairs["judgement"].tolist()[:5] == [1, 1 / 2, 1 / 2, 1 / 2, 1 / 2]
    assert found == {"judged_pairs": 1, "judges": 5, "unplaced_items": 0}


def test_four_raters_are_too_few_and_given_judgements_can_be_kept_to():
    for ratings, source in ((raters(4), "ratings"), (raters(9), "given")):
        pairs, found = judge_pairs(GIVEN, ratings, INDICATORS, source=source)
        assert found["judged_pairs"] == 0 and found["judges"] is None
        assert pairs["judgement"].tolist() == [1, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1]
    with pytest.raises(ArgumentError, match="`judgement_source` must be `ratings`"):
        judge_pairs(GIVEN, NONE, INDICATORS, source="deputies")


def test_an_item_says_its_dimension_or_has_that_of_its_indicator():
    ratings = pd.DataFrame(
        {"item": ["a", "b", "c", "d"], "dimension": ["决策", "重要性", "重要性", "process"]}
    )
    indicators = pd.DataFrame({"name": ["a", "b", "b", "b"], "level1": ["产出", "满意度", "满意度", "产出"]})
    assert place_items(ratings, indicators).fillna("").tolist() == ["decision", "effect", "", "process"]


def test_a_subject_that_is_best_in_all_comes_first_whatever_the_weights():
    marks = {"甲": [9, 9, 9, 9], "乙": [5, 5, 5, 5], "丙": [1, 8, 1, 1], "丁": [8, 1, 1, 1]}
    study = rank_reviews(reviews(marks), judgements=GIVEN, ratings=NONE, indicators=INDICATORS, seed=1)
    assert study.summary[["first_name", "first_holds"]].iloc[0].tolist() == ["甲", 1.0]
    assert study.ranks.set_index("subject_name").loc["甲"].tolist() == [1] * 5
    assert study.weights["weight_ahp"].tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 3])
    sums = study.chances.groupby("unit")["probability"].sum()
    assert np.allclose(sums, 1)


def test_two_subjects_are_too_few_to_rank():
    study = rank_reviews(
        reviews({"甲": [9] * 4, "乙": [1] * 4}), judgements=GIVEN, ratings=NONE, indicators=INDICATORS
    )
    assert study.ranks.empty and study.chances.empty and study.weights.empty
    assert study.summary["first_name"].isna().item() and study.summary["reason"].item() == "too_few"
    assert len(study.pairs) == 6
