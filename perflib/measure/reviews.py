"""Evaluations by departments and by finance: the standing ones, of which kind, and how they compare with their peers.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> projects = book.rows("projects", year=2022)
>>> reviews = pf.reviews.latest(book.rows("evaluations", year=2022), projects, rule)
>>> reviews["subject"].notna().all().item()
True
"""

import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.grades import grade_scores
from perflib.measure.self_evaluation import latest_rounds
from perflib.measure.subjects import named
from perflib.measure.tally import like

DIMENSIONS = ("decision", "process", "output", "effect")
POINTS = [f"points_{name}" for name in DIMENSIONS]


def latest(evaluations: pd.DataFrame, projects: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The district's own evaluations by departments and by finance, last rounds, one row per subject and evaluator.

    Adds subject_name, grade_key (by the bands of `rules`; NA without a score) and review: "joint_audit" where finance
    and audit look together, else who evaluated and how ("finance_own", "finance_third_party", "department_own" …).
    What the city evaluated stands in the comparison of districts.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> table = pf.reviews.latest(book.rows("evaluations"), book.rows("projects"), pf.rules("binjiang-2023"))
    >>> sorted(table["kind"].unique())
    ['department', 'finance']
    """
    own = own_evaluations(evaluations)
    rows = named(latest_rounds(own[own["kind"].isin(["department", "finance"])]), projects)
    how = rows["evaluator_kind"].fillna("own")
    review = (rows["kind"] + "_" + how).where(how != "joint_audit", "joint_audit")
    table = rows.assign(review=review, grade_key=grade_scores(rows["score"], rules)["grade"])
    return like(table, evaluations)


def against_peers(own: pd.DataFrame, peers: pd.DataFrame) -> pd.DataFrame:
    """Points of each evaluation by finance in `own` less the mean of the others in `peers`, a row per dimension.

    Both are rows of `latest`, `own` among `peers`. Columns subject_name, evaluation_dimension, points, peer_mean,
    peer_gap. A dimension without points, or with no peer, has no row.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> table = pf.reviews.latest(book.rows("evaluations"), book.rows("projects"), pf.rules("binjiang-2023"))
    >>> pf.reviews.against_peers(table[table["year"] == 2022], table)["evaluation_dimension"].unique().tolist()
    ['decision', 'process', 'output', 'effect']
    """
    pool, rows = peers[peers["kind"] == "finance"], own[own["kind"] == "finance"]
    long = rows.melt(["subject_name"], POINTS, "evaluation_dimension", "points")
    total, n = pool[POINTS].sum(), pool[POINTS].notna().sum()
    dimension = long["evaluation_dimension"]
    left = dimension.map(n - 1).astype("float64")
    others = (dimension.map(total).astype("float64") - long["points"]) / left.where(left > 0)
    table = long.assign(evaluation_dimension=dimension.str.removeprefix("points_"), peer_mean=others)
    table = table.assign(peer_gap=long["points"] - others).dropna(subset=["peer_gap"])
    return like(table.reset_index(drop=True), own)


def own_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The rows that the district organised itself; what the city evaluated is compared with them elsewhere.

    A row that does not tell its level is the district's own.
    """
    return evaluations[~_by_city(evaluations)]


def city_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The rows that the city organised."""
    return evaluations[_by_city(evaluations)]


def _by_city(evaluations: pd.DataFrame) -> pd.Series:
    if "level" not in evaluations:
        return pd.Series(False, index=evaluations.index)
    return (evaluations["level"] == "city").fillna(False).astype(bool)
