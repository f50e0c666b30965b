"""Columns made out of a file's fields, as a mapping says: templates, sums, cases, conditions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.mapping_fault import refuse

Fields = Mapping[str, np.ndarray]
PLACEHOLDER = re.compile(r"\{(\w+)(?::(-?\d*):(-?\d*))?\}")
_SUM = re.compile(r"\s*([+-]?)\s*\{(\w+)\}")
_CUT = re.compile(r"(\w+)(?::(-?\d*):(-?\d*))?")
_WANTED = ("x", "x*", "*x", "*x*", "1..9", "")


@dataclass(frozen=True)
class Sum:
    """Fields added up, each with its sign."""

    parts: tuple[tuple[int, str], ...]


def read_rule(rule: Mapping, *, is_numeric: bool) -> object:
    """The rule of a column in one form: a template, cases, or a `Sum` (of numbers only)."""
    if "sum" in rule:
        return Sum(tuple((-1 if n.startswith("-") else 1, n.lstrip("-")) for n in rule["sum"]))
    text = rule.get("is", "")
    if isinstance(text, list):
        return [{**case, "is": str(case["is"])} for case in text]
    parts = list(_SUM.finditer(str(text)))
    is_sum = len(parts) > 1 and not _SUM.sub("", str(text)).strip() and all(m[1] for m in parts[1:])
    if is_numeric and is_sum:
        return Sum(tuple((-1 if m[1] == "-" else 1, m[2]) for m in parts))
    return str(text)


def check_rule(rule: object) -> object:
    """A column's rule, refused for what it can't have."""
    if isinstance(rule, dict):
        _refuse_others(rule, ("is", "sum", "unit"))
        if "sum" not in rule:
            check_rule(rule.get("is", ""))
        elif not isinstance(rule["sum"], list) or not all(isinstance(n, str) for n in rule["sum"]):
            refuse(rule["sum"], ['["field", "-field"]'])
    elif isinstance(rule, list):
        for case in rule:
            if not isinstance(case, dict) or "is" not in case:
                refuse(case, ['{ when = { field = "x" }, is = "y" }'])
            _refuse_others(case, ("is", "when"))
            check_when(case.get("when", {}))
            check_rule(case["is"])
    elif isinstance(rule, bool) or not isinstance(rule, (str, int, float)):
        refuse(rule, ['"{field}"'])
    elif re.search(r"[{}]", PLACEHOLDER.sub("", str(rule))):
        refuse(rule, ("{field}", "{field:0:4}", "{field:-2:}"))
    return rule


def _refuse_others(table: dict, keys: tuple[str, ...]) -> None:
    if unknown := sorted(set(table) - set(keys)):
        refuse(unknown[0], keys)


def check_when(when: object) -> object:
    """A condition, refused for what it can't have."""
    if not isinstance(when, dict):
        refuse(when, ['{ field = "x" }'])
    for key, wanted in when.items():
        if key == "not" and isinstance(wanted, dict):
            check_when(wanted)
        elif _CUT.fullmatch(key):
            _check_wanted(wanted)
        else:
            refuse(key, ("field", "field:0:4"))
    return when


def _check_wanted(wanted: object) -> None:
    if isinstance(wanted, dict):
        if len(wanted) != 1 or not set(wanted) <= {"not", "same_as"}:
            refuse(wanted, ("not", "same_as"))
        if "not" in wanted:
            _check_wanted(wanted["not"])
        elif not isinstance(wanted["same_as"], str):
            refuse(wanted["same_as"], ['"field"'])
        return
    if wanted == []:
        refuse("[]", _WANTED)
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if isinstance(one, bool) or not isinstance(one, (str, int, float)):
            refuse(one, _WANTED)
        low, dots, high = str(one).partition("..")
        if dots and (_number(low or "0") is None) != (_number(high or "0") is None):
            refuse(one, ("1..9", "A1..A9"))
        if dots and low and high and (_number(low) or 0) > (_number(high) or 0):
            refuse(one, [f"{high}..{low}"])


def slots(rule: object) -> set[str]:
    """Names of the fields that a rule (template, sum, cases, conditions, or a list of rules) needs."""
    if isinstance(rule, str):
        return {m[1] for m in PLACEHOLDER.finditer(rule)}
    if isinstance(rule, Sum):
        return {name for _, name in rule.parts}
    if isinstance(rule, dict):
        return slots(rule.get("is", "")) | _fields_of(rule.get("when", {}))
    return set().union(*(slots(one) for one in rule))


