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
        parts = funds.frame[[*ID]].assign(part=cents_of(funds.frame, column))
        parts = parts.groupby(ID, as_index=False)["part"].sum()
        own = projects.frame[ID].assign(at=range(len(projects.frame)), own=cents_of(projects.frame, column))
        both = own[projects.frame[column].notna().to_numpy()].merge(parts, on=ID)
        apart = both[both["own"] != both["part"]]
        cents = apart[["own", "part"]].to_numpy(float)
        is_mixed = is_step(ratio(cents.max(axis=1), cents.min(axis=1)))
        for rule, severity, here in (
            ("funds_unit_mix", "error", is_mixed),
            ("funds_differ", "warning", ~is_mixed),
        ):
            rows = apart[here]
            told = {"found": money(rows["part"]), "expected": money(rows["own"])}
            found.append(projects.report(rule, severity, column, rows["at"].to_numpy(), **told))
    return problems.join(found)


def _adjustments(projects: Stack, moves: Stack) -> pd.DataFrame:
    """Initial budget plus the movements of the budget is the adjusted budget, where movements are kept."""
    frame = projects.frame
    if not {"initial_budget", "adjusted_budget"} <= set(frame):
        return problems.none()
    budget = moves.frame[moves.frame["basis"] == "budget"]
    sums = budget[ID].assign(moved=cents_of(budget, "amount")).groupby(ID, as_index=False)["moved"].sum()
    kept = moves.frame[["district", "year"]].drop_duplicates()
    start, end = cents_of(frame, "initial_budget"), cents_of(frame, "adjusted_budget")
    rows = frame[ID].assign(at=range(len(frame)), start=start, end=end)
    rows = rows[frame[["initial_budget", "adjusted_budget"]].notna().all(axis=1).to_numpy()]
    rows = rows.merge(kept, on=["district", "year"]).merge(sums, on=ID, how="left")
    rows = rows.fillna({"moved": 0}).astype({"moved": "int64"})
    apart = rows[rows["start"] + rows["moved"] != rows["end"]]
    told = {"found": money(apart["start"] + apart["moved"]), "expected": money(apart["end"])}
    return projects.report("adjustments_differ", "warning", "adjusted_budget", apart["at"].to_numpy(), **told)


def _progress(progress: Stack) -> pd.DataFrame:
    frame, found = progress.frame, []
    if "goal_progress" in frame:
        at = np.flatnonzero(frame["goal_progress"].fillna(0).to_numpy() > 1)
        told = [f"{v:.4g}" for v in frame["goal_progress"].iloc[at]]
        found.append(progress.report("goal_above_one", "warning", "goal_progress", at, found=told))
    if "executed" in frame:
        order = frame.assign(at=range(len(frame)), spent=cents_of(frame, "executed"))
        order = order.dropna(subset=["executed"]).sort_values([*ID, "month"])
        before = order.groupby(ID)["spent"].shift()
        falls = order[before.notna() & (order["spent"] < before)]
        told = {"found": money(falls["spent"]), "expected": money(before[falls.index])}
        found.append(progress.report("progress_falls", "warning", "executed", falls["at"].to_numpy(), **told))
    return problems.join(found)


def _code_column(stack: Stack) -> tuple[str, np.ndarray]:
    """The column that names a project in this table, and the rows in which it does."""
    frame, every = stack.frame, np.ones(len(stack.frame), bool)
    for code, kind in (("project", ""), ("subject", "subject_kind"), ("item", "scope")):
        if code in frame and (not kind or kind in frame):
            return code, (frame[kind] == "project").to_numpy() if kind else every
    return "", ~every


def _unknown(projects: Stack, stack: Stack) -> pd.DataFrame:
    """Rows about a project that the table of projects does not have, in a district and year that it has."""
    code, applies = _code_column(stack)
    if not code or "year" not in stack.frame or stack.table.name == "appraisals":
        return problems.none()
    known = projects.frame[ID].drop_duplicates().rename(columns={"project": code})
    return _tell_unknown("unknown_project", stack, code, applies, known)


def _policies(projects: Stack, stack: Stack) -> pd.DataFrame:
    """Rows about a policy that no project of that district and year carries out."""
    need = {"district", "year", "subject", "subject_kind"}
    if not need <= set(stack.frame) or "policy" not in projects.frame:
        return problems.none()
    known = projects.frame[["district", "year", "policy"]].dropna().drop_duplicates()
    applies = (stack.frame["subject_kind"] == "policy").to_numpy()
    return _tell_unknown(
        "unknown_policy", stack, "subject", applies, known.rename(columns={"policy": "subject"})
    )


def _tell_unknown(
    rule: str, stack: Stack, code: str, applies: np.ndarray, known: pd.DataFrame
) -> pd.DataFrame:
    """Rows that apply, of a district and year in `known`, whose code is not `known` there."""
    rows = stack.frame[["district", "year", code]].assign(at=range(len(stack.frame)))[applies]
    rows = rows.merge(known[["district", "year"]].drop_duplicates(), on=["district", "year"])
    rows = rows.merge(known, on=["district", "year", code], how="left", indicator=True)
    at = np.sort(rows.loc[rows["_merge"] == "left_only", "at"].to_numpy())
    return stack.report(rule, "warning", code, at, found=stack.frame[code].iloc[at].tolist())


def _districts(projects: Stack, districts: Stack) -> pd.DataFrame:
    missing = ~projects.frame["district"].isin(districts.frame["district"])
    first = np.flatnonzero((missing & ~projects.frame.duplicated("district")).to_numpy())
    found = projects.frame["district"].iloc[first].tolist()
    return projects.report("unknown_district", "warning", "district", first, found=found)


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
