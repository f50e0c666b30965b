"""From one finding to all its like (举一反三): the rule it names screens every project of the year."""

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rule_shape import CHECKS

_COUNTS = ["findings", "found_like", "subjects", "mended", "open"]


def screened(findings: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """One row per check that a finding names in its column `rule`: the faults like it, and what was mended of them.

    `faults` is what `target_faults` gives for the district and year to be screened. Of several findings with the
    same rule the first stands for all (`finding`, `source`, `found_on`): an audit's before others, then by date.
    `findings` that name the rule; `found_like` faults of the targets as approved (as they stand, where those are not
    recorded); `subjects` concerned but the finding's own; `mended`; `open` = found_like - mended. Findings without a
    rule can't be screened for. Raises ArgumentError for a rule that is no check.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> faults = pf.target_faults(book.rows("indicators"), rule, year=2023)
    >>> found = pf.screened(pf.of_work_year(book.rows("findings"), "findings", rule, 2023), faults)
    >>> found[["found_like", "mended", "open"]].sum().tolist()
    [559, 222, 337]
    """
    named = findings[findings["rule"].notna()]
    _refuse_unknown(named["rule"].unique())
    order = named.assign(_other=named["source"] != "audit").sort_values(["_other", "found_on", "finding"])
    first = order.drop_duplicates("rule").rename(columns={"rule": "target_rule"}).reset_index(drop=True)
    first["findings"] = first["target_rule"].map(named["rule"].value_counts())
    found = faults[faults["before"].fillna(faults["after"])]
    found = found.merge(
        first[["target_rule", "subject"]].rename(columns={"subject": "_own"}), on="target_rule"
    )
    other = found["subject"].where(found["subject"] != found["_own"])
    gone = (found["before"].fillna(False) & ~found["after"]).astype("int64")
    rows = found.assign(found_like=1, mended=gone, open=1 - gone, subjects=found["subject_kind"] + other)
    counts = rows.groupby("target_rule").agg(
        {"found_like": "sum", "subjects": "nunique", "mended": "sum", "open": "sum"}
    )
    table = first[["target_rule", "finding", "source", "found_on", "findings"]]
    table = table.merge(counts.reset_index(), on="target_rule", how="left")
    table = table.fillna(dict.fromkeys(_COUNTS, 0)).astype(dict.fromkeys(_COUNTS, "int64"))
    table = table.sort_values("found_like", ascending=False, kind="stable", ignore_index=True)
    table.attrs = dict(findings.attrs)
    return table


def _refuse_unknown(names) -> None:
    for name in names:
        if name not in CHECKS:
            raise ArgumentError("targets.unknown_check", found=name, checks=", ".join(CHECKS))
