"""The chapter on execution rates: how much of the budget was executed, by whom, on which base."""

import narwhals as nw
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.data.text import say
from perflib.infer.rate import rate_intervals
from perflib.measure.balance import balance_rates
from perflib.measure.bridge import bridge_rates
from perflib.measure.calendar import judged_year
from perflib.measure.frame import collect, column_names
from perflib.measure.money import sum_amounts
from perflib.measure.pefa import pefa_years
from perflib.measure.rates import BASES, execution_rates, project_rates
from perflib.show.chapter import Chapter
from perflib.show.chapters.execution_figures import add_figures
from perflib.show.chapters.start import MissingChapter, rows_of, start_chapter

NAME = "40_execution_rates"
LISTED = 10  # projects in the list of unspent money
AMOUNTS = ("initial_budget", "adjusted_budget", "received", "executed", "carried_over", "lapsed")
LINE = ["project", "name", "department", "executed", "budget", "rate"]


def execution_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the execution of the book's district in the year that the rules judge.

    `base` ("initial", "adjusted", "received") is the base of the rates by project and department.
    """
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules), base)
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules, base: str) -> None:
    own = rows_of(book, "projects", year=judged_year(rules, "execution", book.year))
    projects = _with_heads(own, chapter.lang)
    rated = project_rates(projects, base=base).sort_values("project", ignore_index=True)
    head = _head(rated)
    totals = _add_totals(chapter, projects, base)
    _add_balance(chapter, projects)
    _add_spread(chapter, rated, rules)
    _add_gap(chapter, rated)
    departments = _add_groups(chapter, projects, rated, base, head)
    _add_pefa(chapter, book, head)
    _add_lists(chapter, rated)
    add_figures(chapter, rated=rated, totals=totals, departments=departments, head=head)


def _with_heads(projects: IntoFrame, lang: str) -> IntoFrame:
    """`projects` with all columns that are asked for; who has no department stands under "not stated"."""
    rows = nw.from_native(projects)
    there = column_names(projects)
    absent = [nw.lit(None, nw.String).alias("department")] if "department" not in there else []
    absent += [nw.lit(None, nw.Float64).alias(c) for c in AMOUNTS[:4] if c not in there]
    known = rows.with_columns(*absent) if absent else rows
    return known.with_columns(nw.col("department").fill_null(say("show_tables.not_stated", lang))).to_native()


def _head(rated: pd.DataFrame) -> str:
    """Column of the heads that are compared: departments, or units where all belong to one department."""
    is_one = rated["department"].nunique() <= 1
    return "unit" if is_one and "unit" in rated and rated["unit"].nunique() > 1 else "department"


def _add_totals(chapter: Chapter, projects, base: str) -> pd.Series:
    """The district's amounts; the rates on every base."""
    rates = execution_rates(projects)
    by_base = rates.set_index("base")
    rows = int(rates["projects"].max())
    totals = _amounts(projects)
    add = chapter.facts.add
    add("projects", rows, unit="count", table="projects", rows=rows)
    for name in ("initial_budget", "adjusted_budget", "executed"):
        add(name, totals[name], unit="money", table="projects", rows=rows, reason="not_reported")
    unspent = totals["adjusted_budget"] - totals["executed"]
    add("unspent", unspent, unit="money", table="projects", rows=rows, base="adjusted", reason="not_reported")
    for name in BASES:
        row = by_base.loc[name]
        add(f"rate_{name}", row["rate"], unit="share", table="projects", rows=row["counted"], base=name,
            reason=row["reason"])  # fmt: skip
    chosen = by_base.loc[base]
    add("execution_rate", chosen["rate"], unit="share", table="projects", rows=chosen["counted"],
        reason=chosen["reason"])  # fmt: skip
    add("mean_rate", chosen["mean_rate"], unit="share", table="projects", rows=chosen["defined"],
        reason=chosen["reason"])  # fmt: skip
    undefined = int(chosen["projects"] - chosen["defined"])
    add("undefined", undefined, unit="count", table="projects", rows=rows)
    shown = [
        "base",
        "projects",
        "counted",
        "defined",
        "executed",
        "budget",
        "execution_rate",
        "mean_rate",
    ]
    chapter.add_table("bases", rates.rename(columns={"rate": "execution_rate"}), columns=[*shown, "reason"])
    chapter.key_facts("adjusted_budget", "executed", "execution_rate", "mean_rate")
    return totals


