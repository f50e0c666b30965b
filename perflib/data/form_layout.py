"""Layouts of forms, one TOML file each in `perflib/data/forms`: the form as a picture, and how it is read."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from perflib.data.contract import Named
from perflib.data.errors import DataError
from perflib.data.header import factor
from perflib.data.places import PACKAGE
from perflib.data.words import normal

FOLDER = PACKAGE / "data" / "forms"
KINDS = ("self_evaluation", "monitoring", "exchange")
_MERGED = re.compile(r"(?::(\d+))?(?:\^(\d+))?$")
_FIELD = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True)
class FormCell:
    """One cell of a form: its words, or the field that stands in it; columns and rows that it takes."""

    text: str
    field: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Layout(Named):
    """A form: `rows` are its lines, `repeats` the one that stands once for each indicator (None: a table).

    `labels`, `below`, `money`, `sources` and `indicators` name fields by the words beside, above or before them;
    `columns` are those of an exchange table.
    """

    name: str
    zh: str
    en: str
    of: str
    source: str
    unit: str
    widths: tuple[int, ...] = ()
    rows: tuple[tuple[FormCell, ...], ...] = ()
    repeats: int | None = None
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    below: dict[str, tuple[str, ...]] = field(default_factory=dict)
    money: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    indicators: dict[str, tuple[str, ...]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """Main units in one unit of the form's amounts."""
        return factor(self.unit)

    @property
    def words(self) -> dict[str, tuple[str, str]]:
        """(part, field) of every label, normalised."""
        return {normal(w): (part, f) for part in _PARTS for f, ws in getattr(self, part).items() for w in ws}


_PARTS = ("labels", "below", "money", "sources", "indicators")


@cache
def layouts() -> dict[str, Layout]:
    """The layouts that ship with perflib, by name."""
    return {path.stem: read_layout(path) for path in sorted(FOLDER.glob("*.toml"))}


def chosen_layouts(names: Sequence[str]) -> list[Layout]:
    """Layouts by name or by file (.toml); all that ship for none."""
    known = layouts()
    if unknown := [n for n in names if n not in known and not n.endswith(".toml")]:
        raise DataError("forms.no_layout", found=", ".join(unknown), known=", ".join(known))
    return [known[n] if n in known else read_layout(Path(n)) for n in names or known]


def read_layout(path: Path) -> Layout:
    """The layout in the file at `path`; DataError for one with a faulty key, row or anchor, which it names."""
    try:
        spec = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("forms.not_toml", file=path.name, reason=error) from error
    if lacking := [k for k in ("zh", "en", "of", "unit") if not spec.get(k)]:
        raise DataError("forms.lacks", file=path.name, name=", ".join(lacking))
    if spec["of"] not in KINDS or factor(spec["unit"]) is None:
        wrong, known = "of" if spec["of"] not in KINDS else "unit", ", ".join(KINDS)
        raise DataError("forms.bad_key", file=path.name, name=wrong, found=spec[wrong], known=known)
    lines = spec.get("rows", [])
    rows = tuple(tuple(_cell(part) for part in line.removeprefix("*").split("|")) for line in lines)
    parts = {part: {f: tuple(words) for f, words in spec.get(part, {}).items()} for part in _PARTS}
    layout = Layout(
        path.stem, spec["zh"], spec["en"], spec["of"], spec.get("source", ""), spec["unit"], tuple(spec.get("widths", ())),
        rows, next((i for i, line in enumerate(lines) if line.startswith("*")), None), **parts,
        columns=spec.get("columns", {}),
    )  # fmt: skip
    _check(layout, path.name)
    return layout


def _cell(part: str) -> FormCell:
    merged = _MERGED.search(part.strip())
    words = part.strip()[: merged.start()].strip()
    named = _FIELD.fullmatch(words)
    text, field = ("", named[1]) if named else (words, "")
    return FormCell(text, field, int(merged[1] or 1), int(merged[2] or 1))


def _check(layout: Layout, file: str) -> None:
    """Every row as wide as the form, and every label's first words somewhere in it."""
    if layout.of == "exchange":
        return
    seen = {normal(cell.text) for row in layout.rows for cell in row if cell.text}
    for part in _PARTS:
        for name, words in getattr(layout, part).items():
            if not any(normal(w) in seen for w in words) and name != "project":
                told = {"part": part, "field": name, "anchor": " / ".join(words)}
                raise DataError("forms.bad_anchor", file=file, **told)
    above = [0] * len(layout.rows)
    for at, row in enumerate(layout.rows):
        for cell in row:
            for later in range(at + 1, min(at + cell.rows, len(above))):
                above[later] += cell.columns
        width = above[at] + sum(cell.columns for cell in row)
        if width != len(layout.widths):
            raise DataError("forms.bad_row", file=file, row=at + 1, found=width, expected=len(layout.widths))
