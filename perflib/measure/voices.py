"""What deputies, members and those served gave: their answers, marks and opinions, and which of them can be used.

>>> import perflib as pf
>>> said = pf.voices.of_year(pf.load("sample").rows("ratings"), year=2023, judged=2022)
>>> said["rater"].nunique() > 5
True
"""

import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.ratio import NANO, as_nano
from perflib.measure.tally import like, order_of

_PANEL = ["district", "year", "context"]
FAULTS = ("below_scale", "above_scale", "rated_twice", "all_the_same")
BEST = 5  # of the scale of answers
CONTEXTS = ("questionnaire", "indicator_discussion", "visit")


def of_year(ratings: pd.DataFrame, *, year: int, judged: int) -> pd.DataFrame:
    """The answers, discussions and visits of work year `year`, each with the reason why it can't be used (NA: it can).

    Ratings bear the year in which they were given or (where none is of that one) the year that they are about,
    `judged`. evaluation_reason: "rated_twice", "rater_not_listed" (no stratum), "outside_scale" (1 to 5).

    >>> import perflib as pf
    >>> rows = pf.voices.of_year(pf.load("sample").rows("ratings"), year=2023, judged=2022)
    >>> int(rows["evaluation_reason"].notna().sum())
    0
    """
    rows = ratings[ratings["context"].isin(CONTEXTS)]
    rows = rows[rows["year"] == (year if (rows["year"] == year).any() else judged)]
    reason = pd.Series(None, rows.index, dtype=object)
    reason[rows["score"].notna() & ~rows["score"].between(1, BEST)] = "outside_scale"
    reason[rows["stratum"].isna()] = "rater_not_listed"
    reason[rows.duplicated(["context", "rater", "item", "dimension"])] = "rated_twice"
    return like(rows.assign(evaluation_reason=reason), ratings)


def opinions(ratings: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Who spoke and what became of it, one row per `by`: visitors, n_opinions, n_adopted, n_undecided, adopted_share.

    `visitors` are the different raters, an opinion a row whose `opinion` is not empty, undecided one without
    `is_adopted`. adopted_share is NA without an opinion.

    >>> import perflib as pf
    >>> table = pf.voices.opinions(pf.load("sample").rows("ratings", year=2023), by="context")
    >>> bool((table["n_adopted"] <= table["n_opinions"]).all())
    True
    """
    given = ratings["opinion"].fillna("").str.strip() != ""
    said = ratings["is_adopted"].astype("boolean")
    marked = ratings.assign(
        n_opinions=given.astype("int64"),
        n_adopted=(given & said.fillna(False)).astype("int64"),
        n_undecided=(given & said.isna()).astype("int64"),
    )
    sums = {name: (name, "sum") for name in ("n_opinions", "n_adopted", "n_undecided")}
    table = marked.groupby(by, dropna=False, as_index=False).agg(visitors=("rater", "nunique"), **sums)
    share = table["n_adopted"] / table["n_opinions"].where(table["n_opinions"] > 0)
    return like(table.assign(adopted_share=share), ratings)


def rating_faults(ratings: pd.DataFrame, rules: Rules, *, min_items: int = 3) -> pd.DataFrame:
    """One row per rating and `fault`, with all columns of `ratings`; nothing is dropped or mended.

    `below_scale`, `above_scale`: outside the rule's rating scale; `rated_twice`: the same rater, item and
    dimension more than once (all of them); `all_the_same`: every score of a rater over `min_items` items
    or more is one number, so that it tells nothing apart.
    """
    rows = ratings[ratings["score"].notna()].reset_index(drop=True)
    scores = as_nano(rows["score"])
    masks = {
        "below_scale": (scores < int(rules.rating.min * NANO)).astype(bool),
        "above_scale": (scores > int(rules.rating.max * NANO)).astype(bool),
        "rated_twice": rows.duplicated([*_PANEL, "rater", "item", "dimension"], keep=False).to_numpy(),
        "all_the_same": _is_constant(rows, min_items),
    }
    parts = [rows[mask].assign(fault=fault) for fault, mask in masks.items()]
    keys = ["fault", *_PANEL, "rater", "item", "dimension"]
    return pd.concat(parts).sort_values(keys, key=order_of("fault", FAULTS), ignore_index=True)


def _is_constant(rows: pd.DataFrame, min_items: int):
    grouped = rows.groupby([*_PANEL, "rater"], dropna=False)
    same = grouped["score"].transform("nunique") == 1
    return (same & (grouped["item"].transform("nunique") >= min_items)).to_numpy()
