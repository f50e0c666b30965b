"""From one finding to all its like (举一反三): the rule it names screens every project of the year."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rule_shape import CHECKS, Rules
from perflib.measure.scoring import SUBJECT
from perflib.measure.targets import FAULT, check_targets

_ABOUT = ["finding", "source", "found_on"]


def screen_findings(
    findings: pd.DataFrame,
    indicators: pd.DataFrame,
    rules: Rules,
    *,
    last_year: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Every fault like those that `findings` name, one row per finding and fault.

    A finding names a check in its column `rule`; findings without one can't be screened for and stay
    out. All subjects of `indicators` in the finding's district are screened, whatever the year of the
    finding: pass the indicators of the year to be screened. Adds to the columns of `check_targets`
    `finding`, `source`, `found_on` and `is_origin` (the subject that the finding itself was about).
    Raises ArgumentError for a rule that is no check.
    """
    named = findings[findings["rule"].notna()].reindex(columns=[*_ABOUT, "district", "subject", "rule"])
    _refuse_unknown(named["rule"].unique())
    faults = check_targets(indicators, rules, last_year=last_year, only=tuple(named["rule"].unique()))
    named = named.rename(columns={"subject": "_origin"})
    table = faults.merge(named, on=["district", "rule"], how="inner")
    table = table.assign(is_origin=table["subject"] == table["_origin"]).drop(columns="_origin")
    return table.sort_values(["finding", *SUBJECT, "indicator"], ignore_index=True)


def count_screened(
    findings: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, *, by: Sequence[str] = ()
) -> pd.DataFrame:
    """One row per finding with a rule (and group of `by`): what the screening found and what was mended.

    `before` and `after` come from `screen_findings`. `found` (faults), `subjects` (concerned, the
    finding's own left out), `mended` (in `before`, not in `after`), `open` = found - mended.
    """
    keys = ["finding", *by]
    still = after[["finding", *FAULT]].drop_duplicates().assign(_still=True)
    rows = before.merge(still, on=["finding", *FAULT], how="left")
    mended = rows["_still"].isna()
    subject = rows.groupby(SUBJECT, dropna=False).ngroup().where(~rows["is_origin"])
    rows = rows[keys].assign(found=1, mended=mended.astype("int64"), _subject=subject)
    table = rows.groupby(keys, sort=True, dropna=False).agg(
        found=("found", "sum"), subjects=("_subject", "nunique"), mended=("mended", "sum")
    )
    table = table.reset_index()
    if not by:
        named = findings.loc[findings["rule"].notna(), ["finding", "rule"]].sort_values("finding")
        table = named.merge(table, on="finding", how="left").fillna({"found": 0, "subjects": 0, "mended": 0})
    counts = ["found", "subjects", "mended"]
    table = table.astype(dict.fromkeys(counts, "int64"))
    return table.assign(open=table["found"] - table["mended"]).reset_index(drop=True)


def _refuse_unknown(names: Sequence[str]) -> None:
    for name in names:
        if name not in CHECKS:
            raise ArgumentError("targets.unknown_check", found=name, checks=", ".join(CHECKS))
