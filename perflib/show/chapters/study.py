"""What a comparison study compares: sources, districts and years, and what may be said across sources."""

from datetime import date

import pandas as pd
from babel.dates import format_skeleton
from babel.numbers import get_currency_name

from perflib.data.choice import spans
from perflib.data.rules import load_rules
from perflib.data.study import PLACE, Member, Study
from perflib.data.text import say
from perflib.infer.comparability import comparison_notes, say_note
from perflib.measure.rates import execution_rates, project_rates
from perflib.show.chapter import Chapter
from perflib.show.chapters.study_figures import add_dots, add_rates
from perflib.show.chapters.study_rates import source_rates
from perflib.show.numbers import LOCALES

NAME = "78_comparison_scope"
IN_PAGE = 40  # rows of a table that a page can carry


def study_chapter(study: Study, *, base: str, rules: str, lang: str) -> Chapter:
    """Facts, tables and, for several sources, figures on what `study` compares and whether it may be compared.

    Money of two sources is never added: across sources there are rates only, each with its source's
    currency, base and definition beside it.
    """
    chapter = Chapter(
        NAME,
        district="",
        district_name=", ".join(member.name for member in study.members),
        year=study.years[-1],
        lang=lang,
        currency=study.currencies[0],
        is_sample=study.is_sample,
        input_sha256=study.sha256,
        edition=study.edition,
        base=base,
        rules=load_rules(rules).id,
    )
    rates = project_rates(study.projects(lang), base=base)
    chapter.tell(
        base_word=say(f"show_bases.{base}", lang),
        years_word=spans(study.years, lang),
        sources_word=_sources_word(study, lang),
        currencies_word=say("show_report.comma", lang).join(_currency(c, lang) for c in study.currencies),
    )
    _add_scope(chapter, study, rates)
    _add_sources(chapter, study, rates, base)
    _add_coverage(chapter, study, rates)
    _add_notes(chapter, rates)
    if len(study.members) > 1:
        add_dots(chapter, add_rates(chapter, source_rates(rates)))
        _add_years(chapter, rates, base)
    counts = (
        ("sources", "places") if len(study.members) > 1 else ()
    )  # of one source the next chapter tells them
    chapter.key_facts(*counts, "district_years", "missing_district_years")
    return chapter


def _sources_word(study: Study, lang: str) -> str:
    parts = [say("study.of_currency", lang, name=m.name, currency=_currency(m.book.currency, lang))
             for m in study.members]  # fmt: skip
    return say("show_report.comma", lang).join(parts)


def _currency(code: str, lang: str) -> str:
    return get_currency_name(code, locale=LOCALES[lang])


def first_day(month: int, lang: str) -> str:
    """The first day of `month` as it is written.

    >>> first_day(4, "en"), first_day(4, "zh")
    ('1 April', '4月1日')
    """
    return format_skeleton("MMMMd", date(2020, month, 1), locale=LOCALES[lang])


def _add_scope(chapter: Chapter, study: Study, rates: pd.DataFrame) -> None:
    """How many sources, districts and years; how many district-years have projects and how many could have."""
    rows = len(rates)
    have = len(rates[[PLACE, "year"]].drop_duplicates())
    possible = len(study.places) * len(study.years)
    counts = {
        "sources": len(study.members), "currencies": len(study.currencies), "places": len(study.places),
        "compared_years": len(study.years), "district_years": have, "missing_district_years": possible - have,
    }  # fmt: skip
    for id, count in counts.items():
        chapter.facts.add(id, count, unit="count", table="projects", rows=rows, is_open=True)
    chapter.facts.add("projects", rows, unit="count", table="projects", rows=rows)


def _add_sources(chapter: Chapter, study: Study, rates: pd.DataFrame, base: str) -> None:
    """One row a source: what it holds, in which currency and fiscal year, and its own rate in its own money."""
    own = execution_rates(rates, by=["source", "currency"], bases=[base]).set_index("source")
    parts = [_source_row(member, own.loc[member.name], chapter.lang) for member in study.members]
    columns = ["source", "row_meaning", "currency_name", "fiscal_year_begins", "districts_compared",
               "projects", "execution_rate"]  # fmt: skip
    chapter.add_table("sources", pd.DataFrame(parts), columns=columns)


def _source_row(member: Member, own: pd.Series, lang: str) -> dict:
    book = member.book
    words = book.about.get(lang) or book.about.get("en") or say("study.standard_tables", lang)
    return {
        "source": member.name,
        "row_meaning": words,
        "currency_name": f"{_currency(book.currency, lang)} ({book.currency})",
        "fiscal_year_begins": first_day(book.year_begins, lang),
        "districts_compared": len(member.places),
        "projects": int(own["projects"]),
        "execution_rate": own["rate"],
    }


def _add_coverage(chapter: Chapter, study: Study, rates: pd.DataFrame) -> None:
    """One row a district: its years with projects, its projects, and the years that it lacks."""
    there = rates.groupby(PLACE).agg(
        projects=("year", "size"), years=("year", lambda y: tuple(sorted(set(y))))
    )
    rows = []
    for place in study.places:
        key = f"{place.source}:{place.code}"
        years = there["years"].get(key, ())
        rows.append(
            {
                "place_name": study.label(place, chapter.lang),
                "district_code": place.code,
                "projects": int(there["projects"].get(key, 0)),
                "years_compared": spans(years, chapter.lang) or None,
                "years_missing": spans([y for y in study.years if y not in years], chapter.lang) or None,
            }
        )
    table = pd.DataFrame(rows)
    chapter.add_table("coverage", table, is_in_page=len(table) <= IN_PAGE, ends=True)


def _add_notes(chapter: Chapter, rates: pd.DataFrame) -> None:
    """What a reader must be told beside the comparison, a sentence a row; how often each kind occurs."""
    notes = comparison_notes(rates, unit="place_name")
    for kind in ("one_project", "equal_rates"):
        found = int((notes["note"] == kind).sum())
        chapter.facts.add(f"notes_{kind}", found, unit="count", table="notes", rows=len(rates), is_open=True)
    sentences = [say_note(note, chapter.lang) for note in notes.to_dict("records")]
    table = pd.DataFrame({"note_text": pd.Series(sentences, dtype="object")})
    if len(table):
        chapter.add_table("notes", table, is_in_page=len(table) <= IN_PAGE)


def _add_years(chapter: Chapter, rates: pd.DataFrame, base: str) -> None:
    """One row a source and year: its districts, projects and rates, each source in its own money."""
    keys = ["source", "currency", "year"]
    table = execution_rates(rates, by=keys, bases=[base])
    districts = rates.groupby(keys)[PLACE].nunique().rename("districts_compared").reset_index()
    shown = table.merge(districts, on=keys).rename(
        columns={"currency": "currency_code", "rate": "execution_rate"}
    )
    columns = [
        "source",
        "currency_code",
        "year",
        "districts_compared",
        "projects",
        "execution_rate",
        "mean_rate",
    ]
    chapter.add_table("by_year", shown, columns=columns)
