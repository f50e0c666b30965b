"""Which districts differ from all together, in which years: money funnels, false discoveries held over all."""

import numpy as np
import pandas as pd

from perflib.infer.discovery import control_discoveries
from perflib.infer.money_funnel import money_funnel
from perflib.infer.rate import FEWEST
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope
from perflib.show.chapters.comparison_words import add_names, told_chance

FALSE_RATE = 0.05


def add_flags(chapter: Chapter, scope: Scope, *, seed: int) -> pd.DataFrame:
    """Funnels of all years with `verdict`; their tables and facts are added.

    All districts in all years are one family: at most a share `FALSE_RATE` of its flags is false on average.
    `verdict`: below, above, alike, or too_few (nothing is said).
    """
    funnels = [_funnel(scope, year, seed) for year in scope.years]
    flags = pd.concat([f for f in funnels if f is not None], ignore_index=True)
    known = (flags["effective"] >= FEWEST).to_numpy()
    found = control_discoveries(flags["p_value"].where(known), rate=FALSE_RATE)
    gap, own = flags["rate"] - flags["centre"], found["is_flagged"].to_numpy(dtype=bool)
    verdict = np.select([~known, own & (gap < 0), own], ["too_few", "below", "above"], default="alike")
    flags = flags.assign(p_adjusted=found["adjusted"].to_numpy(), verdict=verdict,
                         district_name=flags["district"].map(scope.names))  # fmt: skip
    _add_table(chapter, scope, flags)
    _add_facts(chapter, scope, flags)
    return flags


def _funnel(scope: Scope, year: int, seed: int) -> pd.DataFrame | None:
    rows = scope.decisions[scope.decisions["year"] == year]
    if rows.loc[rows["budget"].gt(0), "district"].nunique() < 2:
        return None  # the notes name the districts that lack the year
    return money_funnel(rows, seed=seed + year).assign(year=year)


def _add_table(chapter: Chapter, scope: Scope, flags: pd.DataFrame) -> None:
    names = {"rate": "execution_rate", "low": "funnel_low", "high": "funnel_high", "verdict": "comparison_verdict",
             "low_outer": "predictive_low", "high_outer": "predictive_high", "projects": "decisions",
             "method": "funnel_method"}  # fmt: skip
    columns = ["district_name", "decisions", "effective", "execution_rate", "funnel_low", "funnel_high",
               "predictive_low", "predictive_high", "p_value", "p_adjusted", "comparison_verdict", "funnel_method"]  # fmt: skip
    told = {c: told_chance(flags[c], chapter.lang) for c in ("p_value", "p_adjusted")}
    shown = (
        flags.assign(**told).rename(columns=names).sort_values(["year", "execution_rate", "district_name"])
    )
    now = shown[shown["year"] == scope.year]
    # The page has room for what a reader needs; the list of all years has every column.
    in_page = [
        c for c in columns if c not in ("predictive_low", "predictive_high", "p_value", "funnel_method")
    ]
    chapter.add_table("funnel", now, columns=in_page, count="decisions", is_in_page=len(now) <= 40,
                      ends=now["comparison_verdict"] != "too_few")  # fmt: skip
    chapter.add_table("flags", shown, columns=["year", *columns], count="decisions", is_in_page=False)


def _add_facts(chapter: Chapter, scope: Scope, flags: pd.DataFrame) -> None:
    add, now = chapter.facts.add, flags[flags["year"] == scope.year]
    rows = len(scope.now)
    for verdict in ("below", "above", "alike"):
        chosen = now[now["verdict"] == verdict].sort_values(["rate", "district_name"])
        add(verdict, len(chosen), unit="count", table="funnel", rows=rows, is_open=True)
        if verdict != "alike":
            add_names(chapter, f"{verdict}_names", chosen["district_name"], table="funnel", rows=rows)
    outside, unusual = (int(now[c].sum()) for c in ("is_outside", "is_unusual"))
    add("outside", outside, unit="count", table="funnel", rows=rows, is_open=True)
    add("unusual", unusual, unit="count", table="funnel", rows=rows, is_open=True)
    flagged = int(flags["verdict"].isin(["below", "above"]).sum())
    tested = int(flags["p_adjusted"].notna().sum())
    trail = {"table": "flags", "rows": len(scope.rates)}
    for id, value in (("tested", tested), ("flagged", flagged)):
        add(id, value, unit="count", is_open=True, **trail)
    claimed = int(now["verdict"].isin(["below", "above"]).sum())
    add("claimed", claimed, unit="count", table="funnel", rows=rows, is_open=True)
    add("expected_false", FALSE_RATE * flagged, unit="ratio", **trail)
    add("false_rate", FALSE_RATE, unit="share", table="flags", rows=len(scope.rates))
    tau2 = float(now["tau2"].iloc[0]) if len(now) else None
    add("between_spread", None if tau2 is None else 100 * tau2**0.5, unit="points", table="funnel", rows=rows,
        reason="no_budget")  # fmt: skip
