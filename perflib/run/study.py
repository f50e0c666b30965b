"""The jobs of a comparison study: what is compared, then each source's comparison and trends, then the study."""

import json
from pathlib import Path

from perflib.data.choice import (
    Place,
    all_districts,
    choose_places,
    choose_years,
    join_sources,
    parse_sources,
    parse_years,
)
from perflib.data.errors import ArgumentError
from perflib.data.places import PACKAGE
from perflib.data.text import say
from perflib.run.fingerprint import hash_json
from perflib.run.job import Job
from perflib.run.names import safe_name
from perflib.run.report import CHAPTERS, FILES, Wanted, notebook_values
from perflib.run.rows import Reading, input_files
from perflib.run.suite import SCOPE, study_notebooks

SOURCES = "sources"
FEWEST = 2
NAMED = 3  # districts that the cover names; of more it says how many


def places_read(readings: dict[str, Reading]) -> list[Place]:
    """The districts of every source, from what was read of it."""
    return [
        Place(
            source, code, tuple(dict.fromkeys(names)), reading.kinds.get(code, ""), tuple(reading.years[code])
        )
        for source, reading in readings.items()
        for code, names in reading.names.items()
    ]


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

    def is_compared(self, source: str) -> bool:
        """Whether two districts of the source have a year in common, so that it can be compared by itself."""
        return _last_year(self, source) > 0

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
        return say("study.and_more", lang, names=first, count=len(names), more=len(names) - NAMED)

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
    jobs, sources = [], {}
    for notebook in notebooks:
        if notebook.name.startswith(SCOPE):
            codes = [f"{p.source}:{p.code}" for p in scope.places]
            chosen = {s: data[s] for s in scope.sources}
            jobs.append(_job(wanted, scope, notebook, join_sources(chosen), codes, folder, scope.sources, 0))
            continue
        for number, source in enumerate(scope.sources, start=1):
            if not scope.is_compared(source):
                continue
            several = len(scope.sources) > 1
            place = folder / SOURCES / str(number) if several else folder
            codes = scope.codes(source)
            year = _last_year(scope, source)
            jobs.append(_job(wanted, scope, notebook, data[source], codes, place, [source], year))
            if several:
                sources[str(place / CHAPTERS / notebook.stem)] = source
    return [*jobs, _assembly(wanted, scope, jobs, sources, folder)]


def _job(
    wanted: Wanted,
    scope: Scope,
    notebook: Path,
    data: str,
    codes: list[str],
    place: Path,
    sources: list[str],
    year: int,
) -> Job:
    values = {
        "data": data, "districts": ",".join(codes), "years": ",".join(map(str, scope.years)),
        "year": year or "",
        "edition": wanted.edition, "lang": wanted.lang, "engine": wanted.engine, "base": wanted.base,
        "rules": wanted.rules, "output": str(place),
    }  # fmt: skip
    chapter = place / CHAPTERS / notebook.stem
    return Job(
        notebook,
        notebook_values(notebook, values),
        place / "notebooks" / notebook.name,
        name=f"{'+'.join(sources)}/{notebook.stem}",
        products=(chapter,),
        rows=tuple(h for s in sources for h in scope.readings[s].all_rows()),
        inputs=tuple(file for spec in parse_sources([data]).values() for file in input_files(spec)),
    )


def _last_year(scope: Scope, source: str) -> int:
    """The last of the years that two of the source's districts have."""
    here = [place for place in scope.places if place.source == source]
    count = {year: sum(year in place.years for place in here) for year in scope.years}
    return max((year for year, n in count.items() if n >= FEWEST), default=0)


def _assembly(wanted: Wanted, scope: Scope, jobs: list[Job], sources: dict[str, str], folder: Path) -> Job:
    return Job(
        PACKAGE / "show" / "report.py",
        {
            "output": str(folder),
            "lang": wanted.lang,
            "place": scope.title(wanted.lang),
            "years": list(scope.years),
            "edition": wanted.edition,
            "chapters": [str(job.products[0].relative_to(folder)) for job in jobs],
            "sources": {str(Path(k).relative_to(folder)): v for k, v in sources.items()},
            "notes": _notes(scope, wanted.lang),
            "cover": wanted.cover,
        },
        folder / "report.html",
        name=f"{folder.name}/report",
        products=tuple(folder / name for name in FILES[1:]),
        after=tuple(job.title for job in jobs),
        call="perflib.run.study:assemble_study",
    )


def _notes(scope: Scope, lang: str) -> list[str]:
    """What the study leaves out because of its size: sources that can't be compared by themselves."""
    alone = [s for s in scope.sources if not scope.is_compared(s)]
    return [say("study.alone", lang, source=source) for source in alone]


def assemble_study(
    *,
    output: str,
    lang: str,
    place: str,
    years: list[int],
    edition: str,
    chapters: list[str],
    sources: dict[str, str],
    notes: list[str],
    cover: dict,
) -> None:
    """Write the study from the chapters that are there; those that failed are named in its notes."""
    from perflib.show.report import write_report

    folder = Path(output)
    made = [name for name in chapters if (folder / name / "chapter.json").is_file()]
    if not made:
        raise ArgumentError("run.no_chapters", folder=folder)
    manifests = [json.loads((folder / name / "chapter.json").read_text("utf-8")) for name in made]
    failed = [name for name in chapters if name not in made]
    write_report(
        folder,
        lang=lang,
        district_name=place,
        year=years[-1],
        years=years,
        chapters=[folder / name for name in made],
        sources={str(folder / name): source for name, source in sources.items() if name in made},
        is_sample=any(manifest["is_sample"] for manifest in manifests),
        edition=edition,
        notes=[*notes, *(say("run.chapter_failed", lang, name=Path(name).name) for name in failed)],
        **cover,
    )
