"""Targets that moved during the year: how many, which way, and whether that is why they were met."""

import pandas as pd

from perflib.measure.scoring import SUBJECT
from perflib.measure.target_moves import count_moves, target_moves
from perflib.show.chapter import Chapter
from perflib.show.chapters.whole import named

COUNTS = ("moved", "eased", "tightened", "met_by_move")


def add_moves(chapter: Chapter, now: pd.DataFrame, projects: pd.DataFrame) -> None:
    """Add counts of moved targets, in all and by department, and the list of them."""
    owned = named(now.rename(columns={"name": "indicator_name"}), projects)
    owned = owned.assign(department=owned["department"].fillna("—"))
    total = count_moves(owned)
    row = total.iloc[0] if len(total) else pd.Series(dtype="float64")
    add = chapter.facts.add
    add("both_targets", int(row.get("indicators", 0)), unit="count", table="indicators", rows=len(now))
    for id in COUNTS:
        add(id, int(row.get(id, 0)), unit="count", table="moves", rows=len(now))
    add("moved_share", row.get("moved_share"), unit="share", table="moves", rows=int(row.get("indicators", 0)),
        reason="no_initial_targets")  # fmt: skip
    by = (
        count_moves(owned, by=["department"]) if len(total) else pd.DataFrame(columns=["department", *COUNTS])
    )
    by = by[by["moved"] > 0].sort_values(["moved", "department"], ascending=[False, True], ignore_index=True)
    columns = ["department", "indicators", *COUNTS, "moved_share"]
    chapter.add_table("moved_departments", by.reindex(columns=columns), count="moved")
    chapter.add_table("moves", _moves(owned), is_in_page=False)


def _moves(owned: pd.DataFrame) -> pd.DataFrame:
    moves = target_moves(owned)
    size = moves["moved_share"].abs().fillna(0)
    ordered = moves.assign(_size=size).sort_values(["_size", *SUBJECT, "indicator"],
                                                   ascending=[False, *[True] * (len(SUBJECT) + 1)])  # fmt: skip
    shown = ordered.rename(columns={"unit": "measure_unit", "moved_share": "moved_size"})
    return shown[["department", "subject_name", "indicator_name", "measure_unit", "target_initial", "target", "actual",
                  "moved_size", "is_eased", "is_met_by_move"]].reset_index(drop=True)  # fmt: skip
