"""What explains the ends: which programmes or projects make the difference, and how their budgets came about."""

import numpy as np
import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import CLUSTER, Scope, added

ENDS, LISTED = 3, 3  # districts at each end, and projects for each


def add_extremes(chapter: Chapter, scope: Scope, tiers: pd.DataFrame) -> None:
    """Add, for the districts at both ends and the own one, what contributes most to their difference."""
    now = scope.now
    rows = now[now["reason"].fillna("").ne("not_reported")].reset_index(drop=True)
    _add_kinds(chapter, scope, rows)
    sums = rows.groupby("district")[["executed", "budget"]].sum()
    pool = rows["executed"].sum() / rows["budget"].sum() if rows["budget"].sum() else np.nan
    order = tiers.sort_values(["rate", "district_name"])["district"].tolist()
    chosen = list(dict.fromkeys([*order[:ENDS], *([scope.own] if scope.own else []), *order[-ENDS:]]))
    part = added(rows[rows["district"].isin(chosen)], ["district", CLUSTER])
    money = part["district"].map(sums["budget"])
    # (spent − pool rate × budget) / the district's budget: adds up to the district's difference.
    part = part.assign(contribution_points=100 * (part["executed"] - pool * part["budget"]) / money,
                       budget_share=part["budget"] / money, execution_rate=part["rate"])  # fmt: skip
    part = part.assign(_size=part["contribution_points"].abs(), _end=part["district"].map(order.index))
    place, rising = ["_end", "_size", CLUSTER], [True, False, True]
    listed = part.sort_values(place, ascending=rising).groupby("district").head(LISTED)
    named = listed.merge(_decision_names(rows), on=["district", CLUSTER], validate="one_to_one")
    shown = named.assign(district_name=named["district"].map(scope.names)).sort_values(
        place, ascending=rising
    )
    columns = ["district_name", "project_name", "budget", "executed", "execution_rate", "budget_share",
               "contribution_points"]  # fmt: skip
    chapter.add_table("extremes", shown, columns=columns)


def _decision_names(rows: pd.DataFrame) -> pd.DataFrame:
    """What a decision is called: its project's name, its unit's where every project has a programme, or its policy."""
    has_programmes = "policy" in rows and rows["policy"].notna().all()
    known = [c for c in ("name", *(["unit"] if has_programmes else []), "policy") if c in rows]
    groups = rows.groupby(["district", CLUSTER])[known]
    first, number = groups.first(), groups.nunique()
    told = pd.Series(first.index.get_level_values(CLUSTER), index=first.index, dtype=object)
    for name in reversed(known):
        told = first[name].astype(object).where(number[name] == 1, told)
    return told.rename("project_name").reset_index()


def _add_kinds(chapter: Chapter, scope: Scope, rows: pd.DataFrame) -> None:
    """Budgets created in the year, and spending above the credit: how much, and how they were executed."""
    add = chapter.facts.add
    has_initial = "initial_budget" in rows and rows["initial_budget"].notna().any()
    created = rows["initial_budget"].fillna(0).le(0) if has_initial else pd.Series(False, index=rows.index)
    budget = rows["adjusted_budget"] if "adjusted_budget" in rows else rows["budget"]
    spent = rows["executed"]
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
