"""Self-evaluations as they came in: status, last round, scores against the rule, printed rates against amounts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.grades import grade_scores, read_grades
from perflib.measure.rates import BASES
from perflib.measure.ratio import NANO, as_nano, exceeds, ratio_of_sums
from perflib.measure.scoring import SUBJECT

STATUSES = ("submitted", "returned", "accepted")
_KEY = ["district", "year", "project"]


def latest_rounds(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The last round of each subject, kind and evaluator, sorted; a missing round counts as the first.

    Rows that repeat a round are all faults of the data (`repeated_evaluations` lists them); of these
    the one done last is kept, else the last in the table.
    """
    keys = [c for c in [*SUBJECT, "kind", "evaluator"] if c in evaluations]
    rounds = evaluations["round"].fillna(1) if "round" in evaluations else 1
    dates = pd.to_datetime(evaluations["done_on"]) if "done_on" in evaluations else pd.NaT
    ordered = evaluations.assign(_round=rounds, _date=dates, _row=np.arange(len(evaluations)))
    ordered = ordered.sort_values([*keys, "_round", "_date", "_row"], na_position="first")
    last = ordered.drop_duplicates(keys, keep="last").drop(columns=["_round", "_date", "_row"])
    return last.reset_index(drop=True)


def repeated_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """Every row of an evaluator who evaluates the same subject more than once in the same round.

    All of them are listed, with `times`, so that the bureau can say which one holds; none is dropped.
    """
    keys = [c for c in [*SUBJECT, "kind", "evaluator", "round"] if c in evaluations]
    times = evaluations.groupby(keys, dropna=False)[keys[0]].transform("size")
    return evaluations.assign(times=times)[times > 1].sort_values(keys, ignore_index=True)


def self_evaluation_status(projects: pd.DataFrame, evaluations: pd.DataFrame) -> pd.DataFrame:
    """`projects` with the `status` of their self-evaluation, `round`, `score`, `grade`, `reported_rate`.

    `status` is that of the last round: submitted, returned or accepted, `none` where nothing came
    in, and `unstated` where it came in without a status. One row per project, as in `projects`.
    """
    last = latest_rounds(evaluations[evaluations["kind"] == "self"])
    last = last[last["subject_kind"] == "project"] if "subject_kind" in last else last
    wanted = ["status", "round", "score", "grade", "reported_rate", "done_on"]
    # Two evaluators in one project: the one done last speaks for the unit.
    one = last.rename(columns={"subject": "project"}).drop_duplicates(_KEY, keep="last")
    one = one.reindex(columns=[*_KEY, *wanted]).assign(_came=True)
    table = projects.merge(one, on=_KEY, how="left", suffixes=("", "_self"))
    status = table["status"].astype("str").fillna("unstated").where(table["_came"].notna(), "none")
    return table.assign(status=status).drop(columns="_came")


