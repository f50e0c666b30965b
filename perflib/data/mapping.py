"""Mapping files: how the files of another place become our tables, declared in TOML.

Every key is a field of a model here, and `docs/mapping.md` has an example of each. A mapping is checked
whole before any row is read, and all that is wrong with it is told at once.
"""

import tomllib
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictInt,
    ValidationError,
)
from pydantic import Field as Key

from perflib.data.contract import NUMERIC
from perflib.data.contract import table as declared_table
from perflib.data.contract import tables as declared_tables
from perflib.data.derive import PLACEHOLDER, check_rule, check_when, read_rule, slots
from perflib.data.errors import DataError
from perflib.data.mapping_fault import Fault, MappingError, block_of, faults_of, refuse
from perflib.data.periods import AsOf, fiscal_month, fiscal_year, read_as_of
from perflib.data.text import topic_keys
from perflib.data.units import code_in, currencies, scale_of

UNITS = ("元", "万元", "亿元", "EUR", "thousand EUR", "million", "百万円", "cents", "%")
RELAXABLE = ("negative", "unit_mix", "funds_unit_mix")  # errors after which the numbers still stand as read
_HARD = (
    "failed", "failed_one", "more", "relax_remedy", "give_remedy", "ragged", "merged_amount", "unit_clash",
    "mark_doubt", "mark_clash", "unreadable", "code_as_number", "no_unit", "doubled_column", "missing_column", "unstated_column",
    "empty_required", "out_of_range", "secret", "duplicate", "uncomputed",
)  # fmt: skip
_PARTS = ("place_", "expect_", "outline_")  # what a sentence is put together of
DOUBTS = tuple(k for k in topic_keys("check") if not k.startswith(_PARTS) and k not in (*_HARD, *RELAXABLE))
REASONS = tuple(sorted(k.removeprefix("reason_") for k in topic_keys("reading") if k.startswith("reason_")))
INHERITED = ("unit", "encodings", "separator", "decimal", "blank")  # said once for the whole mapping


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _one_of(*words: str) -> AfterValidator:
    return AfterValidator(lambda word: word if word in words else refuse(word, words))


