"""What a notebook can be asked on the data at hand: its annotated parameters, each with what the book has."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from perflib.data.contract import tables
from perflib.data.errors import ArgumentError, DataError
from perflib.data.inputs import SAMPLES, input_files, stamp
from perflib.data.places import PACKAGE
from perflib.data.rules import load_rules
from perflib.data.text import has_text, say
from perflib.data.whole import safe_name, write_whole
from perflib.run.parameters import (
    CHOICES,
    TAG,
    Parameter,
    check_parameters,
    declared_parameters,
    read_notebook,
)
from perflib.run.suite import COMPARING, INTRODUCTION, find_notebook, suite

HIDDEN = ("data", "lang", "engine", "output")
"""Parameters that the form asks for elsewhere, or never."""
DATA_KINDS = (".xlsx", ".xls", ".ods", ".csv", ".parquet")
NEEDS = re.compile(r"^.*\bneeds\b.*$", re.M)
"""Lines of code that say which tables a page needs."""


@dataclass(frozen=True)
class Offer:
    """One parameter as a form asks for it: `options` are (words, value), none where any value of `type` will do."""

    name: str
    label: str
    type: str
    value: str | int | float | bool
    options: tuple[tuple[str, str | int], ...] = ()


class Choices:
    """What was chosen so far of `data`, for a notebook found from `folder`; `told` is a sentence on the last choice.

    `wanted` are parameters by name; one that the notebook does not take, or that the book lacks, waits for another.
    Raises PerflibError for data or a notebook that can't be read.
    """

    def __init__(
        self, *, data: str = "sample", notebook: str = "", lang: str = "zh", folder: Path = Path(), **wanted
    ):
        self.lang, self.folder, self.wanted, self.told = lang, folder, wanted, ""
        self.read(data)
        self.take(notebook or self.notebooks()[0][1])

    def read(self, data: str) -> None:
        """Read `data`; what was read before stays when that fails."""
        from perflib.data.book import load_book

        stamps = _stamps(data)
        if not stamps:
            raise ArgumentError("form.gone", data=data)
        given = {k: v for k, v in self.wanted.items() if k in ("district", "year") and v}
        try:
            self.book = load_book(data, lang=self.lang)
        except DataError:
            if not given:
                raise
            self.book = load_book(data, lang=self.lang, **given)  # of rows that tell none
        self.data, self.stamps = data, stamps

    def take(self, notebook: str) -> None:
        """Choose the notebook of this name, number or path; ArgumentError where its parameters can't be set."""
        name = str(self.folder / notebook) if notebook.endswith(".ipynb") else notebook
        found = find_notebook(name, self.lang)
        self.declared = declared_parameters(found)
        self.notebook = found

    def choose(self, name: str, value) -> None:
        """Choose `value` for data, notebook, lang or a parameter; `told` says what had to change with it."""
        self.told = ""
        if name == "data":
            self.read(value)
        elif name == "notebook":
            self.take(value)
        elif name == "lang":
            name, self.lang = self.name, value
            self.take(name)
        else:
            self.wanted[name] = value
        self._tell_of_year()

    def _tell_of_year(self) -> None:
        wanted, district = self.wanted.get("year"), self._value("district")
        if wanted and "year" in self.declared and district and wanted not in self.book.years_of(district):
            other = self.wanted["year"] = self._value("year")
            named = self.book.district_name(district, self.lang)
            self.told = say("form.no_rows", self.lang, district=named, year=wanted, other=other)

    @property
    def _is_own(self) -> bool:
        return self.notebook not in suite(self.lang)

    @property
    def name(self) -> str:
        """What the notebook is chosen by."""
        return self.notebook.name if self._is_own else self.notebook.stem

    @property
    def district(self) -> str:
        return self._value("district")

    @property
    def year(self) -> int:
        return self._value("year") or self.book.year

    @property
    def is_changed(self) -> bool:
        """Whether the data changed on disk since it was read."""
        return _stamps(self.data) != self.stamps

    # What is offered

    def sources(self) -> list[str]:
        """Data to suggest: what travels with perflib, and the files beside the notebook."""
        return [*SAMPLES, *sorted(p.name for p in self.folder.iterdir() if p.suffix.lower() in DATA_KINDS)]

    def notebooks(self) -> list[tuple[str, str]]:
        """(title, name) of the notebooks that have something to tell of this data, one's own ones last."""
        ours = [n for n in suite(self.lang) if not n.name.startswith(INTRODUCTION)]
        names = {n.name for n in suite(self.lang)}
        own = [p for p in sorted(self.folder.glob("*.ipynb")) if p.name not in names and not _is_copy(p)]
        told = [(title(n), n.stem) for n in ours if not self._lacking(n)]
        return told + [(p.name, p.name) for p in own]

    def not_offered(self) -> str:
        """Which notebooks are not offered, and what each lacks; "" where all are."""
        gap = "、" if self.lang == "zh" else ", "
        lacks = {notebook.stem: gap.join(self._lacking(notebook)) for notebook in suite(self.lang)}
        names = [say("form.lacks", self.lang, name=n, tables=told) for n, told in lacks.items() if told]
        return say("form.not_offered", self.lang, names=gap.join(names)) if names else ""

    def _lacking(self, notebook: Path) -> list[str]:
        """What `notebook` needs and the book lacks, in words."""
        cells = read_notebook(notebook)["cells"]
        source = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        named = dict.fromkeys(re.findall(r'"(\w+)"', "".join(NEEDS.findall(source))))
        needs = [name for name in named if name in tables()]
        lacking = [tables()[name].label(self.lang) for name in needs if not self.book.has(name)]
        is_alone = notebook.name.startswith(COMPARING[:2]) and len(self.book.districts) < 2
        return lacking + [say("form.two_districts", self.lang)] * is_alone

    def offers(self) -> list[Offer]:
        """The parameters to ask for, in the order of the notebook's cell, each with what the book has of it."""
        return [self._offer(p) for name, p in self.declared.items() if name not in HIDDEN]

    def _offer(self, parameter: Parameter) -> Offer:
        name = parameter.name
        label = say(f"form.{name}", self.lang) if has_text(f"form.{name}") else name
        options = tuple(self._options(name)) if self._is_known(parameter) else ()
        return Offer(name, label, parameter.type, self._value(name), options)

    def _is_known(self, parameter: Parameter) -> bool:
        """Whether it is the suite's parameter of that name, not one that an own notebook calls alike."""
        return type(parameter.default) is (int if parameter.name in ("year", "month") else str)

    def _options(self, name: str) -> Iterator[tuple[str, str | int]]:
        """(words, value) of what parameter `name` may be on this book; none of one that is not known."""
        book, lang = self.book, self.lang
        if name == "district":
            yield from ((book.district_name(code, lang), code) for code in sorted(book.districts))
        elif name == "year":
            yield from ((str(y), y) for y in sorted(book.years_of(self._value("district")), reverse=True))
        elif name == "base":
            yield from ((say(f"show_bases.{b}", lang), b) for b in self._bases())
        elif name == "rules":
            known = sorted(p.stem for p in (PACKAGE / "rules").glob("*.toml"))
            yield say("form.own_rules", lang), ""
            yield from ((getattr(load_rules(id).title, lang), id) for id in known)
        elif name in CHOICES:
            yield from ((say(f"form.{name}_{code}", lang), code) for code in CHOICES[name])
        elif name == "month":
            yield say("form.latest_month", lang), 0
            yield from ((str(m), m) for m in self._held("progress", "month"))
        elif name == "department":
            yield say("form.all_departments", lang), ""
            yield from ((d, d) for d in self._held("projects", "department"))

    def _held(self, table: str, column: str) -> list:
        """The values of `column` that the chosen district has in the chosen year."""
        rows = self._rows(table)
        return sorted(rows[column].dropna().unique().tolist()) if column in rows else []

    def _rows(self, table: str):
        rows = self.book.whole(table)
        for name in ("district", "year"):
            if name in self.declared and name in rows:
                rows = rows[rows[name] == self._value(name)]
        return rows

    def _bases(self) -> list[str]:
        """The bases on which the chosen district has a budget in the chosen year."""
        from perflib.measure.rates import BASES

        rows = self._rows("projects")
        there = {base: column for base, column in BASES.items() if column in rows}
        return [base for base, column in there.items() if (rows[column].fillna(0) > 0).any()]

    def _value(self, name: str):
        """What is chosen for parameter `name`: what was wanted where it is offered, else the default or the nearest."""
        parameter = self.declared.get(name)
        if parameter is None:
            return self.book.district if name == "district" else None
        offered = [v for _, v in self._options(name)] if self._is_known(parameter) else []
        wanted = self.wanted.get(name, parameter.default)
        if not offered:
            return wanted if isinstance(wanted, type(parameter.default)) else parameter.default
        usual = {"district": self.book.district}.get(name, parameter.default)
        if name == "year":
            from perflib.data.book import resolve_year

            usual = resolve_year(self.book, self._value("district"), 0)
        return next((v for v in (wanted, usual) if v in offered), offered[0])

    # What is done with it

    def values(self) -> dict:
        """The parameters to run the notebook with, checked."""
        chosen = {name: self._value(name) for name in self.declared if name not in HIDDEN}
        shared = {k: v for k, v in {"data": self.data, "lang": self.lang}.items() if k in self.declared}
        return check_parameters(self.notebook, {**shared, **chosen})

    def copy(self) -> Path:
        """A copy of the notebook in `folder` with the parameters set; one made before, if nothing in it changed."""
        place = [str(self._value(name)) for name in ("district", "year") if name in self.declared]
        return write_copy(self.notebook, self.values(), self.folder, suffix="-".join(place))

    def report_arguments(self, output: Path) -> list[str]:
        """What `perflib` is told to make the report of what was chosen."""
        asked = {name: self._value(name) for name in ("district", "year", "base", "rules", "edition")}
        options = [text for name, value in asked.items() if value for text in (f"--{name}", str(value))]
        return ["report", "--data", self.data, "--lang", self.lang, "--output", str(output), *options]


