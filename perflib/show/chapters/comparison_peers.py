"""The districts that are most like this one, and how it stands among them."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.book import Book
from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE
from perflib.infer.peers import nearest_peers
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope

COVARIATES = ("population", "area", "revenue", "industry_share")
PEERS = 5


def add_peers(chapter: Chapter, scope: Scope, book: Book, tiers: pd.DataFrame, left_out: list) -> None:
    """Add every district's nearest peers, and the own district's rate against theirs, with an interval."""
    known = _covariates(book, scope)
    if not known or len(scope.codes) < 3:
        left_out.append(DataError("compare.no_circumstances", districts=len(scope.codes)))
        _add_facts(chapter, scope, pd.DataFrame(columns=["district", "peer", "rate", "se"]), tiers)
        return
    table = book.table("districts").drop_duplicates("district")
    table = table[table["district"].isin(scope.codes)]
    pairs = nearest_peers(table, covariates=known, peers=min(PEERS, len(scope.codes) - 1))
    rates = tiers[["district", "rate", "low", "high", "se"]].rename(columns={"district": "peer"})
    pairs = pairs.merge(rates, on="peer", how="left", validate="many_to_one")
    shown = pairs.assign(
        district_name=pairs["district"].map(scope.names), peer_name=pairs["peer"].map(scope.names)
    )
    shown = shown.rename(columns={"rate": "execution_rate", "low": "rate_low", "high": "rate_high",
                                  "distance": "peer_distance", "place": "peer_place"})  # fmt: skip
    columns = ["peer_name", "peer_distance", "execution_rate", "rate_low", "rate_high"]
    own = shown[shown["district"] == scope.own]
    if len(own):
        chapter.add_table("peers", own.sort_values("peer_place"), columns=columns)
    order = shown.sort_values(["district_name", "peer_place"])
    chapter.add_table("peers_all", order, columns=["district_name", *columns], is_in_page=False)
    _add_facts(chapter, scope, pairs[pairs["district"] == scope.own], tiers)


def _covariates(book: Book, scope: Scope) -> list[str]:
    if not book.has("districts"):
        return []
    table = book.table("districts")
    rows = table[table["district"].isin(scope.codes)]
    return [c for c in COVARIATES if c in rows and rows[c].notna().sum() > 2 and rows[c].nunique() > 1]


def _add_facts(chapter: Chapter, scope: Scope, pairs: pd.DataFrame, tiers: pd.DataFrame) -> None:
    """The own rate less the simple mean of the peers' rates: what like districts reach."""
    add, rows = chapter.facts.add, len(scope.now)
    own = tiers[tiers["district"] == scope.own]
    known = pairs[pairs["rate"].notna()]
    value = lower = upper = mean = None
    if len(own) and len(known):
        mean = float(known["rate"].mean())
        value = float(own["rate"].iloc[0]) - mean
        error = np.hypot(own["se"].iloc[0], np.sqrt((known["se"] ** 2).sum()) / len(known))
        half = stats.norm.ppf(0.5 + CONFIDENCE / 2) * float(error)
        lower, upper = value - half, value + half
    add(
        "has_peers", float(chapter.frame("peers_all") is not None), unit="ratio", table="peers_all", rows=rows
    )
    add("peers", len(known), unit="count", table="peers", rows=rows, is_open=True)
    add("peer_rate", mean, unit="share", table="peers", rows=rows, reason="no_peers")
    for id, number in (("peer_difference", value), ("peer_lower", lower), ("peer_upper", upper)):
        add(
            id,
            None if number is None else 100 * number,
            unit="points",
            table="peers",
            rows=rows,
            reason="no_peers",
        )
