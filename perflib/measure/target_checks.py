"""The named checks of targets, one function each: which rows are at fault, and what was found there."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rule_shape import CHECKS, Check
from perflib.measure.ratio import NANO, as_nano, reaches
from perflib.measure.scoring import SUBJECT

# A check runs only if the table has something in one column of every group: a source without the column
# can't be at fault for it, and what could not be checked is told.
NEEDS: dict[str, list[tuple[str, ...]]] = {
    "no_quantity": [("target",)],
    "no_words": [("direction",)],
    "no_unit": [("unit",)],
    "no_direction": [("direction",)],
    "equal_without_target": [("direction",)],
    "text_for_quantity": [("target_text",)],
    "zero_target": [("target",)],
    "vague_wording": [("target_text", "name")],
    "weights_off": [("weight",)],
    "same_as_last_year": [("target",), ("last_actual",)],
    "below_last_year": [("target",), ("last_actual",)],
    "no_cost_indicator": [("level1", "level2")],
    "satisfaction_without_survey": [("basis",)],
    "impossible_combination": [("target",)],
    "repeated_indicator": [("name",)],
}
BY_SUBJECT = ("weights_off", "no_cost_indicator")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SLACK = NANO // 1_000_000  # weights such as 90 / 7 sum to 90 only within a millionth


def refuse_unknown(names: Iterable[str]) -> None:
    """ArgumentError for a name that no check of targets has."""
    for name in names:
        if name not in CHECKS:
            raise ArgumentError("targets.unknown_check", found=name, checks=", ".join(CHECKS))


def find_faults(rows: pd.DataFrame, name: str, check: Check) -> pd.DataFrame:
    """The rows at fault by check `name`: SUBJECT, `indicator`, `name`, `rule`, `detail`, `found`.

    `rows` are indicators of the whole year with every column of `NEEDS`. A check of a whole subject
    gives one row with `indicator` and `name` NA.
    """
    if name in BY_SUBJECT:
        faults = (_weights_off if name == "weights_off" else _no_cost_indicator)(rows, check)
        return faults.reindex(columns=[*SUBJECT, "indicator", "name", "detail", "found"]).assign(rule=name)
    mask, found, detail = _CHECKERS[name](rows, check)
    faults = rows[[*SUBJECT, "indicator", "name"]].assign(rule=name, detail=detail, found=found)
    return faults[mask.to_numpy(bool)]


def has_words(text: pd.Series, words: tuple[str, ...]) -> pd.Series:
    """Whether each text holds one of `words`, without regard to case; False for NA."""
    if not words:
        return pd.Series(False, index=text.index)
    pattern = "|".join(re.escape(word.lower()) for word in words)
    return text.astype("str").str.lower().str.contains(pattern).fillna(False).astype(bool)


def as_found(numbers: pd.Series) -> pd.Series:
    """Numbers as they would be written: 10, not 10.0."""
    return numbers.astype("str").str.removesuffix(".0")


def _quantitative(rows: pd.DataFrame) -> pd.Series:
    return rows["direction"] != "qualitative"


def _has_number(text: pd.Series) -> pd.Series:
    return text.astype("str").str.contains(r"\d").fillna(False).astype(bool)


def _no_quantity(rows, check):
    """Neither a number nor words that hold one."""
    found = rows["target_text"]
    return _quantitative(rows) & rows["target"].isna() & ~_has_number(found), found, None


def _no_words(rows, check):
    return ~_quantitative(rows) & rows["target_text"].isna() & rows["target"].isna(), None, None


def _no_unit(rows, check):
    return rows["unit"].isna() & rows["target"].notna() & _quantitative(rows), as_found(rows["target"]), None


def _no_direction(rows, check):
    return rows["direction"].isna(), as_found(rows["target"]).fillna(rows["target_text"]), None


def _equal_without_target(rows, check):
    return (rows["direction"] == "equal") & rows["target"].isna() & rows["target_text"].isna(), None, None


def _text_for_quantity(rows, check):
    """Words that hold a number, such as 约100人次: there is a quantity, but nobody can add it up."""
    found = rows["target_text"]
    return _quantitative(rows) & rows["target"].isna() & _has_number(found), found, None


def _less_is_better(rows, check) -> pd.Series:
    """Said by the direction; guessed from the name only where there is none."""
    return (rows["direction"] == "at_most") | (
        rows["direction"].isna() & has_words(rows["name"], check.words)
    )


def _zero_target(rows, check):
    upward = (rows["direction"] == "at_least") | rows["direction"].isna()
    return upward & (rows["target"] == 0) & ~_less_is_better(rows, check), as_found(rows["target"]), None


def _wording(rows: pd.DataFrame) -> pd.Series:
    """What can be vague: the target's words, or the name of a qualitative indicator; NA for a bare number."""
    return rows["target_text"].where(rows["target_text"].notna() | _quantitative(rows), rows["name"])


