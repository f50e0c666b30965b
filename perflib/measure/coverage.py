"""How much of what is owed has been done, at every stage: by count and by amount, and for whom."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.data.rule_shape import Rules
from perflib.measure.money import sum_amounts
from perflib.measure.ratio import NANO, as_nano, ratio_of_sums, reaches
from perflib.measure.tally import order_of

DUTIES = ("targets", "monitoring", "self_evaluation", "spot_check", "key_evaluation")
_SCOPES = ("project", "policy", "class")  # the most specific first; also the names of the columns
_PLACE = ["district", "year"]
STAGES = ("appraisal", *DUTIES)
_KEY = ["district", "year", "project"]
_KINDS = {
    "self_evaluation": ["self"],
    "spot_check": ["spot_check"],
    "key_evaluation": ["department", "finance"],
}


def done_work(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`district, year, project, duty`: which projects have which work, from the tables there are.

    appraisal: a row of `appraisals` that is assessed (for the budget of that year); targets: any
    indicator of the whole year; monitoring: a row of `progress`, or an indicator read within the year;
    self_evaluation, spot_check, key_evaluation: a row of `evaluations` of that kind (key: department
    or finance) that is not returned in its last round.
    """
    parts = [_appraised(tables), _targeted(tables), _monitored(tables), *_evaluated(tables)]
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def stage_coverage(
    projects: pd.DataFrame,
    catalogue: pd.DataFrame | None,
    tables: Mapping[str, pd.DataFrame],
    rules: Rules,
) -> pd.DataFrame:
    """One row per project and duty: what it owes, whether it `has` it, and its amount.

    Columns: district, year, project, duty, `owed` and `has` (boolean), `scope`, `reason`, `amount`, and
    the project's department, section, class, policy where they are. Without a catalogue only the
    appraisal, which the rule sets, can be owed; the other duties are unknown (`no_catalogue`).
    """
    duties = _all_duties(projects, catalogue, rules)
    has = duties.merge(done_work(tables).assign(has=True), on=[*_KEY, "duty"], how="left")["has"]
    about = [c for c in ("department", "section", "class", "policy") if c in projects]
    money = projects[[*_KEY, *about, "adjusted_budget"]].rename(columns={"adjusted_budget": "amount"})
    return duties.assign(has=has.notna()).merge(money, on=_KEY, how="left")


