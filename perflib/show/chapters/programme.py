"""Part of a chapter: one programme in several districts, evaluated by the districts and by the city."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from perflib.data.book import Book
from perflib.data.text import say
from perflib.infer.unit_cost import judge_costs, relative_costs
from perflib.measure.programme import (
    KEYS,
    SHARED_BY,
    common_outputs,
    name_programmes,
    pair_levels,
    programme_indicators,
    programme_money,
    unit_costs,
)
from perflib.measure.tally import collect
from perflib.show.chapter import Chapter
from perflib.show.chapters.programme_figures import add_programme_figures
from perflib.show.chapters.programme_tables import add_costs, add_outputs, add_scores, add_sides
from perflib.show.chapters.whole import complete
from perflib.show.numbers import currency_words

MOST_LISTED = 25  # programmes in the page; more stand in the table's file
_NO_PAIRS = pd.DataFrame(columns=[*KEYS, "district_score", "city_score", "difference", "reason"])
_NO_COSTS = pd.DataFrame(columns=[*KEYS, "output", "kind", "unit", "target", "actual", "executed", "reached",
                                  "unit_cost", "reason"])  # fmt: skip


@dataclass(frozen=True)
class Programmes:
    """What the districts' programmes cost, do and are given, over the years; `year` is the one that is judged."""

    projects: pd.DataFrame
    money: pd.DataFrame
    indicators: pd.DataFrame
    costs: pd.DataFrame
    common: pd.DataFrame
    pairs: pd.DataFrame
    year: int


def add_programme(
    chapter: Chapter, book: Book, *, names: Mapping[str, str], year: int, programme: str = ""
) -> None:
    """Add the programme in the districts `names` (code to name), up to `year`: facts `prog_*` and its tables and figures.

    `programme` is a policy, function or category of the projects, by code or name; empty: the one with most
    scores by district and city, then most outputs in common, then most money.
    """
    chapter.tell(currency_word=currency_words(chapter.currency, chapter.lang))
    found = gather_programmes(book, list(names), year=year, wanted=programme)
    chosen = _choose(found, programme) if found is not None else None
    _add_overview(chapter, found, chosen, asked=programme)
    if found is None or chosen is None:
        return
    costs, pairs = (t[t["programme"] == chosen] for t in (found.costs, found.pairs))
    outputs = found.common.loc[found.common["programme"] == chosen, "output"].tolist()
    judged = pd.DataFrame()
    if outputs and len(relative := relative_costs(costs, outputs)):
        judged = judge_costs(relative, year=found.year)
    add_sides(chapter, found, chosen, names)
    add_outputs(chapter, costs[costs["year"] == found.year], outputs, names)
    add_costs(chapter, judged, names)
    add_scores(chapter, pairs[pairs["year"] == found.year], names)
    add_programme_figures(chapter)


def gather_programmes(book: Book, districts: list[str], *, year: int, wanted: str = "") -> Programmes | None:
    """The programmes of `districts` up to `year`; None where no two districts share one.

    `wanted`, where it is a policy, function or category, says which of these makes a programme. The year that
    is judged is the last with an output reached or a score given, since both come later than
    the money; `year` itself where there is neither.
    """
    projects = collect(book.frame("projects"))
    projects = projects[projects["district"].isin(districts) & (projects["year"] <= year)]
    by = next((c for c in SHARED_BY if wanted and c in projects and projects[c].eq(wanted).any()), "")
    projects = name_programmes(projects, by=by)
    if projects["programme"].isna().all():
        return None
    money = programme_money(projects)
    indicators = _own(book, "indicators", districts, year)
    evaluations = _own(book, "evaluations", districts, year)
    outputs = programme_indicators(indicators, projects) if indicators is not None else _NO_COSTS
    costs = unit_costs(outputs, money) if len(outputs) else _NO_COSTS
    pairs = pair_levels(evaluations, projects) if evaluations is not None else _NO_PAIRS
    both = pairs[pairs["reason"].isna()]
    seen = [*costs.loc[costs["unit_cost"].notna(), "year"], *both["year"]]
    judged = int(max(seen)) if seen else int(projects["year"].max())
    common = (
        common_outputs(costs, year=judged)
        if len(costs)
        else pd.DataFrame(columns=["programme", "output", "unit"])
    )
    return Programmes(projects, money, outputs, costs, common, pairs, judged)


