"""The part of deputies, members and those served: importance of indicators, opinions, questionnaires."""

import pandas as pd

from perflib.data.edition import SMALLEST, small_cells
from perflib.infer.questionnaire import (
    adopted_opinions,
    response_by_stratum,
    scale_reliability,
    top_two_box,
    weighted_top_two,
)
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.chapters.whole import complete, named
from perflib.show.figures.ranked_dots import ranked_dots

BEST = 5  # of the scale of answers
CONTEXTS = ("questionnaire", "indicator_discussion", "visit")


def add_voices(
    chapter: Chapter, ratings: pd.DataFrame | None, work: pd.DataFrame | None, projects: pd.DataFrame, work_year: int,
    year: int,
) -> None:  # fmt: skip
    """Add indicator discussions, visits, opinions, questionnaires and the work items of this stage."""
    own, faults = _usable(_own_ratings(ratings, work_year, year))
    columns = ["context", "rater", "item", "given_score", "evaluation_reason"]
    if chapter.edition != "public":
        chapter.add_table("answer_faults", faults.rename(columns={"score": "given_score"}), columns=columns)
    chapter.facts.add("answer_faults", len(faults), unit="count", table="ratings", rows=len(own))
    _add_importance(chapter, own[own["context"] == "indicator_discussion"])
    _add_visits(chapter, own[own["context"] == "visit"], projects)
    _add_questionnaire(chapter, own[own["context"] == "questionnaire"])
    _add_opinions(chapter, own)
    if work is not None:
        items = work[
            (work["stage"] == "key_evaluation") & (work["year"] == work_year) & (work["kind"] != "plan")
        ]
        title = items["title"] if chapter.lang == "zh" else items["title_en"].fillna(items["title"])
        chapter.add_table("work", items.assign(item_title=title), columns=["item_title", "document", "date"])


def usable_ratings(ratings: pd.DataFrame | None, work_year: int, year: int) -> pd.DataFrame:
    """The questionnaire and the discussions of the work year, without answers that can't be used."""
    return _usable(_own_ratings(ratings, work_year, year))[0]


def _own_ratings(ratings: pd.DataFrame | None, work_year: int, year: int) -> pd.DataFrame:
    rows = ratings if ratings is not None else complete(pd.DataFrame(), "ratings")
    rows = rows[rows["context"].isin(CONTEXTS)]
    # Ratings bear the year in which they were given, or that which they are about.
    return rows[rows["year"] == (work_year if (rows["year"] == work_year).any() else year)]


