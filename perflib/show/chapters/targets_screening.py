"""From one finding to all its like (举一反三): what the screening found, and what was mended."""

import pandas as pd

from perflib.data.rules import Rules
from perflib.data.text import say
from perflib.measure.calendar import of_work_year
from perflib.measure.screening import count_screened, screen_findings
from perflib.measure.targets import with_initial_targets
from perflib.show.chapter import Chapter

_COLUMNS = [
    "rule_label",
    "finding",
    "source",
    "found_on",
    "findings",
    "found_like",
    "subjects",
    "mended",
    "open",
]
_SUMS = ("found", "subjects", "mended", "open")


def add_screening(
    chapter: Chapter, findings: pd.DataFrame | None, now: pd.DataFrame, rules: Rules, last: pd.DataFrame | None,
    work_year: int,
) -> pd.DataFrame:  # fmt: skip
    """Screen the year's indicators by every rule that a finding of the work year names.

    Of several findings with the same rule the first (by date, audit before others) stands for all. Returned
    are `rule` and `finding`, so that lists can say which rows a finding has led to.
    """
    first, named = _first_findings(findings, rules, work_year)
    add = chapter.facts.add
    add("named_findings", len(named), unit="count", table="findings", rows=len(named))
    add("named_rules", len(first), unit="count", table="findings", rows=len(named))
    table = _screen(first, now, rules, last)
    table = table.merge(named.groupby("rule").size().rename("findings").reset_index(), on="rule", how="left")
    for id in _SUMS:
        value = int(table[id].sum()) if len(table) else 0
        add(f"screened_{id}", value, unit="count", table="screening", rows=len(now))
    words = [say(f"targets.{rule}", chapter.lang) for rule in table["rule"]]
    shown = table.assign(rule_label=words).rename(columns={"found": "found_like"})
    chapter.add_table("screening", shown.reindex(columns=_COLUMNS), count="subjects")
    return first[["rule", "finding"]]


def _first_findings(findings: pd.DataFrame | None, rules: Rules, work_year: int):
    if findings is None:
        empty = pd.DataFrame(columns=["rule", "finding", "source", "found_on", "district", "subject"])
        return empty, empty
    own = of_work_year(findings, "findings", rules, work_year)
    named = own[own["rule"].notna()]
    ordered = named.assign(_order=named["source"] != "audit").sort_values(["_order", "found_on", "finding"])
    return ordered.drop_duplicates("rule").drop(columns="_order").reset_index(drop=True), named


def _screen(first: pd.DataFrame, now: pd.DataFrame, rules: Rules, last: pd.DataFrame | None) -> pd.DataFrame:
    if first.empty:
        return pd.DataFrame(columns=["rule", "finding", "source", "found_on", *_SUMS])
    before = screen_findings(first, with_initial_targets(now), rules, last_year=last)
    after = screen_findings(first, now, rules, last_year=last)
    counts = count_screened(first, before, after)
    about = first[["finding", "source", "found_on"]]
    return counts.merge(about, on="finding", how="left").sort_values(
        "found", ascending=False, ignore_index=True
    )
