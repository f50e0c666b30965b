"""Whether a reform did it: who started when, the event study, and what can't be said."""

import pandas as pd

from perflib.data.text import say
from perflib.infer.reform_evidence import ReformEvidence, reform_evidence, smallest_undoing
from perflib.measure.reform import reform_starts, widest_reform
from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names
from perflib.show.chapters.trends_figures import add_event_figure

ROLES = ("starter", "control", "early", "break", "gap")
_EFFECTS = {"reform_effect": "value", "reform_lower": "low", "reform_upper": "high"}


def add_reform(chapter: Chapter, series: pd.DataFrame, items: pd.DataFrame | None, *, wanted: str) -> None:
    """The reform `wanted` (the widest, if empty) as far as the series can tell of it."""
    starts = reform_starts(items) if items is not None else reform_starts(_NO_ITEMS)
    starts = starts[starts["district"].isin(series["district"])]
    title = wanted or widest_reform(starts, district=chapter.identity["district"])
    chosen = starts[starts["reform"] == title]
    evidence = reform_evidence(series, chosen) if len(chosen) else None
    _add_names(chapter, starts, chosen, items, wanted)
    _add_roles(chapter, series, evidence)
    _add_effects(chapter, evidence, rows=len(series))
    if evidence is not None and evidence.problem is None:
        add_event_figure(chapter, evidence.study)


_NO_ITEMS = pd.DataFrame({c: pd.Series(dtype=object) for c in ("district", "year", "kind", "title", "date")})


def _add_names(
    chapter: Chapter, starts: pd.DataFrame, chosen: pd.DataFrame, items: pd.DataFrame | None, wanted: str
) -> None:
    add, rows = chapter.facts.add, len(starts)
    title = chosen["reform"].iloc[0] if len(chosen) else None
    add("reform", _told(title, items, chapter.lang), unit="text", table="work_items", rows=rows,
        reason="no_reform")  # fmt: skip
    add("wanted_reform", wanted or None, unit="text", table="work_items", rows=rows, reason="nobody")
    others = [_told(t, items, chapter.lang) for t in sorted(set(starts["reform"]) - {title})]
    add("other_reforms", join_names(others, chapter.lang, many="show_names.many_reforms"), unit="text", table="work_items", rows=rows,
        reason="nobody")  # fmt: skip
    for id, value in (("reform_first", chosen["year"].min()), ("reform_last", chosen["year"].max())):
        add(id, value if len(chosen) else None, unit="year", table="work_items", rows=rows, reason="no_reform")  # fmt: skip


def _told(title: str | None, items: pd.DataFrame | None, lang: str) -> str | None:
    if title is None or lang == "zh" or "title_en" not in items:
        return title
    english = items.loc[items["title"] == title, "title_en"].dropna()
    return str(english.iloc[0]) if len(english) else title


def _add_roles(chapter: Chapter, series: pd.DataFrame, evidence: ReformEvidence | None) -> None:
    labels = series.drop_duplicates("district").set_index("district")["district_label"]
    table = (
        evidence.districts
        if evidence is not None
        else pd.DataFrame(columns=["district", "first_year", "role"])
    )
    table = table.assign(district_label=table["district"].map(labels)).rename(
        columns={"role": "reform_role", "first_year": "reform_year"}
    )
    table = table.sort_values(["reform_year", "district_label"], na_position="last")
    if len(table):
        chapter.add_table("roles", table[["district_label", "reform_year", "reform_role"]])
    for role in ROLES:
        named = join_names(table.loc[table["reform_role"] == role, "district_label"], chapter.lang)
        chapter.facts.add(
            f"role_{role}", named, unit="text", table="roles", rows=len(series), reason="nobody"
        )


def _add_effects(chapter: Chapter, evidence: ReformEvidence | None, *, rows: int) -> None:
    add, lang = chapter.facts.add, chapter.lang
    is_known = evidence is not None and evidence.problem is None
    problem = evidence.problem.sentence(lang) if evidence is not None and evidence.problem else None
    add("reform_problem", problem, unit="text", table="roles", rows=rows, reason="nobody")
    whole = evidence.overall if is_known else pd.Series(dtype=object)
    reason = "no_reform" if evidence is None else whole.get("reason") or "no_control"
    for id, column in _EFFECTS.items():
        value = whole.get(column)
        add(
            id, None if value is None else value * 100, unit="points", table="study", rows=rows, reason=reason
        )
    add("reform_p", whole.get("p_value"), unit="ratio", table="study", rows=rows, reason=reason)
    add("is_proven", float(is_known and evidence.is_proven), unit="ratio", table="study", rows=rows)
    trend = evidence.pretrend if is_known else {}
    add("pretrend_p", trend.get("smallest_p"), unit="ratio", table="study", rows=rows,
        reason=trend.get("reason") or reason)  # fmt: skip
    parallel = trend.get("is_parallel")
    add("is_parallel", None if parallel is None else float(parallel), unit="ratio", table="study", rows=rows,
        reason=trend.get("reason") or reason)  # fmt: skip
    undoing = smallest_undoing(evidence.study) if is_known and evidence.is_proven else None
    add("undoing", undoing, unit="ratio", table="study", rows=rows, reason="not_proven")
    _add_tables(chapter, evidence if is_known else None)


def _add_tables(chapter: Chapter, evidence: ReformEvidence | None) -> None:
    """The study by year, by cohort and on other outcomes; none of them where nothing was found."""
    if evidence is None:
        return
    columns = ["effect_time", "effect_points", "effect_low", "effect_high", "randomisation_p", "starters",
               "effect_kind"]  # fmt: skip
    chapter.add_table("study", _study_rows(evidence.study, chapter.lang), columns=columns)
    outcomes = _points(evidence.outcomes).assign(effect_outcome=evidence.outcomes["outcome"])
    chapter.add_table("outcomes", outcomes, columns=["effect_outcome", *columns[1:5]])
    cells = evidence.cells.assign(effect_points=evidence.cells["effect"].astype(float) * 100)
    chapter.add_table("cells", cells, columns=["cohort", "year", "effect_points", "starters", "controls"],
                      is_in_page=False)  # fmt: skip


def _points(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"value": "effect_points", "low": "effect_low", "high": "effect_high"}
    scaled = {new: rows[old].astype(float) * 100 for old, new in names.items()}
    return pd.DataFrame(scaled).assign(randomisation_p=rows["p_value"].astype(float))


def _study_rows(study: pd.DataFrame, lang: str) -> pd.DataFrame:
    kind = (
        study["is_placebo"].map({True: "placebo", False: "effect"}).mask(study["event_time"].isna(), "whole")
    )
    time = [say("show_trends.all_years", lang) if pd.isna(t) else f"{t:+d}".replace("+0", "0").replace("-", "−")
            for t in study["event_time"]]  # fmt: skip
    return _points(study).assign(effect_time=time, starters=study["starters"], effect_kind=kind)
