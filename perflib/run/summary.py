"""The page and the file that say what a run did."""

import html
from pathlib import Path
from urllib.parse import quote

from perflib.data.text import say
from perflib.run.atomic import write_atomically, write_json
from perflib.run.record import Record, Result

STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans SC",sans-serif;max-width:72rem;margin:2rem auto;
padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #c9ced6;vertical-align:top}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}th{background:#f1f4f8;white-space:nowrap}
td.bad,td.good{white-space:nowrap}small{overflow-wrap:anywhere}
.bad{color:#8a3b00;font-weight:600}.good{color:#0b4f8a}small{color:#4a5560}
"""
NUMBERS, NUMBER = ("seconds", "cells"), " class='n'"


def write_summary(result: Result, folder: Path, *, lang: str, title: str = "", shard: str = "") -> None:
    """Write `summary.json` and `summary.html` for the run into `folder`, with the shard in their names."""
    write_json(folder / summary_name("json", shard), summary_content(result))
    page = summary_page(result, folder, lang=lang, title=title)
    write_atomically(folder / summary_name("html", shard), page)


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


def summary_page(result: Result, folder: Path, *, lang: str, title: str = "") -> str:
    """The same as one HTML page that asks nothing of any other address; what failed comes first."""
    heading = html.escape(title or say("run.summary_title", lang))
    heads = "".join(
        f"<th scope='col'{NUMBER if name in NUMBERS else ''}>{html.escape(say(f'run.head_{name}', lang))}</th>"
        for name in ("job", "status", "reason", "seconds", "cells", "kernel")
    )
    records = sorted(result.records, key=lambda record: record.is_good)
    rows = "\n".join(_row(record, folder, lang) for record in records)
    page_lang = "zh-Hans" if lang == "zh" else "en"
    told = html.escape(headline(result, lang))
    return (
        f"<!doctype html>\n<html lang='{page_lang}'><head><meta charset='utf-8'><title>{heading}</title>"
        f"<style>{STYLE}</style></head><body><main><h1>{heading}</h1>\n<p>{told}</p>"
        f"\n<table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></main></body></html>\n"
    )


def headline(result: Result, lang: str) -> str:
    """How many jobs ended how, in one line."""
    parts = [f"{say(f'run.status_{k}', lang)} {n}" for k, n in sorted(result.counts().items())]
    separator = "、" if lang == "zh" else ", "
    return say("run.headline", lang, counts=separator.join(parts), seconds=f"{result.seconds:.1f}")


def _row(record: Record, folder: Path, lang: str) -> str:
    tone = "good" if record.is_good else "bad"
    status = html.escape(say(f"run.status_{record.status}", lang))
    reason = html.escape(record.reason[lang]) if record.reason else ""
    if not record.is_good and record.attempts:
        reason += f"<br><small>{_link(record.job.log, folder)}</small>"
    kernel = html.escape(say(f"run.kernel_{record.kernel}", lang)) if record.kernel else ""
    if record.fallback:
        kernel += f" <small>{html.escape(record.fallback[lang])}</small>"
    ran = f"{record.seconds:.1f}" if record.attempts else ""
    inside = f"{record.cell_seconds:.1f}" if record.cell_seconds else ""
    return (
        f"<tr><td>{html.escape(record.job.title)}</td><td class='{tone}'>{status}</td><td>{reason}</td>"
        f"<td class='n'>{ran}</td><td class='n'>{inside}</td><td>{kernel}</td></tr>"
    )


def _link(path: Path, folder: Path) -> str:
    """A link to the file where it lies below the page's folder, else its path."""
    if not path.is_relative_to(folder):
        return html.escape(str(path))
    name = path.relative_to(folder).as_posix()
    return f"<a href='{html.escape(quote(name))}'>{html.escape(path.name)}</a>"
