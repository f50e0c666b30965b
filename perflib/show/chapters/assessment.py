"""The chapter on the assessment of departments: the official score, and who can be told apart."""

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.infer.assessment_tiers import FEWEST_CASES, adjust_for_mix, tier_departments, what_would_move
from perflib.measure.assessment import list_faults, score_phases, score_rows, weight_shares
from perflib.measure.calendar import judged_year
from perflib.show.chapter import Chapter
from perflib.show.chapters.assessment_figures import add_shift_figure, add_tier_figure
from perflib.show.chapters.assessment_moves import add_least_moves
from perflib.show.chapters.start import MissingChapter, start_chapter
from perflib.show.chapters.whole import whole_table

NAME = "65_department_assessment"
CONFIDENCE = 0.95
MIX = ["specific_share", "new_share"]


def assessment_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the assessment of the book's departments in the work year."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang, needs=("projects", "assessment"))
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules))
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules) -> None:
    year = judged_year(rules, "assessment", book.year)
    year = book.year if year is None else year
    rows = whole_table(book, "assessment")
    rows = rows[rows["year"] <= year].sort_values(["year", "department", "indicator"], ignore_index=True)
    now = rows[rows["year"] == year].reset_index(drop=True)
    tiered = tier_departments(now, confidence=CONFIDENCE, seed=0) if len(now) else pd.DataFrame()
    _add_scores(chapter, tiered, now, year)
    _add_moves(chapter, tiered, now)
    add_least_moves(chapter, tiered)
    _add_mix(chapter, tiered, whole_table(book, "projects", year=year))
    shift = _add_shift(chapter, rows, year)
    _add_indicators(chapter, now)
    _add_faults(chapter, rows)
    if len(tiered) and tiered["score"].notna().any():
        add_tier_figure(chapter, tiered)
    if len(shift):
        add_shift_figure(chapter, shift)
    chapter.key_facts("departments", "mean_score", "tiers", "effect_share")


_OFFICIAL = ["department", "official_score", "official_rank", "assessment_tier", "rank_low", "rank_high",
             "tier_score_low", "tier_score_high", "certain_weight", "tier_reason"]  # fmt: skip


def _add_scores(chapter: Chapter, tiered: pd.DataFrame, now: pd.DataFrame, year: int) -> None:
    """The rule's score and rank, never without the set of ranks that the data allow."""
    add, rows = chapter.facts.add, len(now)
    names = {"score": "official_score", "rank": "official_rank", "tier": "assessment_tier", "low": "tier_score_low",
             "high": "tier_score_high"}  # fmt: skip
    shown = tiered.rename(columns=names).reindex(columns=[*_OFFICIAL, "reason"])
    shown["tier_reason"] = shown["reason"].fillna(shown["tier_reason"])
    shown = shown.sort_values(["official_rank", "department"], na_position="last")
    chapter.add_table("scores", shown[_OFFICIAL])
    known = shown[shown["official_score"].notna()]
    add("assessed_year", year, unit="year", table="assessment", rows=rows)
    add("departments", len(shown), unit="count", table="scores", rows=rows)
    add("unscored", len(shown) - len(known), unit="count", table="scores", rows=rows)
    add("fewest_cases", int(FEWEST_CASES), unit="count", table="rules", rows=0)
    for id, value in (
        ("mean_score", known["official_score"].mean()), ("highest", known["official_score"].max()),
        ("lowest", known["official_score"].min()),
    ):  # fmt: skip
        add(id, value, unit="score", table="scores", rows=rows, reason="no_scores")
    tiers = shown["assessment_tier"].dropna()
    add("tiers", tiers.nunique(), unit="count", table="scores", rows=rows)
    # A flag and no count: the public edition must not hide it for being small.
    add("has_tiers", float(tiers.nunique() > 1), unit="ratio", table="scores", rows=rows)
    add("tiered", len(tiers), unit="count", table="scores", rows=rows)
    add("untiered", len(shown) - len(tiers), unit="count", table="scores", rows=rows)
    add("first_tier", int((tiers == 1).sum()), unit="count", table="scores", rows=rows)
    width = (shown["rank_high"] - shown["rank_low"] + 1).dropna()
    add("rank_width", float(width.median()) if len(width) else None, unit="places", table="scores", rows=rows,
        reason="too_few")  # fmt: skip
    ranked = shown.dropna(subset=["rank_low"])
    add("not_first", int((ranked["rank_low"] > 1).sum()), unit="count", table="scores", rows=rows)
    add("not_last", int((ranked["rank_high"] < len(ranked)).sum()), unit="count", table="scores", rows=rows)
    weight = known["certain_weight"].astype(float).mean() if len(known) else None
    add("certain_weight", weight, unit="score", table="scores", rows=rows, reason="no_scores")


def _add_moves(chapter: Chapter, tiered: pd.DataFrame, now: pd.DataFrame) -> None:
    moves = what_would_move(tiered, now) if len(tiered) and tiered["tier"].notna().any() else pd.DataFrame()
    columns = ["department", "indicator", "move_direction", "marks_needed", "marks_room", "marks_then"]
    names = {
        "direction": "move_direction",
        "needed": "marks_needed",
        "room": "marks_room",
        "score_needed": "marks_then",
    }
    shown = moves.rename(columns=names).reindex(columns=columns)
    chapter.add_table("moves", shown, is_in_page=len(shown) <= 20)
    add = chapter.facts.add
    for id, way in (("can_rise", "up"), ("can_fall", "down")):
        number = shown.loc[shown["move_direction"] == way, "department"].nunique()
        add(id, number, unit="count", table="moves", rows=len(now))


