"""The report of `perflib check`: sums, what was mended and set aside, and what is wrong or doubted, kind by kind."""

from itertools import count
from pathlib import Path

import pandas as pd

from perflib.data.text import has_text, say

LEDGER = {
    "lines": "lines", "head": "lines_head", "empty": "lines_empty", "inside": "lines_inside",
    "rows": "rows_read",
}  # fmt: skip
AMOUNTS = ("initial_budget", "adjusted_budget", "executed")


def check_data(
    data: str, lang: str, output: Path | None = None, *, district: str = "", year: int = 0
) -> tuple[str, int]:
    """What reading `data` found, as lines of text, and the exit code; all findings go to the workbook `output`;
    without one to check.xlsx, or beside it if there is one already.

    Raises DataError where the data can't even be read.
    """
    from perflib.data.problems import CheckError
    from perflib.data.quality import findings

    found, book = findings(data, district=district, year=year)
    if isinstance(book, CheckError):
        path, told = _written(output, found, [], lang)
        lines = [book.head(lang), *_listed(book.problems, path, lang), *book.remedies(lang)]
        return "\n".join([*lines, *_doubted(book.others, path, lang), *told]), book.exit_code
    sums = _totals(book, lang)
    path, told = _written(output, found, sums, lang)
    lines = [
        _head(data, book, lang),
        _inputs(book, lang),
        *_absent(book, lang),
        *(f"  {line}" for line in sums),
        *_repairs(book, lang),
        *_set_aside(book, lang),
        *_doubted(found, path, lang),
        *told,
    ]
    return "\n".join(lines), 0


def _head(data: str, book, lang: str) -> str:
    from perflib.data.files import readable

    years = book.years
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    if book.as_of:
        span += say("run.check_to_month", lang, year=book.as_of[0], month=book.as_of[1])
    counts = {"projects": f"{len(book.tables['projects']):,}", "districts": len(book.districts)}
    return say("run.check_good", lang, data=readable(data), years=span, **counts)


def _inputs(book, lang: str) -> str:
    table = book.reconciliation
    names = {"rows": "rows_read", "kept": "rows_kept", "merged": "rows_merged", "aside": "rows_set_aside"}
    counts = {k: f"{int(table[v].sum()):,}" if v in table else "0" for k, v in names.items()}
    told = say("run.check_inputs", lang, **counts)
    if "lines" not in table:
        return told
    known = table[table["lines"].notna()]
    parts = {k: f"{int(known[v].sum()):,}" for k, v in LEDGER.items()}
    return told + "\n" + say("run.check_ledger", lang, **parts)


def _absent(book, lang: str) -> list[str]:
    """The amounts that every rate rests on, where the source has none of them."""
    from perflib.data.contract import table

    names = [n for n in AMOUNTS if n not in book.tables["projects"]]
    labels = say("show_report.comma", lang).join(table("projects")[n].label(lang) for n in names)
    return [say("run.check_absent", lang, columns=labels)] if names else []


def _totals(book, lang: str) -> list[str]:
    """Each table's sums by year, in the main unit and in a large one, so that a wrong unit meets the eye."""
    from perflib.data.contract import table
    from perflib.data.doubts import totals
    from perflib.data.units import amount_text

    out = []
    for (name, year), rows in totals(dict(book.tables)).groupby(["table", "year"], sort=False):
        parts = []
        for column, cents in zip(rows["column"], rows["cents"], strict=True):
            label, amount = table(name)[column].label(lang), amount_text(cents, 1, book.currency)
            large = (10**8 if abs(cents) >= 10**10 else 10**4) if book.currency == "CNY" else 10**6
            if abs(cents) < 100 * large:
                parts.append(f"{label} {amount}")
                continue
            short = amount_text(round(cents / large) * large, large, book.currency)
            parts.append(say("run.check_sum", lang, column=label, amount=amount, large=short))
        when = f" {year}" if year else ""
        out.append(f"{table(name).label(lang)}{when}: " + say("show_report.comma", lang).join(parts))
    return out


def _repairs(book, lang: str) -> list[str]:
    if not len(book.repairs):
        return []
    counts = book.repairs.groupby("kind", sort=True)["count"].sum()
    return _counted("run.check_repairs", "reading.repair_", counts, lang)


def _set_aside(book, lang: str) -> list[str]:
    if not len(book.set_aside):
        return []
    return _counted("run.check_aside", "reading.reason_", book.set_aside.groupby("reason").size(), lang)


def _counted(line: str, prefix: str, counts: pd.Series, lang: str) -> list[str]:
    """A line for each kind of `counts`, in the words that begin with `prefix` where it has any."""
    words = {k: say(prefix + k, lang) if has_text(prefix + k) else k for k in counts.index}
    return ["  " + say(line, lang, what=words[k], count=f"{int(n):,}") for k, n in counts.items()]


def _doubted(found: pd.DataFrame, path: Path | None, lang: str) -> list[str]:
    head = say("run.check_warnings", lang, count=f"{len(found):,}")
    return [head, *_listed(found, path, lang)] if len(found) else []


def _listed(found: pd.DataFrame, path: Path | None, lang: str) -> list[str]:
    """Findings kind by kind, each with its place: the first few, or all where no workbook `path` holds them."""
    from perflib.data.problems import SHOWN, listed

    lines = []
    kinds = listed(found, lang, shown=SHOWN if path else len(found))
    for told, number in zip(kinds, found.groupby("rule", sort=False).size(), strict=True):
        rest = number - len(told) + 1
        more = [f"    {say('run.check_more', lang, count=f'{rest:,}', path=path)}"] if rest else []
        lines += [*told, *more]
    return lines


def _free(name: str) -> Path:
    """A file of that name, numbered if there is one already."""
    path = Path(name)
    numbered = (path.with_stem(f"{path.stem}-{n}") for n in count(2))
    return path if not path.exists() else next(p for p in numbered if not p.exists())


def _written(
    output: Path | None, found: pd.DataFrame, sums: list[str], lang: str
) -> tuple[Path | None, list[str]]:
    """The workbook of all that was found (None if there is none), and what is told of it."""
    from perflib.data.errors import PerflibError
    from perflib.data.whole import write_whole
    from perflib.show.ledger import check_xlsx

    if not len(found):
        return None, []
    output = output or _free("check.xlsx")
    try:
        write_whole(output.absolute(), check_xlsx(found, sums, lang))
    except PerflibError as error:  # the terminal lists everything then
        return None, [error.sentence(lang)]
    return output, [say("run.wrote", lang, path=output)]
