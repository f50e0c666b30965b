"""Who can be told apart from whom: sets of ranks and tiers, never a rank by itself; and shrunken rates."""

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.ranks import rank_sets
from perflib.infer.shrinkage import shrink
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.comparison_words import add_names

IN_PAGE = 40  # rows of a table that a page can carry


def add_tiers(
    chapter: Chapter, scope: Scope, estimates: pd.DataFrame, left_out: list, *, seed: int
) -> pd.DataFrame:
    """The estimates of the judged year with `tier`, `rank_low`, `rank_high` and shrunken rates.

    A district below five effective projects keeps its rate, without a tier.
    """
    now = estimates[estimates["year"] == scope.year].drop(columns="reason").reset_index(drop=True)
    error = now["se"].where(now["is_ranked"])
    ranked = int((error > 0).sum())
    if ranked >= 2:
        found = rank_sets(now.assign(se=error), value="rate", named=[], seed=seed)
        now = now.merge(
            found[["district", "tier", "rank_low", "rank_high"]], on="district", validate="one_to_one"
        )
    else:
        now = now.assign(
            **{c: pd.array([pd.NA] * len(now), dtype="Int64") for c in ("tier", "rank_low", "rank_high")}
        )
    now = now.merge(_shrunken(now), on="district", validate="one_to_one")
    if (now["shrink_reason"] == "too_few_units").any():
        left_out.append(DataError("compare.too_few_to_shrink", districts=len(now)))
    _add_table(chapter, now)
    _add_facts(chapter, scope, now, ranked)
    return now


def _shrunken(now: pd.DataFrame) -> pd.DataFrame:
    """Shrunken rates; none where the districts are too few to learn anything from each other."""
    table = shrink(now, value="rate")
    learnt = ["value", "low", "high", "shrinkage"]
    table[learnt] = table[learnt].where(table["reason"] != "too_few_units")
    names = {
        "value": "shrunken",
        "low": "shrunken_low",
        "high": "shrunken_high",
        "reason": "shrink_reason",
    }
    return table.rename(columns=names)[["district", *names.values(), "shrinkage", "mean"]]


def _add_table(chapter: Chapter, now: pd.DataFrame) -> None:
    names = {
        "rate": "execution_rate",
        "low": "rate_low",
        "high": "rate_high",
        "tier": "assessment_tier",
    }
    columns = ["district_name", "assessment_tier", "execution_rate", "rate_low", "rate_high", "rank_low",
               "rank_high", "shrunken", "shrunken_low", "shrunken_high", "shrinkage"]  # fmt: skip
    shown = now.rename(columns=names).sort_values(
        ["execution_rate", "district_name"], ascending=[False, True]
    )
    chapter.add_table(
        "tiers", shown, columns=columns, is_in_page=len(shown) <= IN_PAGE, ends=shown["is_ranked"]
    )


def _add_facts(chapter: Chapter, scope: Scope, now: pd.DataFrame, ranked: int) -> None:
    add, rows = chapter.facts.add, len(scope.now)
    tiers = now["tier"].dropna()
    add("tiers", tiers.nunique(), unit="count", table="tiers", rows=rows, is_open=True)
    add("ranked", ranked, unit="count", table="tiers", rows=rows, is_open=True)
    width = (now["rank_high"] - now["rank_low"] + 1).dropna()
    add("rank_width", float(width.median()) if len(width) else None, unit="places", table="tiers", rows=rows,
        reason="too_few")  # fmt: skip
    first, last = now[now["tier"] == tiers.min()], now[now["tier"] == tiers.max()]
    add_names(chapter, "first_tier_names", first["district_name"], table="tiers", rows=rows)
    add_names(chapter, "last_tier_names", last["district_name"], table="tiers", rows=rows)
    pull = now["shrinkage"].astype("float64")
    add("median_shrinkage", None if pull.isna().all() else float(np.nanmedian(pull)), unit="share", table="tiers",
        rows=rows, reason="too_few")  # fmt: skip
    spread = now[["rate", "shrunken"]].dropna()
    for id, name in (("own_spread", "rate"), ("shrunken_spread", "shrunken")):
        size = float(spread[name].max() - spread[name].min()) * 100 if len(spread) else None
        add(id, size, unit="points", table="tiers", rows=rows, reason="too_few")