def _codec(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        refuse(name, ["utf-8", "gb18030", "cp1252", "cp1250", "latin-1", "shift_jis", "big5", "utf-16"])
    return name


def _unit(text: str) -> str:
    is_known = not text or text == "%" or scale_of(text) is not None or PLACEHOLDER.search(text)
    return text if is_known else refuse(text, UNITS)


def _scale(text: str) -> str:
    return text if scale_of(text) is not None else refuse(text, UNITS)


def _mark(text: str) -> str:
    return text if len(text) < 2 else refuse(text, [",", ";", "|", "\\t"])


def _pattern(text: str) -> str:
    is_good = text and not text.startswith(("/", "~")) and text[1:2] != ":" and text.count("{year}") < 2
    return text if is_good else refuse(text, ["{year}/budget.csv"])


def _filled(words: tuple[str, ...]) -> tuple[str, ...]:
    return words if words and all(words) else refuse("")


def _cell(value: Any) -> Any:
    return refuse(value, ["a_text", "a_number"]) if isinstance(value, (list, dict)) else value


def _rule(value: Any) -> Any:
    unit = value.get("unit", "%") if isinstance(check_rule(value), dict) else "%"
    _unit(unit) if isinstance(unit, str) else refuse(unit, UNITS)
    return value


def _currency(code: str) -> str:
    near = get_close_matches(code.upper(), sorted(currencies()), 3)
    return code if code in currencies() and code != "XXX" else refuse(code, [*near, "a_currency"])


def _each(form: Callable[[Any], Any]) -> BeforeValidator:
    """Every value of a table in its long form."""
    return BeforeValidator(lambda v: {n: form(s) for n, s in v.items()} if isinstance(v, dict) else v)


def _as_is(words: Any) -> Any:
    return {str(w): str(w) for w in words} if isinstance(words, list) else words


def _span(low: int, high: int) -> AfterValidator:
    return AfterValidator(lambda n: n if low <= n <= high else refuse(n, [f"{low} … {high}"]))


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]
Words = Annotated[Texts, AfterValidator(_filled)]  # at least one
Codecs = Annotated[tuple[Annotated[str, AfterValidator(_codec)], ...], BeforeValidator(_many)]
Unit = Annotated[str, AfterValidator(_unit)]
Reason = Annotated[str, _one_of(*REASONS)]
Year = Annotated[StrictInt, _span(1900, 2100)]
When = Annotated[Any, AfterValidator(check_when)]
Rule = Annotated[Any, AfterValidator(_rule)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Separator = Annotated[str, AfterValidator(_mark)]
Fields = Annotated[dict[str, "Field"], _each(lambda s: s if isinstance(s, dict) else {"label": s})]
Across = Annotated[dict[str, dict[str, str]], _each(_as_is)]
_Marks = BeforeValidator(lambda v: [{"mark": v}] if isinstance(v, str) else v)
Decimals = Annotated[tuple["Decimal", ...], _Marks]


class Part(BaseModel):
    """A block of a mapping: it has no key but those declared, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Spell(Part):
    """What holds `from` one year `until` another, both included."""

    first: Year = Key(1900, alias="from")
    until: Year = 2100

    def applies(self, year: int) -> bool:
        return not year or self.first <= year <= self.until


class Decimal(Spell):
    mark: Literal[".", ","]


class Field(Part):
    """A column of the file: the labels that it may bear ("#3": the third column), and how it is read."""

    label: Words
    pad: Annotated[StrictInt, _span(0, 40)] = 0
    optional: StrictBool = False


class RowRule(Spell):
    """Rows that go aside (`exclude`), or the only ones that stay (`keep`)."""

    when: When
    reason: Reason = "excluded"


class Last(Part):
    """Of the rows that share `by`, those with the latest `of` stay."""

    of: str
    by: Words = ("year",)


class Heading(Part):
    """Rows that are headings: what stands in `take` is the field `into` of the rows below."""

    into: str
    take: str
    when: When


class Names(Part):
    """The name that goes with each code: the code counts, other spellings are counted."""

    code: str
    text: str
    names: dict[str, str] = Key(alias="is")


class Layout(Part):
    """How cells become fields: the same keys for a file, for a code list, and for what is taken off."""

    sheet: Texts = ()
    encodings: Codecs = ()
    separator: Separator = ""
    decimal: Decimals = (Decimal(mark="."),)
    blank: Texts = ()
    header: Annotated[StrictInt, _span(0, 5)] | None = None
    header_row: Annotated[StrictInt, _span(0, 1000)] = 0
    fields: Fields = {}
    across: Across = {}
    fill_down: Texts = ()
    headings: tuple[Heading, ...] = ()
    pad: dict[str, Annotated[StrictInt, _span(0, 40)]] = {}
    unit: Unit = ""

    @property
    def needed(self) -> set[str]:
        """Fields without which the file can't be read."""
        return set()

    def mark(self, year: int) -> str | None:
        """Decimal mark in the file of `year`; None if no rule is for that year."""
        return next((rule.mark for rule in self.decimal if rule.applies(year)), None)


class Lookup(Layout):
    """Fields taken from another file by a key; the first row of a key counts."""

    pattern: Pattern
    by: Words
    take: Words
    match: Literal["exact", "loose"] = "exact"

    @property
    def needed(self) -> set[str]:
        return {*self.by, *self.take}


class Subtract(Layout, Spell):
    """Amounts of another file that are taken off; what it does not say is as in the file."""

    pattern: Pattern
    reason: Reason
    tolerance: Annotated[float, _span(0, 10**12)] = 0


class Series(Layout, Spell):
    """One series of files (one a year, or a single one) that fills one table."""

    table: Annotated[str, _one_of(*declared_tables())]
    pattern: Annotated[tuple[Pattern, ...], BeforeValidator(_many)] = ()
    columns: dict[str, Rule] = {}
    keep: tuple[RowRule, ...] = ()
    exclude: tuple[RowRule, ...] = ()
    last: Last | None = None
    merge: Literal["", "sum", "sum_files"] = ""
    flows: Texts = ()
    units: dict[str, Annotated[str, AfterValidator(_scale)]] = {}
    lookup: tuple[Lookup, ...] = ()
    subtract: tuple[Subtract, ...] = ()
    names: Names | None = None
    rows: tuple[dict[str, Annotated[Any, AfterValidator(_cell)]], ...] = ()
    optional: StrictBool | Texts = False
    years_back: Annotated[StrictInt, _span(0, 100)] | None = None

    @cached_property
    def rules(self) -> dict[str, object]:
        """What fills each column: a template, cases, or a sum of fields."""
        plain = {n: r if isinstance(r, dict) else {"is": r} for n, r in self.columns.items()}
        kinds = {c.name: c.kind for c in declared_table(self.table).columns}
        return {n: read_rule(r, is_numeric=kinds.get(n) in NUMERIC) for n, r in plain.items()}

    def unit_of(self, column: str) -> str:
        """The unit of a column: its own, or the file's."""
        rule = self.columns[column]
        return rule.get("unit", self.unit) if isinstance(rule, dict) else self.unit

    @property
    def stated_units(self) -> list[str]:
        return [self.unit, *(self.unit_of(name) for name in self.columns)]

    @property
    def uses(self) -> dict[str, set[str]]:
        """The fields that each key of the block names."""
        return {
            "keep": slots([{"when": r.when} for r in self.keep]),
            "exclude": slots([{"when": r.when} for r in self.exclude]),
            "headings": {n for h in self.headings for n in (h.take, *slots([{"when": h.when}]))},
            "last": {self.last.of, *self.last.by} if self.last else set(),
            "lookup": {n for r in self.lookup for n in r.by},
            "names": {self.names.code, self.names.text} if self.names else set(),
            "unit": slots(self.stated_units),
            "fill_down": set(self.fill_down),
        }

    @cached_property
    def known(self) -> set[str]:
        """Names that a rule may use."""
        found = set(self.fields) | {"year"} | {h.into for h in self.headings}
        found |= {name for rule in self.lookup for name in rule.take}
        labels = (label for field in self.fields.values() for label in field.label)
        return found | slots([*labels, *self.pattern, *self.sheet])

    @property
    def needed(self) -> set[str]:
        if self.optional is True:
            return set()
        used = slots(list(self.rules.values())).union(*self.uses.values())
        spared = {n for n, f in self.fields.items() if f.optional} | set(self.optional or ())
        return (used & set(self.fields)) - spared

    def wants(self, year: int, asked: int) -> bool:
        """Whether the file of `year` (0: of all years) is read when `asked` is asked for (0: every year)."""
        if not year or not asked or self.years_back is None:
            return True
        return asked - self.years_back <= year <= asked


class Lineage(Part):
    """Departments that keep this share of their functions under a new name were renamed."""

    least: Annotated[float, _span(0, 1)]


class Mapping(Part):
    """A whole mapping file."""

    currency: Annotated[str, AfterValidator(_currency)]
    file: tuple[Series, ...]
    about_zh: str = ""
    about_en: str = ""
    unit: Unit = ""
    encodings: Codecs = ()
    separator: Separator = ""
    decimal: Decimals = ()
    blank: Texts = ()
    relax: tuple[Annotated[str, _one_of(*RELAXABLE)], ...] = ()
    off: tuple[Annotated[str, _one_of(*RELAXABLE, *DOUBTS)], ...] = ()
    year_begins: Annotated[StrictInt, _span(1, 12)] = 1
    year_called: Literal["first", "last"] = "first"
    as_of: str = ""
    lineage: Lineage | None = None

    @property
    def about(self) -> dict[str, str]:
        told = {"zh": self.about_zh, "en": self.about_en}
        return {lang: text for lang, text in told.items() if text}

    @property
    def end(self) -> AsOf | None:
        """The year in course and its month, both counted as the fiscal year is."""
        if not self.as_of:
            return None
        day = f"{self.as_of}-01"
        year = fiscal_year(day, begins=self.year_begins, called=self.year_called)
        return year, fiscal_month(day, begins=self.year_begins)


def load_mapping(path: Path) -> Mapping:
    """The mapping declared in the TOML file at `path`; MappingError with every fault that it has."""
    try:
        spec = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise DataError("reading.no_file", file=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(path.name, [Fault("TOML", str(error), kind="broken")]) from None
    try:
        mapping = Mapping.model_validate(_inherit(spec))
    except ValidationError as error:
        raise MappingError(path.name, faults_of(error, Mapping, spec, INHERITED)) from None
    faults = [f for at, one in enumerate(mapping.file) for f in _faults(one, block_of(("file", at), spec))]
    if mapping.as_of and read_as_of(mapping.as_of) is None:
        faults.append(Fault("as_of", mapping.as_of, ("2024-07",)))
    for at, one in enumerate(mapping.file):
        others = [u for u in sorted(set(one.stated_units)) if code_in(u) not in ("", mapping.currency)]
        faults += [
            Fault(f"{block_of(('file', at), spec)}, unit", unit, (mapping.currency,)) for unit in others
        ]
    if not mapping.file:
        faults.append(Fault("", "[[file]]", kind="lacks"))
    if faults:
        raise MappingError(path.name, faults)
    return mapping


def _inherit(spec: dict) -> dict:
    """What is said once for all files stands in each of them, and in the files that they draw on."""
    top = {k: spec[k] for k in INHERITED if k in spec}
    files = spec.get("file", [])
    if not isinstance(files, list) or not all(isinstance(one, dict) for one in files):
        return spec
    made = []
    for own in files:
        one = {**top, **own}
        shared = {k: one[k] for k in (*INHERITED[1:], "pad") if k in one}
        layout = {k: one[k] for k in Layout.model_fields if k in one and k != "sheet"}
        for key, given in (("lookup", shared), ("subtract", layout)):
            if isinstance(one.get(key), list):
                one[key] = [{**given, **r} if isinstance(r, dict) else r for r in one[key]]
        made.append(one)
    return {**spec, "file": made}


def _faults(series: Series, block: str) -> Iterable[Fault]:
    """What a block says that its table, or its own fields, do not have."""
    table, known = declared_table(series.table), sorted(series.known)
    for name in series.columns:
        here = f"{block}, columns, {name}"
        if name not in table.names:
            yield Fault(f"{block}, columns", name, table.names, "unknown_key")
        else:
            strange = sorted(slots(series.rules[name]) - series.known)
            yield from (Fault(here, f"{{{n}}}", tuple(known)) for n in strange)
            wrong = _no_choices(table[name], series.rules[name])
            yield from (Fault(here, word, table[name].values) for word in wrong)
            if table[name].kind == "amount" and not series.unit_of(name):
                yield Fault(here, "unit", UNITS, "lacks")
    own = set(series.fields)
    for key, names in series.uses.items():
        yield from (Fault(f"{block}, {key}", n, tuple(known)) for n in sorted(names - series.known))
    more = {"optional": series.optional if isinstance(series.optional, tuple) else (), "pad": series.pad}
    for key, names in more.items():
        yield from (Fault(f"{block}, {key}", n, tuple(sorted(own))) for n in names if n not in series.known)
    told = {"year", "month"} | set(series.across) | slots([*series.pattern, *series.sheet])
    for name, field in series.fields.items():
        holes = slots(list(field.label))
        here, strange = f"{block}, fields, {name}", sorted(holes - told)
        yield from (Fault(here, f"{{{n}}}", tuple(sorted(told))) for n in strange)
        if name in holes:  # what the label tells would be hidden behind the cells
            yield Fault(f"{block}, fields", name, ("amount",))
    strange = [n for n in series.flows if n not in series.columns]
    yield from (Fault(f"{block}, flows", n, tuple(series.columns)) for n in strange)
    for rule in series.lookup:
        lacking = [n for n in (*rule.by, *rule.take) if n not in rule.fields]
        yield from (Fault(f"{block}, lookup", n, tuple(rule.fields)) for n in lacking)
    for row in series.rows:
        strange = [n for n in row if n not in table.names]
        yield from (Fault(f"{block}, rows", n, table.names, "unknown_key") for n in strange)
    if not series.pattern and not series.rows:
        yield Fault(block, "pattern", ("{year}/budget.csv",), "lacks")
    plain = (".csv", ".tsv", ".txt", ".parquet", ".jsonl")
    if series.sheet and all(p.lower().endswith(plain) for p in series.pattern):
        yield Fault(f"{block}, sheet", ", ".join(series.sheet), ("no_sheet",))
    keyed = slots([r for n, r in series.rules.items() if n in table.key]) & own
    for rule in series.subtract:
        here, there = f"{block}, subtract", tuple(rule.fields)
        yield from (Fault(here, n, there, "lacks") for n in keyed - set(there))
        amounts = [slots(r) & own for n, r in series.rules.items() if n in table.of_kind("amount")]
        if not any(names <= set(there) for names in amounts):
            yield Fault(here, ", ".join(sorted(set().union(*amounts))), there, "lacks")


def _no_choices(column, rule: object) -> list[str]:
    """Fixed words for a column of choices that are none of them."""
    known = {w for c in column.choices for w in (c.value, c.zh, c.en, *c.also)}
    cases = rule if isinstance(rule, list) else []
    words = [rule] if isinstance(rule, str) else [case["is"] for case in cases]
    return [w for w in words if column.choices and w and "{" not in w and w not in known]
