"""Facts: every number that a report prints, with the trail that leads back to the input."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from numbers import Number
from pathlib import Path

import numpy as np

from perflib.data.edition import SMALLEST, is_small
from perflib.data.errors import PerflibError
from perflib.data.places import PACKAGE
from perflib.data.text import say
from perflib.show.numbers import UNITS, format_value, is_missing

KINDS = {"text": "text", "date": "date", "rule": "rule"}
SHARE_STEPS = 1000  # shares are printed as per cent with one decimal


@dataclass(frozen=True)
class Fact:
    """One printed value and where it comes from. `shown` replaces `value` in print (rounded to add up)."""

    id: str
    value: object
    unit: str
    label_zh: str
    label_en: str
    formula_zh: str
    formula_en: str
    table: str
    filter: str
    rows: int
    base: str | None
    rules: str | None
    input_sha256: str
    kind: str
    currency: str = "CNY"
    reason: str | None = None
    shown: float | None = None

    def text(self, lang: str) -> str:
        """The value as prose prints it; "不适用（原因）" or "n/a (reason)" where there is none."""
        if self.reason == "suppressed" and self.unit == "count":
            return say("show_reasons.fewer_than", lang, floor=SMALLEST)
        value = self.value if self.shown is None else self.shown
        return format_value(value, self.unit, lang, currency=self.currency, reason=self.reason)

    def label(self, lang: str) -> str:
        return self.label_zh if lang == "zh" else self.label_en

    def formula(self, lang: str) -> str:
        return self.formula_zh if lang == "zh" else self.formula_en

    @property
    def is_missing(self) -> bool:
        return is_missing(self.value)


class Facts(Mapping):
    """The facts of one chapter by their id; labels and formulas come from `facts_<chapter>.toml`.

    >>> facts = Facts("sample", currency="CNY", input_sha256="0" * 64, declared={
    ...     "rate": {"zh": "执行率", "en": "Rate", "formula_zh": "执行÷预算", "formula_en": "a / b"}})
    >>> facts.add("rate", 0.953, unit="share", table="projects", rows=961).text("zh")
    '95.3%'
    """

    def __init__(
        self,
        chapter: str,
        *,
        currency: str,
        input_sha256: str,
        edition: str = "internal",
        base: str | None = None,
        rules: str | None = None,
        declared: Mapping[str, Mapping[str, str]] | None = None,
    ):
        self.chapter = chapter
        self._defaults = {"currency": currency, "input_sha256": input_sha256}
        self._base, self._rules, self._edition = base, rules, edition
        self._declared = declared_facts(chapter) if declared is None else declared
        self._facts: dict[str, Fact] = {}

    def add(
        self,
        id: str,
        value,
        *,
        unit: str,
        table: str,
        rows: int,
        filter: str = "",
        base: str | None = None,
        rules: str | None = None,
        reason: str | None = None,
        shown: float | None = None,
        is_open: bool = False,
    ) -> Fact:
        """The new fact. `rows` is the number of rows of `table` behind it, after `filter` (in words).

        A missing value needs the `reason` code why. The public edition holds no count from one to four,
        and nothing that rests on so few rows; a count of districts or years tells of no one and `is_open`.
        A second fact of the same id is a fault of ours.
        """
        assert unit in UNITS, f"`unit` of fact {id} must be one of {', '.join(UNITS)}, not {unit!r}"
        assert id not in self._facts, f"fact {id} is added twice"
        words = self._words(id)
        is_counted = unit == "count" and not is_open
        if self._edition == "public" and (is_small(rows) or (is_counted and is_small(value))):
            value, shown, rows, reason = None, None, 0, "suppressed"
        self._facts[id] = Fact(
            id=id,
            value=stored(value, unit),
            unit=unit,
            label_zh=words["zh"],
            label_en=words["en"],
            formula_zh=words["formula_zh"],
            formula_en=words["formula_en"],
            table=table,
            filter=filter,
            rows=int(rows),
            base=base or self._base,
            rules=rules or self._rules,
            kind=KINDS.get(unit, "number"),
            reason=reason if is_missing(value) and not is_missing(reason) else None,
            shown=shown,
            **self._defaults,
        )
        return self._facts[id]

    def add_shares(self, shares: Mapping[str, float], **trail) -> list[Fact]:
        """New facts of unit "share" that are printed together: rounded so that what is printed adds up.

        `shares` maps ids to shares; `trail` is what `add` takes (`table`, `rows`, ...).
        """
        shown = round_to_sum(list(shares.values()))
        return [
            self.add(id, value, unit="share", shown=printed, **trail)
            for (id, value), printed in zip(shares.items(), shown, strict=True)
        ]

    def _words(self, id: str) -> Mapping[str, str]:
        if id not in self._declared:
            raise PerflibError("show_errors.unnamed_fact", fact=id, chapter=self.chapter)
        return self._declared[id]

    def __getitem__(self, id: str) -> Fact:
        return self._facts[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def declared_facts(chapter: str) -> Mapping[str, Mapping[str, str]]:
    """Labels and formulas of the facts of `chapter`, by id; empty where the chapter declares none."""
    text = PACKAGE / "text"
    return {**_declared(text / "facts_common.toml"), **_declared(text / f"facts_{chapter}.toml")}


@cache
def _declared(file: Path) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def round_to_sum(shares: list[float]) -> list[float]:
    """`shares` rounded to a tenth of a per cent so that they add up to their rounded sum.

    The largest remainders are rounded up; ties go to the earlier one. Missing shares stay missing.

    >>> round_to_sum([1 / 3, 1 / 3, 1 / 3])
    [0.334, 0.333, 0.333]
    """
    units = np.array([np.nan if is_missing(s) else float(s) * SHARE_STEPS for s in shares])
    known = ~np.isnan(units)
    floors = np.floor(units[known])
    lacking = round(units[known].sum()) - int(floors.sum())
    order = np.argsort(-(units[known] - floors), kind="stable")
    floors[order[:lacking]] += 1
    units[known] = floors
    return [None if np.isnan(u) else float(u / SHARE_STEPS) for u in units]


def facts_json(facts: Mapping[str, Fact], tables: Mapping[str, str]) -> str:
    """`facts.json`: sorted by id, with the hashes of the tables beside it; the same bytes every time."""
    listed = {id: asdict(facts[id]) for id in sorted(facts)}
    content = {"facts": listed, "tables": dict(sorted(tables.items()))}
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"


def read_facts(text: str) -> dict[str, Fact]:
    """The facts that `facts_json` wrote, by id."""
    return {id: Fact(**entry) for id, entry in json.loads(text)["facts"].items()}


def stored(value, unit: str):
    """The value as a fact keeps it: money to the cent, other numbers to 12 significant digits: what differs between engines is noise."""
    if is_missing(value):
        return None
    if unit == "date":
        return value if isinstance(value, str) else value.strftime("%Y-%m-%d")
    if not isinstance(value, Number) or unit in ("text", "rule"):
        return str(value)
    if unit in ("count", "year"):
        return int(value)
    return round(float(value), 2) if unit == "money" else float(f"{float(value):.12g}")
