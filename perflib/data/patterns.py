"""Names of files, sheets and columns with placeholders: `{year}/spending_{month}.csv`, `Budget {year}`."""

import re
from collections.abc import Mapping
from pathlib import Path

from perflib.data.derive import PLACEHOLDER
from perflib.data.words import normal

YEARS = (
    r"(?:19|20)\d\d[-_–/](?:19|20)?\d\d(?!\d)",
    r"(?:19|20)\d\d",
    r"(?:令和|平成|民[国國])(?:\d+|元)",
    r"\d\d",
)
"""What `{year}` stands for, tried in turn: two calendar years, one, an era, two digits."""


def shape(pattern: str, known: Mapping[str, str], *, year: str = YEARS[1]) -> re.Pattern:
    """The pattern as a regular expression: `*` and `{name}` within a part of a path, `**/` any folders."""
    out, end, seen = "", 0, set()
    for hole in PLACEHOLDER.finditer(pattern):
        name = hole[1]
        out += _globbed(pattern[end : hole.start()])
        if name in known:
            out += re.escape(known[name])
        elif name in seen:
            out += f"(?P={name})"
        else:
            out += f"(?P<{name}>{year if name == 'year' else '[^/]+?'})"
        seen.add(name)
        end = hole.end()
    return re.compile(out + _globbed(pattern[end:]), re.IGNORECASE)


def _globbed(text: str) -> str:
    out = re.escape(text).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return out.replace(r"\?", "[^/]")


def captured(text: str, pattern: str, known: Mapping[str, str] = {}) -> dict[str, str] | None:
    """What the placeholders of `pattern` stand for in `text`; None where it does not fit.

    >>> captured("2021-22/Spending May.csv", "{year}/spending {month}.csv")
    {'year': '2021-22', 'month': 'May'}
    """
    for year in YEARS:
        hit = shape(pattern, known, year=year).fullmatch(text)
        if hit and not ("year" in hit.groupdict() and year is YEARS[0] and not _follow(hit["year"])):
            return {**known, **hit.groupdict()}
        if "{year}" not in pattern:
            break
    return None


def _follow(span: str) -> bool:
    """Whether 2021-22 are two years that follow each other, and not a year and a month."""
    first, last = re.findall(r"\d+", span)
    return (int(last) - int(first)) % 100 == 1


def find_files(folder: Path, pattern: str) -> list[tuple[Path, dict[str, str]]]:
    """Files under `folder` that fit `pattern`, with what its placeholders stand for; two digits are a
    year only where no file has one of four."""
    found = []
    globbed = re.sub(r"\*{2,}(?=[^/*])|(?<=[^/*])\*{2,}", "*", PLACEHOLDER.sub("*", pattern))
    globbed = re.sub(r"[^\W\d_]", lambda c: f"[{c[0].lower()}{c[0].upper()}]", globbed)  # CSV as csv
    for path in sorted(folder.glob(globbed)):
        seen = captured(path.relative_to(folder).as_posix(), pattern) if path.is_file() else None
        if seen is not None and not path.name.startswith(("~$", ".")):
            found.append((path, seen))
    long = [one for one in found if len(one[1].get("year", "0000")) > 2]
    return long or found


def find_sheets(
    names: list[str], patterns: tuple[str, ...], known: Mapping[str, str]
) -> list[tuple[str, dict]]:
    """Sheets that fit one of `patterns`, in the book's order; every sheet where none is given."""
    found = []
    for name in names:
        for pattern in patterns:
            filled = PLACEHOLDER.sub(lambda m: known.get(m[1], m[0]), pattern)
            seen = dict(known) if normal(filled) == normal(name) else captured(name.strip(), pattern, known)
            if seen is not None:
                found.append((name, seen))
                break
    return found