def title(notebook: Path) -> str:
    """Number and first heading of `notebook`."""
    prose = ("".join(c["source"]) for c in read_notebook(notebook)["cells"] if c["cell_type"] == "markdown")
    head = re.search(r"^# (.*)$", "\n".join(prose), re.M)
    return f"{notebook.stem[:2]} {head[1].strip() if head else notebook.stem}"


def write_copy(notebook: Path, values: dict, folder: Path, *, suffix: str) -> Path:
    """A copy of `notebook` in `folder` with `values` as its parameters and no outputs; none is overwritten."""
    content = json.loads(json.dumps(read_notebook(notebook)))
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            if TAG in cell["metadata"].get("tags", []):
                cell["source"] = with_values("".join(cell["source"]), values)
    content["metadata"]["perflib"] = {**content["metadata"].get("perflib", {}), "copy_of": notebook.stem}
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    stem = safe_name(f"{notebook.stem}-{suffix}")
    for number in count(1):
        place = folder / (f"{stem}.ipynb" if number == 1 else f"{stem}-{number}.ipynb")
        if not place.exists():
            write_whole(place, text)
            return place
        if place.read_text("utf-8") == text:
            return place


def with_values(source: str, values: dict) -> str:
    """The `parameters` cell `source` with other values; its comments stay.

    >>> with_values('year: int = 0  # 0: the latest', {"year": 2022})
    'year: int = 2022  # 0: the latest'
    """
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        name = ast.unparse(getattr(statement, "target", None) or statement.targets[0])
        old = statement.value
        if name in values:
            line, value = lines[old.lineno - 1].encode(), values[name]
            told = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
            line = line[: old.col_offset] + told.encode() + line[old.end_col_offset :]
            lines[old.lineno - 1] = line.decode()
    return "\n".join(lines)


def _is_copy(notebook: Path) -> bool:
    try:
        return "copy_of" in read_notebook(notebook)["metadata"].get("perflib", {})
    except ArgumentError:
        return False  # choosing it will say what is wrong with it


def _stamps(data: str) -> dict[str, list[int]]:
    return {str(path): stamp(path) for path in input_files(data)}
