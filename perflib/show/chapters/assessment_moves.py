"""What it would take for a department to stand apart from all the others, told where nobody does."""

import pandas as pd

from perflib.infer.tier_moves import least_moves
from perflib.show.chapter import Chapter

SHOWN = 5  # departments each way in the page
WAYS = ("up", "down")


def add_least_moves(chapter: Chapter, tiered: pd.DataFrame) -> None:
    """Add the smallest changes that are enough for a tier of one's own, and facts of the smallest of all."""
    has = len(tiered) > 0 and tiered["tier"].notna().any()
    moves = least_moves(tiered) if has else pd.DataFrame()
    names = {"direction": "move_direction", "needed": "marks_needed", "room": "marks_room"}
    columns = ["department", "move_direction", "marks_needed", "marks_room", "move_possible"]
    shown = moves.rename(columns=names).reindex(columns=[*columns, "is_possible"])
    shown["move_possible"] = shown["is_possible"].map({True: "yes", False: "no"})
    first = [shown[shown["move_direction"] == way].head(SHOWN) for way in WAYS]
    chapter.add_table("least_moves", pd.concat(first, ignore_index=True), columns=columns)
    for way in WAYS:
        _add_facts(chapter, shown[shown["move_direction"] == way], way)


def _add_facts(chapter: Chapter, shown: pd.DataFrame, way: str) -> None:
    least = shown.iloc[0] if len(shown) else pd.Series(dtype="object")
    for id, column, unit in (("name", "department", "text"), ("points", "marks_needed", "score"),
                             ("room", "marks_room", "score")):  # fmt: skip
        chapter.facts.add(f"least_{way}_{id}", least.get(column), unit=unit, table="least_moves", rows=len(shown),
                          reason="too_few")  # fmt: skip
