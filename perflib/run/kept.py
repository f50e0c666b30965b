"""What earlier runs left: two of them held against each other, and an edited text against one."""

import json
from pathlib import Path

import pandas as pd

from perflib.data.documents import read_document
from perflib.data.errors import ArgumentError, DataError
from perflib.data.text import say
from perflib.data.whole import write_whole
from perflib.show.facts import Fact, read_facts
from perflib.show.ledger import ledger_page, ledger_xlsx
from perflib.show.moves import moved_facts, moved_rows
from perflib.show.proof import VERDICTS, WRONG, proof

FACTS = "facts.json"


def report_of(place: Path) -> Path:
    """The folder of a report: `place` itself, or the newest report in it; ArgumentError where there is none."""
    place = place.parent if place.name == FACTS else place
    found = [place] if (place / FACTS).is_file() else [f.parent for f in place.glob(f"*/{FACTS}")]
    if not found:
        raise ArgumentError("kept.no_report", path=place)
    return max(found, key=lambda folder: (folder / FACTS).stat().st_mtime_ns)


def facts_of(folder: Path) -> dict[str, Fact]:
    """The facts of a report; DataError where the file is damaged or of another version."""
    try:
        return read_facts((folder / FACTS).read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("kept.not_facts", path=folder / FACTS) from error


def diff_reports(old: Path, new: Path, lang: str, output: Path) -> tuple[str, list[Path]]:
    """What moved between two reports, as a sentence; the page and the workbook at `output` (its ending is changed)."""
    before, after = report_of(old), report_of(new)
    moves = moved_facts(facts_of(before), facts_of(after), first=_key_facts(after))
    cells = moved_rows(_tables(before), _tables(after))
    if moves.empty and cells.empty:
        return say("kept.nothing_moved", lang, old=before, new=after), []
    counts = moves["state"].value_counts()
    moved, came, gone = (int(counts.get(state, 0)) for state in ("moved", "new", "gone"))
    told = say("kept.moved", lang, old=before, new=after, moved=moved, came=came, gone=gone, cells=len(cells))
    sheets = {
        say("kept.sheet_facts", lang): _moves_told(moves, lang),
        say("kept.sheet_rows", lang): _headed(cells.assign(state=_states(cells, lang)), lang),
    }
    return told, _write(sheets, say("kept.diff_title", lang), told, lang, output)


def _moves_told(moves: pd.DataFrame, lang: str) -> pd.DataFrame:
    both = list(zip(moves["was"], moves["is"], strict=True))
    reasons = [
        say("show_report.comma", lang).join(
            say(f"kept.why_{code}", lang, was=_side(a, code), now=_side(b, code)) for code in codes.split()
        )
        for codes, (a, b) in zip(moves["why"], both, strict=True)
    ]
    told = {
        "label": [(b or a).label(lang) for a, b in both], "was": [a.text(lang) if a else "" for a, _ in both],
        "is": [b.text(lang) if b else "" for _, b in both], "state": _states(moves, lang),
        "why": reasons, "fact": moves["fact"],
    }  # fmt: skip
    return _headed(pd.DataFrame(told), lang)


def _side(fact: Fact, code: str) -> str:
    return {"rules": fact.rules, "base": fact.base, "scope": fact.filter, "rows": fact.rows}.get(code) or ""


def _states(moves: pd.DataFrame, lang: str) -> list[str]:
    return [say(f"kept.state_{s}", lang) for s in moves["state"]]


def _headed(frame: pd.DataFrame, lang: str) -> pd.DataFrame:
    return frame.rename(columns={name: say(f"kept.head_{name}", lang) for name in frame})


def _key_facts(folder: Path) -> frozenset[str]:
    told = [json.loads(f.read_text("utf-8")) for f in folder.glob("chapters/*/chapter.json")]
    return frozenset(f"{t['name']}/{id}" for t in told for id in t["key_facts"])


def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    files = sorted((folder / "tables").glob("*.csv"))
    return {f.stem: pd.read_csv(f, dtype="str", keep_default_na=False) for f in files}


def proof_draft(draft: Path, report: Path, lang: str, output: Path) -> tuple[str, list[Path], int]:
    """What is wrong with the numbers of `draft`: a sentence, the files written, and how many can't be traced.

    Held against the report, its own summary and the other reports beside it. DataError where no number was read.
    """
    folder = report_of(report)
    blocks = read_document(draft)
    beside = [f.parent for f in sorted(folder.parent.glob(f"*/{FACTS}")) if f.parent != folder]
    others = {place.name: facts_of(place) for place in beside}
    summary = folder / "summary.docx"
    printed = [b.text for b in read_document(summary)] if summary.is_file() else []
    found = proof(blocks, facts_of(folder), printed=printed, earlier=others, lang=lang)
    if found.empty or not found["verdict"].isin(VERDICTS[:5]).any():
        raise DataError("kept.no_number", file=draft.name)
    counts = found["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
    wrong = found[found["verdict"].isin(WRONG)]
    lines = [say("kept.proofed", lang, file=draft.name, report=folder, count=int(counts[list(VERDICTS[:5])].sum()),
                 apart=int(counts[list(VERDICTS[5:])].sum()), **{v: int(counts[v]) for v in VERDICTS[:5]})]  # fmt: skip
    lines += [_complaint(row, lang) for row in _labelled(wrong, lang).to_dict("records")]
    rows = _labelled(found, lang)
    rows = rows.assign(place=[_place(r, lang) for r in rows.to_dict("records")],
                       verdict=[say(f"kept.verdict_{v}", lang) for v in rows["verdict"]])  # fmt: skip
    columns = ["place", "words", "verdict", "label", "is", "run", "fact"]
    bad = rows.loc[found["verdict"].isin(WRONG), columns]
    sheets = {
        say("kept.sheet_wrong", lang): _headed(bad, lang),
        say("kept.sheet_all", lang): _headed(rows[columns], lang),
    }
    told = "\n".join(lines)
    return told, _write(sheets, say("kept.proof_title", lang), lines[0], lang, output), len(wrong)


def _complaint(row: dict, lang: str) -> str:
    key = f"kept.told_{row['verdict']}{'' if row['fact'] else '_alone'}"
    return f"  {_place(row, lang)}{say(key, lang, **row)}"


def _labelled(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    at = 0 if lang == "zh" else 1
    labels = [pair[at] if isinstance(pair, tuple) else "" for pair in rows["label"]]
    told = rows.assign(label=labels).astype(object)
    return told.where(told.notna(), "")


def _place(row: dict, lang: str) -> str:
    return say(f"kept.place_{row['place_kind']}", lang, number=row["paragraph"], cell=row["cell"])


def _write(sheets: dict, title: str, told: str, lang: str, output: Path) -> list[Path]:
    page, book = (output.absolute().with_suffix(end) for end in (".html", ".xlsx"))
    write_whole(page, ledger_page(sheets, title, told, lang))
    write_whole(book, ledger_xlsx(sheets, title))
    return [output.with_suffix(".html"), output.with_suffix(".xlsx")]
