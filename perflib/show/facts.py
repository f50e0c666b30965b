"""Facts: every number that a report prints, with the trail that leads back to the input."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Number

import numpy as np

from perflib.data.edition import SMALLEST
from perflib.data.text import say
from perflib.show.numbers import format_value, is_missing

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
    if unit in ("count", "year", "month"):
        return int(value)
    return round(float(value), 2) if unit == "money" else float(f"{float(value):.12g}")
