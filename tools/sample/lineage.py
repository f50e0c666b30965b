"""The table `lineage`: a department renamed and a project split."""

import pandas as pd

from tools.sample.projects import RENAMED


def make_lineage(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row per change, as in the table `lineage`."""
    new, old, since = RENAMED
    rows = [("department", old, new, since, 1.0, "renamed"), *_split(budgets)]
    frame = pd.DataFrame(rows, columns=["subject_kind", "from", "to", "year", "share", "change"])
    return frame.sort_values(["subject_kind", "from", "to"], ignore_index=True)


def _split(budgets: pd.DataFrame) -> list[tuple]:
    """A project that ended in 2021 and was taken on by two of the same unit that began in 2022."""
    ended = budgets[(budgets["year"] == 2021) & (budgets["end_year"] == 2021) & budgets["owes"]]
    begun = budgets[(budgets["year"] == 2022) & (budgets["start_year"] == 2022) & budgets["owes"]]
    both = ended.merge(begun, on=["unit", "policy"], suffixes=("", "_next"))
    counts = both.groupby("project")["project_next"].nunique()
    first = counts[counts >= 2].index[0]
    heirs = sorted(both.loc[both["project"] == first, "project_next"].unique())[:2]
    return [
        ("project", first, heirs[0], 2022, 0.6, "split"),
        ("project", first, heirs[1], 2022, 0.4, "split"),
    ]