def _usable(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers that can be used, and those that can't with the reason; together they are all of them."""
    reason = pd.Series(None, rows.index, dtype=object)
    twice = rows.duplicated(["context", "rater", "item", "dimension"])
    off = rows["score"].notna() & ~rows["score"].between(1, BEST)
    reason[off], reason[rows["stratum"].isna()], reason[twice] = (
        "outside_scale",
        "rater_not_listed",
        "rated_twice",
    )
    faults = rows.assign(evaluation_reason=reason)
    return rows[reason.isna()], faults[reason.notna()]


def _add_importance(chapter: Chapter, rows: pd.DataFrame) -> None:
    """Mean importance given to each indicator, those below five voices left out."""
    groups = rows.dropna(subset=["score"]).groupby("item")["score"]
    table = groups.agg(voices="size", importance="mean").reset_index()
    table = table[table["voices"] >= SMALLEST].sort_values(["importance", "item"], ascending=[False, True])
    chapter.add_table(
        "importance", table.rename(columns={"item": "asked"}), columns=["asked", "voices", "importance"]
    )
    add = chapter.facts.add
    add("discussants", rows["rater"].nunique(), unit="count", table="ratings", rows=len(rows))
    add("top_indicator", table["item"].iloc[0] if len(table) else None, unit="text",
        table="importance", rows=len(rows), reason="too_few")  # fmt: skip


def _add_visits(chapter: Chapter, rows: pd.DataFrame, projects: pd.DataFrame) -> None:
    """Which projects and policies deputies and members went to see, and what they said there."""
    given = rows["opinion"].notna()
    adopted = rows["is_adopted"].astype("boolean").fillna(False) & given
    marked = rows.assign(given=given.astype("int64"), adopted=adopted.astype("int64"))
    table = marked.groupby("item", as_index=False).agg(
        visitors=("rater", "nunique"), n_opinions=("given", "sum"), n_adopted=("adopted", "sum")
    )
    table = named(table.rename(columns={"item": "subject"}), projects).sort_values(
        "subject", ignore_index=True
    )
    chapter.add_table(
        "visits", table, columns=["subject_name", "visitors", "n_opinions", "n_adopted"], count="visitors"
    )
    add = chapter.facts.add
    add("visited", len(table), unit="count", table="visits", rows=len(rows))
    add("visitors", rows["rater"].nunique(), unit="count", table="ratings", rows=len(rows))


def _add_questionnaire(chapter: Chapter, rows: pd.DataFrame) -> None:
    response = response_by_stratum(rows).rename(
        columns={"rate": "response_rate", "reason": "evaluation_reason"}
    )
    response = response.rename(columns={"stratum": "asked_group"})
    chapter.add_table(
        "response",
        response,
        columns=["asked_group", "invited", "answered", "response_rate", "evaluation_reason"],
    )
    asked = rows.groupby("stratum")["invited"].max()
    population = float(asked.sum()) if len(asked) and asked.notna().all() else None
    top = top_two_box(rows, best=BEST, population=population)
    weighted = weighted_top_two(rows, best=BEST)[["item", "value"]].rename(
        columns={"value": "weighted_share"}
    )
    top = top.merge(weighted, on="item", how="left").sort_values(["value", "item"], ascending=[False, True])
    names = {"item": "asked", "n": "answers", "value": "content_share", "low": "content_low", "high": "content_high",
             "reason": "evaluation_reason"}  # fmt: skip
    shown = top.rename(columns=names)
    columns = [
        "asked",
        "answers",
        "content_share",
        "content_low",
        "content_high",
        "weighted_share",
        "evaluation_reason",
    ]
    chapter.add_table("content", shown, columns=columns)
    scale = scale_reliability(rows, seed=0).rename(
        columns={"quantity": "scale", "reason": "evaluation_reason"}
    )
    chapter.add_table("scale", scale, columns=["scale", "value", "low", "high", "n", "evaluation_reason"])
    _answer_facts(chapter, rows, shown, scale, population)
    if shown["content_share"].notna().any():
        figure = ranked_dots(shown, label="asked", value="content_share", lower="content_low", upper="content_high",
                             **figure_words(chapter, "content"))  # fmt: skip
        chapter.add_figure("content", figure)


def _answer_facts(
    chapter: Chapter, rows: pd.DataFrame, shown: pd.DataFrame, scale: pd.DataFrame, population
) -> None:
    add, n = chapter.facts.add, rows["rater"].nunique()
    enough = n >= SMALLEST
    add(
        "answered",
        n if enough else None,
        unit="count",
        table="ratings",
        rows=len(rows),
        reason="suppressed" if n else "no_answers",
    )
    rate = n / population if enough and population else None
    add("response_rate", rate, unit="share", table="response", rows=len(rows), reason="no_answers")
    known = shown.dropna(subset=["content_share"])
    first, last = (known.iloc[i] if len(known) else pd.Series(dtype=object) for i in (0, -1))
    why = "suppressed" if n else "no_answers"
    overall = rows["score"].dropna()
    share = float((overall >= BEST - 1).mean()) if enough and len(overall) else None
    add("satisfied_share", share, unit="share", table="content", rows=len(overall), reason=why)
    for id, row in (("best", first), ("worst", last)):
        add(f"{id}_item", row.get("asked"), unit="text", table="content", rows=len(rows), reason=why)
        add(
            f"{id}_share", row.get("content_share"), unit="share", table="content", rows=len(rows), reason=why
        )
    apart = bool(len(known) and first["content_low"] > last["content_high"])
    add("items_apart", float(apart), unit="ratio", table="content", rows=len(known) and len(rows))
    values = scale.set_index("scale")["value"]
    for id in ("alpha", "omega"):
        add(id, values.get(id), unit="ratio", table="scale", rows=len(rows), reason=why)
    hidden = small_cells(rows.groupby("stratum")["rater"].nunique()).sum() if n else 0
    add("hidden_groups", int(hidden), unit="count", table="response", rows=len(rows))


def _add_opinions(chapter: Chapter, rows: pd.DataFrame) -> None:
    given = adopted_opinions(rows.assign(is_adopted=rows["is_adopted"].astype("boolean")), by=("stratum",))
    table = given.rename(columns={"stratum": "asked_group", "share": "adopted_share"})
    chapter.add_table("opinions", table, columns=["asked_group", "n_opinions", "n_adopted", "n_undecided", "adopted_share"],
                      count="n_opinions")  # fmt: skip
    for id in ("n_opinions", "n_adopted", "n_undecided"):
        chapter.facts.add(id, int(given[id].sum()), unit="count", table="ratings", rows=len(rows))
