"""What the indicators themselves show: planned against actual, beside the money of the same subject."""

import pandas as pd

from perflib.measure.money import sum_amounts
from perflib.measure.ratio import add_ratio
from perflib.measure.scoring import SUBJECT
from perflib.show.chapter import Chapter
from perflib.show.chapters.whole import policy_names

_KINDS = ("project", "policy", "department")


def add_attainment(chapter: Chapter, scored: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Add how many indicators reached their target; each subject's attainment and execution rate come back.

    An indicator without a direction is read as "at least", which the chapter says.
    """
    usable = scored[scored["completion"].notna() & (scored["direction"] != "qualitative")]
    reached = (usable["completion"] >= 1).sum()
    add, rows = chapter.facts.add, len(usable)
    add("quantities", rows, unit="count", table="indicators", rows=rows)
    add("attained", int(reached), unit="count", table="indicators", rows=rows)
    add("attained_share", reached / rows if rows else None, unit="share", table="indicators", rows=rows,
        reason="no_indicators")  # fmt: skip
    zero = usable[(usable["target"] > 0) & (usable["actual"] == 0)]
    add("nothing_done", len(zero), unit="count", table="indicators", rows=rows)
    far = usable[
        (usable["target"] > 0)
        & (usable["actual"] > 2 * usable["target"])
        & (usable["direction"] == "at_least")
    ]
    add("far_above", len(far), unit="count", table="indicators", rows=rows)
    table = _by_subject(usable, projects)
    columns = ["subject", "subject_name", "indicators", "attained", "attained_share", "mean_completion", "execution_rate",
               "reason"]  # fmt: skip
    add(
        "lost_subjects",
        int(table["reason"].eq("no_amounts").sum()),
        unit="count",
        table="attainment",
        rows=len(table),
    )
    chapter.add_table("attainment", table, columns=columns, is_in_page=False)
    return table


def _by_subject(usable: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    rows = usable.assign(attained=(usable["completion"] >= 1).astype("int64"), indicators=1)
    table = rows.groupby(SUBJECT, as_index=False).agg(
        indicators=("indicators", "sum"), attained=("attained", "sum"), mean_completion=("completion", "mean")
    )
    table["attained_share"] = table["attained"] / table["indicators"]
    money = pd.concat([_money(projects, kind) for kind in _KINDS], ignore_index=True)
    table = table.merge(money, on=["subject_kind", "subject"], how="left")
    table["reason"] = table["reason"].where(table["executed"].notna(), "no_amounts")
    order = ["attained_share", *SUBJECT]
    return table.sort_values(order, ignore_index=True).assign(
        subject_name=lambda t: t["subject_name"].fillna(t["subject"])
    )


def _money(projects: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Execution rate (adjusted budget) of every project, policy or department, with a name to print."""
    rows = projects[projects[kind].notna()]
    sums = sum_amounts(rows, ["executed", "adjusted_budget"], by=[kind])
    rated = add_ratio(sums, "executed", "adjusted_budget", names=("executed", "budget")).rename(
        columns={kind: "subject", "rate": "execution_rate"}
    )
    names = {
        "project": lambda: rows.drop_duplicates(kind).set_index(kind)["name"],
        "policy": lambda: policy_names(rows),
    }
    rated["subject_name"] = rated["subject"].map(names[kind]()) if kind in names else rated["subject"]
    columns = ["subject", "subject_name", "execution_rate", "executed", "budget", "reason"]
    return rated[columns].assign(subject_kind=kind)
