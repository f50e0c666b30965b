"""The annual summary: what each stage of the work year did, on a few pages."""

from collections.abc import Mapping

import pandas as pd

from perflib.data.book import Book
from perflib.data.rules import Rules, load_rules
from perflib.data.text import say
from perflib.measure.appraisal import appraisals_owed, request_to_approval
from perflib.measure.calendar import judged_year, of_work_year
from perflib.measure.coverage import STAGES, coverage
from perflib.measure.frame import collect
from perflib.measure.money import sum_amounts
from perflib.measure.rates import execution_rates, project_rates
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.chapters.results_cuts import add_cuts, cuts_of_work_year
from perflib.show.chapters.start import MissingChapter, rows_of, start_chapter
from perflib.show.chapters.summary_coverage import add_coverage_by
from perflib.show.chapters.summary_items import add_items
from perflib.show.chapters.summary_stages import stage_rows, stage_year
from perflib.show.chapters.summary_work import add_consequences, add_work, later_stages
from perflib.show.chapters.whole import complete
from perflib.show.figures.coverage_bars import coverage_bars
from perflib.show.figures.small_multiples import small_multiples
from perflib.show.labels import column
from perflib.show.summary_word import summary_docx

NAME = "90_annual_summary"
EMPTY = ["stage", "judged_year", "owing", "done", "voluntary", "share", "amount_owing", "amount_share"]
OWED_IN_FULL = ("appraisal", "targets", "monitoring", "self_evaluation")
BY_KIND = {
    "self_evaluation": ("self",),
    "spot_check": ("spot_check",),
    "key_evaluation": ("finance",),
}


