"""The order of the evaluated under several weights of the dimensions, and how firmly it stands."""

import pandas as pd

from perflib.infer.weights import (
    ahp_weights,
    entropy_weights,
    equal_weights,
    rank_stability,
    score_units,
)
from perflib.show.chapter import Chapter
from perflib.show.chapters.key_evaluation_judgements import DIMENSIONS

FEWEST = 3  # subjects: of two, an order says little
CONCENTRATION = 50.0


def add_weights(chapter: Chapter, now: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Add weights, ranks under each set and their stability; probabilities of ranks come back.

    `judgements`: the square for AHP. Only finance reviews are ranked, with each other; marks are scaled from worst to best.
    """
    ahp = ahp_weights(judgements)
    units = now[now["kind"] == "finance"].drop_duplicates("subject_name").set_index("subject_name")
    units = units[[f"points_{d}" for d in DIMENSIONS]].set_axis(DIMENSIONS, axis=1).dropna().astype(float)
    add, rows = chapter.facts.add, len(units)
    add("consistency", ahp["cr"].iloc[0], unit="ratio", table="weights", rows=4)
    if rows < FEWEST:
        for id, unit in (("first_holds", "share"), ("first_name", "text"), ("rank_changes", "count")):
            add(id, None, unit=unit, table="ranks", rows=rows, reason="too_few")
        return pd.DataFrame()
    sets = {"equal": equal_weights(units), "entropy": entropy_weights(units),
            "ahp": ahp.set_index("criterion")["weight"]}  # fmt: skip
    weights = pd.DataFrame(sets).rename_axis("evaluation_dimension").reset_index()
    chapter.add_table("weights", weights.rename(columns={k: f"weight_{k}" for k in sets}))
    ranks = pd.DataFrame(
        {f"rank_{k}": score_units(units, w, method="sum").set_index("unit")["rank"] for k, w in sets.items()}
    )
    chances = rank_stability(units, sets["equal"], method="sum", concentration=CONCENTRATION, seed=0)
    kept = chances[chances["probability"] >= 0.05].groupby("unit")["rank"]
    table = ranks.assign(rank_best=kept.min(), rank_worst=kept.max()).rename_axis("subject_name")
    table = table.sort_values(["rank_equal", "rank_best"]).reset_index()
    chapter.add_table("ranks", table)
    first = table["subject_name"].iloc[0]
    holds = chances[(chances["unit"] == first) & (chances["rank"] == 1)]["probability"].iloc[0]
    moved = ranks.nunique(axis=1) > 1
    add("first_name", first, unit="text", table="ranks", rows=rows)
    add("first_holds", holds, unit="share", table="ranks", rows=rows)
    add("rank_changes", int(moved.sum()), unit="count", table="ranks", rows=rows)
    order = {name: i for i, name in enumerate(table["subject_name"])}
    return chances.sort_values("unit", key=lambda s: s.map(order), kind="stable", ignore_index=True)
