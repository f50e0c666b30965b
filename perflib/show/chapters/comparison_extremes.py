"""What explains the ends: which programmes or projects make the difference, and how their budgets came about."""

import numpy as np
import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope

ENDS, LISTED = 3, 3  # districts at each end, and projects for each


def add_extremes(chapter: Chapter, scope: Scope, tiers: pd.DataFrame) -> None:
    """Add, for the districts at both ends and the own one, what contributes most to their difference."""
    now = scope.now
    rows = now[now["reason"].fillna("").ne("not_reported")].reset_index(drop=True)
    _add_kinds(chapter, scope, rows)
    sums = rows.groupby("district")[["numerator", "denominator"]].sum()
    pool = rows["numerator"].sum() / rows["denominator"].sum() if rows["denominator"].sum() else np.nan
    order = tiers.sort_values(["value", "district_name"])["district"].tolist()
    chosen = list(dict.fromkeys([*order[:ENDS], *([scope.own] if scope.own else []), *order[-ENDS:]]))
    part = rows[rows["district"].isin(chosen)]
    money = part["district"].map(sums["denominator"])
    # (spent − pool rate × budget) / the district's budget: adds up to the district's difference.
    part = part.assign(contribution_points=100 * (part["numerator"] - pool * part["denominator"]) / money,
                       budget_share=part["denominator"] / money)  # fmt: skip
    part = part.assign(_size=part["contribution_points"].abs(), _end=part["district"].map(order.index))
    listed = (
        part.sort_values(["_end", "_size", "project"], ascending=[True, False, True])
        .groupby("district")
        .head(LISTED)
    )
    name = listed["name"] if "name" in listed else listed["project"]
    shown = listed.assign(project_name=name.fillna(listed["project"]), execution_rate=listed["rate"],
                          rate_reason=listed["reason"]).sort_values(["_end", "_size"], ascending=[True, False])  # fmt: skip
    columns = ["district_name", "project_name", "denominator", "numerator", "execution_rate", "budget_share",
               "contribution_points", "rate_reason"]  # fmt: skip
    chapter.add_table("extremes", shown, columns=columns)


def _add_kinds(chapter: Chapter, scope: Scope, rows: pd.DataFrame) -> None:
    """Budgets created in the year, and spending above the credit: how much, and how they were executed."""
    add = chapter.facts.add
    has_initial = "initial_budget" in rows and rows["initial_budget"].notna().any()
    created = rows["initial_budget"].fillna(0).le(0) if has_initial else pd.Series(False, index=rows.index)
    budget = rows["adjusted_budget"] if "adjusted_budget" in rows else rows["denominator"]
    spent = rows["executed"] if "executed" in rows else rows["numerator"]
    with_budget = budget > 0
    share = lambda chosen: _ratio(budget[chosen].sum(), budget.sum())  # noqa: E731
    made, planned = created & with_budget, ~created & with_budget
    reason = "not_reported" if not has_initial else "no_budget"
    trail = {"unit": "share", "table": "projects", "rows": len(rows), "base": "adjusted", "reason": reason}
    add("created_share", share(made) if has_initial else None, **trail)
    add("created_rate", _ratio(spent[made].sum(), budget[made].sum()) if has_initial else None, **trail)
    add("planned_rate", _ratio(spent[planned].sum(), budget[planned].sum()) if has_initial else None, **trail)
    add(
        "created_number",
        float(made.sum() / with_budget.sum()) if has_initial and with_budget.any() else None,
        **trail,
    )
    over = (spent.round(2) > budget.round(2)).fillna(False)
    add("over_number", float(over.mean()) if len(rows) else None, **{**trail, "reason": "no_budget"})
    add(
        "over_amount",
        float((spent - budget)[over].sum()),
        unit="money",
        table="projects",
        rows=len(rows),
        base="adjusted",
    )
    by = rows.assign(
        _made=budget.where(made, 0.0), _over=(spent - budget).where(over, 0.0), _budget=budget, _spent=spent
    )
    table = by.groupby("district")[["_made", "_over", "_budget"]].sum()
    table = table.assign(district_name=table.index.map(scope.names), created_share=table["_made"] / table["_budget"],
                         over_share=table["_over"] / table["_budget"]).reset_index()  # fmt: skip
    shown = table.sort_values(["created_share", "district_name"], ascending=[False, True])
    chapter.add_table(
        "circumstances", shown, columns=["district_name", "created_share", "over_share"], is_in_page=False
    )


def _ratio(over: float, under: float) -> float | None:
    return float(over / under) if under > 0 else None
