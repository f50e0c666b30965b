"""Departments that went on under a new name, told by the functions that they keep."""

import pandas as pd

from perflib.data.contract import Table
from perflib.data.piece import Piece

KEYS = ["district", "year", "department", "function"]


def find_renamed(projects: pd.DataFrame, *, least: float) -> pd.DataFrame:
    """Rows for the table of lineage: departments whose name ended one year and whose functions
    stand under a new name the next.

    `projects` needs district, year, department and function. Two names are one department if the
    functions that they share are at least `least` of all that either has (Jaccard index), each name
    being matched with its best partner. Names that end without a successor give no row.
    """
    held = projects[KEYS].dropna().drop_duplicates()
    names = held[KEYS[:3]].drop_duplicates()
    ended = _without(names, names.assign(year=names["year"] - 1))
    begun = _without(names, names.assign(year=names["year"] + 1))
    old = held.merge(ended, on=KEYS[:3]).rename(columns={"department": "from"})
    new = held.merge(begun, on=KEYS[:3]).rename(columns={"department": "to"})
    old["year"] += 1
    pairs = old.merge(new, on=["district", "year", "function"])
    shared = pairs.groupby(["district", "year", "from", "to"], as_index=False).size()
    shared = shared.merge(_count(old, "from"), on=["district", "year", "from"])
    shared = shared.merge(_count(new, "to"), on=["district", "year", "to"])
    shared["overlap"] = shared["size"] / (shared["n_from"] + shared["n_to"] - shared["size"])
    best = shared[shared["overlap"] >= least]
    best = best.sort_values(["overlap", "from", "to"], ascending=[False, True, True])
    best = best.drop_duplicates(["district", "year", "from"]).drop_duplicates(["district", "year", "to"])
    out = best.drop_duplicates(["from", "to", "year"]).sort_values(["year", "from", "to"], ignore_index=True)
    return out[["from", "to", "year"]]


def _without(names: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Names that do not stand in `others`, in years that `others` covers."""
    both = names.merge(others, how="left", indicator=True)
    return both.loc[(both["_merge"] == "left_only") & both["year"].isin(others["year"]), KEYS[:3]]


def _count(held: pd.DataFrame, side: str) -> pd.DataFrame:
    counted = held.groupby(["district", "year", side], as_index=False).size()
    return counted.rename(columns={"size": f"n_{side}"})


def lineage_cells(projects: list[Piece], least: float, declared: Table) -> dict[str, list]:
    """Columns of the table of lineage for departments renamed in `projects`."""
    frames = [p.frame for p in projects if set(KEYS) <= set(p.frame)]
    if not frames:
        return {}
    renamed = find_renamed(pd.concat(frames, ignore_index=True)[KEYS], least=least)
    fixed = {"subject_kind": "department", "share": 1.0, "change": "renamed"}
    cells = {n: [fixed[n]] * len(renamed) if n in fixed else renamed[n].tolist() for n in declared.names}
    return cells if len(renamed) else {}
