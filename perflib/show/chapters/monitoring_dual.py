"""Where every project stands in money and in goals, against its plan or its kind's past."""

import pandas as pd

from perflib.data.rules import Rules, load_rules
from perflib.infer.outlook import Outlook
from perflib.measure.progress import (
    dual_position,
    expected_share,
    line_states,
    tolerance_distance,
    type_profile,
    usual_gap,
)
from perflib.measure.warning import warn_lines
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.quadrants import quadrants

WELL_SPENT, WELL_REACHED = 0.9, 1.0  # what counts as having finished well
QUADRANTS = ("on_track", "money_late", "goals_late", "both_late")
BASES = ("plan", "profile", "time")
COMPARED = "sichuan-2025"  # lines to compare with where the chosen set has none
PACE = ["quadrant", "projects", "outside", "adjusted_budget"]


def place_projects(outlook: Outlook) -> pd.DataFrame:
    """`outlook.now` with its position (see `dual_position`), `usual`, `gap_score` and `is_inside`.

    What was due is the project's plan, else the share that its kind had spent by this month in earlier
    years, else elapsed time. `usual` is the usual gap of goals over money in projects of its kind that
    finished well, `gap_score` how many spreads this one is from it, `is_inside` whether it lies in the region
    that holds nine tenths of them.
    """
    past = outlook.past[outlook.past["year"] < outlook.now["year"].max()]
    profile = type_profile(past) if len(past) else None
    now = dual_position(outlook.now, expected_share(outlook.now, profile))
    well = _finished_well(past)
    if well.empty:
        return now.assign(usual=pd.NA, gap_score=float("nan"), is_inside=True, is_compared=False)
    usual = usual_gap(well)[["type", "month", "centre", "spread"]]
    now = now.merge(usual, on=["type", "month"], how="left", validate="many_to_one")
    score = (now["gap"] - now["centre"]) / now["spread"].where(now["spread"] > 0)
    parts = [tolerance_distance(well[well["type"] == t], rows) for t, rows in now.groupby("type")]
    inside = pd.concat(parts)
    return now.assign(
        usual=now["centre"],
        gap_score=score,
        is_inside=inside["is_inside"].reindex(now.index),
        is_compared=inside["limit"].notna().reindex(now.index),
    )


def _finished_well(past: pd.DataFrame) -> pd.DataFrame:
    if past.empty:
        return past.assign(gap=pd.Series(dtype="float64"), spent_share=pd.Series(dtype="float64"))
    budget = past["adjusted_budget"].where(past["adjusted_budget"] > 0)
    is_well = past["outturn"] >= WELL_SPENT * past["outturn_budget"]
    is_well &= (past["goal_end"] >= WELL_REACHED) & budget.notna()
    share = past["executed"] / budget
    return past.assign(spent_share=share, gap=past["goal_progress"] - share)[
        is_well & past["goal_progress"].notna()
    ]


def add_dual(chapter: Chapter, placed: pd.DataFrame) -> None:
    """Add quadrants, what was due and the usual gap: facts, tables and the figure."""
    known = placed[placed["quadrant"].notna()]
    out = known[~known["is_inside"].astype(bool)]
    add, rows = chapter.facts.add, len(placed)
    add("placed", len(known), unit="count", table="progress", rows=rows)
    for name in QUADRANTS:
        own = known[known["quadrant"] == name]
        add(name, len(own), unit="count", table="quadrants", rows=rows)
    for name in BASES:
        add(f"by_{name}", int((placed["basis"] == name).sum()), unit="count", table="progress", rows=rows)
    add("outside", len(out), unit="count", table="progress", rows=rows)
    add("compared", int(known["is_compared"].sum()), unit="count", table="progress", rows=rows)
    if known.empty:
        return
    table = known.assign(projects=1, outside=(~known["is_inside"].astype(bool)).astype("int64"))
    sums = table.groupby("quadrant")[["projects", "outside", "adjusted_budget"]].sum()
    sums = sums.reindex([q for q in QUADRANTS if q in sums.index]).reset_index()
    chapter.add_table("quadrants", sums, columns=PACE)
    _add_usual(chapter, known)
    _add_figure(chapter, known)


def _add_usual(chapter: Chapter, known: pd.DataFrame) -> None:
    groups = known.groupby("type").agg(
        projects=("project", "size"),
        usual=("usual", "first"),
        gap_now=("gap", "median"),
        outside=("is_inside", lambda inside: int((~inside.astype(bool)).sum())),
    )
    chapter.add_table("usual", groups.reset_index().rename(columns={"type": "kind_of_project"}))


def _add_figure(chapter: Chapter, known: pd.DataFrame) -> None:
    shown = known.assign(is_out=~known["is_inside"].astype(bool))
    words = {part: chapter.phrase(f"{part}_quadrants") for part in ("x_label", "y_label")}
    marks = {f"{part}_label": chapter.phrase(f"label_{part}") for part in ("outside", "inside")}
    figure = quadrants(
        shown,
        x="money_gap",
        y="goal_gap",
        outside="is_out",
        corners={q: chapter.phrase(f"corner_{q}") for q in QUADRANTS},
        **words,
        **marks,
        **figure_words(chapter, "quadrants"),
    )
    chapter.add_figure("quadrants", figure)


def add_lines(chapter: Chapter, placed: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Add what the rule's lines say, beside those of the comparison set; the rows by the set that has a line.

    `by_line` of the result is the state by the chosen set, or by the comparison set where that has none.
    """
    sets = [rules] if rules.id == COMPARED else [rules, load_rules(COMPARED)]
    found = [warn_lines(placed, one) for one in sets]
    table = pd.DataFrame([_line_row(one, warned, chapter) for one, warned in zip(sets, found, strict=True)])
    chapter.add_table("lines", table)
    states = [line_states(warned) for warned in found]
    has_line = [bool(warned["line"].notna().any()) for warned in found]
    pick = has_line.index(True) if True in has_line else 0
    add, rows = chapter.facts.add, len(placed)
    add("own_line", _share(found[0]), unit="limit", table="lines", rows=rows, reason="no_line")
    add("compared_line", _share(found[-1]), unit="limit", table="lines", rows=rows, reason="no_line")
    below = int((states[pick] == "below").sum()) if has_line[pick] else None
    add("below_line", below, unit="count", table="lines", rows=rows, reason="no_line")
    wide = int(found[-1]["is_gap_wide"].sum()) if found[-1]["gap"].notna().any() else None
    add("gap_wide", wide, unit="count", table="lines", rows=rows, reason="no_goals")
    return placed.assign(by_line=states[pick], is_line_warned=found[pick]["is_warned"])


def _share(warned: pd.DataFrame) -> float | None:
    line = warned["line"].dropna()
    return float(line.iloc[0]) if len(line) else None


def _line_row(rules: Rules, warned: pd.DataFrame, chapter: Chapter) -> dict:
    line = _share(warned)
    has_gap = rules.warning.attainment_gap is not None and bool(warned["gap"].notna().any())
    return {
        "rule_set": rules.title.label(chapter.lang),
        "line_share": line,
        "line_reason": "no_line" if line is None else None,
        "below_line": int(warned["is_below_line"].sum()) if line is not None else None,
        "gap_wide": int(warned["is_gap_wide"].sum()) if has_gap else None,
        "overspent": int(warned["is_overspent"].sum()),
    }
