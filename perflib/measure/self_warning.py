"""Score, grade and alert of a self-evaluation from its two parts, by any rule set, side by side."""

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.exact import NANO, as_nano, exceeds, reaches
from perflib.measure.grades import grade_scores
from perflib.measure.ratio import add_ratio


def self_scores(forms: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """`score`, `grade`, `colour` and `reason` of self-evaluations, on the index of `forms`.

    Needs `indicator_points` (of `rules.scoring.indicators_max`), `adjusted_budget`, `executed`.
    `score` = points, capped at their maximum, + execution weight x execution rate, capped if the rule
    says so. Without a budget the execution row does not apply: the points are rescaled to the full
    score and `reason` tells why; a set with `zero_budget = "divide_by_one"` divides by 1 instead.
    `colour` is the rule's alert: red where the points run ahead of execution by more than
    `warning.self_gap` of themselves, yellow below `warning.self_execution`, else "none"; NA
    without points, or where the set has no such alert.
    """
    budget, reason = _read_budget(forms, rules)
    points = _capped_points(forms["indicator_points"], rules)
    rate = add_ratio(forms[["executed"]].assign(_budget=budget), "executed", "_budget")["rate"]
    capped = rate.clip(upper=1) if rules.scoring.is_execution_capped else rate
    full, weight = float(rules.scoring.score_max), float(rules.weights["execution"])
    rescaled = points * full / float(rules.scoring.indicators_max)
    score = (points + weight * capped).where(rate.notna(), rescaled).where(_is_scored(reason))
    return pd.DataFrame(
        {
            "score": score,
            "grade": grade_scores(score, rules)["grade"],
            "colour": _colours(forms, budget, points, rules),
            "reason": pd.Series(reason, index=forms.index, dtype="str"),
        }
    )


def compare_scorings(forms: pd.DataFrame, theirs: Rules, ours: Rules) -> pd.DataFrame:
    """`forms` with score, grade and colour by both sets, and what differs.

    The columns of `theirs` end in `_theirs`, ours have no suffix. `defect` names the known fault of the
    deployed rule that the row shows: `divided_by_one` (no budget, yet an execution score),
    `overspending_not_seen` (executed above the budget, and no alert), NA for neither.
    `is_other_grade` says where the two grades differ.
    """
    mine, other = self_scores(forms, ours), self_scores(forms, theirs)
    overspent = (as_nano(forms["executed"]) > as_nano(forms["adjusted_budget"])).astype(bool)
    no_budget = (forms["adjusted_budget"] == 0).to_numpy()
    quiet = theirs.warning.zero_budget == "red" and not theirs.warning.is_overspending_warned
    conditions = [no_budget & (theirs.scoring.zero_budget == "divide_by_one"), overspent & quiet]
    defect = np.select(conditions, ["divided_by_one", "overspending_not_seen"], default=None)
    table = forms.join(other.drop(columns="reason").add_suffix("_theirs")).join(mine)
    differs = mine["grade"].fillna("") != other["grade"].fillna("")
    words = pd.Series(defect, index=table.index, dtype="str")
    return table.assign(is_overspent=overspent, is_other_grade=differs, defect=words)


def _read_budget(forms: pd.DataFrame, rules: Rules) -> tuple[pd.Series, np.ndarray]:
    """The budget to divide by, and why there is none."""
    budget, executed = forms["adjusted_budget"], forms["executed"]
    zero, points = budget == 0, forms["indicator_points"]
    if rules.scoring.zero_budget == "divide_by_one":
        budget, zero = budget.where(~zero, 1), zero & False
    reported = [points.isna(), budget.isna() | executed.isna(), zero & (executed != 0), zero]
    codes = ["no_indicator_points", "not_reported", "spent_without_budget", "no_budget"]
    return budget, np.select([c.to_numpy() for c in reported], codes, default=None)


def _is_scored(reason: np.ndarray) -> np.ndarray:
    return pd.isna(reason) | np.isin(reason.astype("U"), ["no_budget", "spent_without_budget"])


def _capped_points(points: pd.Series, rules: Rules) -> pd.Series:
    return points.astype("float64").clip(lower=0, upper=float(rules.scoring.indicators_max))


def _colours(forms: pd.DataFrame, budget: pd.Series, points: pd.Series, rules: Rules) -> pd.Series:
    gap, low = rules.warning.self_gap, rules.warning.self_execution
    if gap is None or low is None:
        return pd.Series(pd.NA, index=forms.index, dtype="str")
    ind, plan, spent = as_nano(points), as_nano(budget), as_nano(forms["executed"])
    most = int(rules.scoring.indicators_max)
    # (ind/most - spent/plan) / (ind/most), numerator and denominator times ind x plan, which is above 0
    whole = np.where(ind * plan > 0, ind * plan, 1)
    ahead = exceeds(ind * plan - most * NANO * spent, whole, gap)
    slow = ~reaches(spent, np.where(plan > 0, plan, 1), low) | (forms["adjusted_budget"] == 0).to_numpy()
    colour = np.select([ahead, slow], ["red", "yellow"], default="none")
    known = points.notna() & (points > 0) & budget.notna() & forms["executed"].notna()
    return pd.Series(colour, index=forms.index, dtype="str").where(known)
