"""The jobs of a comparison study: what is compared, then each source's comparison and trends, then the study."""

from pathlib import Path

from perflib.data.choice import (
    ALL,
    Place,
    all_districts,
    choose_places,
    choose_years,
    join_sources,
    parse_sources,
    parse_years,
)
from perflib.data.errors import ArgumentError
from perflib.data.text import say
from perflib.data.whole import hash_json, safe_name
from perflib.run.job import Job
from perflib.run.report import CHAPTERS, Wanted, assembly_job, notebook_values
from perflib.run.rows import Reading, input_files
from perflib.run.suite import SCOPE, study_notebooks

SOURCES = "sources"
FEWEST = 2
NAMED = 3  # districts that the cover names; of more it says how many


def places_read(readings: dict[str, Reading]) -> list[Place]:
    """The districts of every source, from what was read of it."""
    out = []
    for source, reading in readings.items():
        for code, names in sorted(reading.names.items()):  # a remembered reading has another order
            years = tuple(reading.whole_years.get(code, reading.years[code]))
            kind = reading.kinds.get(code, "")
            out.append(Place(source, code, tuple(dict.fromkeys(names)), kind, years))
    return out


class Scope:
    """What a study takes: places and years, resolved once for all its jobs."""

    def __init__(self, readings: dict[str, Reading], districts: str, years: str):
        parse_years(years)  # a slip of the pen is told before anything else
        every = places_read(readings)
        self.readings = readings
        self.places = choose_places(every, districts)
        self.years = choose_years(self.places, years)
        self.is_whole = set(self.places) == set(all_districts(every))

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(place.source for place in self.places))

    def codes(self, source: str) -> list[str]:
        """Codes of the chosen districts of a source."""
        return [place.code for place in self.places if place.source == source]

    def years_of(self, source: str) -> tuple[int, ...]:
        """The years that two districts of the source have: without any it can't be compared by itself."""
        here = [place for place in self.places if place.source == source]
        return tuple(y for y in self.years if sum(y in place.years for place in here) >= FEWEST)

    def gaps(self) -> list[tuple[Place, tuple[int, ...]]]:
        """Districts without data in some of the years, with those years."""
        lacking = [(p, tuple(y for y in self.years if y not in p.years)) for p in self.places]
        return [(place, years) for place, years in lacking if years]

    def title(self, lang: str) -> str:
        """The places as the cover names them."""
        names = [p.names[0 if lang == "zh" else -1] if p.names else p.code for p in self.places]
        if len(names) <= NAMED:
            return say("show_report.comma", lang).join(names)
        if len(self.sources) > 1:
            parts = [say("study.of_source", lang, name=s, count=len(self.codes(s))) for s in self.sources]
            return say("show_report.comma", lang).join(parts)
        first = say("show_report.comma", lang).join(names[:NAMED])
        return say(
            "study.and_more", lang, names=first, count=f"{len(names):,}", more=f"{len(names) - NAMED:,}"
        )

    def folder_name(self) -> str:
        """Name of the study's folder: sources, years, and a mark where districts or years were picked."""
        first, last = self.years[0], self.years[-1]
        name = "-".join(["compare", *self.sources, str(first), *([str(last)] if last != first else [])])
        if self.is_whole and len(self.years) == last - first + 1:
            return safe_name(name)
        picked = [[p.source, p.code] for p in self.places]
        return safe_name(f"{name}-{hash_json([picked, self.years])[:6]}")


def study_jobs(wanted: Wanted, data: dict[str, str], scope: Scope, folder: Path) -> list[Job]:
    """One job for what is compared, one a source and notebook for the comparison, and the study after all."""
    notebooks = study_notebooks(wanted.lang)
    if not notebooks:
        raise ArgumentError("run.unknown_notebook", name=f"{SCOPE}*.ipynb", known="—", hint="")
    compared = [source for source in scope.sources if scope.years_of(source)]
    several = len(scope.sources) > 1
    jobs, sources = [], {}
    for notebook in notebooks:
        if notebook.name.startswith(SCOPE):
            jobs.append(_job(scope, notebook, _whole(wanted, data, scope), scope.sources, folder))
            continue
        for source in compared:
            place = folder / SOURCES / str(scope.sources.index(source) + 1) if several else folder
            jobs.append(_job(scope, notebook, _own(wanted, data, scope, source), [source], place))
            if several:
                chapter = str((place / CHAPTERS / notebook.stem).relative_to(folder))
                sources[chapter] = [source, _declaration(scope.readings[source], wanted.lang)]
    return [*jobs, _assembly(wanted, scope, jobs, sources, folder)]


def _whole(wanted: Wanted, data: dict[str, str], scope: Scope) -> dict:
    """Parameters of a notebook that reads every source."""
    return {
        **_common(wanted),
        "data": join_sources({source: data[source] for source in scope.sources}),
        "districts": ",".join(f"{place.source}:{place.code}" for place in scope.places),
        "years": ",".join(map(str, scope.years)),
    }


def _own(wanted: Wanted, data: dict[str, str], scope: Scope, source: str) -> dict:
    """Parameters of a notebook that compares the districts of one source."""
    years = scope.years_of(source)
    return {
        **_common(wanted),
        "data": data[source],
        "districts": ",".join(scope.codes(source)),
        "district": ALL,  # a study is about all of them and singles nobody out
        "years": ",".join(map(str, years)),
        "year": years[-1],
    }


def _common(wanted: Wanted) -> dict:
    names = ("edition", "lang", "engine", "base", "rules")
    return {name: getattr(wanted, name) for name in names}


def _job(scope: Scope, notebook: Path, values: dict, sources: list[str], place: Path) -> Job:
    return Job(
        notebook,
        notebook_values(notebook, {**values, "output": str(place)}),
        place / "notebooks" / notebook.name,
        name=f"{'+'.join(sources)}/{notebook.stem}",
        products=(place / CHAPTERS / notebook.stem,),
        rows=tuple(h for s in sources for h in scope.readings[s].all_rows()),
        inputs=tuple(f for spec in parse_sources([values["data"]]).values() for f in input_files(spec)),
    )


def _declaration(reading: Reading, lang: str) -> str:
    """What every caption of a source's figures and tables declares: currency and what a row is."""
    about = reading.about.get(lang) or reading.about.get("en") or say("study.standard_tables", lang)
    return say("study.declared", lang, currency=reading.currency, about=about)


def _assembly(wanted: Wanted, scope: Scope, jobs: list[Job], sources: dict, folder: Path) -> Job:
    values = {
        "place": scope.title(wanted.lang),
        "year": scope.years[-1],
        "years": list(scope.years),
        "sources": sources,
        # left out because of their size: sources that can't be compared by themselves
        "notes": [say("study.alone", wanted.lang, source=s) for s in scope.sources if not scope.years_of(s)],
    }
    return assembly_job(wanted, jobs, values, folder)
