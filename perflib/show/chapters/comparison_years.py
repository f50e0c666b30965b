"""Districts over the years: their rates side by side, changes since the first year, and whether they come closer."""

import pandas as pd

from perflib.infer.dispersion import dispersion_by_year, sigma_convergence
from perflib.infer.district_trend import changes_to, rate_series
from perflib.measure.decisions import decisions
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import CLUSTER, Scope
from perflib.show.chapters.comparison_words import add_names

CHANGE = ["district", "district_name", "first_year", "before", "after", "value", "low", "high", "verdict"]
MEASURES = ("coefficient_of_variation", "gini", "percentile_ratio")


def add_years(chapter: Chapter, scope: Scope, estimates: pd.DataFrame, changes: pd.DataFrame) -> None:
    """Add rates by year, changes since the first year with their verdicts, and dispersion."""
    _add_rates(chapter, scope, estimates)
    _add_dispersion(chapter, scope, estimates)
    _add_changes(chapter, scope, changes)


def changes_of(scope: Scope, breaks: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """One row per district with the first and the judged year: both rates, the change, its interval and `verdict`.

    The verdict ("rose", "fell", "no_change") is that of `changes_to`, so that this chapter and the one on trends
    say the same. The names of the districts that are left out come with it: `across_break`, whose definition
    changed in between (`breaks`, see `definition_breaks`), and `of_few`, with too few projects in a year.
    """
    first, last = min(scope.years), scope.year
    if first == last:
        return pd.DataFrame(columns=CHANGE), {}
    series = rate_series(scope.rates, cluster=CLUSTER, breaks=breaks)
    rows = decisions(scope.rates, by=["district", "year"], together=CLUSTER)
    found = changes_to(series, base_year=first, year=last, rows=rows)
    found["district_name"] = found["district"].map(scope.names)
    broken = found["is_rebased"] | (found["reason"] == "break_of_definition")
    kept = found[~broken & (found["verdict"] != "unknown")].reset_index(drop=True)
    named = {"base_year": "first_year", "value_before": "before", "value_after": "after"}
    kept = kept.rename(columns=named).replace({"verdict": {"alike": "no_change"}})
    rows = {"across_break": broken, "of_few": ~broken & (found["reason"] == "too_few")}
    return kept[CHANGE], {name: found.loc[left, "district_name"].tolist() for name, left in rows.items()}


def _add_rates(chapter: Chapter, scope: Scope, estimates: pd.DataFrame) -> None:
    names = {"rate": "execution_rate", "low": "rate_low", "high": "rate_high", "projects": "decisions"}
    shown = estimates.rename(columns=names).sort_values(["year", "district_name"])
    columns = [
        "year",
        "district_name",
        "decisions",
        "effective",
        "execution_rate",
        "rate_low",
        "rate_high",
    ]
    chapter.add_table("years", shown, columns=columns, count="decisions", is_in_page=False)
    totals = estimates.groupby("year")[["executed", "budget"]].sum()
    pool = totals["executed"] / totals["budget"]
    lowest = int(pool.idxmin()) if len(pool) > 1 else None
    add, rows = chapter.facts.add, len(scope.rates)
    add("lowest_year", lowest, unit="year", table="years", rows=rows, reason="one_year")
    add("lowest_year_rate", None if lowest is None else float(pool[lowest]), unit="share", table="years", rows=rows,
        reason="one_year")  # fmt: skip
    add("first_year_rate", float(pool.iloc[0]), unit="share", table="years", rows=rows)


def _add_dispersion(chapter: Chapter, scope: Scope, estimates: pd.DataFrame) -> None:
    add, rows = chapter.facts.add, len(scope.rates)
    table = dispersion_by_year(estimates, value="rate", measures=MEASURES)
    shown = table.rename(columns={"measure": "dispersion_measure", "value": "dispersion", "low": "dispersion_low",
                                  "high": "dispersion_high", "districts": "districts_counted"})  # fmt: skip
    columns = [
        "year",
        "dispersion_measure",
        "districts_counted",
        "dispersion",
        "dispersion_low",
        "dispersion_high",
    ]
    chapter.add_table("dispersion", shown, columns=columns, is_in_page=False)
    trends = sigma_convergence(table).set_index("measure")
    row = trends.loc["coefficient_of_variation"]
    for id, name in (
        ("convergence", "value"),
        ("convergence_lower", "low"),
        ("convergence_upper", "high"),
    ):
        add(
            id,
            row[name],
            unit="share",
            table="dispersion",
            rows=rows,
            reason=row["reason"] or "too_few_years",
        )
    by_year = table[table["measure"] == "coefficient_of_variation"].set_index("year")["value"]
    for id, year in (("dispersion_first", min(by_year.index)), ("dispersion_now", max(by_year.index))):
        add(id, by_year[year], unit="share", table="dispersion", rows=rows, reason="too_few")


def _add_changes(chapter: Chapter, scope: Scope, changes: pd.DataFrame) -> None:
    add, rows = chapter.facts.add, len(scope.rates)
    for verdict in ("rose", "fell"):
        chosen = changes[changes["verdict"] == verdict].sort_values("value")
        add(verdict, len(chosen), unit="count", table="changes", rows=rows, is_open=True)
        add_names(chapter, f"{verdict}_names", chosen["district_name"], table="changes", rows=rows)
    first = int(changes["first_year"].iloc[0]) if len(changes) else None
    add("change_year", first, unit="year", table="changes", rows=rows, reason="one_year")
    add("changed", len(changes), unit="count", table="changes", rows=rows, is_open=True)
    if changes.empty:
        return
    points = {"value": "rate_change", "low": "rate_change_low", "high": "rate_change_high"}
    shown = changes.assign(**{n: changes[c] * 100 for c, n in points.items()})
    shown = shown.rename(columns={"before": "rate_before", "after": "rate_after", "verdict": "years_verdict"})
    columns = ["district_name", "rate_before", "rate_after", *points.values(), "years_verdict"]
    shown = shown.sort_values(["rate_change", "district_name"], ascending=[False, True])
    chapter.add_table("changes", shown, columns=columns, ends=True)