def _amounts(projects) -> pd.Series:
    there = [c for c in AMOUNTS if c in collect(projects).columns]
    return sum_amounts(projects, there).iloc[0].reindex(AMOUNTS)


def _add_balance(chapter: Chapter, projects) -> None:
    balance = balance_rates(projects).set_index("measure")
    totals = _amounts(projects)
    chosen = {
        "adjustment_rate": "net_adjustment_rate",
        "availability_rate": "availability_rate",
        "carry_rate": "carry_over_of_budget",
    }
    for id, measure in chosen.items():
        row = balance.loc[measure]
        chapter.facts.add(
            id, row["rate"], unit="share", table="projects", rows=row["counted"], reason=row["reason"]
        )
    for id in ("carried_over", "lapsed"):
        chapter.facts.add(id, totals[id], unit="money", table="projects", rows=len(collect(projects)),
                          reason="not_reported")  # fmt: skip
    columns = ["measure", "counted", "numerator", "denominator", "rate", "needs_reason", "reason"]
    chapter.add_table("balance", balance.reset_index(), columns=columns, count="counted")


def _add_spread(chapter: Chapter, rated: pd.DataFrame, rules: Rules) -> None:
    line = float(rules.reasons.execution_below)
    defined = rated[rated["rate"].notna()]
    # Compared in cents: 0.9 × budget is not exact in binary.
    executed, budget = (defined[c].mul(100).round().astype("int64") for c in ("executed", "budget"))
    below = defined[executed * 1000 < budget * round(line * 1000)]
    full = int((executed == budget).sum())
    add, rows = chapter.facts.add, len(defined)
    add("reason_line", line, unit="limit", table="projects", rows=rows)
    add(
        "full_share",
        full / rows if rows else None,
        unit="share",
        table="projects",
        rows=rows,
        reason="no_budget",
    )
    add("below_line", len(below), unit="count", table="projects", rows=rows)
    left = float((below["budget"] - below["executed"]).sum().round(2))
    add("below_line_unspent", left, unit="money", table="projects", rows=len(below))
    above = rated[rated["executed"].round(2) > rated["adjusted_budget"].round(2)]
    add("over_budget", len(above), unit="count", table="projects", rows=len(rated), base="adjusted")
    over = above.assign(excess=above["executed"] - above["adjusted_budget"])
    columns = ["project", "name", "department", "adjusted_budget", "executed", "excess"]
    chapter.add_table(
        "over_budget", over.sort_values(["excess", "project"], ascending=[False, True]), columns=columns
    )


def _add_gap(chapter: Chapter, rated: pd.DataFrame) -> None:
    bridge = bridge_rates(rated)
    row = bridge.iloc[0] if len(bridge) else pd.Series(dtype="float64")
    rows = int(row.get("projects", 0))
    gap = row.get("gap")
    chapter.facts.add("gap", None if gap is None else gap * 100, unit="points", table="projects", rows=rows,
                      reason="no_budget")  # fmt: skip
    chapter.facts.add("execution_rate_defined", row.get("weighted_rate"), unit="share", table="projects", rows=rows,
                      reason="no_budget")  # fmt: skip
    chapter.facts.add("effective_number", row.get("effective"), unit="ratio", table="projects", rows=rows,
                      reason="no_budget")  # fmt: skip