def _own(book: Book, name: str, districts: list[str], year: int) -> pd.DataFrame | None:
    if not book.has(name):
        return None
    rows = book.table(name)
    return complete(rows[rows["district"].isin(districts) & (rows["year"] <= year)], name)


def _choose(found: Programmes, wanted: str) -> str | None:
    """The programme `wanted` by code or name, or the one that shows most; None where there is none."""
    table = overview(found)
    if wanted:
        match = table[(table["programme"] == wanted) | (table["programme_label"] == wanted)]
        return match["programme"].iloc[0] if len(match) else None
    shared = table[table["n_districts"] > 1]
    order = shared.sort_values(
        ["n_scored", "n_outputs", "n_covered", "executed", "programme"],
        ascending=[False, False, False, False, True],
    )
    return order["programme"].iloc[0] if len(order) else None


def overview(found: Programmes) -> pd.DataFrame:
    """One row per programme in the judged year: districts, money, outputs in common, pairs of scores."""
    money = found.money[found.money["year"] == found.year]
    table = money.groupby("programme").agg(
        n_districts=("district", "nunique"), adjusted_budget=("adjusted_budget", "sum"),
        executed=("executed", "sum"), projects=("projects", "sum"),
    ).reset_index()  # fmt: skip
    names = found.projects.drop_duplicates("programme").set_index("programme")["programme_name"]
    both = found.pairs[found.pairs["reason"].isna() & (found.pairs["year"] == found.year)]
    counts = {
        "n_outputs": found.common.groupby("programme").size(),
        "n_covered": found.common.groupby("programme")["districts"].min() if len(found.common) else {},
        "n_scored": both.groupby("programme")["district"].nunique(),
    }
    for name, count in counts.items():
        table[name] = table["programme"].map(count).fillna(0).astype("int64")
    rate = table["executed"] / table["adjusted_budget"].where(table["adjusted_budget"] > 0)
    return table.assign(programme_label=table["programme"].map(names).astype(str), rate=rate)


_COLUMNS = [
    "programme_label",
    "n_districts",
    "projects",
    "adjusted_budget",
    "executed",
    "rate",
    "n_outputs",
    "n_scored",
]


def _add_overview(chapter: Chapter, found: Programmes | None, chosen: str | None, *, asked: str) -> None:
    """Which programmes several districts carry out, which one is shown, and why nothing is where nothing is."""
    add, lang = chapter.facts.add, chapter.lang
    table = overview(found) if found is not None else pd.DataFrame(columns=["programme", *_COLUMNS])
    rows = 0 if found is None else len(found.projects)
    shared = table[table["n_districts"] > 1].sort_values(["n_outputs", "executed"], ascending=False)
    if len(shared):
        chapter.add_table("programmes", shared, columns=_COLUMNS, is_in_page=len(shared) <= MOST_LISTED)
    one = table.set_index("programme").loc[chosen] if chosen is not None else pd.Series(dtype=object)
    has_outputs = bool(one.get("n_outputs", 0))
    problem = None
    if chosen is None:
        problem = (
            say("show_programme.no_such", lang, name=asked)
            if asked
            else say("show_programme.none_shared", lang)
        )
    elif one["n_districts"] < 2:
        problem = say("show_programme.one_district", lang, name=one["programme_label"])
    elif not has_outputs:
        problem = say("show_programme.no_outputs", lang, name=one["programme_label"])
    add("prog_problem", problem, unit="text", table="programmes", rows=rows, reason="nobody")
    # Words and no counts: the public edition hides small counts of projects, and these are none.
    add("prog_shared", str(len(shared)) if len(shared) else None, unit="text", table="programmes", rows=rows,
        reason="nobody")  # fmt: skip
    for id, column in (("prog_name", "programme_label"), ("prog_districts", "n_districts")):
        value = one.get(column)
        add(
            id,
            None if value is None else str(value),
            unit="text",
            table="programmes",
            rows=rows,
            reason="nobody",
        )
    add("prog_year", found.year if chosen is not None else None, unit="year", table="programmes", rows=rows,
        reason="nobody")  # fmt: skip
    add("prog_money", one.get("executed"), unit="money", table="programmes", rows=rows, reason="nobody")
    add("prog_has_outputs", float(has_outputs), unit="ratio", table="programmes", rows=rows)
