"""What is odd in the months that a forecast learns from: gaps, restated budgets, money taken back."""

from collections.abc import Sequence

import pandas as pd

from perflib.measure.money import sum_amounts
from perflib.measure.progress import monthly_increments


def count_oddities(rows: pd.DataFrame, *, keys: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """One row per year of `years`: how many of its units (`keys`) show what, and which months the data lacks.

    `rows` come from `monitored_rows`. `months_missing` names the months, `units`; units with a `gap` between
    their months that the whole year does not have, a `restated` budget, spending taken back (`falling`),
    a budget that became 0 (`zeroed`); rows whose project the year's projects lack (`unlisted`), and how many of
    these another year knows (`lent`).
    """
    part = rows[rows["year"].isin(list(years))]
    sums = sum_amounts(part, ["adjusted_budget", "executed"], by=["year", "month", *keys])
    marked = monthly_increments(sums, keys=["year", *keys])
    there = {int(y): sorted(int(m) for m in own["month"].unique()) for y, own in part.groupby("year")}
    place = pd.concat(
        [pd.Series(range(len(m)), index=pd.MultiIndex.from_product([[y], m])) for y, m in there.items()]
    )
    at = pd.Series(
        place.reindex(pd.MultiIndex.from_frame(marked[["year", "month"]])).to_numpy(), marked.index
    )
    since = at - at.groupby([marked[k] for k in ["year", *keys]]).shift()
    marks = {
        "gap": since > 1,
        "restated": marked["is_budget_restated"],
        "falling": marked["is_executed_falling"],
        "zeroed": marked["is_budget_zero"],
    }
    by_unit = (
        marked[["year", *keys]].assign(**marks).groupby(["year", *keys], as_index=False)[list(marks)].any()
    )
    table = by_unit.assign(units=1).groupby("year")[["units", *marks]].sum()
    projects = part.drop_duplicates(["district", "year", "project"])
    about = projects["about"].groupby(projects["year"])
    lacking = {y: ", ".join(str(m) for m in range(1, 13) if m not in have) for y, have in there.items()}
    return table.assign(
        months_missing=pd.Series(lacking).replace("", "—"),
        unlisted=about.agg(lambda a: int((a != "same").sum())),
        lent=about.agg(lambda a: int((a == "other").sum())),
    ).reset_index()[["year", "months_missing", "units", *marks, "unlisted", "lent"]]