def one_slot(rule: object) -> str:
    """The field that a column is, where it is nothing but one field."""
    hit = PLACEHOLDER.fullmatch(rule) if isinstance(rule, str) else None
    return hit[1] if hit and hit[2] is None else ""


def _fields_of(when: Mapping) -> set[str]:
    out = set()
    for key, wanted in when.items():
        if key == "not" and isinstance(wanted, dict):
            out |= _fields_of(wanted)
            continue
        out.add(key.partition(":")[0])
        inner = wanted.get("not", wanted) if isinstance(wanted, dict) else wanted
        out |= {inner["same_as"]} if isinstance(inner, dict) and "same_as" in inner else set()
    return out


def each(values: np.ndarray, read: Callable[[object], object]) -> np.ndarray:
    """`read` of every value, asked once for each distinct one; "" where there is none."""
    code, distinct = pd.factorize(values)
    return np.array([*map(read, distinct), ""], dtype=object)[code]


def _cut(values: np.ndarray, start: str, stop: str) -> np.ndarray:
    return each(values, lambda d: str(d)[int(start or 0) : int(stop) if stop else None])


def fill(template: str, fields: Fields, count: int) -> np.ndarray:
    """Text of `template` for every row: `{field}` or `{field:start:stop}` stand for the row's value."""
    out, end = None, 0
    for slot in PLACEHOLDER.finditer(template):
        name, start, stop = slot.groups()
        values = fields[name] if start is None else _cut(fields[name], start, stop)
        before = template[end : slot.start()]
        part = before + values if before else values
        out, end = part if out is None else out + part, slot.end()
    if out is None:
        return np.full(count, template, dtype=object)
    return out + template[end:] if template[end:] else out


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _holds(value: str, wanted: str) -> bool:
    low, dots, high = wanted.partition("..")
    if dots:
        ends, own = (_number(low or "-inf"), _number(high or "inf")), _number(value)
        if None not in ends:
            return own is not None and ends[0] <= own <= ends[1]
        return len(value) == len(low or value) and (low or value) <= value <= (high or value)
    if wanted.startswith("*") and len(wanted) > 1:
        return wanted[1:-1] in value if wanted.endswith("*") else value.endswith(wanted[1:])
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


def where(when: Mapping[str, object], fields: Fields, count: int) -> np.ndarray:
    """Rows in which every field is one of the values wanted.

    A value is `x`, `x*` (begins with), `*x` (ends with), `*x*` (has in it), `a..b` (as numbers where both
    are) or "" (blank); `{ not = … }` turns it round, `{ same_as = "field" }` compares two fields, a key
    `field:0:2` looks at a cut of the field, and `not = { … }` turns a whole condition round.
    """
    out = np.ones(count, bool)
    for key, wanted in when.items():
        if key == "not" and isinstance(wanted, dict):
            out &= ~where(wanted, fields, count)
            continue
        name, start, stop = _CUT.fullmatch(key).groups()
        out &= _meets(fields[name] if start is None else _cut(fields[name], start, stop), wanted, fields)
    return out


def _meets(values: np.ndarray, wanted: object, fields: Fields) -> np.ndarray:
    if isinstance(wanted, dict):
        if "not" in wanted:
            return ~_meets(values, wanted["not"], fields)
        return np.asarray(values == fields[wanted["same_as"]], dtype=bool)
    options = [str(w) for w in (wanted if isinstance(wanted, list) else [wanted])]
    code, distinct = pd.factorize(values)
    fits = np.array([any(_holds(str(d), w) for w in options) for d in distinct] + ["" in options])
    return fits[code]


def derive(rule: object, fields: Fields, count: int, *, raw: Fields | None = None) -> np.ndarray:
    """Values of one column: a template, or the first case that holds (None where none does).

    `raw` holds the fields as the file has them, for columns of numbers; conditions go by the text.
    """
    own = fields if raw is None else raw
    if isinstance(rule, str):
        return fill(rule, own, count)
    out, left = np.full(count, None, dtype=object), np.ones(count, bool)
    for case in rule:
        here = left & where(case.get("when", {}), fields, count)
        out[here] = fill(case["is"], own, count)[here]
        left &= ~here
    return out
