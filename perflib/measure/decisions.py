"""What was decided as one: projects of a policy rise and fall together, and count once in any comparison."""

from collections.abc import Sequence

import pandas as pd

KINDS = ("class", "category")  # columns that say what kind of spending a project is


def decisions(
    rates: pd.DataFrame, *, by: Sequence[str], together: str | None = None, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """One row per group of `by` and decision: `projects`, `budget`, `executed`, `rate`, and its kinds.

    `rates` has one row per project with `budget` and `executed` (`perflib.measure.rates.project_rates`); rows of
    which either was not reported are left out. `together` is the column of what was decided as one (policy,
    programme); a project without one stands by itself, and so does every project without `together`. Spending
    on a line without a budget was paid from the decision's, so that it counts there. A decision is of the
    kind (`kinds`, as far as the frame has them) of its largest project. `rate` is NA without a budget.

    >>> frame = pd.DataFrame({"district": ["a"] * 3, "policy": ["roads", "roads", None],
    ...                       "budget": [100.0, 50.0, 50.0], "executed": [80.0, 40.0, 50.0]})
    >>> decisions(frame, by=["district"], together="policy")[["projects", "budget", "rate"]]
       projects  budget  rate
    0         2   150.0   0.8
    1         1    50.0   1.0
    """
    rows = rates[rates["executed"].notna() & rates["budget"].notna()]
    rows = rows.assign(projects=1, **rows[["executed", "budget"]].astype("float64"))
    carried = [c for c in kinds if c in rows and c not in by]
    if together is None:
        columns = list(dict.fromkeys([*by, "projects", "budget", "executed", *carried]))
        table = rows[columns].reset_index(drop=True)
    else:
        table = _added(rows.assign(decision=_decided(rows[together])), [*by, "decision"], carried)
    return table.assign(rate=table["executed"] / table["budget"].where(table["budget"] > 0))


def _added(rows: pd.DataFrame, keys: list[str], carried: list[str]) -> pd.DataFrame:
    table = rows.groupby(keys, as_index=False, dropna=False)[["projects", "budget", "executed"]].sum()
    if not carried:
        return table
    largest = rows.sort_values(["budget", "executed"]).drop_duplicates(keys, keep="last")
    return table.merge(largest[[*keys, *carried]], on=keys, how="left", validate="one_to_one")


def _decided(named: pd.Series) -> pd.Series:
    """A name for what each row was decided with; a row that has none gets one of its own."""
    alone = pd.Series([f"\uffff{i}" for i in range(len(named))], index=named.index, dtype=object)
    return named.astype(object).where(named.notna(), alone)
