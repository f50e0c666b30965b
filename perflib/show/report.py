"""The report: chapters put together and written as web page, PDF, Word file and workbook."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from perflib.data.whole import sha256
from perflib.show.assembly import Report, report_markdown
from perflib.show.document import read_tree
from perflib.show.facts import facts_json
from perflib.show.part import LEADERS, read_parts

FORMATS = ("html", "docx", "pdf", "xlsx")
STATUSES = ("draft", "final")
SUMMARY = "summary.docx"  # the annual summary as a text to edit; chapters may bring such documents


def write_report(
    folder: Path,
    *,
    lang: str,
    district_name: str,
    year: int,
    chapters: Sequence[Path],
    is_sample: bool,
    edition: str = "internal",
    classification: str = "",
    prepared_by: str = "",
    checked_by: str = "",
    signed_by: str = "",
    status: str = "draft",
    notes: Sequence[str] = (),
    years: Sequence[int] = (),
    sources: Mapping[str, tuple[str, str]] | None = None,
    names: Mapping[str, str] | None = None,
    formats: Sequence[str] = FORMATS,
    only: str = "all",
) -> dict[str, Path]:
    """Files of the report by format, written to `folder`: whole, or not at all.

    `chapters` are folders that pages wrote; they are put in the order of their stages. Where what leaders
    read (notebook 90, of a study 78) is among them it is `report.*`, and the others are `annex.*`; `only` one of both ("leader",
    "annex") may be asked for; "month" makes one short report of them all. The workbook has them all.
    Beside the formats, `folder` gets `figures/`, `tables/`, `lists/` (to work on, where chapters have
    some), `facts.json` and the documents that chapters bring (`summary.docx`). `notes` are sentences
    on how the report was run. The same chapters give the same bytes.

    With `years` it is a comparison study of these years, and says so; `sources` then gives the source of a
    chapter by its folder, where several sources have the chapter: its name, and what its captions declare.
    `names` names chapters otherwise than their pages do, by their folders.
    """
    assert status in STATUSES, f"`status` must be one of {STATUSES}, not {status!r}"
    report = Report(
        lang, district_name, int(year), edition, classification, prepared_by, checked_by, signed_by, status,
        is_sample, read_parts(chapters, sources, names), tuple(notes), tuple(years),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        _gather(report, made)
        for stem, own in _volumes(report, only).items():
            tree = read_tree(report_markdown(own), lang, is_numbered=own.look != "leader")
            for name in formats:
                if name != "xlsx":
                    (made / f"{stem}.{name}").write_bytes(_writer(name)(own, tree, made))
        if "xlsx" in formats:
            (made / "report.xlsx").write_bytes(_writer("xlsx")(report, {}, made))
        _move(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return {name: folder / f"report.{name}" for name in formats}


def _volumes(report: Report, only: str) -> dict[str, Report]:
    """The reports to write, by the names of their files."""
    if only == "month":
        return {"report": replace(report, kind="month")}
    leader = tuple(p for p in report.parts if p.name.startswith(LEADERS) and not p.is_missing)
    others = tuple(p for p in report.parts if p not in leader)
    if not leader:
        kind = "annex" if only == "annex" else ""
        return {kind or "report": replace(report, kind=kind)}
    found = {"report": replace(report, parts=leader, kind="leader")}
    if any(not p.is_missing for p in others):
        found["annex"] = replace(report, parts=others, kind="annex")
    return {stem: own for stem, own in found.items() if only in ("all", own.kind)}


def _gather(report: Report, made: Path) -> None:
    """Copy figures, tables and lists of all chapters to `made`, and write their facts to one file."""
    (made / "figures").mkdir()
    (made / "tables").mkdir()
    for part in report.told:
        for kind in ("figures", "tables"):
            for file in sorted((part.folder / kind).glob("*")):
                shutil.copyfile(file, made / kind / f"{part.name}-{file.name}")
        for file in sorted((part.folder / "lists").glob("*")):  # they go out: their names say what they are
            (made / "lists").mkdir(exist_ok=True)
            shutil.copyfile(file, made / "lists" / file.name)
        for file in sorted((part.folder / "documents").glob("*")):
            shutil.copyfile(file, made / file.name)
    hashes = {f"tables/{f.name}": sha256(f.read_bytes()) for f in sorted((made / "tables").glob("*"))}
    (made / "facts.json").write_bytes(facts_json(report.facts, hashes).encode("utf-8"))


def _writer(name: str) -> Callable[[Report, dict, Path], bytes]:
    # Each writer loads its own heavy package, and only when its format is asked for.
    if name == "html":
        from perflib.show.html import report_html

        return lambda report, tree, made: report_html(report, tree, made).encode("utf-8")
    if name == "pdf":
        from perflib.show.pdf import report_pdf

        return report_pdf
    if name == "docx":
        from perflib.show.word import report_docx

        return report_docx
    assert name == "xlsx", f"`formats` must be among {FORMATS}, not {name!r}"
    from perflib.show.workbook import report_xlsx

    return report_xlsx


def _move(made: Path, folder: Path) -> None:
    # Lists and documents of an earlier run are no part of this one, above all not of a public edition.
    shutil.rmtree(folder / "lists", ignore_errors=True)
    (folder / SUMMARY).unlink(missing_ok=True)
    for old in folder.glob("annex.*") if (made / "report.html").is_file() else ():
        old.unlink()  # of an earlier report; the annex of this one is made with it
    for item in sorted(made.iterdir()):
        target = folder / item.name
        if target.is_dir():
            shutil.rmtree(target)
        item.replace(target)
