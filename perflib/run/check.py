"""The report of `perflib check`: what was read, mended, set aside and doubted, for a person to read."""

from nbwarm.lean import not_installed
from perflib.data.text import has_text, say

SHOWN = 30
AMOUNTS = ("initial_budget", "adjusted_budget", "executed")


def check_report(data: str, lang: str) -> str:
    """What reading `data` found, as lines of text. Raises DataError when it can't be used."""
    from perflib.data.book import load_book

    with not_installed("hypothesis"):  # pandera would load it to make up data
        book = load_book(data)
    years = book.years
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    projects = f"{len(book.tables['projects']):,}"
    lines = [
        say("run.check_good", lang, data=data, projects=projects, districts=len(book.districts), years=span),
        _inputs(book, lang),
        *_absent(book, lang),
        *_repairs(book, lang),
        *_set_aside(book, lang),
        *_warnings(book, lang),
    ]
    return "\n".join(lines)


def _inputs(book, lang: str) -> str:
    table = book.reconciliation
    names = {"rows": "rows_read", "kept": "rows_kept", "merged": "rows_merged", "aside": "rows_set_aside"}
    counts = {k: f"{int(table[v].sum()):,}" if v in table else "0" for k, v in names.items()}
    return say("run.check_inputs", lang, **counts)


def _absent(book, lang: str) -> list[str]:
    """The amounts that every rate rests on, where the source has none of them."""
    from perflib.data.contract import table

    names = [n for n in AMOUNTS if n not in book.tables["projects"]]
    labels = say("show_report.comma", lang).join(table("projects")[n].label(lang) for n in names)
    return [say("run.check_absent", lang, columns=labels)] if names else []


def _repairs(book, lang: str) -> list[str]:
    if not len(book.repairs):
        return []
    counts = book.repairs.groupby("kind", sort=True)["count"].sum()
    return [
        "  " + say("run.check_repairs", lang, what=_told("reading.repair_", kind, lang), count=f"{int(n):,}")
        for kind, n in counts.items()
    ]


def _set_aside(book, lang: str) -> list[str]:
    if not len(book.set_aside):
        return []
    counts = book.set_aside.groupby("reason", sort=True).size()
    return [
        "  " + say("run.check_aside", lang, what=_told("reading.reason_", reason, lang), count=f"{int(n):,}")
        for reason, n in counts.items()
    ]


def _told(prefix: str, key: str, lang: str) -> str:
    return say(prefix + key, lang) if has_text(prefix + key) else key


def _warnings(book, lang: str) -> list[str]:
    from perflib.data.problems import sentence

    rows = book.warnings.to_dict("records")
    if not rows:
        return []
    told = [f"  {i}. {sentence(row, lang)}" for i, row in enumerate(rows[:SHOWN], 1)]
    rest = [say("run.check_more", lang, count=f"{len(rows) - SHOWN:,}")] if len(rows) > SHOWN else []
    return [say("run.check_warnings", lang, count=f"{len(rows):,}"), *told, *rest]
