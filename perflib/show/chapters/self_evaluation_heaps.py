"""Heaps at round scores, bunching just above the lines between grades, and how much of it is mechanical."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.infer.bunching import bunching, heaps, mechanical_bunching
from perflib.show.chapter import Chapter

MARKS = (90, 95, 100)
CONVINCING = 0.05  # a shift this unlikely by chance is called one
_NUMBERS = {"bunch_below": "count", "bunch_above": "count", "bunch_excess": "ratio", "bunch_lower": "ratio",
            "bunch_upper": "ratio", "bunch_p": "chance", "mechanical": "ratio", "mechanical_share": "share"}  # fmt: skip


def add_heaps(chapter: Chapter, rated: pd.DataFrame, recomputed: pd.DataFrame, rules: Rules) -> None:
    """Add what stands on round marks, and the tests at each line between grades."""
    full = float(rules.scoring.score_max)
    marks = heaps(rated["score"], marks=MARKS, ceiling=full)
    _add_marks(chapter, marks, len(rated))
    lines = [float(b.lower) for b in rules.grades if 0 < b.lower < rules.scoring.score_max]
    tested = bunching(rated["score"], thresholds=lines, ceiling=full, seed=0)
    dealt = mechanical_bunching(*_parts(rated, recomputed), thresholds=lines, seed=0)
    dealt = dealt[["threshold", "value", "share"]].rename(
        columns={"value": "mechanical", "share": "mechanical_share"}
    )
    table = tested.merge(dealt, on="threshold", how="left")
    names = {"threshold": "score_line", "value": "bunch_excess", "low": "bunch_lower", "high": "bunch_upper",
             "p_adjusted": "bunch_p", "n_below": "bunch_below", "n_above": "bunch_above", "reason": "bunch_reason"}  # fmt: skip
    table = table.rename(columns=names).sort_values("score_line", ascending=False, ignore_index=True)
    columns = ["score_line", *_NUMBERS, "bunch_reason"]
    chapter.add_table("bunching", table, columns=columns, count="bunch_above")
    _add_facts(chapter, table, len(rated))


def _parts(rated: pd.DataFrame, recomputed: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Reported marks of the indicators and of execution: the total less the execution's marks, and those."""
    keys = ["subject_kind", "subject"]
    joined = rated[[*keys, "score"]].merge(recomputed[[*keys, "execution_points"]], on=keys, how="left")
    return joined["score"] - joined["execution_points"], joined["execution_points"]


def _add_marks(chapter: Chapter, marks: pd.DataFrame, rows: int) -> None:
    shown = marks.rename(columns={"mark": "score_line", "n": "on_mark", "share": "on_mark_share",
                                  "expected": "expected_on_mark", "p": "heap_p"})  # fmt: skip
    chapter.add_table("heaps", shown, columns=["score_line", "on_mark", "on_mark_share", "expected_on_mark", "heap_p"],
                      count="on_mark")  # fmt: skip
    full = marks.iloc[-1]
    add = chapter.facts.add
    add("full_marks", full["n"], unit="count", table="heaps", rows=rows)
    add(
        "full_marks_share",
        full["share"] if rows else None,
        unit="share",
        table="heaps",
        rows=rows,
        reason="no_scores",
    )
    heaped = marks[(marks["p"] < CONVINCING).fillna(False)]
    add("heaped_marks", len(heaped), unit="count", table="heaps", rows=rows)
    add("heaped_scores", int(heaped["n"].sum()), unit="count", table="heaps", rows=rows)
    expected = float(heaped["expected"].sum()) if len(heaped) else None
    add("heaped_expected", expected, unit="ratio", table="heaps", rows=rows, reason="too_few_scores")


def _add_facts(chapter: Chapter, table: pd.DataFrame, rows: int) -> None:
    """The test at the line of the best grade; how many lines show a shift that chance does not explain."""
    best = table.iloc[0]
    add = chapter.facts.add
    add("best_line", best["score_line"], unit="score", table="rules", rows=0)
    for id, unit in _NUMBERS.items():
        is_tested = pd.notna(best["bunch_p"]) or id in ("bunch_below", "bunch_above")
        add(
            id,
            best[id] if is_tested else None,
            unit=unit,
            table="bunching",
            rows=rows,
            reason="too_few_scores",
        )
    add(
        "bunched_lines",
        int((table["bunch_p"] < CONVINCING).fillna(False).sum()),
        unit="count",
        table="bunching",
        rows=rows,
    )
    add("tested_lines", int(table["bunch_p"].notna().sum()), unit="count", table="bunching", rows=rows)
