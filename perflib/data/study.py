"""Several sources side by side, for a comparison study: each keeps its own book, currency and definitions."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
from babel.dates import format_skeleton
from babel.numbers import get_currency_name

from perflib.data.book import Book, load_book, stated
from perflib.data.choice import ALL, Place, choose_places, choose_years, parse_sources
from perflib.data.edition import comparable
from perflib.data.errors import DataError, PerflibError
from perflib.data.periods import is_whole
from perflib.data.text import locale_of, say, spans

PLACE = "place"  # the key of a district in a study: source and code


@dataclass(frozen=True)
class Member:
    """One source of a study: its name, and its book with the rows of the chosen districts and years."""

    name: str
    book: Book
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Study:
    """The sources of a comparison, and the years that it takes.

    Amounts of several sources are in several currencies and on several definitions: `projects` puts their rows
    side by side with `source`, `currency` and `place`, and whatever adds money refuses to add two currencies.
    """

    members: tuple[Member, ...]
    years: tuple[int, ...]
    edition: str = "internal"
    lang: str = "zh"

    @property
    def places(self) -> list[Place]:
        return [place for member in self.members for place in member.places]

    @property
    def currencies(self) -> list[str]:
        """The currencies of the sources, each once."""
        return list(dict.fromkeys(member.book.currency for member in self.members))

    @property
    def is_sample(self) -> bool:
        """Whether any of the sources is made up."""
        return any(member.book.is_sample for member in self.members)

    @cached_property
    def book(self) -> Book:
        """The projects of all sources as one book of no district, for a page of their rates; its money is in no currency."""
        first = self.members[0].book
        names = pd.concat([member.book.whole("names") for member in self.members], ignore_index=True)
        return Book(tables={"projects": self.projects, "names": names}, currency=first.currency, is_sample=self.is_sample,
                    year=self.years[-1], edition=self.edition, lang=self.lang)  # fmt: skip

    def label(self, place: Place) -> str:
        """What the district is called in the study: with its source where there are several."""
        member = next(m for m in self.members if m.name == place.source)
        name = member.book.district_name(place.code, self.lang)
        if len(self.members) == 1:
            return name
        return f"{name}（{place.source}）" if self.lang == "zh" else f"{name} ({place.source})"

    @cached_property
    def projects(self) -> pd.DataFrame:
        """The projects of all sources, one row per project and year.

        Beside the columns of the tables: `source`, `currency`, `place` ("source:code") and `place_name`.
        """
        parts = []
        for member in self.members:
            rows = stated(member.book.whole("projects"), "projects", self.lang)
            names = {p.code: self.label(p) for p in member.places}
            own = {"source": member.name, "currency": member.book.currency}
            key = member.name + ":" + rows["district"].astype(str)
            parts.append(rows.assign(**own, **{PLACE: key}, place_name=rows["district"].map(names)))
        table = pd.concat(parts, ignore_index=True)
        count = len(self.places)
        table.attrs = {"table": "projects", "filter": say("reading.filter_compared", self.lang, count=count)}
        return table

    @cached_property
    def sources(self) -> pd.DataFrame:
        """One row a source: what its rows are, in which currency and fiscal year, its districts and projects."""
        rows = [self._source(member) for member in self.members]
        projects = self.projects.groupby("source", sort=False).size().to_numpy()
        return pd.DataFrame(rows).assign(projects=projects)

    def _source(self, member: Member) -> dict:
        book, lang = member.book, self.lang
        named = get_currency_name(book.currency, locale=locale_of(lang))
        meaning = book.about.get(lang) or book.about.get("en") or say("study.standard_tables", lang)
        told = {"source": member.name, "row_meaning": meaning, "currency_name": f"{named} ({book.currency})"}
        begins = first_day(book.year_begins, lang)
        return {**told, "fiscal_year_begins": begins, "districts_compared": len(member.places)}

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """One row a district: its projects, the years that have some, and the years that it lacks."""
        there = self.projects.groupby(PLACE)["year"].agg(["size", lambda years: tuple(sorted(set(years)))])
        rows = []
        for place in self.places:
            key = f"{place.source}:{place.code}"
            count, years = there.loc[key] if key in there.index else (0, ())
            lacking = spans([y for y in self.years if y not in years], self.lang) or None
            told = {"years_compared": spans(years, self.lang) or None, "years_missing": lacking}
            named = {"place_name": self.label(place), "district_code": place.code}
            rows.append({**named, "projects": count, **told})
        return pd.DataFrame(rows)


def first_day(month: int, lang: str) -> str:
    """The first day of `month` as it is written.

    >>> first_day(4, "en"), first_day(4, "zh")
    ('1 April', '4月1日')
    """
    return format_skeleton("MMMMd", date(2020, month, 1), locale=locale_of(lang))


def load_study(
    data: str | os.PathLike | Sequence[str | os.PathLike],
    *,
    districts: str | int | Iterable = ALL,
    years: str | int | Iterable = "",
    edition: str = "internal",
    engine: str = "pandas",
    lang: str = "zh",
) -> Study:
    """The study of `data` ("data", or "name=data | name=data" for several sources).

    `districts`: names or codes with commas between ("source:code" where two sources share one), or "all".
    `years`: "2019..2023" or "2019,2021"; "" for all that two districts have. Both may be numbers, or lists. Raises
    ArgumentError and DataError, each with its remedy.

    >>> study = load_study("sample", years="2022..2023", lang="en")
    >>> study.sources["districts_compared"].tolist(), len(study.coverage)
    ([12], 12)
    """
    districts, years = _with_commas(districts), _with_commas(years)
    sources = parse_sources([data] if isinstance(data, str | os.PathLike) else data)
    books = {
        name: load_book(spec, edition=edition, engine=engine, lang=lang) for name, spec in sources.items()
    }
    asked = choose_places([p for name, book in books.items() for p in places_of(name, book)], districts)
    books = {name: comparable(book) for name, book in books.items()}
    there = {(p.source, p.code): p for name, book in books.items() for p in places_of(name, book)}
    chosen = [there[p.source, p.code] for p in asked if (p.source, p.code) in there]
    choose_years(asked, years)  # a year that the data lacks is told as such
    try:
        when = choose_years(chosen, years)
    except PerflibError as error:
        raise DataError("study.few_projects") from error
    members = []
    for name, book in books.items():
        mine = tuple(p for p in chosen if p.source == name)
        if mine:
            members.append(Member(name, book.only([p.code for p in mine], when), mine))
    return Study(tuple(members), when, edition, lang)


def _with_commas(asked: str | int | Iterable) -> str:
    return (
        ",".join(map(str, asked))
        if isinstance(asked, Iterable) and not isinstance(asked, str)
        else str(asked)
    )


def places_of(source: str, book: Book) -> list[Place]:
    """The districts of `book` that have projects, with their whole years."""
    kinds = _kinds(book)
    out = []
    for code in book.districts:
        names = tuple(dict.fromkeys(book.district_name(code, lang) for lang in ("zh", "en")))
        years = tuple(y for y in book.years_of(code) if is_whole(y, book.as_of))
        out.append(Place(source, code, names, kinds.get(code, ""), years))
    return out


def _kinds(book: Book) -> dict[str, str]:
    if not book.has("districts") or "kind" not in book.tables["districts"]:
        return {}
    told = book.tables["districts"].dropna(subset=["kind"])
    return dict(zip(told["district"].astype(str), told["kind"].astype(str), strict=True))
