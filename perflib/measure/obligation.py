"""What each project owes by the catalogue: the most specific row wins."""

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.data.rule_shape import Rules
from perflib.measure.exact import NANO, as_nano, reaches

DUTIES = ("targets", "monitoring", "self_evaluation", "spot_check", "key_evaluation")
_SCOPES = ("project", "policy", "class")  # the most specific first; also the names of the columns
_PLACE = ["district", "year"]


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
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values([*_PLACE, "project", "_order"], ignore_index=True).drop(columns="_order")


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
    table = rows[[*_PLACE, "project"]].assign(duty=duty, owed=owed, scope=scope, _order=DUTIES.index(duty))
    return table.assign(reason=pd.Series(why, rows.index, dtype="str"))
