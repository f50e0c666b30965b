"""What the commands have in common: settings, the run itself, and the words at its end."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perflib.data.choice import parse_sources, parse_years
from perflib.data.text import say, spans
from perflib.data.whole import safe_name
from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from perflib.run.many import check_each, parse_shard, run_jobs, share
from perflib.run.parameters import declared_parameters, parse_values
from perflib.run.progress import choose_progress
from perflib.run.report import Wanted, report_folder, report_jobs
from perflib.run.rows import absolute_data, read_rows, sources_of
from perflib.run.study import Scope, study_jobs
from perflib.run.suite import find_notebook
from perflib.run.summary import headline, summary_name, write_summary


@dataclass(frozen=True)
class Session:
    """Settings that every command with jobs has; `jobs` 0 takes one worker a core."""

    output: Path
    lang: str
    jobs: int
    time_limit: float
    memory: float
    retries: int
    warm: bool
    again: bool
    shard: str = ""
    on: str = ""

    @property
    def workers(self) -> int:
        return self.jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [1]) or 1

    @property
    def limits(self) -> Limits:
        return Limits(self.time_limit, self.memory, self.retries)


def tell(key: str, lang: str, **fields) -> None:
    """Say something to the person at the terminal; a path below the working directory as seen from there."""
    here = {
        k: v.relative_to(Path.cwd())
        for k, v in fields.items()
        if isinstance(v, Path) and v.is_relative_to(Path.cwd())
    }
    print(say(key, lang, **fields | here), file=sys.stderr, flush=True)


def make_reports(session: Session, wanted: Wanted, district: str, year: int, each: list[str]) -> int:
    """Make the report of the district and year, or of each; the exit code."""
    check_each(each)
    shard = parse_shard(session.shard)
    reading = read_rows(wanted.data, session.output / ".run" / "rows.json", district, year)
    jobs: list[Job] = []
    folders = []
    for code, when in share(reading.find_places(district, year, each), shard):
        folders.append(report_folder(session.output, code, when))
        jobs += report_jobs(wanted, reading, code, when, folders[-1])
    code = _run(session, jobs, folders[0] if len(folders) == 1 else session.output)
    if code == 0 and len(folders) == 1:
        tell_report(folders[0], session.lang)
    return code


def tell_report(folder: Path, lang: str) -> None:
    """What lies in the folder of a report, which file to open first, and what was left out for want of a table."""
    from perflib.show.labels import table_label

    comma = say("show_report.comma", lang)
    names = ("report.pdf", "report.docx", "annex.html", "annex.pdf", "annex.docx", "summary.docx")
    there = [name for name in (*names, "report.xlsx", "lists") if (folder / name).exists()]
    tell("run.wrote_report", lang, path=folder, first=folder / "report.html", files=comma.join(there))
    for file in sorted(folder.glob("chapters/*/chapter.json")):
        chapter = json.loads(file.read_text("utf-8"))
        if chapter["is_missing"] and chapter["missing_tables"]:
            tables = comma.join(table_label(t, lang) for t in chapter["missing_tables"])
            tell("run.left_out", lang, chapter=chapter["title"], tables=tables)


def make_study(session: Session, wanted: Wanted, data: list[str], districts: str, years: str) -> int:
    """Make the comparison study of the districts and years of one or several sources; the exit code."""
    sources = {name: absolute_data(spec) for name, spec in parse_sources(data).items()}
    parse_years(years)  # a slip of the pen is told before the data are read, which takes longer
    memory = session.output / ".run"
    readings = {
        name: read_rows(spec, memory / f"rows-{safe_name(name)}.json") for name, spec in sources.items()
    }
    scope = Scope(readings, districts, years)
    for place, lacking in scope.gaps():
        tell("study.gap", session.lang, place=place.label, years=spans(lacking, session.lang))
    folder = session.output / scope.folder_name()
    code = _run(session, study_jobs(wanted, sources, scope, folder), folder)
    if code == 0:
        tell("run.wrote", session.lang, path=folder / "report.html")
    return code


def run_many(session: Session, name: str, texts: dict[str, str], each: list[str]) -> int:
    """Run one notebook, once or for each; the exit code."""
    check_each(each)
    shard = parse_shard(session.shard)
    notebook = find_notebook(name, session.lang)
    values = parse_values(notebook, texts)  # before the data are read, which takes longer
    declared = declared_parameters(notebook)
    readings = []
    if "data" in declared:
        data = absolute_data(texts.get("data", declared["data"].default))
        given = str(values.get("district", "")), int(values.get("year", 0))
        memory = session.output / ".run"
        readings = [
            read_rows(one, memory / f"rows{n or ''}.json", *given) for n, one in enumerate(sources_of(data))
        ]
    jobs = share(run_jobs(notebook, texts, each, session.output, readings), shard)
    code = _run(session, jobs, session.output)
    if code == 0 and len(jobs) == 1:
        tell("run.wrote", session.lang, path=jobs[0].output)
    return code


def refresh_suite(session: Session, names: Sequence[str] = ()) -> int:
    """Run the suite's own notebooks and store their outputs; the exit code."""
    from perflib.run.refresh import refresh

    progress = choose_progress(session.lang, session.workers)
    result = refresh(
        names, workers=session.workers, limits=session.limits, progress=progress, warm=session.warm
    )
    print(headline(result, session.lang), file=sys.stderr)
    return result.exit_code


def _run(session: Session, jobs: list[Job], folder: Path) -> int:
    """Run `jobs` and write to `folder` what came of them; the exit code."""
    result = run_batch(
        jobs,
        session.output,
        workers=max(1, min(session.workers, len(jobs))),
        limits=session.limits,
        warm=session.warm,
        again=session.again,
        on=session.on,
        progress=choose_progress(session.lang, session.workers),
    )
    write_summary(result, folder, lang=session.lang, shard=session.shard)
    print(headline(result, session.lang), file=sys.stderr)
    bad = sum(not record.is_good for record in result.records)
    if result.is_interrupted:
        tell("run.interrupted", session.lang)
    elif bad:
        tell("run.failed_jobs", session.lang, count=bad, path=folder / summary_name("html", session.shard))
    return result.exit_code
