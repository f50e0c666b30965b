"""Scores that stand on round marks or just at a line between grades.

>>> import pandas as pd, perflib as pf
>>> scores = pd.DataFrame({"score": [90.0, 90.0, 95.5, 100.0]})
>>> pf.heaping.round_marks(scores, rules=pf.rules("national-2020"))["on_mark"].tolist()
[2, 0, 1]
"""

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.bunching import bunching, heaps, mechanical_bunching
from perflib.measure.tally import like, tally

MARKS = (90, 95, 100)
CONVINCING = 0.05  # a shift this unlikely by chance is called one


def round_marks(scores: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """How many `score`s stand exactly on each round mark, and how many their neighbours let expect.

    One row per mark: `score_line`, `on_mark`, `on_mark_share`, `expected_on_mark`, `heap_p` (binomial).
    """
    table = heaps(scores["score"], marks=MARKS, ceiling=float(rules.scoring.score_max))
    names = {"mark": "score_line", "n": "on_mark", "share": "on_mark_share"}
    names |= {"expected": "expected_on_mark", "p": "heap_p"}
    return like(table.rename(columns=names), scores)


def heaped(marks: pd.DataFrame) -> pd.DataFrame:
    """One row: marks on which more scores stand than the neighbourhood lets expect, how many, and how many expected."""
    piled = marks[(marks["heap_p"] < CONVINCING).fillna(False)]
    expected = piled["expected_on_mark"].sum() if len(piled) else None
    found = tally(
        marks, heaped_marks=len(piled), heaped_scores=int(piled["on_mark"].sum()), heaped_expected=expected,
        reason="too_few_scores",
    )  # fmt: skip
    return found.assign(rows=int(marks["on_mark"].sum()))  # scores, not marks


def grade_lines(scores: pd.DataFrame, *, rules: Rules, seed: int = 0) -> pd.DataFrame:
    """The test for bunching at each line between grades, the best grade first.

    `scores` has `score` and `execution_points` (marks that execution gave, for the part of a heap that the formula
    makes by itself). One row per line: `score_line`, `bunch_below`, `bunch_above`, `bunch_excess`, its interval
    `bunch_low` to `bunch_high`, `bunch_p` (adjusted over lines), `mechanical`, `mechanical_share`, `bunch_reason`.
    """
    full = float(rules.scoring.score_max)
    lines = [float(band.lower) for band in rules.grades if 0 < band.lower < full]
    tested = bunching(scores["score"], thresholds=lines, ceiling=full)
    others, execution = scores["score"] - scores["execution_points"], scores["execution_points"]
    dealt = mechanical_bunching(others, execution, thresholds=lines, seed=seed)
    dealt = dealt.rename(columns={"value": "mechanical", "share": "mechanical_share"})
    table = tested.merge(dealt, on="threshold", how="left")
    names = {"threshold": "score_line", "value": "bunch_excess", "low": "bunch_low", "high": "bunch_high",
             "p_adjusted": "bunch_p", "n_below": "bunch_below", "n_above": "bunch_above", "reason": "bunch_reason"}  # fmt: skip
    table = table.rename(columns=names).sort_values("score_line", ascending=False, ignore_index=True)
    return like(table, scores)


def best_line(lines: pd.DataFrame) -> pd.DataFrame:
    """One row on the line of the best grade, and how many lines (`bunched_lines`) show a shift beyond chance.

    Where the line could not be tested its numbers are NA, with the reason too_few_scores.
    """
    row = lines.iloc[[0]].rename(columns={"score_line": "best_line"}).copy()
    if row["bunch_p"].isna().all():
        row[["bunch_excess", "bunch_low", "bunch_high", "mechanical_share"]] = None
    row = row.assign(
        bunched_lines=int((lines["bunch_p"] < CONVINCING).fillna(False).sum()), reason="too_few_scores"
    )
    return like(row, lines)
