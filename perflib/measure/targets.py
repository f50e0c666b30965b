"""Are the targets fit to be judged by? Named checks of every indicator, and counts of the faults found.

>>> import perflib as pf
>>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
>>> runs = pf.targets.checks_run(book.rows("indicators"), rule, year=2023)
>>> bool(runs["is_run"].any())
True
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import CHECKS, Rules
from perflib.measure.scoring import SUBJECT, yearly
from perflib.measure.subjects import owned
from perflib.measure.tally import like, order_of
from perflib.measure.target_checks import BY_SUBJECT, NEEDS, find_faults, refuse_unknown, why_no_wording

FAULT = [*SUBJECT, "indicator", "rule"]
_COLUMNS = [*SUBJECT, "indicator", "name", "rule", "detail", "found"]
_WORDS = ("level1", "level2", "name", "unit", "direction", "target_text", "basis")


def check_targets(
    indicators: pd.DataFrame,
    rules: Rules,
    *,
    last_year: pd.DataFrame | None = None,
    only: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row per indicator and check that it fails, sorted.

    Columns: SUBJECT, `indicator`, `name`, `rule`, `detail`, `found`. `indicators`: rows of the
    contract's table; those read within the year are left out. `last_year`: the same table a year
    earlier, for the two checks against last year's actual; an indicator is the same if subject, name
    and unit are. `only` narrows the checks. A check of the whole subject (weights, cost) has
    `indicator` and `name` NA. `found` is what stands there, `detail` what it was held against, or the
    kind of contradiction. Checks that the rule set switches off, or whose columns are empty
    in the whole table, don't run: `checks_run` tells which. Raises ArgumentError for an unknown check.
    """
    rows = _prepare(indicators, rules, last_year)
    refuse_unknown(only or ())
    run = _run_table(rows, rules, last_year is not None)
    names = [n for n in run.loc[run["is_run"], "rule"] if only is None or n in only]
    parts = [find_faults(rows, name, rules.checks[name]) for name in names]
    faults = pd.concat([_empty(rows), *parts], ignore_index=True)[_COLUMNS]
    return faults.sort_values(FAULT, key=order_of("rule", CHECKS), ignore_index=True, na_position="last")


def checks_run(indicators: pd.DataFrame, rules: Rules, *, year: int) -> pd.DataFrame:
    """One row per check of the rule set: `target_rule`, `is_run` on the targets of `year`, and `reason` where it is not.

    `reason`: `off` (by the rule set), `no_last_year`, `not_in_data` (the column is empty in the table); for
    vague wording also `only_numbers` (no target is put in words) and `other_language` (none in that of the list).

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> bool(pf.targets.checks_run(book.rows("indicators"), rule, year=2023)["is_run"].all())
    True
    """
    now, last = _two_years(indicators, year)
    table = _run_table(_prepare(now, rules, last), rules, last is not None).rename(
        columns={"rule": "target_rule"}
    )
    return like(table, indicators)


def _two_years(indicators: pd.DataFrame, year: int) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    now, last = (indicators[indicators["year"] == y].reset_index(drop=True) for y in (year, year - 1))
    return now, last if len(last) else None


def _run_table(rows: pd.DataFrame, rules: Rules, has_last_year: bool) -> pd.DataFrame:
    filled = {c for c in rows.columns if rows[c].notna().any()}
    rows_of = [_why_not(name, rules, rows, filled, has_last_year) for name in CHECKS if name in rules.checks]
    table = pd.DataFrame(rows_of, columns=["rule", "reason"]).astype("str")
    return table.assign(is_run=table["reason"].isna())[["rule", "is_run", "reason"]]


