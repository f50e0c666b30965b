"""Which sources, districts and years a comparison study takes, from what its user wrote."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perflib.data.errors import ArgumentError, DataError, did_you_mean
from perflib.data.inputs import split_data

BAR = "|"  # between sources in one text: a character that names of files don't have
ALL = "all"
MOST_KNOWN = 40  # districts that a message lists
SPAN = re.compile(r"(\d{4})\s*(?:\.\.|-|–|—|~|～|至|到)\s*(\d{4})")
COMMAS = re.compile(r"[,，、;；]")


@dataclass(frozen=True)
class Place:
    """A district of a source: its code, its names, what kind it is ("" where that is not told), its years."""

    source: str
    code: str
    names: tuple[str, ...] = ()
    kind: str = ""
    years: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        return " ".join([self.code, *(n for n in self.names[:1] if n != self.code)])


def parse_sources(texts: Sequence[str | os.PathLike]) -> dict[str, str]:
    """Data of each source by its name, from "data" or "name=data", one or several in a text with `|` between.

    A source without a name is called by its mapping or its file. Raises ArgumentError for none, or two of one name.

    >>> parse_sources(["Madrid=madrid:folder | mine.xlsx"])
    {'Madrid': 'madrid:folder', 'mine': 'mine.xlsx'}
    """
    found: dict[str, str] = {}
    for text in [part.strip() for whole in texts for part in os.fspath(whole).split(BAR)]:
        if not text:
            raise ArgumentError("study.empty_source", given=f" {BAR} ".join(map(str, texts)))
        name, data = _named(text)
        if name in found:
            raise ArgumentError("study.same_source", name=name, first=found[name], second=data)
        found[name] = data
    return found


def join_sources(sources: dict[str, str]) -> str:
    """The sources as one text, which `parse_sources` reads back; a name is left out where it goes without saying."""
    return f" {BAR} ".join(d if _named(d) == (name, d) else f"{name}={d}" for name, d in sources.items())


def _named(text: str) -> tuple[str, str]:
    head, equals, rest = text.partition("=")
    is_name = bool(head.strip()) and not re.search(r"[/\\:]", head) and not os.path.exists(text)
    if equals and is_name and rest.strip():
        return head.strip(), rest.strip()
    mapping, _ = split_data(text)
    return Path(mapping or text).stem or text, text


def parse_years(text: str) -> tuple[int, ...]:
    """Years of "2019..2023", "2019,2021" or both mixed, ascending; () for "".

    >>> parse_years("2019..2021, 2023")
    (2019, 2020, 2021, 2023)
    """
    found: set[int] = set()
    for part in [p.strip() for p in COMMAS.split(text)] if text.strip() else []:
        span = SPAN.fullmatch(part)
        first, last = span.groups() if span else (part, part)
        if not re.fullmatch(r"(19|20)\d\d", first) or not re.fullmatch(r"(19|20)\d\d", last) or first > last:
            raise ArgumentError("study.bad_years", found=text, part=part or "—")
        found |= set(range(int(first), int(last) + 1))
    return tuple(sorted(found))


def choose_places(places: Sequence[Place], wanted: str = ALL) -> list[Place]:
    """The `places` that `wanted` names: codes or names with commas between, "source:name", or "all".

    "all" leaves out what is no district (a city's own offices, agencies) where the source tells kinds.
    Raises ArgumentError for a name that none or several bear, DataError where all that are left is one.
    """
    if wanted.strip().casefold() in ("", ALL, "全部"):
        chosen = all_districts(places)
    else:
        names = [n.strip() for n in COMMAS.split(wanted) if n.strip()]
        called = _called(places)
        chosen = list(dict.fromkeys(_find(places, called, name) for name in names))
    if len(chosen) < 2:
        raise DataError("compare.one_district", found=", ".join(p.label for p in chosen) or "—")
    _check_names(chosen)
    return chosen


def all_districts(places: Sequence[Place]) -> list[Place]:
    """Those that are districts: all of a source that does not tell kinds."""
    told = {p.source for p in places if p.kind}
    return [p for p in places if p.kind or p.source not in told]


def _called(places: Sequence[Place]) -> dict[tuple[str, str], list[Place]]:
    """The places by source, code and name, in lower case: a country's thousands are looked up at once."""
    found: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        names = dict.fromkeys(("name", name) for name in place.names)
        for kind, word in (("source", place.source), ("code", place.code), *names):
            found.setdefault((kind, word.casefold()), []).append(place)
    return found


def _find(places: Sequence[Place], called: dict[tuple[str, str], list[Place]], wanted: str) -> Place:
    source, _, name = wanted.partition(":")
    here = called.get(("source", source.strip().casefold()), []) if name else []
    asked = (name if here else wanted).strip().casefold()
    by_code, by_name = (called.get((kind, asked), []) for kind in ("code", "name"))
    found = _within(by_code, here) or _within(by_name, here)
    if len(found) > 1:
        raise ArgumentError(
            "study.ambiguous", found=wanted, places=", ".join(f"{p.source}:{p.code}" for p in found)
        )
    if not found:
        raise _unknown(places, wanted)
    return found[0]


def _within(found: Sequence[Place], here: Sequence[Place]) -> list[Place]:
    return [p for p in dict.fromkeys(found) if not here or p.source == here[0].source]


def _unknown(places: Sequence[Place], wanted: str) -> ArgumentError:
    labels = [p.label for p in places]
    known = ", ".join(labels[:MOST_KNOWN])
    if len(labels) > MOST_KNOWN:
        known += f" … ({len(labels)})"
    names = [n for p in places for n in (p.code, *p.names)]
    hint = did_you_mean(wanted, names, cutoff=0.6)
    return ArgumentError("study.unknown_district", found=wanted, known=known, hint=hint)


def _check_names(chosen: Sequence[Place]) -> None:
    """Two districts of one name in one source can't be told apart on any figure: refused."""
    seen: dict[tuple[str, str], Place] = {}
    for place in chosen:
        for name in dict.fromkeys(place.names):
            first = seen.setdefault((place.source, name), place)
            if first is not place:
                count = sum(name in p.names for p in chosen if p.source == place.source)
                raise DataError("compare.one_name_twice", name=name, count=count)


def choose_years(places: Sequence[Place], wanted: str = "") -> tuple[int, ...]:
    """The years to compare: those `wanted` (see `parse_years`), or all that at least two of the `places` have.

    Raises ArgumentError for a year that none has, DataError where no year is common to two.
    """
    count: dict[int, list[Place]] = {}
    for place in places:
        for year in place.years:
            count.setdefault(year, []).append(place)
    asked = parse_years(wanted)
    if unknown := [year for year in asked if year not in count]:
        known = ", ".join(map(str, sorted(count)))
        raise ArgumentError("study.unknown_year", found=", ".join(map(str, unknown)), known=known)
    shared = tuple(sorted(year for year in (asked or count) if len(count[year]) > 1))
    if not shared:
        have = {p.label for year in (asked or count) for p in count[year]}
        raise DataError("study.no_common_year", found=", ".join(sorted(have)))
    return asked or shared
