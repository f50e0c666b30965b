"""Scores worked out again from indicators and execution, by the rule, beside what was reported."""

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.money import sum_amounts
from perflib.measure.ratio import NANO, add_ratio, as_nano, exceeds
from perflib.measure.warning import read_levels

SUBJECT = ["district", "year", "subject_kind", "subject"]
_WHOLE_YEAR = 12
_SLACK = NANO // 1_000_000  # weights such as 90 / 7 sum to 90 only within a millionth


def yearly(indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows of `indicators` that are about the whole year (month 12, or no month column)."""
    if "month" not in indicators:
        return indicators.reset_index(drop=True)
    return indicators[indicators["month"].fillna(_WHOLE_YEAR) == _WHOLE_YEAR].reset_index(drop=True)


def score_indicators(
    indicators: pd.DataFrame, rules: Rules, *, assume_direction: str | None = None
) -> pd.DataFrame:
    """`indicators` of the whole year with what each one earns by the rule, one row per indicator.

    Needs `direction`, `target`, `actual`, `weight`; reads `score`, `actual_text`, `target_text`,
    `is_applicable` where they are. `assume_direction` stands in where a source has no directions at all
    or leaves one blank; what rests on it must say so. Adds

    - `completion`: share of the marks earned, 0 to 1. At least: actual / target; at most: target /
      actual (full marks for an actual of 0 or up to the target); equal: the smaller over the
      larger; always capped at full marks and never below none. It needs no weight;
    - `points` = weight x completion; of a qualitative indicator the reported score, brought into the
      band of the level that `actual_text` names, since the rule leaves the mark within it to judgement;
    - `deviation` = reported score - points, in points;
    - `is_over_target`: actual above target x the rule's limit (at least and equal only), NA where
      the set has no limit; `is_score_outside`: reported below 0 or above the weight;
    - `reason` where there are no points: `not_applicable`, `no_weight`, `no_direction`,
      `text_for_quantity`, `target_not_reported`, `actual_not_reported`, `target_zero` (at least 0: any
      result reaches it), `negative_target`, `score_not_reported` (qualitative without a mark).

    Sources: national measure (财预〔2020〕10号) and the notes of the published forms; the rule for
    equal is ours, as the national one has none.
    """
    rows = _with_columns(yearly(indicators))
    rows = rows.assign(direction=rows["direction"].fillna(assume_direction)) if assume_direction else rows
    rows = rows.assign(reason=_reasons(rows))
    counted = (rows["reason"].isna() | (rows["reason"] == "no_weight")) & (rows["direction"] != "qualitative")
    completion = _completion(rows).where(counted)
    points = (rows["weight"] * completion).fillna(_qualitative_points(rows, rules))
    return rows.assign(
        completion=completion.fillna(points / rows["weight"].where(rows["weight"] > 0)),
        points=points,
        deviation=rows["score"] - points,
        is_over_target=_over_target(rows, rules),
        is_score_outside=(rows["score"] < 0) | (rows["score"] > rows["weight"]),
    )


def score_subjects(indicators: pd.DataFrame, projects: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per subject of `indicators`: its score by the rule, out of 100, and how it came about.

    `projects` has `district, year, project, adjusted_budget, executed`, and `policy` and `department` for
    subjects of those kinds, which take the sum of their projects. Columns: the four of `SUBJECT`,
    `indicators` (rows), `unscored` (rows without points that do apply), `weight_sum` (all rows),
    `applicable_weight`, `indicator_points`, `execution_rate`, `execution_reason` (why there is none),
    `execution_weight`, `execution_points`, `score`, `score_low`, `score_high` and `reason`.

    score = earned marks / marks that apply x 100. An indicator that does not apply leaves, and so does
    the execution row of a project without a budget, or of a subject without amounts; the others'
    total stays 100. Weights that sum
    to 100 leave no room for execution (some forms have none); any other sum than 100, or 100 less
    the execution weight, has no score and the reason `weights_off`; `indicators_unscored` where an
    indicator has no points: then the score lies between `score_low` (it earns nothing) and `score_high`
    (full marks), which are equal to `score` where there is one; `execution_not_reported` where a project's amounts are missing or its
    budget is negative; `nothing_applies` where no weight is left.
    """
    scored = score_indicators(indicators, rules)
    table = _sum_by_subject(scored).merge(_execution(projects), on=SUBJECT, how="left")
    unknown = np.where(table["subject_kind"] == "project", "not_reported", "no_amounts")
    reason = table["execution_reason"].fillna(pd.Series(unknown, table.index, dtype="str"))
    table["execution_reason"] = reason.where(table["execution_rate"].isna())
    table["execution_weight"] = _execution_weight(table["weight_sum"], rules)
    has_rate = table["execution_rate"].notna() & (table["execution_weight"] > 0)
    rate = table["execution_rate"].clip(lower=0, upper=1 if rules.scoring.is_execution_capped else None)
    table["execution_points"] = (table["execution_weight"] * rate).where(has_rate)
    earned = table["indicator_points"] + table["execution_points"].fillna(0)
    applies = table["applicable_weight"] + table["execution_weight"].where(has_rate, 0)
    full = float(rules.scoring.score_max)
    table["reason"] = _subject_reasons(table, applies)
    has_bounds = table["reason"].isna() | (table["reason"] == "indicators_unscored")
    share = (full / applies.where(applies > 0)).where(has_bounds)
    low, high = earned * share, (earned + table["unscored_weight"]) * share
    score = low.where(table["reason"].isna())
    return table.assign(score=score, score_low=low, score_high=high)[_SUBJECT_COLUMNS]


_SUBJECT_COLUMNS = [
    *SUBJECT, "indicators", "unscored", "weight_sum", "applicable_weight", "indicator_points",
    "execution_rate", "execution_reason", "execution_weight", "execution_points", "score",
    "score_low", "score_high", "reason",
]  # fmt: skip
_OPTIONAL = {
    "direction": "str", "target": "float64", "actual": "float64", "weight": "float64",
    "score": "float64", "actual_text": "str", "target_text": "str", "is_applicable": "boolean",
}  # fmt: skip


def _with_columns(indicators: pd.DataFrame) -> pd.DataFrame:
    absent = [c for c in _OPTIONAL if c not in indicators]
    missing = {c: pd.Series(None, indicators.index, dtype="object") for c in absent}
    rows = indicators.assign(**missing).astype(_OPTIONAL)
    return rows.assign(is_applicable=rows["is_applicable"].fillna(True).astype(bool))


def _reasons(rows: pd.DataFrame) -> pd.Series:
    direction, target, actual = rows["direction"], rows["target"], rows["actual"]
    qualitative = direction == "qualitative"
    conditions = {
        "not_applicable": ~rows["is_applicable"],
        "no_direction": direction.isna(),
        "score_not_reported": qualitative & rows["score"].isna(),
        "text_for_quantity": ~qualitative & target.isna() & rows["target_text"].notna(),
        "target_not_reported": ~qualitative & target.isna(),
        "actual_not_reported": ~qualitative & actual.isna(),
        "negative_target": ~qualitative & (target < 0),
        "target_zero": (direction == "at_least") & (target == 0),
        "no_weight": rows["weight"].isna(),
    }
    codes = np.select([c.to_numpy(bool) for c in conditions.values()], list(conditions), default=None)
    return pd.Series(codes, index=rows.index, dtype="str")


def _completion(rows: pd.DataFrame) -> pd.Series:
    target, actual = rows["target"], rows["actual"].clip(lower=0)
    up, down = actual / target.where(target > 0), target / actual.where(actual > 0)
    at_most = down.where(actual > 0, 1.0)
    equal = up.where(up <= 1, down).fillna((actual == target).astype("float64"))
    share = up.where(rows["direction"] != "at_most", at_most).where(rows["direction"] != "equal", equal)
    return share.clip(0, 1)


def _qualitative_points(rows: pd.DataFrame, rules: Rules) -> pd.Series:
    """The reported score, clipped into the band of its level, or into its weight if none is named."""
    level = read_levels(rows["actual_text"], rules)
    top = level.map({b.key: float(b.upper) for b in rules["qualitative"]}).astype("float64").fillna(1.0)
    bottom = level.map({b.key: float(b.lower) for b in rules["qualitative"]}).astype("float64").fillna(0.0)
    points = rows["score"].clip(bottom * rows["weight"], top * rows["weight"])
    return points.where((rows["direction"] == "qualitative") & rows["reason"].isna())


def _over_target(rows: pd.DataFrame, rules: Rules) -> pd.Series:
    limit = rules.deviation.over_target
    if limit is None:
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    asked = rows["direction"].isin(["at_least", "equal"]) & (rows["target"] > 0) & rows["actual"].notna()
    target = np.where(asked, as_nano(rows["target"]), 1)
    return pd.Series(exceeds(as_nano(rows["actual"]), target, limit), rows.index).astype("boolean") & asked


def _sum_by_subject(scored: pd.DataFrame) -> pd.DataFrame:
    """Sums in whole billionths, so that they do not depend on the order of the rows."""
    applies = scored["is_applicable"]
    parts = {
        "weight_sum": scored["weight"],
        "applicable_weight": scored["weight"].where(applies, 0),
        "indicator_points": scored["points"].where(applies, 0),
        "unscored_weight": scored["weight"].where(scored["points"].isna() & applies, 0),
    }
    rows = scored[SUBJECT].assign(**{c: as_nano(v).astype("int64") for c, v in parts.items()})
    rows = rows.assign(indicators=1, unscored=(scored["points"].isna() & applies).astype("int64"))
    table = rows.groupby(SUBJECT, sort=True, as_index=False).sum()
    return table.assign(**{c: table[c] / NANO for c in parts})


def _execution(projects: pd.DataFrame) -> pd.DataFrame:
    """Execution rate of every project, and of every policy and department as the sum of its projects."""
    names = {"rate": "execution_rate", "reason": "execution_reason"}
    parts = []
    for kind in ("project", "policy", "department"):
        if kind in projects:
            keys = ["district", "year", kind]
            rows = projects[projects[kind].notna()]
            sums = rows if kind == "project" else sum_amounts(rows, ["executed", "adjusted_budget"], by=keys)
            rated = add_ratio(sums, "executed", "adjusted_budget").rename(columns={**names, kind: "subject"})
            parts.append(rated.assign(subject_kind=kind)[[*SUBJECT, *names.values()]])
    return pd.concat(parts, ignore_index=True)


def _execution_weight(sums: pd.Series, rules: Rules) -> pd.Series:
    """Marks left for execution: the rule's, none for a form without that row, NA for any other sum."""
    nano, full = as_nano(sums), int(rules.scoring.score_max * NANO)
    part = rules.weights.get("execution", 0)
    with_row = (np.abs(nano - full + int(part * NANO)) <= _SLACK).astype(bool)
    without = (np.abs(nano - full) <= _SLACK).astype(bool)
    weight = np.select([with_row, without], [float(part), 0.0], np.nan)
    return pd.Series(weight, index=sums.index)


def _subject_reasons(table: pd.DataFrame, applies: pd.Series) -> pd.Series:
    unread = table["execution_reason"].isin(["not_reported", "negative_budget"])
    unread &= table["execution_weight"] > 0
    conditions = {
        "weights_off": table["execution_weight"].isna(),
        "indicators_unscored": table["unscored"] > 0,
        "execution_not_reported": unread,
        "nothing_applies": applies <= 0,
    }
    codes = np.select([c.to_numpy(bool) for c in conditions.values()], list(conditions), default=None)
    return pd.Series(codes, index=table.index, dtype="str")
