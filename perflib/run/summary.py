"""The page and the file that say what a run did."""

from pathlib import Path
from urllib.parse import quote

from perflib.data.text import say
from perflib.data.whole import write_json, write_whole
from perflib.run.manifest import Record, Result


def write_summary(result: Result, folder: Path, *, lang: str, shard: str = "") -> None:
    """Write `summary.json` and `summary.html` for the run into `folder`, with the shard in their names."""
    write_json(folder / summary_name("json", shard), summary_content(result))
    write_whole(folder / summary_name("html", shard), summary_page(result, folder, lang=lang))


def summary_name(kind: str, shard: str) -> str:
    """File name of the summary; each shard has its own.

    >>> summary_name("html", "2/5")
    'summary-2-of-5.html'
    """
    return f"summary-{shard.replace('/', '-of-')}.{kind}" if shard else f"summary.{kind}"


def summary_content(result: Result) -> dict:
    """The run as plain data: counts by status, exit code, one entry a job."""
    return {
        "jobs": [record.as_json() for record in result.records],
        "counts": result.counts(),
        "exit_code": result.exit_code,
        "interrupted": result.is_interrupted,
        "seconds": round(result.seconds, 3),
    }


def summary_page(result: Result, folder: Path, *, lang: str) -> str:
    """The same as one HTML page that asks nothing of any other address.

    What failed comes first. Where several reports were made, each is one line with a link to it, the one
    in trouble before the others, and its jobs fold out.
    """
    from perflib.show.html import html_page

    failed = [record for record in result.records if not record.is_good]
    reports = _reports(result)
    of_reports = {record.job.title for records in reports for record in records}
    rest = [r for r in result.records if r.is_good and r.job.title not in of_reports]
    return html_page(
        "summary.html.jinja",
        lang=lang,
        title=say("run.summary_title", lang),
        told=headline(result, lang),
        say=lambda key: say(f"run.{key}", lang),
        failed=[_job(record, folder, lang) for record in failed],
        reports=[_report(records, folder, lang) for records in reports],
        jobs=[_job(record, folder, lang) for record in rest],
    )


def _reports(result: Result) -> list[list[Record]]:
    """The records of each report, its last job last; none where there is a single one."""
    by_title = {record.job.title: record for record in result.records}
    last = [record.job for record in result.records if record.job.call]
    found = [[by_title[title] for title in (*job.after, job.title)] for job in last]
    return sorted(found, key=_is_good) if len(found) > 1 else []


def _is_good(records: list[Record]) -> bool:
    return all(record.is_good for record in records)


def headline(result: Result, lang: str) -> str:
    """How many jobs ended how, in one line."""
    return say("run.headline", lang, counts=_counts(result, lang), seconds=f"{result.seconds:.1f}")


def _counts(result: Result, lang: str) -> str:
    parts = [f"{say(f'run.status_{k}', lang)} {n}" for k, n in sorted(result.counts().items())]
    return ("、" if lang == "zh" else ", ").join(parts)


def _report(records: list[Record], folder: Path, lang: str) -> dict:
    """A report as the page shows it."""
    last = records[-1]
    place = last.job.output.parent.name
    return {
        "name": last.job.label or place,
        "folder": place if last.job.label else "",
        "href": _below(last.job.output, folder) if last.is_good else "",
        "tone": "good" if _is_good(records) else "bad",
        "counts": _counts(Result(records), lang),
        "seconds": f"{sum(record.seconds for record in records):.1f}",
        "jobs": [_job(r, folder, lang) | {"name": r.job.title.removeprefix(f"{place}/")} for r in records],
    }


def _job(record: Record, folder: Path, lang: str) -> dict:
    """A job as the page shows it; a good one that made a page is a link to it, a failed one to its log."""
    job, is_page = record.job, record.job.output.suffix == ".html"
    return {
        "name": job.title,
        "href": _below(job.output, folder) if record.is_good and is_page else "",
        "tone": "good" if record.is_good else "bad",
        "status": say(f"run.status_{record.status}", lang),
        "reason": record.reason[lang] if record.reason else "",
        "log": None if record.is_good or not record.attempts else _log(job.log, folder),
        "seconds": f"{record.seconds:.1f}" if record.attempts else "",
        "cells": f"{record.cell_seconds:.1f}" if record.cell_seconds else "",
        "kernel": say(f"run.kernel_{record.kernel}", lang) if record.kernel else "",
        "fallback": record.fallback[lang] if record.fallback else "",
    }


def _log(path: Path, folder: Path) -> dict[str, str]:
    href = _below(path, folder)
    return {"href": href, "name": path.name if href else str(path)}


def _below(path: Path, folder: Path) -> str:
    """The link to a file below the page's folder; "" to one elsewhere."""
    return quote(path.relative_to(folder).as_posix()) if path.is_relative_to(folder) else ""
