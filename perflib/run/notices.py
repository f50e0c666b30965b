"""`perflib notices`: an official letter to each department with findings to rectify, and its reply sheet."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.lists import money_scale, money_unit
from perflib.data.text import say
from perflib.data.whole import safe_name, write_folder
from perflib.measure.findings import join_findings, track_rectification
from perflib.show.ledger import ledger_xlsx
from perflib.show.markdown import escape
from perflib.show.numbers import format_value
from perflib.show.official import official_docx
from perflib.show.outgoing import department_lists

STATES = ("open", "overdue", "closed")
SHOWN = ("number", "project", "type", "amount", "found_on", "due_on", "state", "repeated")
REPLY = ("number", "project", "type", "done", "closed_on", "recovered", "signed")


def tracked(findings: pd.DataFrame, projects: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """`findings` with project and department, `state` (open, overdue, closed) on the day, and `is_repeated`: a finding
    of the same kind was made of the same department in an earlier year."""
    found = track_rectification(join_findings(findings, projects), as_of=as_of)
    late = found["is_overdue"].fillna(False).astype(bool)
    is_closed = found["is_closed"].astype(bool)
    state = pd.Series("open", found.index).mask(late, "overdue").mask(is_closed, "closed")
    owner = found["department"].fillna(found["responsible"])
    first = found.assign(owner=owner).groupby(["owner", "type"])["year"].transform("min")
    return found.assign(department=owner, state=state, is_repeated=(found["year"] > first).fillna(False))


def write_notices(
    data: str, lang: str, output: Path, *, district: str = "", year: int = 0
) -> tuple[str, list[Path]]:
    """A letter and a reply workbook for each department with something open, and one list of where all findings stand.

    A finding is overdue or not on the year's last day, or a later one on which a finding was closed: nobody is asked
    again for what the data knows to be done.
    """
    book = load_book(data, district=district, year=year, lang=lang)
    findings = book.rows("findings")
    if findings.empty:
        told = book.table("findings")["district"].unique()  # DataError where there is no such table
        known = say("show_report.comma", lang).join(book.district_name(d, lang) for d in sorted(told))
        raise DataError("notices.no_finding", district=book.name, known=known)
    last = findings["closed_on"].max()
    day = max(dt.date(book.year, 12, 31), dt.date.min if pd.isna(last) else last.date())
    found = tracked(findings, book.rows("projects"), as_of=day)
    department = found["department"].fillna(say("show_tables.not_stated", lang))
    found = book.named(found.assign(department=department))
    left = found[found["state"] != "closed"].sort_values(["department", "due_on", "finding"])
    made = {}
    for department, rows in left.groupby("department", sort=True):
        name = safe_name(f"{say('notices.name', lang)}-{department}")
        title = say("notices.title", lang, district=book.name, year=book.year)
        made[f"{name}.docx"] = official_docx(
            notice(rows, str(department), lang, day, book.currency), title=title, lang=lang, author=book.name
        )
    made |= department_lists(book, {"rectification": left})
    title = say("notices.register", lang)
    made[f"{title}.xlsx"] = ledger_xlsx({title: _register(found, lang, book.currency)}, title)
    write_folder(output.absolute(), made)
    counts = {s: int((found["state"] == s).sum()) for s in STATES}
    counts["repeated"] = int(found["is_repeated"].sum())
    told = say("notices.told", lang, departments=left["department"].nunique(), path=output, **counts)
    return told, [output / f"{title}.xlsx"]


def notice(rows: pd.DataFrame, department: str, lang: str, day: dt.date, currency: str) -> str:
    """The letter to one department as Markdown, written on `day`: what was found, what is asked, and the reply sheet."""
    money = format_value(rows["amount"].sum(), "money", lang, currency=currency)
    due = rows["due_on"].max()
    until = say("notices.no_date" if pd.isna(due) else "notices.past", lang)
    if not pd.isna(due) and due.date() >= day:
        until = say("notices.until", lang, date=format_value(due.date(), "date", lang))
    repeated = int(rows["is_repeated"].sum())
    shown = _register(rows, lang, currency)
    heads = _heads(REPLY, lang, currency)
    blank = shown[[heads[n] for n in REPLY[:3]]].assign(**{heads[n]: "" for n in REPLY[3:]})
    parts = [
        say("notices.to", lang, department=escape(department)),
        say("notices.found", lang, count=len(rows), money=money, overdue=int((rows["state"] == "overdue").sum()),
            repeated=say("notices.found_again", lang, count=repeated) if repeated else ""),
        f"### {say('notices.section_findings', lang)}", _pipe(shown.drop(columns=say("notices.head_department", lang))),
        f"### {say('notices.section_asked', lang)}", say("notices.asked", lang, until=until),
        f"### {say('notices.section_reply', lang)}", _pipe(blank),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _heads(names: Sequence[str], lang: str, currency: str) -> dict[str, str]:
    return {name: say(f"notices.head_{name}", lang, unit=money_unit(currency, lang)) for name in names}


def _register(rows: pd.DataFrame, lang: str, currency: str) -> pd.DataFrame:
    """Findings as people read them: no codes, money in the unit of lists."""
    day = {c: rows[c].dt.strftime("%Y-%m-%d").fillna("") for c in ("found_on", "due_on")}
    yes = say("notices.yes", lang)
    told = {
        "department": rows["department"], "number": range(1, len(rows) + 1),
        "project": rows["project_name"].fillna(rows["subject"]), "type": rows["type"].fillna(""),
        "amount": (rows["amount"] / money_scale(currency, lang)).round(2), **day,
        "state": [say(f"notices.state_{s}", lang) for s in rows["state"]], "repeated": rows["is_repeated"].map({True: yes, False: ""}),
    }  # fmt: skip
    frame = pd.DataFrame(told).reset_index(drop=True)
    return frame.rename(columns=_heads(frame.columns, lang, currency))


def _pipe(frame: pd.DataFrame) -> str:
    """A table in Markdown."""
    told = frame.rename(columns=escape).fillna("").astype("str").map(escape)
    lines = [list(told.columns), ["---"] * len(told.columns), *told.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
