"""Are the targets fit to be judged by? Named checks of every indicator, lists to mend, counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rule_shape import CHECKS, Rules
from perflib.data.text import has_text, say
from perflib.measure.scoring import SUBJECT, yearly
from perflib.measure.target_checks import BY_SUBJECT, NEEDS, find_faults, why_no_wording

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
    _refuse_unknown(only or ())
    run = _run_table(rows, rules, last_year is not None)
    names = [n for n in run.loc[run["is_run"], "rule"] if only is None or n in only]
    parts = [find_faults(rows, name, rules.checks[name]) for name in names]
    faults = pd.concat([_empty(rows), *parts], ignore_index=True)[_COLUMNS]
    order = {name: i for i, name in enumerate(CHECKS)}
    keys = [*SUBJECT, "indicator", "rule"]
    by = lambda c: c.map(order) if c.name == "rule" else c  # noqa: E731 a key of one line
    return faults.sort_values(keys, key=by, ignore_index=True, na_position="last")


def checks_run(
    indicators: pd.DataFrame, rules: Rules, *, last_year: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per check of the rule set: `rule`, `is_run`, and `reason` where it is not.

    `reason`: `off` (by the rule set), `no_last_year`, `not_in_data` (the column is empty in the table); for
    vague wording also `only_numbers` (no target is put in words) and `other_language` (none in that of the list).
    """
    return _run_table(_prepare(indicators, rules, last_year), rules, last_year is not None)


def _run_table(rows: pd.DataFrame, rules: Rules, has_last_year: bool) -> pd.DataFrame:
    filled = {c for c in rows.columns if rows[c].notna().any()}
    rows_of = [_why_not(name, rules, rows, filled, has_last_year) for name in CHECKS if name in rules.checks]
    table = pd.DataFrame(rows_of, columns=["rule", "reason"]).astype("str")
    return table.assign(is_run=table["reason"].isna())[["rule", "is_run", "reason"]]


def describe_faults(faults: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`faults` with words in `lang`: `rule_label`, `detail_label` (of a contradiction) and `remedy`."""
    rules = faults["rule"].unique()
    labels = {rule: say(f"targets.{rule}", lang) for rule in rules}
    remedies = {rule: say(f"targets.{rule}_remedy", lang) for rule in rules}
    details = faults["detail"].dropna().unique()
    known = {d: say(f"targets.{d}", lang) if has_text(f"targets.{d}") else d for d in details}
    return faults.assign(
        rule_label=faults["rule"].map(labels).astype("str"),
        detail_label=faults["detail"].map(known).astype("str"),
        remedy=faults["rule"].map(remedies).astype("str"),
    )


def rectification_list(faults: pd.DataFrame, projects: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The list that goes to the departments: one row per fault, by department, project and indicator.

    Columns: district, year, department, section, subject, project_name, indicator, name, rule_label,
    found, detail_label, remedy, rule. A department is its own department, a policy has that of its
    projects if it is one only; else NA. Nothing is dropped.
    """
    table = describe_faults(faults, lang).merge(_owners(projects), on=SUBJECT, how="left")
    table["department"] = table["department"].where(table["subject_kind"] != "department", table["subject"])
    columns = [
        "district", "year", "department", "section", "subject", "project_name", "indicator", "name",
        "rule_label", "found", "detail_label", "remedy", "rule",
    ]  # fmt: skip
    keys = ["district", "year", "department", "subject", "indicator", "rule"]
    return table.reindex(columns=columns).sort_values(keys, ignore_index=True)


def _owners(projects: pd.DataFrame) -> pd.DataFrame:
    """SUBJECT with project_name, department, section: of projects, and of policies of one department."""
    rows = projects.reindex(
        columns=["district", "year", "project", "name", "department", "section", "policy"]
    )
    own = rows.rename(columns={"project": "subject", "name": "project_name"}).assign(subject_kind="project")
    keys = ["district", "year", "policy"]
    shared = rows[rows["policy"].notna()][[*keys, "department", "section"]].drop_duplicates(
        [*keys, "department"]
    )
    shared = shared[~shared.duplicated(keys, keep=False)].rename(columns={"policy": "subject"})
    parts = [own.drop(columns="policy"), shared.assign(subject_kind="policy")]
    return pd.concat(parts, ignore_index=True)


def count_faults(faults: pd.DataFrame, *, by: Sequence[str] = ("rule",)) -> pd.DataFrame:
    """One row per group of `by`: `faults`, and `subjects` with at least one."""
    keys = list(by)
    rows = faults[keys].assign(faults=1, _subject=faults.groupby(SUBJECT, dropna=False).ngroup())
    grouped = rows.groupby(keys, sort=True, dropna=False)
    return grouped.agg(faults=("faults", "sum"), subjects=("_subject", "nunique")).reset_index()


def compare_faults(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """One row per rule: `before`, `after`, `mended` (gone), `remaining` (in both), `new` (only after).

    before = mended + remaining, after = remaining + new; a fault is the same if subject, indicator and
    rule are.
    """
    joined = before[FAULT].assign(_before=1).merge(after[FAULT].assign(_after=1), on=FAULT, how="outer")
    has_before, has_after = joined["_before"].notna(), joined["_after"].notna()
    flags = {
        "before": has_before,
        "after": has_after,
        "mended": has_before & ~has_after,
        "remaining": has_before & has_after,
        "new": ~has_before & has_after,
    }
    rows = joined[["rule"]].assign(**{name: flag.astype("int64") for name, flag in flags.items()})
    return rows.groupby("rule", sort=True, as_index=False).sum()


def with_initial_targets(indicators: pd.DataFrame) -> pd.DataFrame:
    """`indicators` as they stood when the budget was approved: `target` is `target_initial`.

    A blank `target_initial` means that there was no number yet, in a district and year that records
    initial targets at all; in any other the target in force is all there is.
    """
    place = [indicators["district"], indicators["year"]]
    recorded = indicators["target_initial"].notna().groupby(place).transform("any")
    return indicators.assign(target=indicators["target_initial"].where(recorded, indicators["target"]))


def _refuse_unknown(names: Sequence[str]) -> None:
    for name in names:
        if name not in CHECKS:
            raise ArgumentError("targets.unknown_check", found=name, checks=", ".join(CHECKS))


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
    return (
        rows[[*SUBJECT, "indicator", "name"]]
        .head(0)
        .assign(rule="", detail="", found="")
        .astype({"rule": "str", "detail": "str", "found": "str"})
    )


assert set(NEEDS) == set(CHECKS) and set(BY_SUBJECT) < set(CHECKS)