def summary_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter | MissingChapter:
    """Facts, tables and figures on the work year of the book's district, stage by stage."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    if not chapter.is_missing:
        _fill(chapter, book, load_rules(rules), base)
    return chapter


def _fill(chapter: Chapter, book: Book, rules: Rules, base: str) -> None:
    tables = {
        name: collect(rows_of(book, name))
        for name in book.tables
        if book.has(name) and _has_district(book, name)
    }
    _add_execution(chapter, tables["projects"], rules, base)
    owing = stage_rows(tables, rules, book.year)
    stages = _with_later(_stage_table(tables, owing, rules, book.year), tables, rules, book.year)
    _add_evaluations(chapter, tables, rules, book.year)
    _add_money(chapter, tables, rules, book.year)
    columns = ["stage", "judged_year", "owing", "done", "coverage_share", "amount_owing", "amount_share"]
    chapter.add_table("stages", stages, columns=columns, count="done")
    add_coverage_by(chapter, tables, {stage: owing[stage] for stage in OWED_IN_FULL if stage in owing})
    calendar = pd.DataFrame({"stage": list(rules.calendar), "judged_year": _years(rules, book.year)})
    chapter.add_table("calendar", calendar)
    for section in ("calendar", "weights", "grades"):
        chapter.facts.add(
            f"source_{section}", rules.cite(chapter.lang, section), unit="rule", table="rules", rows=0
        )
    _add_coverage(chapter, stages)
    _add_years(chapter, tables["projects"])
    _add_official(chapter, book, tables, rules)
    chapter.key_facts("execution_rate", "self_evaluated", "mean_rate_self", "appraised", "appraisal_cut")


def _with_later(stages: pd.DataFrame, tables, rules: Rules, work_year: int) -> pd.DataFrame:
    """The table of stages with the assessment and the findings; a key evaluation may be of a policy."""
    later = later_stages(tables, rules, work_year)
    is_key = stages["stage"] == "key_evaluation"
    if is_key.any():
        rows = of_work_year(tables["evaluations"], "key_evaluation", rules, work_year)
        done = rows[rows["kind"].isin(BY_KIND["key_evaluation"])].drop_duplicates(["subject_kind", "subject"])
        stages = stages.assign(done=stages["done"].mask(is_key, len(done)))
    return pd.concat([stages, later], ignore_index=True) if len(later) else stages


def _add_official(chapter: Chapter, book: Book, tables, rules: Rules) -> None:
    """The summary that the bureau publishes: its facts, its own sentences, and the Word file of both."""
    add_work(chapter, tables, rules, book.year)
    add_cuts(chapter, cuts_of_work_year(tables.get("adjustments"), rules, book.year))
    add_consequences(chapter, book, rules)
    add_items(chapter, complete(tables["work_items"], "work_items") if "work_items" in tables else None)
    mark = say("show_report.sample", chapter.lang) if chapter.is_sample else ""
    title = "\n".join([chapter.district_name, chapter.phrase("official_title")])
    content = summary_docx(
        chapter.block("official"), title=title, lang=chapter.lang, author=chapter.district_name, mark=mark
    )
    chapter.add_document("summary.docx", content)


def _has_district(book: Book, name: str) -> bool:
    return "district" in book.tables[name] and name != "districts"


def _years(rules: Rules, work_year: int) -> pd.Series:
    return pd.array([judged_year(rules, stage, work_year) for stage in rules.calendar], dtype="Int64")


def _add_execution(chapter: Chapter, projects: pd.DataFrame, rules: Rules, base: str) -> None:
    year = judged_year(rules, "execution", chapter.identity["year"])
    rows = execution_rates(projects[projects["year"] == year]).set_index("base")
    chosen = rows.loc[base]
    add, counted = chapter.facts.add, int(chosen["counted"])
    add("projects", chosen["projects"], unit="count", table="projects", rows=chosen["projects"])
    add("executed", chosen["executed"], unit="money", table="projects", rows=counted, reason="not_reported")
    for id, name in (("execution_rate", base), ("rate_initial", "initial")):
        add(id, rows.loc[name, "rate"], unit="share", table="projects", rows=rows.loc[name, "counted"],
            base=name, reason=rows.loc[name, "reason"])  # fmt: skip


def _stage_table(
    tables: Mapping[str, pd.DataFrame], owing: Mapping[str, pd.DataFrame], rules: Rules, work_year: int
) -> pd.DataFrame:
    """One row per stage that there is data for: the year it judges, what is owed and what is done."""
    found = []
    for stage in STAGES:
        year = stage_year(stage, rules, work_year)
        if stage == "appraisal" and "appraisals" in tables and rules.ex_ante is not None:
            found.append(_appraisal_row(tables, rules, year))
        elif stage in owing:
            found.append(coverage(owing[stage]).assign(stage=stage, judged_year=year))
    found = [row for row in found if len(row)]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=EMPTY)
    named = table.rename(columns={"share": "coverage_share"})
    # A catalogue says what may be spot-checked or key-evaluated: that is no duty to do all of it.
    optional = ~named["stage"].isin(OWED_IN_FULL)
    named["done"] = named["done"] + named.get("voluntary", 0)
    named.loc[optional, ["owing", "coverage_share", "amount_owing", "amount_share"]] = pd.NA
    return named


def _appraisal_row(tables: Mapping[str, pd.DataFrame], rules: Rules, year: int) -> pd.DataFrame:
    """What owes an appraisal is seen in requests too, before the budget of `year` has a single project."""
    projects, appraisals = tables["projects"], tables["appraisals"]
    requests = complete(appraisals[appraisals["budget_year"] == year], "appraisals")
    owed = appraisals_owed(projects[projects["year"] == year], requests, rules)
    return coverage(owed).assign(stage="appraisal", judged_year=year)


def _add_evaluations(
    chapter: Chapter, tables: Mapping[str, pd.DataFrame], rules: Rules, work_year: int
) -> None:
    """How many subjects each kind of evaluation looked at, and the mean rate of the self-evaluated."""
    evaluations = tables.get("evaluations")
    for stage, id in (("self_evaluation", "self_evaluated"), ("spot_check", "spot_checked"),
                      ("key_evaluation", "key_evaluated")):  # fmt: skip
        rows = None
        if evaluations is not None:
            rows = of_work_year(evaluations, stage, rules, work_year)
            rows = rows[rows["kind"].isin(BY_KIND[stage])].drop_duplicates(["subject_kind", "subject"])
        count = None if rows is None else len(rows)
        chapter.facts.add(id, count, unit="count", table="evaluations", rows=count or 0, reason="no_table")
        if stage == "self_evaluation":
            _add_mean_rate(chapter, tables["projects"], rows, judged_year(rules, stage, work_year))


def _add_mean_rate(
    chapter: Chapter, projects: pd.DataFrame, evaluated: pd.DataFrame | None, year: int
) -> None:
    chapter.facts.add("self_year", year, unit="year", table="projects", rows=0)
    mean, rows = None, 0
    if evaluated is not None and len(evaluated):
        mine = projects[(projects["year"] == year) & projects["project"].isin(evaluated["subject"])]
        rates = project_rates(mine, base="adjusted")["rate"].dropna()
        mean, rows = rates.mean(), len(rates)
    chapter.facts.add("mean_rate_self", mean, unit="share", table="projects", rows=rows, base="adjusted",
                      reason="no_table")  # fmt: skip


def _add_money(chapter: Chapter, tables: Mapping[str, pd.DataFrame], rules: Rules, work_year: int) -> None:
    """What the appraisal cut from requests, and what was cut at mid-year: two kinds, never one sum."""
    appraisals, count, cut = tables.get("appraisals"), None, None
    if appraisals is not None:
        rows = of_work_year(complete(appraisals, "appraisals"), "appraisal", rules, work_year)
        total = request_to_approval(rows)
        count = int(total["subjects"].iloc[0]) if len(total) else 0
        cut = float(total["cut"].iloc[0]) if count else 0.0
    chapter.facts.add(
        "appraised", count, unit="count", table="appraisals", rows=count or 0, reason="no_table"
    )
    chapter.facts.add(
        "appraisal_cut", cut, unit="money", table="appraisals", rows=count or 0, reason="no_table"
    )
    adjustments, cut, rows = tables.get("adjustments"), None, ()
    if adjustments is not None:
        rows = adjustments[(adjustments["year"] == judged_year(rules, "adjustments", work_year))
                           & (adjustments["stage"] == "mid_year") & (adjustments["basis"] == "budget")]  # fmt: skip
        cut = -float(sum_amounts(rows, ["amount"])["amount"].fillna(0).iloc[0]) if len(rows) else 0.0
    chapter.facts.add(
        "midyear_cut", cut, unit="money", table="adjustments", rows=len(rows), reason="no_table"
    )


def _add_coverage(chapter: Chapter, stages: pd.DataFrame) -> None:
    shown = stages[stages["stage"].isin(OWED_IN_FULL) & stages["coverage_share"].notna()]
    if shown.empty:
        return
    labels = [column("stage").cell(s, chapter.lang) for s in shown["stage"]]
    least = shown["coverage_share"].astype("float64").reset_index(drop=True)
    place = int(least.idxmin())
    name = labels[place] if least[place] < 1 else None
    add, rows = chapter.facts.add, len(shown)
    add("least_covered", name, unit="text", table="stages", rows=rows, reason="all_covered")
    add("least_coverage", least[place], unit="share", table="stages", rows=rows)
    figure = coverage_bars(
        shown.assign(stage_name=labels), label="stage_name", by_count="coverage_share", by_amount="amount_share",
        **figure_words(chapter, "coverage"),
    )  # fmt: skip
    chapter.add_figure("coverage", figure)


def _add_years(chapter: Chapter, projects: pd.DataFrame) -> None:
    known = projects[projects["year"] <= chapter.identity["year"]]
    rates = execution_rates(known, by=["year"])
    rates = rates[rates["rate"].notna()].rename(columns={"rate": "execution_rate"})
    chapter.add_table("years", rates, columns=["year", "base", "projects", "executed", "budget",
                                               "execution_rate", "mean_rate"])  # fmt: skip
    chapter.facts.add("years", rates["year"].nunique(), unit="count", table="projects", rows=len(known))
    labels = [column("base").cell(b, chapter.lang) for b in rates["base"]]
    figure = small_multiples(
        rates.assign(base_name=labels), facet="base_name", x="year", y="execution_rate",
        **figure_words(chapter, "years"),
    )  # fmt: skip
    chapter.add_figure("years", figure)