def target_faults(
    indicators: pd.DataFrame, rules: Rules, *, year: int, projects: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The faults of the targets of `year`, one row per fault: the one list that every count of them is made from.

    `indicators` has the rows of all years: those of the year before serve the checks against last year's actual.
    Adds to the columns of `check_targets` (`rule` is called `target_rule`) `remedy` (its code), `before` (a fault of
    the targets as they were approved; NA where those are not recorded) and `after` (of the targets as they stand);
    mended is before and not after. With `projects`, also what `owned` adds.

    >>> import perflib as pf
    >>> book = pf.load("sample")
    >>> faults = pf.targets.target_faults(book.rows("indicators"), pf.rules("binjiang-2023"), year=2023)
    >>> int(faults["after"].sum())
    1528
    """
    now, last = _two_years(indicators, year)
    was = check_targets(with_initial_targets(now), rules, last_year=last).assign(before=True)
    stands = check_targets(now, rules, last_year=last).assign(after=True)
    rows = stands.merge(was, on=FAULT, how="outer", suffixes=("", "_was"))
    rows = rows.assign(**{c: rows[c].fillna(rows[f"{c}_was"]) for c in ("name", "detail", "found")})
    flags = {c: rows[c].fillna(False).astype("boolean") for c in ("before", "after")}
    is_recorded = bool(yearly(now)["target_initial"].notna().any())
    flags["before"] = flags["before"] if is_recorded else pd.Series(pd.NA, rows.index, dtype="boolean")
    rows = rows[_COLUMNS].assign(remedy=rows["rule"] + "_remedy", **flags)
    rows = rows if projects is None else owned(rows, projects)
    rows = rows.sort_values([*SUBJECT, "indicator", "rule"], ignore_index=True).rename(
        columns={"rule": "target_rule"}
    )
    return like(rows, indicators)


def count_faults(
    faults: pd.DataFrame, *, by: str | Sequence[str] = (), checked: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per group of `by` (one in all without): how many of the faults that `target_faults` lists there are.

    `before` = `mended` + `remaining`, `after` = `remaining` + `new_faults`; those but `after` are NA, with the reason
    `no_initial_targets`, where targets as approved are not recorded. `faulty`: subjects with a fault now. With
    `checked` (the indicators that were checked) also `checked` subjects, `indicators` and `faulty_share`.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> faults = pf.targets.target_faults(book.rows("indicators"), rule, year=2023)
    >>> pf.targets.count_faults(faults)[["before", "mended", "new_faults", "after"]].iloc[0].tolist()
    [1735, 233, 26, 1528]
    """
    keys = [by] if isinstance(by, str) else list(by)
    groups = keys or ["_all"]
    before, after = faults["before"].fillna(False), faults["after"]
    states = {"before": before, "mended": before & ~after, "remaining": before & after, "new_faults": ~before & after,
              "after": after}  # fmt: skip
    subject = faults.groupby(SUBJECT, dropna=False).ngroup().where(after)
    rows = faults.assign(
        _all=0, faulty=subject, **{name: flag.astype("int64") for name, flag in states.items()}
    )
    counts = rows.groupby(groups, dropna=False)[list(states)].sum()
    counts["faulty"] = rows.groupby(groups, dropna=False)["faulty"].nunique()
    if checked is not None:
        counts = _checked(checked, groups).join(counts, how="outer")
    counts = (counts if keys else counts.reindex([0])).fillna(0).astype("int64")
    if len(faults) and faults["before"].isna().all():
        counts[["before", "mended", "remaining", "new_faults"]] = pd.NA
    table = counts.reset_index(drop=not keys).assign(reason="no_initial_targets")
    if checked is not None:
        table["faulty_share"] = table["faulty"] / table["checked"].where(table["checked"] > 0)
    return like(table, faults)


def _checked(indicators: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    rows = yearly(indicators)
    rows = rows.assign(_all=0, _subject=rows.groupby(SUBJECT, dropna=False).ngroup())
    grouped = rows.groupby(groups, dropna=False)["_subject"]
    return pd.DataFrame({"checked": grouped.nunique(), "indicators": grouped.size()})


def with_initial_targets(indicators: pd.DataFrame) -> pd.DataFrame:
    """`indicators` as they stood when the budget was approved: `target` is `target_initial`.

    A blank `target_initial` means that there was no number yet, in a district and year that records
    initial targets at all; in any other the target in force is all there is.
    """
    place = [indicators["district"], indicators["year"]]
    recorded = indicators["target_initial"].notna().groupby(place).transform("any")
    return indicators.assign(target=indicators["target_initial"].where(recorded, indicators["target"]))


def _why_not(
    name: str, rules: Rules, rows: pd.DataFrame, filled: set[str], has_last_year: bool
) -> tuple[str, str | None]:
    if not rules.checks[name].on:
        return name, "off"
    if "last_actual" in [column for group in NEEDS[name] for column in group] and not has_last_year:
        return name, "no_last_year"
    missing = any(not filled.intersection(group) for group in NEEDS[name])
    if missing or name != "vague_wording":
        return name, "not_in_data" if missing else None
    return name, why_no_wording(rows, rules.checks[name])


def _prepare(indicators: pd.DataFrame, rules: Rules, last_year: pd.DataFrame | None) -> pd.DataFrame:
    rows = yearly(indicators)
    rows = rows.assign(**{c: _blank_as_na(rows, c) for c in _WORDS})
    numbers = {c: rows[c].astype("float64") if c in rows else np.nan for c in ("target", "weight")}
    kinds = rows["subject_kind"].fillna("project") if "subject_kind" in rows else "project"
    rows = rows.assign(**numbers, subject_kind=kinds, _row=np.arange(len(rows)))
    if "indicator" not in rows:
        rows["indicator"] = rows["name"]
    return _add_last_actual(rows, last_year).assign(is_percent=_is_percent(rows, rules))


def _blank_as_na(rows: pd.DataFrame, column: str) -> pd.Series:
    if column not in rows:
        return pd.Series(pd.NA, index=rows.index, dtype="str")
    words = rows[column].astype("str").str.strip()
    return words.where(words != "")


def _is_percent(rows: pd.DataFrame, rules: Rules) -> pd.Series:
    units = [unit.lower() for unit in rules.checks["impossible_combination"].percent_units]
    return rows["unit"].str.lower().isin(units)


def _add_last_actual(rows: pd.DataFrame, last_year: pd.DataFrame | None) -> pd.DataFrame:
    """Last year's actual of the same subject, name and unit, where that is one indicator in both years."""
    if last_year is None:
        return rows.assign(last_actual=np.nan)
    keys = ["district", "subject_kind", "subject", "name", "unit"]
    last = yearly(last_year)
    last = last.assign(**{c: _blank_as_na(last, c) for c in ("name", "unit")})
    last = last.assign(
        subject_kind=last["subject_kind"].fillna("project") if "subject_kind" in last else "project"
    )
    last = last.reindex(columns=["year", *keys, "actual"]).assign(year=last["year"] + 1)
    alone = last[~last.duplicated(["year", *keys], keep=False)].rename(columns={"actual": "last_actual"})
    table = rows.merge(alone, on=["year", *keys], how="left")
    repeated = rows.duplicated(["year", *keys], keep=False).to_numpy()
    return table.assign(last_actual=table["last_actual"].where(~repeated))


def _empty(rows: pd.DataFrame) -> pd.DataFrame:
    empty = rows[[*SUBJECT, "indicator", "name"]].head(0).assign(rule="", detail="", found="")
    return empty.astype({"rule": "str", "detail": "str", "found": "str"})


assert set(NEEDS) == set(CHECKS) and set(BY_SUBJECT) < set(CHECKS)