def _add_groups(chapter: Chapter, projects, rated: pd.DataFrame, base: str, head: str) -> pd.DataFrame:
    """The tables by `head` and by class; the departments or units with their intervals come back."""
    departments = _group_table(projects, rated, head, base)
    known = departments[departments["verdict"] != "too_few"]
    add, rows = chapter.facts.add, len(rated)
    add("departments", len(departments), unit="count", table="projects", rows=rows)
    for verdict in ("below", "above", "alike"):
        count = int((known["verdict"] == verdict).sum())
        add(f"departments_{verdict}", count, unit="count", table="projects", rows=rows)
    add("departments_too_few", len(departments) - len(known), unit="count", table="projects", rows=rows)
    columns = ["projects", "effective", "budget", "executed", "execution_rate", "rate_low",
               "rate_high", "mean_rate", "verdict"]  # fmt: skip
    shown = departments.sort_values(["execution_rate", head], ignore_index=True)
    chapter.add_table("departments", shown, columns=[head, *columns])
    for column in ("class", "function"):
        if column in rated and rated[column].notna().any():
            chapter.add_table(
                column,
                _group_table(projects, rated, column, base),
                columns=[column, *columns[:-1]],
                is_in_page=column == "class",
            )
    return departments


def _group_table(projects, rated: pd.DataFrame, column: str, base: str) -> pd.DataFrame:
    rates = execution_rates(projects, by=[column], bases=[base])
    intervals = rate_intervals(rated, by=[column])[[column, "effective", "low", "high", "verdict"]]
    table = rates.merge(intervals, on=column, how="left", validate="one_to_one")
    named = {"rate": "execution_rate", "low": "rate_low", "high": "rate_high"}
    return table.rename(columns=named).assign(verdict=table["verdict"].fillna("too_few"))


def _add_pefa(chapter: Chapter, book: Book, head: str) -> None:
    """PEFA of every year up to the one judged; by department and by class where there is one."""
    lines = collect(_with_heads(rows_of(book, "projects"), chapter.lang))
    lines = lines[lines["year"] <= book.year]
    economic = next(c for c in ("class", "category", "department") if c in lines and lines[c].notna().any())
    years = pefa_years(lines, function=head, economic=economic)
    for id, indicator in (("outturn", "PI-1"), ("composition", "PI-2.1")):
        row = years[(years["pefa_indicator"] == indicator) & (years["year"] == book.year)].iloc[0]
        rows = int((lines["year"] == book.year).sum())
        chapter.facts.add(id, row["pefa_value"], unit="share", table="projects", rows=rows, base="initial",
                          reason=row["reason"])  # fmt: skip
        if id == "composition":
            chapter.facts.add("heads", row["heads"], unit="count", table="projects", rows=rows)
    shown = years[years["pefa_value"].notna()]
    chapter.add_table("pefa", shown, columns=["year", "pefa_indicator", "pefa_value", "heads", "band"])


def _add_lists(chapter: Chapter, rated: pd.DataFrame) -> None:
    """The projects that left most unspent, and those without a rate, each with its reason."""
    left = (rated["budget"] - rated["executed"]).round(2)
    defined = rated.assign(unspent=left)[rated["rate"].notna()]
    order = defined.sort_values(["unspent", "project"], ascending=[False, True]).head(LISTED)
    total = float(defined["unspent"].clip(lower=0).sum())
    share = float(order["unspent"].clip(lower=0).sum()) / total if total else None
    chapter.facts.add(
        "largest_unspent_projects", len(order), unit="count", table="projects", rows=len(defined)
    )
    chapter.facts.add("largest_unspent_share", share, unit="share", table="projects", rows=len(order),
                      reason="no_budget")  # fmt: skip
    chapter.add_table("unspent", order, columns=[*LINE, "unspent"])
    undefined = rated[rated["rate"].isna()].sort_values("project")
    columns = ["project", "name", "department", "executed", "budget", "reason"]
    chapter.add_table("undefined", undefined, columns=columns)
