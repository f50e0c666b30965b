"""The order of the evaluated under several weights of the dimensions, and how firmly it stands."""

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from perflib.data.edition import SMALLEST
from perflib.data.errors import ArgumentError, DataError
from perflib.measure.reviews import DIMENSIONS, POINTS
from perflib.measure.tally import like, order_of

# Saaty's random index by number of criteria.
RANDOM_INDEX = {3: 0.58, 4: 0.9, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45}


def ahp_weights(judgements: pd.DataFrame) -> pd.DataFrame:
    """Weights of criteria from pairwise judgements (principal eigenvector), one row per criterion.

    Parameters
    ----------
    judgements : square, cell (i, j) how much more i matters than j (1/9 to 9), its mirror the reciprocal.

    Returns
    -------
    Columns criterion, weight (sum 1), cr (ratio of inconsistency, the same in every row).

    Source: Saaty 1980.
    """
    a = judgements.to_numpy(dtype=float)
    n = len(a)
    values, vectors = np.linalg.eig(a)
    top = int(np.argmax(values.real))
    weight = np.abs(vectors[:, top].real)
    inconsistency = (float(values[top].real) - n) / (n - 1)
    table = pd.DataFrame({"criterion": judgements.columns, "weight": weight / weight.sum()})
    return table.assign(cr=inconsistency / RANDOM_INDEX[n])


def entropy_weights(units: pd.DataFrame) -> pd.Series:
    """Weights by entropy: the more a criterion differs between units, the more it weighs.

    One row per unit, one column per criterion, values not below 0. Dispersion isn't importance: noise
    raises a weight too. Equal weights where no criterion differs at all.
    """
    x = units.to_numpy(dtype=float)
    if (x < 0).any():
        raise DataError("evaluation.entropy_negative", n=int((x < 0).sum()))
    total = x.sum(axis=0)
    p = np.divide(x, total, out=np.full(x.shape, 1 / len(x)), where=total > 0)
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(axis=0) / np.log(len(x))
    spread = np.clip(1 - entropy, 0, None)
    even = spread.sum() < 1e-12
    weight = np.full(len(spread), 1 / len(spread)) if even else spread / spread.sum()
    return pd.Series(weight, index=units.columns, name="weight")


def _scaled(units: pd.DataFrame) -> np.ndarray:
    """Each criterion brought from worst 0 to best 1; one without spread is 0 throughout."""
    x = units.to_numpy(dtype=float)
    low, span = x.min(axis=0), np.ptp(x, axis=0)
    return np.divide(x - low, span, out=np.zeros(x.shape), where=span > 0)


