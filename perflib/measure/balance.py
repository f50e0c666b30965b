"""What became of the budget apart from spending: carried over, lapsed, adjusted, received, and its mix."""

from collections.abc import Sequence

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.measure.money import amount, as_cents
from perflib.measure.ratio import ratio_of_sums
from perflib.measure.tally import collect, column_names, keys_of, one_of, order_of

# Numerator (column, columns added, or a difference) and denominator of every measure, as published.
MEASURES = {
    "carry_over_of_budget": (("carried_over", "lapsed"), "adjusted_budget"),  # 结转结余率, 财预〔2013〕53号
    "carry_over_of_spending": (("carried_over", "lapsed"), "executed"),  # the same over what was spent
    "lapse_rate": (("lapsed",), "adjusted_budget"),
    "gross_adjustment_rate": ("gross", "initial_budget"),
    "net_adjustment_rate": ("net", "initial_budget"),
    "availability_rate": (("received",), "adjusted_budget"),  # 资金到位率, 财预〔2020〕10号
    "availability_of_initial": (("received",), "initial_budget"),  # the older form: over what was planned
}
REASON_ASKED_ABOVE = 30  # per cent of adjustment (domain.md, section 6)
_ADJUSTMENT = ("adjusted_budget", "initial_budget")


def balance_rates(
    projects: IntoFrame, *, by: str | Sequence[str] = (), measures: str | Sequence[str] = tuple(MEASURES)
) -> pd.DataFrame:
    """One row per group of `by` and measure: `measure`, `projects`, `counted`, `numerator`, `denominator`,
    `rate`, `reason`, `needs_reason`.

    `projects` has one row per project, in any engine, with the amount columns that the measures need
    (a missing column counts as not reported). Two definitions of the carry-over rate (结转结余率) are
    published and both are given: over the budget and over what was spent; the numerator is carried
    over plus lapsed, a blank one of the two counting as 0. Adjustment is given gross (Σ|adjusted −
    initial|: additions and cuts don't cancel between projects) and net. Availability: received over the
    adjusted and over the initial budget. Sums run over the `counted` projects, which report both sides.

    `needs_reason`: the adjustment rate is above 30 % (exactly 30 % is not); False for other measures.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> pf.balance(rows).set_index("measure")["rate"].round(3)["net_adjustment_rate"].item()
    0.066
    """
    by, measures = keys_of(projects, by), [measures] if isinstance(measures, str) else measures
    tables = [_measure(projects, one_of(MEASURES, name), by) for name in measures]
    return pd.concat(tables).sort_values(
        [*by, "measure"], key=order_of("measure", MEASURES), ignore_index=True
    )


def _measure(projects: IntoFrame, name: str, by: list[str]) -> pd.DataFrame:
    over, under = MEASURES[name]
    names = column_names(projects)
    rows = nw.from_native(projects).with_columns(
        _numerator(over, names).alias("_over"), _known(under, names).alias("_under"), nw.lit(0).alias("_all")
    )
    counted = (~nw.col("_over").is_null() & ~nw.col("_under").is_null()).cast(nw.Int64)
    cents = {c: as_cents(nw.col(c).fill_null(0)) * counted for c in ("_over", "_under")}
    rows = rows.with_columns(counted.alias("_counted"), nw.lit(1).alias("_projects"))
    rows = rows.with_columns(*[cents[c].alias(f"{c}_cents") for c in cents])
    parts = ("_projects", "_counted", "_over_cents", "_under_cents")
    sums = collect(rows.group_by(*(by or ["_all"])).agg(*[nw.col(c).sum() for c in parts]))
    return _rated(sums, by).assign(measure=name, needs_reason=_needs_reason(sums, name))


def _known(column: str, names: list[str]) -> nw.Expr:
    return amount(column) if column in names else nw.lit(None, dtype=nw.Float64)


def _numerator(over: str | tuple[str, ...], names: list[str]) -> nw.Expr:
    if isinstance(over, str):
        adjusted, initial = (_known(c, names) for c in _ADJUSTMENT)
        return (adjusted - initial).abs() if over == "gross" else adjusted - initial
    parts = [_known(c, names) for c in over]
    blank = parts[0].is_null() if len(parts) == 1 else parts[0].is_null() & parts[1].is_null()
    total = parts[0] if len(parts) == 1 else parts[0].fill_null(0) + parts[1].fill_null(0)
    return nw.when(~blank).then(total)


def _rated(sums: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    known = sums["_counted"] > 0
    over, under = (sums[c].div(100).where(known) for c in ("_over_cents", "_under_cents"))
    head = sums[by].assign(
        projects=sums["_projects"].astype("int64"), counted=sums["_counted"].astype("int64")
    )
    return head.join(ratio_of_sums(over, under))


def _needs_reason(sums: pd.DataFrame, name: str) -> np.ndarray:
    """Compared in whole cents, so that exactly 30 % is not above 30 %."""
    if not name.endswith("adjustment_rate"):
        return np.zeros(len(sums), dtype=bool)
    over, under = sums["_over_cents"].astype("int64"), sums["_under_cents"].astype("int64")
    return ((under > 0) & (over.abs() * 100 > under * REASON_ASKED_ABOVE)).to_numpy()
