"""Execution rate against score, and reported rates that the amounts contradict."""

from decimal import Decimal

import numpy as np
import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.published import check_published_rates
from perflib.measure.self_evaluation import self_evaluation_status
from perflib.show.chapter import Chapter

TINY = 1e-12  # a rate of exactly the line is not below it, whatever its binary form
CONFIDENCE_Z = 1.959963984540054  # 95 % of the normal distribution


def add_rates(
    chapter: Chapter, projects: pd.DataFrame, own: pd.DataFrame, rated: pd.DataFrame, rules: Rules
) -> None:
    """Add how scores follow execution, and every reported rate that does not follow from its amounts."""
    _add_low(chapter, rated, rules)
    _add_correlation(chapter, rated)
    _add_published(chapter, projects, own)


def _add_low(chapter: Chapter, rated: pd.DataFrame, rules: Rules) -> None:
    """Projects below the line at which a reason is owed, and those of them that gave themselves the best grade."""
    low = rated[rated["rate"] < float(rules.reasons.execution_below) - TINY]
    best = max(rules.grades, key=lambda b: b.lower).key
    high = low[low["grade"] == best].sort_values(["rate", "subject"])
    add = chapter.facts.add
    add("reason_line", float(rules.reasons.execution_below), unit="limit", table="rules", rows=0)
    add("low_rate", len(low), unit="count", table="low_best", rows=len(rated))
    add("low_best", len(high), unit="count", table="low_best", rows=len(low))
    columns = ["subject_name", "department", "execution_rate", "score", "score_by_rule"]
    chapter.add_table("low_best", high.rename(columns={"rate": "execution_rate"}), columns=columns)


def _add_correlation(chapter: Chapter, rated: pd.DataFrame) -> None:
    """Spearman's rank correlation of rate and score, with Fisher's interval."""
    known = rated.dropna(subset=["rate", "score"])
    add, n = chapter.facts.add, len(known)
    value = known["rate"].rank().corr(known["score"].rank()) if n > 3 else np.nan
    is_defined = bool(np.isfinite(value) and abs(value) < 1)
    half = CONFIDENCE_Z * np.sqrt(1.06 / (n - 3)) if is_defined else np.nan  # Fieller, Hartley & Pearson 1957
    bounds = np.tanh(np.arctanh(value) + np.array([-half, half])) if is_defined else (np.nan, np.nan)
    for id, number in (
        ("correlation", value),
        ("correlation_lower", bounds[0]),
        ("correlation_upper", bounds[1]),
    ):
        add(
            id,
            number if is_defined else None,
            unit="ratio",
            table="evaluations",
            rows=n,
            reason="too_few_scores",
        )


def printed_rates(rates: pd.Series) -> pd.Series:
    """Rates (fractions) as a form would print them, in per cent with the decimals they have.

    >>> printed_rates(pd.Series([0.9713, 1.0, None])).tolist()
    ['97.13%', '100%', nan]
    """
    words = {r: f"{(Decimal(str(float(r))) * 100).normalize():f}%" for r in rates.dropna().unique()}
    return rates.map(words).astype("str")


def _add_published(chapter: Chapter, projects: pd.DataFrame, own: pd.DataFrame) -> None:
    status = self_evaluation_status(projects, own)
    forms = status[status["reported_rate"].notna()]
    checked = check_published_rates(forms.assign(published_rate=printed_rates(forms["reported_rate"])))
    flagged = checked[checked["is_flagged"] | (checked["status"] == "other_base")]
    add, rows = chapter.facts.add, len(checked)
    add("rates_reported", rows, unit="count", table="evaluations", rows=rows)
    add(
        "rates_agree",
        int((checked["status"] == "agrees").sum()),
        unit="count",
        table="evaluations",
        rows=rows,
    )
    add("rates_rounded", int(checked["is_rounding"].sum()), unit="count", table="evaluations", rows=rows)
    # Added during the year, and reported on the adjusted budget: no contradiction, but the base must be told.
    late = checked["status"] == "no_initial_budget"
    contradicts = int((checked["is_flagged"] & ~late).sum())
    add("rates_contradict", contradicts, unit="count", table="published", rows=rows)
    add("rates_late", int(late.sum()), unit="count", table="published", rows=rows)
    add(
        "rates_other_base",
        int((checked["status"] == "other_base").sum()),
        unit="count",
        table="published",
        rows=rows,
    )
    flagged = flagged[flagged["status"] != "no_initial_budget"]
    shown = flagged.assign(_size=flagged["difference"].abs().fillna(np.inf)).sort_values(
        ["_size", "project"], ascending=[False, True]
    )
    shown = shown.drop(columns="reported_rate").rename(columns={
        "status": "rate_status", "name": "subject_name", "difference": "rate_gap", "rate": "execution_rate",
        "published": "reported_rate",
    })  # fmt: skip
    columns = ["project", "subject_name", "department", "executed", "budget", "execution_rate", "reported_rate",
               "rate_gap", "rate_status"]  # fmt: skip
    chapter.add_table("published", shown, columns=columns)