def score_units(units: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Weighted mean (0-1) of several criteria, each scaled from worst to best, of each unit.

    `units` has one row per unit, one column per criterion, more is better, no NA; `weights` are by criterion.
    """
    w = weights.reindex(units.columns).to_numpy(dtype=float)
    return pd.Series(_scaled(units) @ (w / w.sum()), units.index)


def rank_stability(
    units: pd.DataFrame, weights: pd.Series, *, draws: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Share of other weights under which each unit has each rank, one row per unit and rank.

    Weights are drawn from a Dirichlet with mean `weights` (by criterion, sum 1) and `CONCENTRATION`. Columns unit,
    rank, probability.
    """
    drawn = np.random.default_rng(seed).dirichlet(np.maximum(weights * CONCENTRATION, 1e-6), draws)
    value = np.round(drawn @ _scaled(units).T, 12)
    rank = 1 + (value[:, None, :] > value[:, :, None]).sum(axis=2)
    n = len(units)
    counts = (rank[:, :, None] == np.arange(1, n + 1)).mean(axis=0)
    names, places = np.repeat(units.index.to_numpy(), n), np.tile(np.arange(1, n + 1), n)
    return pd.DataFrame({"unit": names, "rank": places, "probability": counts.ravel()})


def judge_importance(ratings: pd.DataFrame) -> pd.DataFrame:
    """How much more one criterion matters than another to those who rated both, one row per pair.

    Parameters
    ----------
    ratings : rater, criterion, score (importance, above 0). A rater's importance of a criterion is the mean
        of what they gave to it.

    Returns
    -------
    Columns first, second, ratio, raters. ratio = geometric mean, over raters, of their importance of
    the first over that of the second (Aczél & Saaty 1983): above 1, the first matters more. Pairs that
    nobody rated are left out. Each rater's ratios agree with one another, and where all rated
    everything so do the group's.
    """
    known = ratings[ratings["score"] > 0]
    own = known.groupby(["rater", "criterion"])["score"].mean().unstack()
    logs = np.log(own.astype("float64"))
    rows = []
    for first, second in itertools.combinations(logs.columns, 2):
        gap = (logs[first] - logs[second]).dropna()
        if len(gap):
            rows.append((first, second, float(np.exp(gap.mean())), len(gap)))
    return pd.DataFrame(rows, columns=["first", "second", "ratio", "raters"])


# Cost is a part of output, and satisfaction a part of effect, in the national framework of evaluation.
_WORDS = {
    "decision": ("决策", "decision"),
    "process": ("过程", "管理", "process"),
    "output": ("产出", "成本", "output", "cost"),
    "effect": ("效益", "效果", "满意", "effect", "benefit", "satisfaction"),
}
SOURCES = ("ratings", "given")
FEWEST = 3  # subjects: of two, an order says little
CONCENTRATION = 50.0  # lets a weight of 0.30 vary by about ± 0.06 (one standard deviation)
SELDOM = 0.05  # ranks that other weights give less often are not among those that a subject may have


@dataclass(frozen=True)
class ReviewRanks:
    """Frames on the order of the evaluated: `pairs`, `weights`, `ranks`, `chances`, `summary`.

    `pairs`: the judgements behind AHP, one row per pair of dimensions (evaluation_dimension, against_dimension,
    judgement: how many times the first matters more, judgement_source, voices). `weights`: of each dimension, equal,
    by entropy, by AHP. `ranks`: of each subject under each set, and rank_low to rank_high of weights about equal;
    `chances`: of each of its ranks under those (unit, rank, probability). `summary`: one row, its numbers NA with the
    `reason` too_few where fewer than 3 can be compared; then the last three frames are empty.
    """

    pairs: pd.DataFrame
    weights: pd.DataFrame
    ranks: pd.DataFrame
    chances: pd.DataFrame
    summary: pd.DataFrame


def rank_reviews(
    reviews: pd.DataFrame, *, judgements: str, source: str = "ratings", ratings: pd.DataFrame,
    indicators: pd.DataFrame, seed: int = 0,
) -> ReviewRanks:  # fmt: skip
    """The order of the finance reviews by their points in four dimensions, under equal, entropy and AHP weights.

    `judgements`: how much more each dimension (decision, process, output, effect) matters than each later one, six
    numbers or fractions, for AHP. `source` "ratings" lets the importances that raters gave to indicators (`ratings`:
    usable rows of the discussion; `indicators` say which dimension an item is of) stand in wherever five or more
    speak of a pair; "given" keeps to the list. Marks are scaled from worst to best. Random weights about equal ones
    are drawn with `seed`. ArgumentError for judgements that can't be read.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> table = pf.reviews.latest(book.rows("evaluations", year=2022), book.rows("projects"), rule)
    >>> none = book.rows("ratings")[:0]
    >>> pf.rank_reviews(table, judgements="1 1 1 1 1 1", ratings=none, indicators=none).weights.shape
    (4, 4)
    """
    pairs, found = judge_pairs(judgements, ratings, indicators, source=source)
    ahp = ahp_weights(_square(pairs))
    units = reviews[reviews["kind"] == "finance"].drop_duplicates("subject_name").set_index("subject_name")
    units = units[POINTS].set_axis(list(DIMENSIONS), axis=1).dropna().astype(float)
    found |= {"rows": len(units), "consistency": ahp["cr"].iloc[0], "reason": "too_few"}
    none = {"first_name": None, "first_holds": None, "rank_changes": None}
    if len(units) < FEWEST:
        empty = pd.DataFrame(columns=["unit", "rank", "probability"])
        summary = like(pd.DataFrame([found | none]), reviews)
        return ReviewRanks(pairs, pd.DataFrame(), pd.DataFrame(), empty, summary)
    equal = pd.Series(1 / len(DIMENSIONS), index=units.columns)
    sets = {"equal": equal, "entropy": entropy_weights(units), "ahp": ahp.set_index("criterion")["weight"]}
    ranks, chances = _ranks(units, sets, seed)
    weights = pd.DataFrame(sets).add_prefix("weight_").rename_axis("evaluation_dimension").reset_index()
    first = ranks["subject_name"].iloc[0]
    is_first = (chances["unit"] == first) & (chances["rank"] == 1)
    moved = ranks[[f"rank_{k}" for k in sets]].nunique(axis=1) > 1
    found |= {"first_name": first, "first_holds": chances.loc[is_first, "probability"].iloc[0],
              "rank_changes": int(moved.sum())}  # fmt: skip
    return ReviewRanks(pairs, weights, ranks, chances, like(pd.DataFrame([found]), reviews))


def _ranks(units: pd.DataFrame, sets: dict, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ranks under each set of weights with those that weights about equal allow, and the chance of each rank."""
    scores = pd.DataFrame({f"rank_{k}": score_units(units, w) for k, w in sets.items()})
    ranks = scores.round(12).rank(ascending=False, method="min").astype(int)
    chances = rank_stability(units, sets["equal"], seed=seed)
    kept = chances[chances["probability"] >= SELDOM].groupby("unit")["rank"]
    table = ranks.assign(rank_low=kept.min(), rank_high=kept.max()).rename_axis("subject_name")
    table = table.sort_values(["rank_equal", "rank_low"]).reset_index()
    order = order_of("unit", table["subject_name"])
    return table, chances.sort_values("unit", key=order, kind="stable", ignore_index=True)


def judge_pairs(
    text: str, ratings: pd.DataFrame, indicators: pd.DataFrame, *, source: str
) -> tuple[pd.DataFrame, dict]:
    """The judgement of each pair of dimensions, from `text` or the raters, and how many of each there are."""
    if source not in SOURCES:
        raise ArgumentError("show_evaluation.judgement_source", found=source)
    first, second = np.triu_indices(len(DIMENSIONS), 1)
    names = np.array(DIMENSIONS, dtype=object)
    given = pd.DataFrame({"first": names[first], "second": names[second], "given": read_judgements(text)})
    placed = ratings.assign(criterion=place_items(ratings, indicators))
    rated = judge_importance(placed.dropna(subset=["criterion"]) if source == "ratings" else placed[:0])
    # A pair is rated in alphabetical order, which need not be that of the dimensions.
    turned = rated.rename(columns={"first": "second", "second": "first"}).assign(ratio=1 / rated["ratio"])
    rated = pd.concat([rated, turned])
    rated = rated[rated["raters"] >= SMALLEST]
    table = given.merge(rated, on=["first", "second"], how="left")
    has = table["ratio"].notna()
    pairs = pd.DataFrame(
        {
            "evaluation_dimension": table["first"],
            "against_dimension": table["second"],
            "judgement": table["ratio"].astype("float64").fillna(table["given"]),
            "judgement_source": has.map({True: "by_ratings", False: "by_parameter"}),
            "voices": table["raters"].astype("Int64"),
        }
    )
    judges = int(pairs["voices"].max()) if has.any() else None
    lost = placed.loc[placed["criterion"].isna(), "item"].nunique()
    return like(pairs, ratings), {"judged_pairs": int(has.sum()), "judges": judges, "unplaced_items": lost}


def read_judgements(text: str) -> list[float]:
    """The upper triangle of a square of judgements: six numbers or fractions, row by row."""
    try:
        upper = [float(Fraction(part)) for part in text.split()]
    except (ValueError, ZeroDivisionError):
        upper = []
    if len(upper) != 6 or min(upper) <= 0:
        raise ArgumentError("show_evaluation.judgement_list", found=text)
    return upper


def _square(pairs: pd.DataFrame) -> pd.DataFrame:
    square = np.eye(len(DIMENSIONS))
    rows, columns = np.triu_indices(len(DIMENSIONS), 1)
    upper = pairs["judgement"].to_numpy()
    square[rows, columns], square[columns, rows] = upper, 1 / upper
    return pd.DataFrame(square, index=list(DIMENSIONS), columns=list(DIMENSIONS))


def place_items(ratings: pd.DataFrame, indicators: pd.DataFrame) -> pd.Series:
    """The dimension of each rating's item: said by the rating, else the first level of the indicator of that name.

    NA where neither names one of DIMENSIONS.
    """
    said = _read_dimension(ratings["dimension"])
    if indicators.empty:
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
