"""Every district's execution rate on every base, as a ratio of sums and as a mean, for the comparison."""

import pandas as pd

from perflib.infer.group_rates import group_rates
from perflib.infer.rate import FEWEST
from perflib.measure.rates import BASES, execution_rates
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope


def add_rates(chapter: Chapter, scope: Scope) -> pd.DataFrame:
    """Add both bases and both means of the year that is judged; estimates of every year and district come back.

    Those have, beside the columns of `group_rates`, `district_name` and `is_ranked`: whether there are enough
    effective projects for anything to be said.
    """
    now = scope.now
    estimates = pd.concat(
        [
            group_rates(rows, by=["year", "district"])
            for _, rows in scope.decisions.groupby("year")
            if rows["budget"].gt(0).any()
        ],
        ignore_index=True,
    )
    estimates["district_name"] = estimates["district"].map(scope.names)
    estimates["is_ranked"] = estimates["effective"] >= FEWEST
    judged = estimates[estimates["year"] == scope.year]
    _add_bases(chapter, scope, now, judged.set_index("district")["is_ranked"])
    _add_scope(chapter, scope, now, judged)
    return estimates


def _add_bases(chapter: Chapter, scope: Scope, now: pd.DataFrame, is_ranked: pd.Series) -> None:
    """One row per district: the rate and the simple mean on every base that is reported."""
    rates = execution_rates(now, by=["district"])
    known = rates.dropna(subset=["rate"])["base"].unique()
    wide = pd.DataFrame(index=pd.Index(scope.codes, name="district"))
    columns = []
    for base in (b for b in BASES if b in known):
        rows = rates[rates["base"] == base].set_index("district")
        for name, source in ((f"rate_on_{base}", "rate"), (f"mean_on_{base}", "mean_rate")):
            wide[name] = rows[source]
            columns.append(name)
    counts = now.groupby("district").size()
    wide = wide.assign(district_name=pd.Series(scope.names), projects=counts).dropna(subset=["projects"])
    wide = wide.astype({"projects": "int64"}).sort_values(
        [*columns[:1], "district_name"], ascending=[False, True]
    )
    chapter.add_table("bases", wide, columns=["district_name", "projects", *columns],
                      ends=is_ranked.reindex(wide.index, fill_value=False))  # fmt: skip
    means = wide[[c for c in columns if c.startswith("mean_")]].max(axis=None)
    chapter.facts.add("mean_extreme", None if pd.isna(means) else float(means), unit="share", table="bases",
                      rows=len(now), reason="no_budget")  # fmt: skip


def _add_scope(chapter: Chapter, scope: Scope, now: pd.DataFrame, estimates: pd.DataFrame) -> None:
    add, rows = chapter.facts.add, len(now)
    add("compared_year", scope.year, unit="year", table="projects", rows=rows)
    add("first_year", scope.years[0], unit="year", table="projects", rows=len(scope.rates))
    for id, value in (("years", len(scope.years)), ("districts", len(estimates))):
        add(id, value, unit="count", table="projects", rows=rows, is_open=True)
    add("projects", rows, unit="count", table="projects", rows=rows)
    add("fewest", FEWEST, unit="count", table="projects", rows=rows, is_open=True)
    add(
        "unranked",
        int((~estimates["is_ranked"]).sum()),
        unit="count",
        table="projects",
        rows=rows,
        is_open=True,
    )
    whole = execution_rates(now, bases=[scope.base]).iloc[0]
    trail = {"unit": "share", "table": "projects", "rows": int(whole["counted"]), "reason": whole["reason"]}
    add("pool_rate", whole["rate"], **trail)
    add("pool_mean", whole["mean_rate"], **trail)
    bare = scope.decisions[(scope.decisions["year"] == scope.year) & ~scope.decisions["budget"].gt(0)]
    add("without_budget", float(bare["executed"].sum()), unit="money", table="projects", rows=len(bare))
    add("median_effective", estimates["effective"].median(), unit="ratio", table="projects", rows=rows,
        reason="no_budget")  # fmt: skip
    own = estimates[estimates["district"] == scope.own]
    add("own_rate", own["rate"].iloc[0] if len(own) else None, unit="share", table="projects",
        rows=int(own["projects"].sum()), reason="not_compared")  # fmt: skip