def _add_mix(chapter: Chapter, tiered: pd.DataFrame, projects: pd.DataFrame) -> None:
    """Scores as they would be with the average mix of spending, beside the official ones."""
    columns = [
        "department",
        *MIX,
        "official_score",
        "official_rank",
        "adjusted_score",
        "adjusted_rank",
        "tier_reason",
    ]
    if tiered.empty:
        chapter.add_table("mix", pd.DataFrame(columns=columns))
        chapter.facts.add("largest_shift", None, unit="score", table="mix", rows=0, reason="no_scores")
        return
    adjusted = adjust_for_mix(tiered.merge(_mix_of(projects), on="department", how="left"), MIX)
    adjusted["change"] = (adjusted["adjusted"] - adjusted["score"]).abs()
    names = {"score": "official_score", "rank": "official_rank", "adjusted": "adjusted_score"}
    shown = adjusted.drop(columns="tier_reason").rename(columns=names | {"mix_reason": "tier_reason"})
    shown = shown.sort_values(["official_rank", "department"], na_position="last")
    chapter.add_table("mix", shown[columns], is_in_page=False)
    largest = adjusted["change"].max()
    chapter.facts.add("largest_shift", largest, unit="score", table="mix", rows=len(tiered), reason="too_few")


def _mix_of(projects: pd.DataFrame) -> pd.DataFrame:
    """Share of specific-target money and of new projects' money in each department's budget."""
    money = projects["adjusted_budget"].fillna(0).clip(lower=0)
    is_new = projects["is_new"].fillna(False).astype(bool)
    rows = projects.assign(
        money=money, specific=money.where(projects["class"] == "specific", 0.0), new=money.where(is_new, 0.0)
    )
    sums = rows.groupby("department")[["money", "specific", "new"]].sum()
    total = sums["money"].where(sums["money"] > 0)
    return pd.DataFrame(
        {"specific_share": sums["specific"] / total, "new_share": sums["new"] / total}
    ).reset_index()


def _add_shift(chapter: Chapter, rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """How the weight is split between compliance and effect, each year; the two years of the figure come back."""
    shares = weight_shares(rows).dropna(subset=["orientation"]) if len(rows) else pd.DataFrame()
    columns = ["year", "orientation", "n_indicators", "n_new", "weight_share", "weight_change"]
    shown = shares.rename(columns={"share": "weight_share", "change": "weight_change"}).reindex(
        columns=columns
    )
    chapter.add_table("shift", shown.sort_values(["year", "orientation"]))
    now = shown[shown["year"] == year].set_index("orientation")
    before = shown[shown["year"] == year - 1].set_index("orientation")
    add = chapter.facts.add
    found = {
        "effect_share": now["weight_share"].get("effect"),
        "effect_share_before": before["weight_share"].get("effect", 0.0 if len(before) else None),
    }
    for id, value in found.items():
        add(id, value, unit="share", table="shift", rows=len(rows), reason="no_last_year")
    both = pd.DataFrame({"before": before["weight_share"], "after": now["weight_share"]})
    if before.empty or now.empty:
        return pd.DataFrame()
    return both.fillna(0.0).rename_axis("orientation").reset_index()


def _add_indicators(chapter: Chapter, now: pd.DataFrame) -> None:
    """What share of its marks each indicator earned over all departments, new ones marked, and by phase."""
    scored = score_rows(now)
    groups = scored.assign(is_new=scored["is_new"].fillna(False).astype(bool)).groupby(
        ["indicator", "phase", "orientation", "is_new"]
    )
    table = groups.agg(weight=("weight", "mean"), mean_marks=("points", "mean"), lowest_marks=("points", "min"),
                       with_error=("base_count", lambda x: int(x.notna().sum()))).reset_index()  # fmt: skip
    table["marks_share"] = table["mean_marks"] / table["weight"].where(table["weight"] > 0)
    table["has_error"] = table["with_error"].map(lambda n: "yes" if n else "no")
    table["new_indicator"] = table["is_new"].map({True: "yes", False: "no"})
    columns = [
        "indicator",
        "phase",
        "orientation",
        "new_indicator",
        "weight",
        "mean_marks",
        "lowest_marks",
        "marks_share",
        "has_error",
    ]
    table = table.sort_values(["marks_share", "indicator"], ignore_index=True)
    chapter.add_table("indicators", table, columns=columns)
    new = table[table["is_new"]]
    from perflib.data.text import say

    names = say("show_report.comma", chapter.lang).join(new.sort_values("indicator")["indicator"])
    add = chapter.facts.add
    add("new_indicators", len(new), unit="count", table="indicators", rows=len(now))
    add("new_names", names or None, unit="text", table="indicators", rows=len(now), reason="no_indicators")
    weakest = table.iloc[0] if len(table) else pd.Series(dtype=object)
    add(
        "weakest",
        weakest.get("indicator"),
        unit="text",
        table="indicators",
        rows=len(now),
        reason="no_indicators",
    )
    add(
        "weakest_share",
        weakest.get("marks_share"),
        unit="share",
        table="indicators",
        rows=len(now),
        reason="no_indicators",
    )
    phases = (
        score_phases(now)
        .groupby("phase", as_index=False)
        .agg(weight=("weight", "mean"), mean_marks=("points", "mean"))
    )
    phases["marks_share"] = phases["mean_marks"] / phases["weight"].where(phases["weight"] > 0)
    chapter.add_table("phases", phases)


def _add_faults(chapter: Chapter, rows: pd.DataFrame) -> None:
    faults = list_faults(rows).rename(columns={"reason": "evaluation_reason", "found": "found_number"})
    chapter.add_table(
        "faults", faults, columns=["year", "department", "indicator", "evaluation_reason", "found_number"]
    )
    chapter.facts.add("faults", len(faults), unit="count", table="faults", rows=len(rows))
