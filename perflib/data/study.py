"""Several sources side by side, for a comparison study: each keeps its own book, currency and definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from perflib.data.book import Book, load_book
from perflib.data.choice import ALL, Place, choose_places, choose_years, parse_sources
from perflib.data.periods import is_whole
from perflib.data.whole import sha256

PLACE = "place"  # the key of a district in a study: source and code


@dataclass(frozen=True)
class Member:
    """One source of a study: its name, and its book with the rows of the chosen districts and years."""

    name: str
    book: Book
    places: tuple[Place, ...]

    def label(self, code: str, lang: str) -> str:
        """Name of the district."""
        return self.book.district_name(code, lang)


@dataclass(frozen=True)
class Study:
    """The sources of a comparison, and the years that it takes.

    Amounts of several sources are in several currencies and on several definitions: `projects` puts their rows
    side by side with `source`, `currency` and `place`, and whatever adds money refuses to add two currencies.
    """

    members: tuple[Member, ...]
    years: tuple[int, ...]
    edition: str = "internal"

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
    def sha256(self) -> str:
        """One digest of all rows of all sources; their order doesn't matter."""
        parts = sorted(f"{m.name}\x1f{m.book.currency}\x1f{m.book.sha256}" for m in self.members)
        return sha256("\x1e".join(parts).encode())

    def label(self, place: Place, lang: str) -> str:
        """What the district is called in the study: with its source where there are several."""
        member = next(m for m in self.members if m.name == place.source)
        name = member.label(place.code, lang)
        if len(self.members) == 1:
            return name
        return f"{name}（{place.source}）" if lang == "zh" else f"{name} ({place.source})"

    def projects(self, lang: str) -> pd.DataFrame:
        """The projects of all sources, one row per project and year.

        Beside the columns of the tables: `source`, `currency`, `place` ("source:code") and `place_name`.
        """
        parts = []
        for member in self.members:
            rows = member.book.table("projects")
            names = {p.code: self.label(p, lang) for p in member.places}
            own = {"source": member.name, "currency": member.book.currency}
            key = member.name + ":" + rows["district"].astype(str)
            parts.append(rows.assign(**own, **{PLACE: key}, place_name=rows["district"].map(names)))
        return pd.concat(parts, ignore_index=True)


def load_study(
    data: str | Sequence[str],
    *,
    districts: str = ALL,
    years: str = "",
    edition: str = "internal",
    engine: str = "pandas",
) -> Study:
    """The study of `data` ("data", or "name=data | name=data" for several sources).

    `districts`: names or codes with commas between ("source:code" where two sources share one), or "all".
    `years`: "2019..2023" or "2019,2021"; "" for all that two districts have. Raises ArgumentError and
    DataError, each with its remedy.
    """
    sources = parse_sources([data] if isinstance(data, str) else data)
    books = {name: load_book(spec, edition=edition, engine=engine) for name, spec in sources.items()}
    chosen = choose_places([p for name, book in books.items() for p in places_of(name, book)], districts)
    when = choose_years(chosen, years)
    members = []
    for name, book in books.items():
        mine = tuple(p for p in chosen if p.source == name)
        if mine:
            members.append(Member(name, book.only([p.code for p in mine], when), mine))
    return Study(tuple(members), when, edition)


def places_of(source: str, book: Book) -> list[Place]:
    """The districts of `book` that have projects, with their whole years."""
    kinds = _kinds(book)
    return [
        Place(
            source,
            code,
            tuple(dict.fromkeys(book.district_name(code, lang) for lang in ("zh", "en"))),
            kinds.get(code, ""),
            tuple(y for y in book.years_of(code) if is_whole(y, book.as_of)),
        )
        for code in book.districts
    ]


def _kinds(book: Book) -> dict[str, str]:
    if not book.has("districts") or "kind" not in book.tables["districts"]:
        return {}
    told = book.tables["districts"].dropna(subset=["kind"])
    return dict(zip(told["district"].astype(str), told["kind"].astype(str), strict=True))