def coverage(rows: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Coverage of each duty, one row per group of `by` and duty, from `stage_coverage` (or `split_by_fund`).

    `owing`, `done` (of those), `missing`, `share` = done / owing; `amount_owing`, `amount_done`,
    `amount_share`; `voluntary` (done without being owed) and `unknown` (the catalogue does not say).
    Shares are NA where nothing is owed. Owing + not owing + unknown = all rows; amounts are sums of cents.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> owed = pf.appraisal.appraisals_owed(book.rows("projects", year=2023), book.rows("appraisals"), rule)
    >>> int(pf.coverage(owed)["missing"].sum())
    1
    """
    keys = [*by, "duty"]
    owed, has = rows["owed"].fillna(False).astype(bool), rows["has"]
    flags = {
        "owing": owed,
        "done": owed & has,
        "missing": owed & ~has,
        "voluntary": ~owed & has & rows["owed"].notna(),
        "unknown": rows["owed"].isna(),
    }
    counted = rows[keys].assign(**{name: flag.astype("int64") for name, flag in flags.items()})
    table = counted.groupby(keys, sort=True, dropna=False, as_index=False).sum()
    owing, done = rows["amount"].where(owed, 0.0), rows["amount"].where(owed & has, 0.0)
    money = rows[keys].assign(amount_owing=owing, amount_done=done)
    table = table.merge(sum_amounts(money, ["amount_owing", "amount_done"], by=keys), on=keys, how="left")
    table["share"] = ratio_of_sums(table["done"], table["owing"])["rate"]
    table["amount_share"] = ratio_of_sums(table["amount_done"], table["amount_owing"])["rate"]
    return table.sort_values(keys, key=order_of("duty", STAGES), ignore_index=True)


def split_by_fund(rows: pd.DataFrame, funds: pd.DataFrame) -> pd.DataFrame:
    """`rows` of `stage_coverage` once per source of money of the project, with that source's amount.

    A project with two sources stands in both groups; a project without a row in `funds` keeps its
    amount under `fund` = NA.
    """
    parts = funds[[*_KEY, "fund", "adjusted_budget"]].rename(columns={"adjusted_budget": "_part"})
    split = rows.merge(parts, on=_KEY, how="left")
    return split.assign(amount=split["_part"].where(split["fund"].notna(), split["amount"])).drop(
        columns="_part"
    )


def _all_duties(projects, catalogue, rules: Rules) -> pd.DataFrame:
    has_catalogue = catalogue is not None and len(catalogue)
    parts = [project_duties(projects, catalogue) if has_catalogue else _unknown_duties(projects)]
    if rules.ex_ante is not None:
        parts.insert(0, appraisal_duty(projects, rules).drop(columns="amount"))
    return pd.concat(parts, ignore_index=True)


def _unknown_duties(projects) -> pd.DataFrame:
    rows = projects[_KEY].merge(pd.DataFrame({"duty": DUTIES}), how="cross")
    unknown = pd.Series(pd.NA, index=rows.index)
    return rows.assign(owed=unknown.astype("boolean"), scope=unknown.astype("str"), reason="no_catalogue")


def _appraised(tables) -> pd.DataFrame:
    table = tables.get("appraisals")
    if table is None:
        return _none()
    rows = table[table["is_assessed"].fillna(True).astype(bool)] if "is_assessed" in table else table
    return _as_work(_projects_only(rows).rename(columns={"budget_year": "year"}), "appraisal")


def _targeted(tables) -> pd.DataFrame:
    table = tables.get("indicators")
    if table is None:
        return _none()
    return _as_work(_projects_only(table[_is_yearly(table)]), "targets")


def _monitored(tables) -> pd.DataFrame:
    parts = []
    if (progress := tables.get("progress")) is not None:
        parts.append(_as_work(progress, "monitoring"))
    if (table := tables.get("indicators")) is not None:
        parts.append(_as_work(_projects_only(table[~_is_yearly(table)]), "monitoring"))
    return pd.concat(parts, ignore_index=True) if parts else _none()


def _evaluated(tables) -> list[pd.DataFrame]:
    from perflib.measure.self_evaluation import latest_rounds

    table = tables.get("evaluations")
    if table is None:
        return []
    last = _projects_only(latest_rounds(table))
    standing = last[last["status"] != "returned"] if "status" in last else last
    return [_as_work(standing[standing["kind"].isin(kinds)], duty) for duty, kinds in _KINDS.items()]


def _is_yearly(indicators: pd.DataFrame) -> pd.Series:
    if "month" not in indicators:
        return pd.Series(True, index=indicators.index)
    return indicators["month"].fillna(12) == 12


def _projects_only(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["subject_kind"].fillna("project") == "project"] if "subject_kind" in table else table
    return rows.rename(columns={"subject": "project"})


def _as_work(rows: pd.DataFrame, duty: str) -> pd.DataFrame:
    return rows[_KEY].drop_duplicates().assign(duty=duty)


def _none() -> pd.DataFrame:
    return pd.DataFrame(np.empty((0, 4)), columns=[*_KEY, "duty"])


def check_catalogue(projects: pd.DataFrame, catalogue: pd.DataFrame) -> None:
    """Raises DataError if the catalogue rules none of the years of `projects`; names both."""
    asked = projects[_PLACE].drop_duplicates()
    found = asked.merge(catalogue[_PLACE].drop_duplicates(), on=_PLACE)
    if len(asked) and not len(found):
        years = ", ".join(str(y) for y in sorted(projects["year"].unique()))
        has = ", ".join(str(y) for y in sorted(catalogue["year"].unique())) or "-"
        raise DataError("coverage.no_catalogue_year", years=years, found=has)


def project_duties(projects: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """One row per project and duty: `owed` (boolean, NA if unknown), `scope` and `reason`.

    `projects` has `district, year, project` and, where the catalogue rules by them, `policy`, `class`.
    A duty is taken from the row for the project, else for its policy, else for its class; a blank
    cell says nothing and leaves it to the next. `scope` names the row that decided. `reason`: `no_catalogue`
    (no row for that district and year) or `not_in_catalogue` (no row speaks of the project).
    Raises DataError if no district and year of `projects` has a catalogue.
    """
    check_catalogue(projects, catalogue)
    rows = projects.reset_index(drop=True)
    has_any = rows[_PLACE].merge(catalogue[_PLACE].drop_duplicates().assign(_has=True), on=_PLACE, how="left")
    matched = {scope: _match(rows, catalogue, scope) for scope in _SCOPES}
    tables = [_one_duty(rows, duty, matched, has_any["_has"].notna()) for duty in DUTIES]
    return pd.concat(tables).sort_values([*_KEY, "duty"], key=order_of("duty", DUTIES), ignore_index=True)


def appraisal_duty(projects: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per project: `duty` = "appraisal", `owed`, `scope` = "rule", `amount` that was compared.

    A project owes an ex-ante appraisal if its amount reaches the rule's threshold (以上: the threshold
    itself is in) and, where the rule says so, it is new and of one of the rule's classes. The amount is
    the first of the rule's `amount_columns` that is above 0. `owed` is NA, with the reason
    `not_reported`, where it can't be told.
    """
    rule = rules["ex_ante"]
    amount = compared_amount(projects, rules)
    large = pd.Series(reaches(as_nano(amount), NANO, rule.threshold), projects.index).astype("boolean")
    owed = large.where(amount.notna())
    if rule.is_new_only:
        is_new = projects["is_new"] if "is_new" in projects else pd.Series(pd.NA, projects.index)
        owed = owed & is_new.astype("boolean")
    if rule.classes and "class" in projects:
        owed = owed & (projects["class"].isna() | projects["class"].isin(rule.classes)).astype("boolean")
    unknown = pd.Series(np.where(owed.isna(), "not_reported", None), projects.index, dtype="str")
    table = projects[[*_PLACE, "project"]].assign(duty="appraisal", owed=owed, scope="rule", reason=unknown)
    return table.assign(amount=amount).reset_index(drop=True)


def compared_amount(projects: pd.DataFrame, rules: Rules) -> pd.Series:
    """The amount held against the ex-ante threshold: the first of the rule's columns above 0."""
    amount = pd.Series(np.nan, index=projects.index)
    for column in rules["ex_ante"].amount_columns:
        if column in projects:
            amount = amount.where(amount > 0, projects[column].astype("float64").fillna(amount))
    return amount


def _match(rows: pd.DataFrame, catalogue: pd.DataFrame, scope: str) -> pd.DataFrame:
    """The catalogue's row of that scope for each of `rows`, on their index; NA where there is none."""
    named = catalogue[catalogue["scope"] == scope].rename(columns={"item": scope}).drop(columns="scope")
    if scope not in rows:
        return pd.DataFrame(pd.NA, index=rows.index, columns=list(DUTIES), dtype="boolean")
    flags = named.reindex(columns=[*_PLACE, scope, *DUTIES]).astype(dict.fromkeys(DUTIES, "boolean"))
    keys = [*_PLACE, scope]
    return rows[keys].merge(flags.drop_duplicates(keys), on=keys, how="left")[list(DUTIES)]


def _one_duty(rows: pd.DataFrame, duty: str, matched: dict, has_catalogue: pd.Series) -> pd.DataFrame:
    owed = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    scope = pd.Series(pd.NA, index=rows.index, dtype="str")
    for name in _SCOPES:
        scope = scope.where(owed.notna() | matched[name][duty].isna(), name)
        owed = owed.fillna(matched[name][duty])
    why = np.select(
        [~has_catalogue.to_numpy(), owed.isna().to_numpy()], ["no_catalogue", "not_in_catalogue"], None
    )
    table = rows[[*_PLACE, "project"]].assign(duty=duty, owed=owed, scope=scope)
    return table.assign(reason=pd.Series(why, rows.index, dtype="str"))
