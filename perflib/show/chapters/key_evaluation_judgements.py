"""The judgements behind the weights by AHP: what deputies and members find important, else what was given."""

from fractions import Fraction

import numpy as np
import pandas as pd

from perflib.data.edition import SMALLEST
from perflib.data.errors import ArgumentError
from perflib.infer.judgements import judge_importance
from perflib.show.chapter import Chapter

DIMENSIONS = ["decision", "process", "output", "effect"]
# Cost is a part of output, and satisfaction a part of effect, in the national framework of evaluation.
_WORDS = {
    "decision": ("决策", "decision"),
    "process": ("过程", "管理", "process"),
    "output": ("产出", "成本", "output", "cost"),
    "effect": ("效益", "效果", "满意", "effect", "benefit", "satisfaction"),
}
SOURCES = ("ratings", "given")


def read_judgements(text: str) -> pd.DataFrame:
    """The square of judgements from its upper triangle: six numbers or fractions, row by row."""
    try:
        upper = [float(Fraction(part)) for part in text.split()]
    except (ValueError, ZeroDivisionError):
        upper = []
    if len(upper) != 6 or min(upper) <= 0:
        raise ArgumentError("show_evaluation.judgement_list", found=text)
    square = np.eye(4)
    rows, columns = np.triu_indices(4, 1)
    square[rows, columns], square[columns, rows] = upper, 1 / np.array(upper)
    return pd.DataFrame(square, index=DIMENSIONS, columns=DIMENSIONS)


def place_items(ratings: pd.DataFrame, indicators: pd.DataFrame | None) -> pd.Series:
    """The dimension of each rating's item: said by the rating, else the first level of the indicator of that name.

    NA where neither names one of DIMENSIONS.
    """
    said = _read_dimension(ratings["dimension"])
    if indicators is None or indicators.empty:
        return said
    levels = indicators[["name", "level1"]].dropna().assign(place=lambda t: _read_dimension(t["level1"]))
    common = levels.dropna().groupby("name")["place"].agg(lambda x: x.mode().iloc[0])
    return said.fillna(ratings["item"].map(common))


def _read_dimension(text: pd.Series) -> pd.Series:
    words = text.astype("str").str.lower()
    found = pd.Series(None, index=text.index, dtype="object")
    for dimension, names in _WORDS.items():
        found = found.mask(words.str.contains("|".join(names)).fillna(False).astype(bool), dimension)
    return found


def add_judgements(
    chapter: Chapter, judgements: str, ratings: pd.DataFrame, indicators: pd.DataFrame | None, *, source: str
) -> pd.DataFrame:
    """The square of judgements for AHP: `judgements`, and over them what the raters find (`source` "ratings").

    `ratings`: usable rows of the discussion of indicators. A pair counts that SMALLEST or more rated.
    """
    if source not in SOURCES:
        raise ArgumentError("show_evaluation.judgement_source", found=source)
    square = read_judgements(judgements)
    placed = ratings.assign(criterion=place_items(ratings, indicators))
    pairs = judge_importance(placed.dropna(subset=["criterion"])) if source == "ratings" else pd.DataFrame()
    pairs = pairs[pairs["raters"] >= SMALLEST] if len(pairs) else pairs
    for row in pairs.itertuples():
        square.loc[row.first, row.second], square.loc[row.second, row.first] = row.ratio, 1 / row.ratio
    _add_table(chapter, square, pairs)
    add, rows = chapter.facts.add, len(ratings)
    add("judged_pairs", len(pairs), unit="count", table="judgements", rows=rows)
    judges = int(pairs["raters"].max()) if len(pairs) else None
    add("judges", judges, unit="count", table="ratings", rows=rows, reason="no_judges")
    lost = placed.loc[placed["criterion"].isna(), "item"].nunique()
    add("unplaced_items", lost, unit="count", table="ratings", rows=rows)
    return square


def _add_table(chapter: Chapter, square: pd.DataFrame, pairs: pd.DataFrame) -> None:
    rated = {frozenset((p.first, p.second)): p.raters for p in pairs.itertuples()}
    rows = [
        (a, b, square.loc[a, b], "by_ratings" if frozenset((a, b)) in rated else "by_parameter",
         rated.get(frozenset((a, b))))
        for i, a in enumerate(DIMENSIONS) for b in DIMENSIONS[i + 1 :]
    ]  # fmt: skip
    columns = ["evaluation_dimension", "against_dimension", "judgement", "judgement_source", "voices"]
    table = pd.DataFrame(rows, columns=columns).astype({"voices": "Int64"})
    chapter.add_table("judgements", table)
