"""The jobs of a report: its notebooks for a district and a year, then the report itself."""

import glob
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perflib.data.errors import ArgumentError
from perflib.data.inputs import stamp
from perflib.data.places import PACKAGE
from perflib.data.whole import hash_json, safe_name
from perflib.run.job import PAGES, Job
from perflib.run.parameters import check_parameters, declared_parameters
from perflib.run.rows import Reading, input_files
from perflib.run.suite import DISTRICT, SUMMARY, report_notebooks, rows_read

CHAPTERS, OWN = "chapters", "own"
ASKED = ("data", "district", "year", "edition", "lang", "output")
"""What a notebook of the user's must take, so that its chapter tells of what the others tell of."""
DATA_KINDS = (".csv", ".parquet", ".xlsx", ".xls", ".ods", ".json", ".toml")
REPORT, ANNEX = (tuple(f"{stem}.{kind}" for kind in ("html", "pdf", "docx")) for stem in ("report", "annex"))
FILES = ("report.xlsx", "facts.json", "figures", "tables")
ONLY = ("all", "leader", "annex")


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    `cover` is what the cover page shows beside the title; `own` are notebooks of the user's that join the report;
    `only` is one of `ONLY`; `month` is the one from which the year's end is forecast, 0 for the notebooks' own.
    """

    data: str
    lang: str
    edition: str
    engine: str
    base: str
    rules: str
    cover: dict[str, str]
    own: tuple[str, ...] = ()
    only: str = "all"
    month: int = 0


def report_folder(root: Path, district: str, year: int) -> Path:
    """Where the report of this district and year goes: always a folder right below `root`."""
    return root / safe_name(f"{district}-{year}")


def report_jobs(wanted: Wanted, reading: Reading, district: str, year: int, folder: Path) -> list[Job]:
    """One job a notebook, the summary after the others, and the report after all of them."""
    notebooks = [
        path for path in report_notebooks(wanted.lang)
        if wanted.only == "all" or path.name.startswith(SUMMARY) == (wanted.only == "leader")
    ]  # fmt: skip
    if not notebooks:
        raise ArgumentError("run.unknown_notebook", name="NN_*.ipynb", known="—", hint="")
    prefix = f"{folder.name}/"
    inputs = input_files(wanted.data)
    values = {
        "data": wanted.data, "district": reading.called or district, "year": year, "edition": wanted.edition,
        "lang": wanted.lang, "engine": wanted.engine, "base": wanted.base, "rules": wanted.rules,
        "output": str(folder), "month": reading.find_month(district, year, wanted.month),
    }  # fmt: skip
    jobs: list[Job] = []
    for notebook in notebooks:
        is_summary = notebook.name.startswith(SUMMARY)
        of_district = rows_read(notebook) == DISTRICT
        jobs.append(
            Job(
                notebook,
                notebook_values(notebook, values),
                folder / "notebooks" / notebook.name,
                name=prefix + notebook.stem,
                products=(folder / CHAPTERS / notebook.stem,),
                rows=reading.rows_of(district) if of_district else reading.all_rows(),
                inputs=inputs,
                after=tuple(job.title for job in jobs) if is_summary else (),
            )
        )
    jobs += [own_job(Path(name), values, reading, folder) for name in wanted.own]
    label = f"{reading.name_of(district, wanted.lang)} {year}"
    values = {"district": district, "year": year, "only": wanted.only}
    return [*jobs, assembly_job(wanted, jobs, values, folder, label=label)]


def own_job(notebook: Path, values: dict, reading: Reading, folder: Path) -> Job:
    """The job of a notebook of the user's that joins the report as a chapter, named by its file.

    Data files beside the notebook count as what it reads. ArgumentError when it does not take what a
    report sets: it would tell of another district, or show internal rows in a public report.
    """
    if notebook.suffix != ".ipynb":
        raise ArgumentError("run.no_notebook", path=notebook)
    lacking = [name for name in ASKED if name not in declared_parameters(notebook)]
    if lacking:
        raise ArgumentError("run.own_lacks", notebook=notebook.name, names=", ".join(lacking))
    notebook, place = notebook.resolve(), folder / OWN / notebook.stem
    beside = sorted(p for p in notebook.parent.iterdir() if p.suffix.lower() in DATA_KINDS)
    return Job(
        notebook,
        notebook_values(notebook, {**values, "output": str(place)}),
        folder / "notebooks" / notebook.name,
        name=f"{folder.name}/{notebook.stem}",
        products=(place,),
        rows=(*reading.all_rows(), *(hash_json([p.name, *stamp(p)]) for p in beside)),
        inputs=(*input_files(values["data"]), *beside),
        pages=place,
    )


def notebook_values(notebook: Path, values: dict) -> dict:
    """Those of `values` that `notebook` declares and that say something; each checked."""
    declared = declared_parameters(notebook)
    return check_parameters(notebook, {k: v for k, v in values.items() if k in declared and v != ""})


def assembly_job(wanted: Wanted, jobs: list[Job], values: dict, folder: Path, *, label: str = "") -> Job:
    """The job that puts the chapters of `jobs` together in `folder`, with `values` and what is `wanted`."""
    shared = {"output": str(folder), "lang": wanted.lang, "edition": wanted.edition, "cover": wanted.cover}
    shared["chapters"] = [str(job.products[0].relative_to(folder)) for job in jobs if not job.pages]
    shared["own"] = [job.notebook.stem for job in jobs if job.pages]
    first = ANNEX if wanted.only == "annex" else REPORT
    volumes = (*first, *(ANNEX if wanted.only == "all" else ()))
    return Job(
        PACKAGE / "show" / "report.py",
        {**shared, **values},
        folder / volumes[0],
        name=f"{folder.name}/report",
        products=tuple(folder / name for name in (*volumes[1:], *FILES)),
        after=tuple(job.title for job in jobs),
        call="perflib.run.report:assemble",
        label=label,
    )


def assemble(
    *,
    output: str,
    lang: str,
    edition: str,
    chapters: list[str],
    own: list[str],
    cover: dict,
    year: int,
    district: str = "",
    place: str = "",
    years: Sequence[int] = (),
    sources: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
    only: str = "all",
) -> None:
    """Write the report or study from the chapters that are there; those that failed are named in its notes.

    `chapters` are their folders below `output`, `own` the names of notebooks of the user's. A study has a `place` for
    its cover, its `years`, and by chapter its `sources`: name, and what captions declare of it.
    """
    from perflib.data.text import say
    from perflib.show.report import write_report

    folder = Path(output)
    mine = _own_chapters(folder, own)
    there = [*(folder / name for name in chapters), *map(Path, mine)]
    made = [path for path in there if (path / "chapter.json").is_file()]
    if not made:
        raise ArgumentError("run.no_chapters", folder=folder)
    manifests = [json.loads((path / "chapter.json").read_text("utf-8")) for path in made]
    of_source = {folder / name: tuple(source) for name, source in (sources or {}).items()}
    failed = [path.name for path in there if path not in made]
    failed += [name for name in own if name not in mine.values()]
    write_report(
        folder,
        lang=lang,
        district_name=place or manifests[0].get("district_name") or district,
        year=year,
        years=years,
        chapters=made,
        sources={str(path): source for path, source in of_source.items() if path in made},
        names={place: chapter_name(name) for place, name in mine.items()},
        is_sample=any(manifest["is_sample"] for manifest in manifests),
        edition=edition,
        notes=[*notes, *(say("run.chapter_failed", lang, name=name) for name in failed)],
        only=only,
        **cover,
    )


def _own_chapters(folder: Path, names: list[str]) -> dict[str, str]:
    """Folders of the chapters that notebooks of the user's made, with the notebooks' names.

    A notebook whose job is not done has none, whatever it wrote; what an earlier report took in goes.
    """
    for place in (folder / OWN).glob("*"):
        if place.name not in names:
            shutil.rmtree(place)
            for left in (folder / "notebooks").rglob(f"{glob.escape(place.name)}.ipynb*"):
                left.unlink()
    done = [name for name in names if (folder / "notebooks" / ".run" / f"{name}.ipynb.json").is_file()]
    return {str(page.parent): name for name in done for page in (folder / OWN / name).glob(PAGES)}


def chapter_name(stem: str) -> str:
    """Name of a chapter in anchors and file names, from the name of its notebook.

    >>> chapter_name("45 我的分析")
    '45-我的分析'
    """
    return re.sub(r"[^\w-]+", "-", safe_name(stem)).strip("-")
