import pandas as pd

from perflib.measure.voices import of_year, opinions

COLUMNS = ["context", "rater", "item", "dimension", "score", "stratum"]


def ratings(*rows, year: int = 2023) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).assign(year=year, opinion=None, is_adopted=None)


def test_answers_that_cannot_be_used_stay_with_their_reason():
    rows = ratings(
        ("questionnaire", "a", "题", "总", 5, "代表"), ("questionnaire", "a", "题", "总", 4, "代表"),
        ("questionnaire", "b", "题", "总", 6, "代表"), ("visit", "c", "题", "总", None, None),
        ("questionnaire", "d", "题", "总", 1, "委员"), ("ex_ante", "e", "题", "总", 90, "专家"),
    )  # fmt: skip
    found = of_year(rows, year=2023, judged=2022)["evaluation_reason"].fillna("").tolist()
    assert found == ["", "rated_twice", "outside_scale", "rater_not_listed", ""]


def test_ratings_of_the_year_judged_stand_in_where_the_work_year_has_none():
    row = "visit", "a", "题", "总", None, "代表"
    assert len(of_year(ratings(row, year=2022), year=2023, judged=2022)) == 1
    both = pd.concat([ratings(row, year=2022), ratings(row, row, year=2023)])
    assert len(of_year(both, year=2023, judged=2022)) == 2


def test_opinions_are_those_that_say_something():
    rows = ratings(*[("visit", rater, "题", "总", None, "代表") for rater in "aabc"])
    rows = rows.assign(
        opinion=["加强监管", "公开结果", " ", "提前评估"], is_adopted=[True, False, True, None]
    )
    row = opinions(rows, by="stratum").iloc[0]
    counts = ["visitors", "n_opinions", "n_adopted", "n_undecided"]
    assert row[counts].tolist() == [3, 3, 1, 1] and row["adopted_share"] == 1 / 3
    silent = opinions(rows.assign(opinion=None), by="stratum").iloc[0]
    assert silent["n_opinions"] == 0 and pd.isna(silent["adopted_share"])
