"""Whether tables agree with one another: sums of funds and movements, months, codes."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.balances import ID, cents_of, check_balances, is_step, money, ratio
from perflib.data.outline import middle
from perflib.data.stack import Stack

FAR = 5  # degrees from the middle of the others: no district of one place lies so far off
BUDGETS = ("initial_budget", "adjusted_budget", "received", "executed")


def check_links(stacks: dict[str, Stack]) -> pd.DataFrame:
    """Problems across the tables (and across the rows of one), one row each."""
    projects = stacks["projects"]
    found = [check_balances(projects)]
    found += [_funds(projects, stacks["funds"])] if "funds" in stacks else []
    found += [_adjustments(projects, stacks["adjustments"])] if "adjustments" in stacks else []
    found += [_progress(stacks["progress"])] if "progress" in stacks else []
    others = [stack for name, stack in stacks.items() if name != "projects"]
    found += [check(projects, stack) for stack in others for check in (_unknown, _policies)]
    found += [_districts(projects, stacks["districts"])] if "districts" in stacks else []
    found += [_outlines(stacks["districts"])] if "districts" in stacks else []
    return problems.join(found)


def _funds(projects: Stack, funds: Stack) -> pd.DataFrame:
    """The sources of money sum to the project."""
    found = []
    for column in BUDGETS:
        if column not in projects.frame or column not in funds.frame:
            continue
        parts = (
            funds.frame[[*ID]]
            .assign(part=cents_of(funds.frame, column))
            .groupby(ID, as_index=False)["part"]
            .sum()
        )
        own = projects.frame[ID].assign(at=range(len(projects.frame)), own=cents_of(projects.frame, column))
        both = own[projects.frame[column].notna().to_numpy()].merge(parts, on=ID)
        apart = both[both["own"] != both["part"]]
        is_mixed = is_step(
            ratio(
                apart[["own", "part"]].max(axis=1).to_numpy(float),
                apart[["own", "part"]].min(axis=1).to_numpy(float),
            )
        )
        for rule, severity, rows in (
            ("funds_unit_mix", "error", apart[is_mixed]),
            ("funds_differ", "warning", apart[~is_mixed]),
        ):
            found.append(
                projects.report(
                    rule,
                    severity,
                    column,
                    rows["at"].to_numpy(),
                    found=money(rows["part"]),
                    expected=money(rows["own"]),
                )
            )
    return problems.join(found)


def _adjustments(projects: Stack, moves: Stack) -> pd.DataFrame:
    """Initial budget plus the movements of the budget is the adjusted budget, where movements are kept."""
    frame = projects.frame
    if not {"initial_budget", "adjusted_budget"} <= set(frame):
        return problems.none()
    budget = moves.frame[moves.frame["basis"] == "budget"]
    sums = budget[ID].assign(moved=cents_of(budget, "amount")).groupby(ID, as_index=False)["moved"].sum()
    kept = moves.frame[["district", "year"]].drop_duplicates()
    rows = frame[ID].assign(
        at=range(len(frame)), start=cents_of(frame, "initial_budget"), end=cents_of(frame, "adjusted_budget")
    )
    rows = rows[frame[["initial_budget", "adjusted_budget"]].notna().all(axis=1).to_numpy()].merge(
        kept, on=["district", "year"]
    )
    rows = rows.merge(sums, on=ID, how="left").fillna({"moved": 0}).astype({"moved": "int64"})
    apart = rows[rows["start"] + rows["moved"] != rows["end"]]
    return projects.report(
        "adjustments_differ",
        "warning",
        "adjusted_budget",
        apart["at"].to_numpy(),
        found=money(apart["start"] + apart["moved"]),
        expected=money(apart["end"]),
    )


def _progress(progress: Stack) -> pd.DataFrame:
    frame, found = progress.frame, []
    if "goal_progress" in frame:
        at = np.flatnonzero(frame["goal_progress"].fillna(0).to_numpy() > 1)
        found.append(
            progress.report(
                "goal_above_one",
                "warning",
                "goal_progress",
                at,
                found=[f"{v:.4g}" for v in frame["goal_progress"].iloc[at]],
            )
        )
    if "executed" in frame:
        order = frame.assign(at=range(len(frame)), spent=cents_of(frame, "executed")).dropna(
            subset=["executed"]
        )
        order = order.sort_values([*ID, "month"])
        before = order.groupby(ID)["spent"].shift()
        falls = order[before.notna() & (order["spent"] < before)]
        found.append(
            progress.report(
                "progress_falls",
                "warning",
                "executed",
                falls["at"].to_numpy(),
                found=money(falls["spent"]),
                expected=money(before[falls.index]),
            )
        )
    return problems.join(found)


def _code_column(stack: Stack) -> tuple[str, np.ndarray]:
    """The column that names a project in this table, and the rows in which it does."""
    frame, every = stack.frame, np.ones(len(stack.frame), bool)
    for code, kind, value in (
        ("project", "", ""),
        ("subject", "subject_kind", "project"),
        ("item", "scope", "project"),
    ):
        if code in frame and (not kind or kind in frame):
            return code, (frame[kind] == value).to_numpy() if kind else every
    return "", ~every


def _unknown(projects: Stack, stack: Stack) -> pd.DataFrame:
    """Rows about a project that the table of projects does not have, in a district and year that it has."""
    code, applies = _code_column(stack)
    if not code or "year" not in stack.frame or stack.table.name == "appraisals":
        return problems.none()
    known = projects.frame[ID].drop_duplicates()
    rows = stack.frame[["district", "year", code]].assign(at=range(len(stack.frame)))[applies]
    rows = rows.merge(known[["district", "year"]].drop_duplicates(), on=["district", "year"])
    rows = rows.merge(
        known.rename(columns={"project": code}), on=["district", "year", code], how="left", indicator=True
    )
    at = np.sort(rows.loc[rows["_merge"] == "left_only", "at"].to_numpy())
    return stack.report("unknown_project", "warning", code, at, found=stack.frame[code].iloc[at].tolist())


def _policies(projects: Stack, stack: Stack) -> pd.DataFrame:
    """Rows about a policy that no project of that district and year carries out."""
    need = {"district", "year", "subject", "subject_kind"}
    if not need <= set(stack.frame) or "policy" not in projects.frame:
        return problems.none()
    known = projects.frame[["district", "year", "policy"]].dropna().drop_duplicates()
    rows = stack.frame[["district", "year", "subject"]].assign(at=range(len(stack.frame)))
    rows = rows[(stack.frame["subject_kind"] == "policy").to_numpy()]
    rows = rows.merge(known[["district", "year"]].drop_duplicates(), on=["district", "year"])
    known = known.rename(columns={"policy": "subject"})
    rows = rows.merge(known, on=["district", "year", "subject"], how="left", indicator=True)
    at = np.sort(rows.loc[rows["_merge"] == "left_only", "at"].to_numpy())
    found = stack.frame["subject"].iloc[at].tolist()
    return stack.report("unknown_policy", "warning", "subject", at, found=found)


def _districts(projects: Stack, districts: Stack) -> pd.DataFrame:
    missing = ~projects.frame["district"].isin(districts.frame["district"])
    first = np.flatnonzero((missing & ~projects.frame.duplicated("district")).to_numpy())
    return projects.report(
        "unknown_district",
        "warning",
        "district",
        first,
        found=projects.frame["district"].iloc[first].tolist(),
    )


def _outlines(districts: Stack) -> pd.DataFrame:
    """Outlines far from all others that would lie among them with longitude and latitude exchanged."""
    if "outline" not in districts.frame:
        return problems.none()
    at = np.flatnonzero(districts.frame["outline"].notna().to_numpy())
    if len(at) < 3:
        return problems.none()
    own = np.array([middle(text) for text in districts.frame["outline"].iloc[at]])
    centre = np.median(own, axis=0)
    off, exchanged = (np.hypot(*(places - centre).T) for places in (own, own[:, ::-1]))
    odd = (off > FAR) & (exchanged < off / 4)
    found = [f"{x:.2f}, {y:.2f}" for x, y in own[odd]]
    expected = [f"{y:.2f}, {x:.2f}" for x, y in own[odd]]
    return districts.report("outline_swapped", "error", "outline", at[odd], found=found, expected=expected)