def why_no_wording(rows: pd.DataFrame, check: Check) -> str | None:
    """Why the words of `check` can find nothing: `only_numbers`, or `other_language` (NA: they can)."""
    text = _wording(rows).dropna().astype("str")
    if text.empty:
        return "only_numbers"
    is_chinese = all(_CHINESE.search(word) for word in check.words)
    return "other_language" if is_chinese and not text.str.contains(_CHINESE).any() else None


def _vague_wording(rows, check):
    """Vague words without any number."""
    text = _wording(rows)
    return has_words(text, check.words) & ~_has_number(text), text, None


def _same_as_last_year(rows, check):
    same = (as_nano(rows["target"]) == as_nano(rows["last_actual"])).astype(bool)
    known = rows["target"].notna() & rows["last_actual"].notna() & _quantitative(rows)
    at_its_best = (rows["target"] == 0) | ((rows["target"] == 100) & rows["is_percent"])
    return known & same & ~at_its_best, as_found(rows["target"]), as_found(rows["last_actual"])


def _below_last_year(rows, check):
    """At least: target < ratio x last year; at most: last year < ratio x target."""
    target, last = rows["target"], rows["last_actual"]
    known = target.notna() & (last > 0) & (target > 0) & (rows["direction"] != "qualitative")
    up, down = as_nano(target), as_nano(last)
    low = ~reaches(up, np.where(known, down, 1), check.ratio)
    loose = ~reaches(down, np.where(known, up, 1), check.ratio)
    at_most = rows["direction"] == "at_most"
    guessed = rows["direction"].isna() & has_words(rows["name"], check.words)
    mask = known & ~guessed & pd.Series(np.where(at_most, loose, low), index=rows.index)
    return mask, as_found(target), as_found(last)


def _satisfaction_without_survey(rows, check):
    asked = has_words(rows["level1"], check.words) | has_words(rows["level2"], check.words)
    asked |= has_words(rows["name"], check.words)
    return asked & ~has_words(rows["basis"], check.survey_words), rows["basis"], None


def _impossible_combination(rows, check):
    target, name = rows["target"], rows["name"]
    unit = rows["unit"].astype("str").str.strip()
    bounded = has_words(name, check.bounded_words)
    cost = has_words(rows["level1"], check.cost_words) | has_words(rows["level2"], check.cost_words)
    conditions = {
        "negative_count": unit.isin(check.count_units) & (target < 0),
        "broken_count": unit.isin(check.count_units) & (target % 1 != 0) & target.notna(),
        "share_above_whole": rows["is_percent"] & (target > 100) & ~has_words(name, check.may_exceed_words),
        "satisfaction_at_most": bounded & (rows["direction"] == "at_most"),
        "cost_at_least": cost & (rows["direction"] == "at_least") & ~rows["is_percent"],
    }
    codes = np.select([c.to_numpy(bool) for c in conditions.values()], list(conditions), default=None)
    detail = pd.Series(codes, index=rows.index, dtype="str")
    return detail.notna(), as_found(target), detail


def _repeated_indicator(rows, check):
    keys = [*SUBJECT, "level1", "level2", "name", "unit"]
    times = rows.groupby(keys, dropna=False)["_row"].transform("size")
    return (times > 1) & rows["name"].notna(), as_found(times), None


def _weights_off(rows: pd.DataFrame, check: Check) -> pd.DataFrame:
    cents = rows[SUBJECT].assign(_sum=as_nano(rows["weight"]).astype("int64"))
    sums = cents.groupby(SUBJECT, sort=True, as_index=False).sum()
    off = np.logical_and.reduce([(sums["_sum"] - int(t * NANO)).abs() > _SLACK for t in check.totals])
    faults = sums[off]
    totals = " / ".join(f"{total.normalize():f}" for total in check.totals)
    return faults[SUBJECT].assign(found=as_found((faults["_sum"] / NANO).round(6)), detail=totals)


def _no_cost_indicator(rows: pd.DataFrame, check: Check) -> pd.DataFrame:
    projects = rows[rows["subject_kind"] == "project"]
    is_cost = has_words(projects["level1"], check.words) | has_words(projects["level2"], check.words)
    is_cost |= has_words(projects["name"], check.words)
    has_cost = (
        projects[SUBJECT].assign(_any=is_cost).groupby(SUBJECT, sort=True, as_index=False)["_any"].max()
    )
    return has_cost.loc[~has_cost["_any"].astype(bool), SUBJECT]


_CHECKERS = {
    "no_quantity": _no_quantity, "no_words": _no_words, "no_unit": _no_unit,
    "no_direction": _no_direction, "equal_without_target": _equal_without_target,
    "text_for_quantity": _text_for_quantity, "zero_target": _zero_target,
    "vague_wording": _vague_wording, "same_as_last_year": _same_as_last_year,
    "below_last_year": _below_last_year, "satisfaction_without_survey": _satisfaction_without_survey,
    "impossible_combination": _impossible_combination, "repeated_indicator": _repeated_indicator,
}  # fmt: skip
