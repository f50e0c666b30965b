"""What the pooled forecast looks at: shares of the budget, recent months, earlier years, peers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

# A feature that isn't there (no history, month missing) gets a value that no real one takes: trees
# send it down a branch of its own.
ABSENT = -9.0
_CEILING = 3.0


def shares(over: pd.Series, under: pd.Series, *, low: float = -1.0, high: float = _CEILING) -> pd.Series:
    """`over / under` clipped to [low, high]; NA where `under` is not above 0."""
    return (over / under.where(under > 0)).clip(low, high)


def features(
    panel: pd.DataFrame, *, month: int, types: str, peers: Sequence[Sequence[str]] = ()
) -> pd.DataFrame:
    """One row of numbers per row of `panel` (see `cutoff_panel`), on its index; no NA.

    Amounts enter as shares of the budget at the cut-off, so that a unit of any size can learn from
    another. `types` is the column of kinds; each of `peers` is a list of columns whose totals this
    year and last year tell how the year as a whole differs.
    """
    lag_count = sum(f"outturn_{lag}" in panel for lag in range(1, 10))
    lagged = [_one_lag(panel, lag) for lag in range(1, lag_count + 1)]
    parts = [_now(panel, month), _recent(panel, month), *lagged, _middle(lagged)]
    parts += [_peers(panel, list(group), f"p{i}") for i, group in enumerate([[types], *peers])]
    codes = pd.factorize(panel[types], sort=True)[0]
    table = pd.concat(parts, axis=1).assign(type_code=codes)
    return table.fillna(ABSENT).astype("float64")


def _now(panel: pd.DataFrame, month: int) -> pd.DataFrame:
    budget, spent = panel["adjusted_budget"], panel["executed"]
    spent_share = shares(spent, budget)
    return pd.DataFrame(
        {
            "spent": spent_share,
            "straight": (spent_share * 12 / month).clip(upper=1),
            "committed": shares(panel[["committed", "executed"]].max(axis=1), budget),
            "authorised": shares(panel[["authorised", "executed"]].max(axis=1), budget),
            "size": np.log(budget.clip(lower=1.0)),
            "initial": shares(panel["initial_budget"], budget),
            "month": float(month),
        }
    )


def _recent(panel: pd.DataFrame, month: int) -> pd.DataFrame:
    budget, out = panel["adjusted_budget"], {}
    for back in (1, 2, 3):
        pace = shares(panel["executed"] - panel[f"executed_back{back}"], budget) / back
        out[f"pace{back}"] = pace
        out[f"run{back}"] = shares(panel["executed"], budget) + pace * (12 - month)
        out[f"signed{back}"] = shares(panel["committed"] - panel[f"committed_back{back}"], budget)
        out[f"budget{back}"] = shares(budget - panel[f"adjusted_budget_back{back}"], budget, low=-_CEILING)
    return pd.DataFrame(out)


def _one_lag(panel: pd.DataFrame, lag: int) -> pd.DataFrame:
    """The outturn that this year would have if it went on as that year did, told in five ways."""
    budget, spent = panel["adjusted_budget"], panel["executed"]
    then, end = (
        {c: panel[f"{c}_{lag}"] for c in ("adjusted_budget", "executed", "committed")},
        panel[f"outturn_{lag}"],
    )
    spent_share, left = shares(spent, budget), shares(budget - spent, budget, low=0.0)
    later = end - then["executed"]
    out = {
        "rate": shares(end, then["adjusted_budget"], low=0.0, high=1.6),
        "added": spent_share + shares(later, then["adjusted_budget"], low=-0.1, high=1.3),
        "grown": spent_share * shares(end, then["executed"], low=1.0, high=4.0),
        "rest": spent_share
        + left * shares(later, then["adjusted_budget"] - then["executed"], low=-0.1, high=2.0),
        "signed": shares(panel["committed"], budget) * shares(end, then["committed"], low=0.0),
        "amount": shares(end, budget),
        "start": shares(then["executed"], then["adjusted_budget"]),
        "contract": shares(then["committed"], then["adjusted_budget"]),
        "bigger": shares(budget, then["adjusted_budget"]),
        "revised": shares(panel[f"outturn_budget_{lag}"], then["adjusted_budget"]),
    }
    return pd.DataFrame(out).clip(-1, _CEILING).add_suffix(f"_{lag}")


def _middle(lagged: list[pd.DataFrame]) -> pd.DataFrame:
    """Median over the lags of the five ways, so that one odd year does not lead."""
    names = [c[:-2] for c in lagged[0].columns][:6] if lagged else []
    stacks = {n: pd.concat([part.filter(regex=f"^{n}_") for part in lagged], axis=1) for n in names}
    return pd.DataFrame({f"{n}_mid": stack.median(axis=1) for n, stack in stacks.items()})


def _peers(panel: pd.DataFrame, group: list[str], name: str) -> pd.DataFrame:
    """This year's totals of the group against last year's, and what last year still spent from here."""
    by = [panel[c] for c in ["year", *group]]
    columns = [
        "executed",
        "committed",
        "adjusted_budget",
        "executed_1",
        "committed_1",
        "adjusted_budget_1",
        "outturn_1",
    ]
    t = panel[columns].groupby(by).transform("sum")
    spent, before = (
        shares(t["executed"], t["adjusted_budget"]),
        shares(t["executed_1"], t["adjusted_budget_1"]),
    )
    signed, signed_before = (
        shares(t["committed"], t["adjusted_budget"]),
        shares(t["committed_1"], t["adjusted_budget_1"]),
    )
    later = shares(t["outturn_1"] - t["executed_1"], t["adjusted_budget_1"], low=-0.2, high=2.0)
    out = {
        "spent": spent,
        "faster": shares(spent, before),
        "signed": shares(signed, signed_before),
        "later": later,
        "rate": shares(t["outturn_1"], t["adjusted_budget_1"]),
        "added": shares(panel["executed"], panel["adjusted_budget"]) + later,
    }
    return pd.DataFrame(out).add_prefix(f"{name}_")
