"""Columns made out of a file's fields, as a mapping says: templates, cases, conditions."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

Fields = Mapping[str, np.ndarray]
_SLOT = re.compile(r"\{(\w+)(?::(\d*):(\d*))?\}")


def slots(rule: object) -> set[str]:
    """Names of the fields that a rule (template, list of cases, condition) needs."""
    if isinstance(rule, str):
        return {m[1] for m in _SLOT.finditer(rule)}
    if isinstance(rule, list):
        return set().union(*(slots(case.get("is", "")) | set(case.get("when", {})) for case in rule))
    return set(rule)


def _cut(values: np.ndarray, start: str, stop: str) -> np.ndarray:
    code, distinct = pd.factorize(values)
    cut = [str(d)[int(start or 0) : int(stop) if stop else None] for d in distinct]
    return np.array([*cut, ""], dtype=object)[code]


def fill(template: str, fields: Fields, count: int) -> np.ndarray:
    """Text of `template` for every row: `{field}` or `{field:start:stop}` stand for the row's value."""
    out, end = None, 0
    for slot in _SLOT.finditer(template):
        name, start, stop = slot.groups()
        values = fields[name] if start is None else _cut(fields[name], start, stop)
        before = template[end : slot.start()]
        part = before + values if before else values
        out, end = part if out is None else out + part, slot.end()
    if out is None:
        return np.full(count, template, dtype=object)
    return out + template[end:] if template[end:] else out


def _holds(value: str, wanted: str) -> bool:
    if ".." in wanted:
        low, high = wanted.split("..")
        return len(value) == len(low) and low <= value <= high
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


def where(when: Mapping[str, object], fields: Fields, count: int) -> np.ndarray:
    """Rows in which every field is one of the values wanted: `x`, `x*` (begins with), `a..b`, "" (blank)."""
    out = np.ones(count, bool)
    for name, wanted in when.items():
        options = wanted if isinstance(wanted, list) else [wanted]
        code, distinct = pd.factorize(fields[name])
        fits = np.array([any(_holds(str(d), w) for w in options) for d in distinct] + ["" in options])
        out &= fits[code]
    return out


def derive(rule: object, fields: Fields, count: int) -> np.ndarray:
    """Values of one column: a template, or the first case that holds."""
    if isinstance(rule, str):
        return fill(rule, fields, count)
    out, left = np.full(count, None, dtype=object), np.ones(count, bool)
    for case in rule:
        here = left & where(case.get("when", {}), fields, count)
        out[here] = fill(case["is"], fields, count)[here]
        left &= ~here
    return out