def count_statuses(status: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """One row per group of `by` (section, department): `projects` and how many have each status.

    Columns submitted, returned, accepted, unstated, none sum to `projects`; `arrived` = all but none,
    `arrived_share` = arrived / projects.
    """
    names = [*STATUSES, "unstated", "none"]
    rows = status[list(by)].assign(_all=0, projects=1)
    rows = rows.assign(**{name: (status["status"] == name).astype("int64") for name in names})
    keys = list(by) or ["_all"]
    table = rows.groupby(keys, sort=True, dropna=False, as_index=False)[["projects", *names]].sum()
    table = table[[*by, "projects", *names]]
    table["arrived"] = table["projects"] - table["none"]
    return table.assign(arrived_share=ratio_of_sums(table["arrived"], table["projects"])["rate"])


def compare_scores(evaluations: pd.DataFrame, recomputed: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per self-evaluated subject: what was reported, what the rule gives, how far apart.

    `recomputed` is `perflib.measure.scoring.score_subjects`. Columns: SUBJECT, `score` (reported),
    `score_by_rule`, `deviation` = reported - by rule (above 0: too kind to itself), `grade` by the
    rule's bands from the reported score, `grade_reported` (read from its words), `grade_by_rule`,
    `is_apart` (size above `deviation.score_gap`), `is_rounding` (not 0, within `score_tolerance`),
    `score_low`, `score_high` (between which the score by rule lies), `is_beyond` (reported outside them, by more
    than `score_tolerance`, though there is no score by rule), `is_other_grade` (the two scores fall into different grades), `is_grade_misread` (the words do not
    fit the score), `reason` (no score by rule), `score_reason` (no usable reported score).
    """
    last = latest_rounds(evaluations[evaluations["kind"] == "self"]).reindex(
        columns=[*SUBJECT, "score", "grade"]
    )
    last = last.assign(grade_reported=read_grades(last["grade"], rules)).drop(columns="grade")
    columns = [*SUBJECT, "score", "score_low", "score_high", "reason"]
    by_rule = recomputed.reindex(columns=columns).rename(columns={"score": "score_by_rule"})
    table = last.merge(by_rule, on=SUBJECT, how="left")
    reported, mine = grade_scores(table["score"], rules), grade_scores(table["score_by_rule"], rules)["grade"]
    known = table["score"].notna() & table["score_by_rule"].notna()
    apart = np.abs(as_nano(table["score"]) - as_nano(table["score_by_rule"]))
    is_apart = exceeds(apart, NANO, rules.deviation.score_gap) & known
    return table.assign(
        reason=table["reason"].where(table["score_by_rule"].notna(), table["reason"].fillna("no_indicators")),
        deviation=table["score"] - table["score_by_rule"],
        grade=reported["grade"],
        score_reason=reported["reason"],
        grade_by_rule=mine,
        is_apart=is_apart,
        is_rounding=(apart > 0) & ~exceeds(apart, NANO, rules.deviation.score_tolerance) & known,
        is_beyond=_is_beyond(table, rules),
        is_other_grade=known & (reported["grade"] != mine) & mine.notna() & reported["grade"].notna(),
        is_grade_misread=table["grade_reported"].notna() & (table["grade_reported"] != reported["grade"]),
    )


def _is_beyond(table: pd.DataFrame, rules: Rules) -> pd.Series:
    bounded = table["score"].notna() & table["score_by_rule"].isna() & table["score_low"].notna()
    reported, low, high = (as_nano(table[c]) for c in ("score", "score_low", "score_high"))
    outside = np.maximum(low - reported, reported - high)
    return pd.Series(exceeds(outside, NANO, rules.deviation.score_tolerance), table.index) & bounded


# Printed to two decimals a rate is within 0.005 points of the amounts; as an integer, within 0.5.
FLAGGED = ("contradicts", "spent_without_budget", "no_budget", "no_initial_budget", "unreadable")
ROUNDED = ("rounded_to_integer", "integer_padded", "truncated")
_NUMBER = r"^\s*(-?\d+)(?:\.(\d+))?\s*%?\s*$"


def check_published_rates(forms: pd.DataFrame) -> pd.DataFrame:
    """`forms` with both sides of each rate, the printed one, their difference, a status and two flags.

    `forms` has one row per published rate: `published_rate` as it was printed (text: "31.00%", "99",
    NA where nothing was printed), `executed`, and `adjusted_budget` and `initial_budget` (either may be
    NA or missing). The base is the adjusted budget where it is reported, else the initial one.
    `rate` and `published` are fractions, `difference` = published − rate in percentage points.
    `status` is, compared exactly and never through a rounded number:

    - `agrees`: the amounts give the printed rate, rounded half up at its printed decimals;
    - `rounded_to_integer` (99.10 printed 99), `integer_padded` (31.08 printed 31.00), `truncated`
      (95.457 printed 95.45): ways of printing, in `is_rounding`, not faults of substance;
    - `other_base`: contradicts the base but agrees with another, named in `agrees_with`;
    - `contradicts`: none of these (33.43 printed 100);
    - `spent_without_budget`, `no_budget`: a rate was printed on a budget of 0;
    - `no_initial_budget`: agrees with the adjusted budget, and there was no initial one;
    - `unreadable`: the printed text is no number; `not_checkable`: no rate printed, or an amount is NA.

    `is_flagged` marks `contradicts`, `unreadable` and the three of a budget of 0. Nothing is overwritten.
    """
    rows = forms.reindex(columns=["executed", *BASES.values()]).astype("float64")
    printed = _printed(forms["published_rate"])
    base = pd.Series(np.where(rows["adjusted_budget"].notna(), "adjusted", "initial"), index=forms.index)
    under = rows["adjusted_budget"].fillna(rows["initial_budget"])
    return _judged(forms, rows, printed, base, under)


def _printed(text: pd.Series) -> pd.DataFrame:
    """Whole units of the last printed digit, how many decimals, and whether there was text at all."""
    clean = text.astype("string").str.replace("％", "%").str.strip()
    parts = clean.str.extract(_NUMBER)
    decimals = parts[1].str.len().fillna(0).where(parts[0].notna())
    units = pd.to_numeric(parts[0] + parts[1].fillna(""))
    given = clean.notna() & (clean != "")
    return pd.DataFrame(
        {"units": units.astype("float64"), "decimals": decimals.astype("float64"), "given": given}
    )


def _judged(forms, rows, printed, base, under) -> pd.DataFrame:
    checks = {name: _compare(rows["executed"], rows[column], printed) for name, column in BASES.items()}
    chosen = _compare(rows["executed"], under, printed)
    other = _other_base(checks, base)
    status = np.select(
        [
            ~printed["given"],
            printed["units"].isna(),
            rows["executed"].isna() | under.isna(),
            (under == 0) & (rows["executed"] != 0),
            under == 0,
            (chosen == "agrees") & (base == "adjusted") & (rows["initial_budget"] == 0),
            chosen != "contradicts",
            other.notna(),
        ],
        [
            "not_checkable", "unreadable", "not_checkable", "spent_without_budget", "no_budget",
            "no_initial_budget", chosen, "other_base",
        ],
        default="contradicts",
    )  # fmt: skip
    rate = rows["executed"] / under.where(under > 0)
    published = printed["units"] / 10 ** (printed["decimals"] + 2)
    return forms.assign(
        base=base.where(under.notna()),
        budget=under,
        rate=rate,
        published=published,
        difference=100 * (published - rate),
        agrees_with=other.where(status == "other_base"),
        status=status,
        is_rounding=np.isin(status, ROUNDED),
        is_flagged=np.isin(status, FLAGGED),
    )


def _compare(executed: pd.Series, budget: pd.Series, printed: pd.DataFrame) -> pd.Series:
    """How the printed number follows from the amounts: whole cents against whole printed units."""
    usable = executed.notna() & (budget > 0) & printed["units"].notna()
    over, under = _whole(executed * 100, usable), _whole(budget * 100, usable, blank=1)
    places = _whole(printed["decimals"], usable)
    units = _whole(printed["units"], usable)
    scale = 10 ** (places + 2)
    near, below = _half_up(over * scale, under), (over * scale) // under
    integer = _half_up(over * 100, under)
    decimals = places > 0
    exact = (over * 100) % under == 0
    # 0.01 points is the tolerance of a rate printed as an integer, before it counts as rounding
    tiny = np.abs(over * 100 - integer * under) * 100 <= under
    found = np.select(
        [
            ~usable,
            (units == near) & (decimals | exact | tiny),
            units == near,
            decimals & (units == integer * 10**places),
            units == below,
        ],
        ["contradicts", "agrees", "rounded_to_integer", "integer_padded", "truncated"],
        default="contradicts",
    )
    return pd.Series(found, index=executed.index)


def _whole(values: pd.Series, usable: pd.Series, blank: int = 0) -> np.ndarray:
    """Python integers, which don't overflow when cents are scaled to the printed decimals."""
    return np.array([int(v) for v in values.where(usable, blank).round()], dtype=object)


def _half_up(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return (2 * over + under) // (2 * under)


def _other_base(checks: dict[str, pd.Series], base: pd.Series) -> pd.Series:
    found = pd.Series(np.nan, index=base.index, dtype="object")
    for name, check in checks.items():
        fits = (check != "contradicts") & (base != name) & found.isna()
        found = found.where(~fits, name)
    return found
