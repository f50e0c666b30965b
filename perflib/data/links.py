"""Whether tables agree with one another and with themselves: sums, balances, codes, magnitudes."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.stack import Stack

BUDGETS = ("initial_budget", "adjusted_budget", "received", "executed")
UNIT_STEP = (5_000, 20_000)  # a ratio near 10,000: one amount in yuan beside one in ten thousand yuan
ID = ["district", "year", "project"]


def check_links(stacks: dict[str, Stack]) -> pd.DataFrame:
    """Problems across the tables (and across the rows of one), one row each."""
    projects = stacks["projects"]
    found = [_spending(projects), _balance(projects), _names(projects), _units(projects), _carried(projects)]
    found += [_funds(projects, stacks["funds"])] if "funds" in stacks else []
    found += [_adjustments(projects, stacks["adjustments"])] if "adjustments" in stacks else []
    found += [_progress(stacks["progress"])] if "progress" in stacks else []
    others = [stack for name, stack in stacks.items() if name != "projects"]
    found += [check(projects, stack) for stack in others for check in (_unknown, _policies)]
    found += [_districts(projects, stacks["districts"])] if "districts" in stacks else []
    return problems.join(found)


def _cents(frame: pd.DataFrame, column: str) -> np.ndarray:
    return to_cents(frame[column].to_numpy())


def _money(cents: np.ndarray) -> list[str]:
    return [f"{c / 100:,.2f}" for c in cents]


def _spending(projects: Stack) -> pd.DataFrame:
    frame = projects.frame
    if "executed" not in frame:
        return problems.none()
    spent = _cents(frame, "executed")
    negative = projects.report(
        "negative_executed", "warning", "executed", at := np.flatnonzero(spent < 0), found=_money(spent[at])
    )
    if "adjusted_budget" not in frame:
        return negative
    budget = _cents(frame, "adjusted_budget")
    known = frame["adjusted_budget"].notna().to_numpy()
    over = np.flatnonzero(known & (budget > 0) & (spent > budget))
    none = np.flatnonzero(known & (budget == 0) & (spent > 0))
    return problems.join(
        [
            negative,
            projects.report(
                "above_budget",
                "warning",
                "executed",
                over,
                found=_money(spent[over]),
                expected=_money(budget[over]),
            ),
            projects.report("spent_without_budget", "warning", "executed", none, found=_money(spent[none])),
        ]
    )


def _balance(projects: Stack) -> pd.DataFrame:
    """Spent, carried over and lapsed make up the adjusted budget."""
    frame = projects.frame
    need = ["adjusted_budget", "executed", "carried_over", "lapsed"]
    if not set(need) <= set(frame):
        return problems.none()
    full = frame[need].notna().all(axis=1).to_numpy()
    used = sum(_cents(frame, c) for c in need[1:])
    budget = _cents(frame, "adjusted_budget")
    at = np.flatnonzero(full & (used != budget) & (_cents(frame, "executed") <= budget))
    return projects.report(
        "balance_differs", "warning", "carried_over", at, found=_money(used[at]), expected=_money(budget[at])
    )


def _names(projects: Stack) -> pd.DataFrame:
    """One unit lists one name twice under two codes; equal names in different units are no duplicate."""
    keys = [k for k in ("district", "year", "unit", "name") if k in projects.frame]
    if "unit" not in keys or projects.frame["unit"].isna().all():
        return problems.none()
    at = np.flatnonzero(
        projects.frame.duplicated(keys).to_numpy() & projects.frame["unit"].notna().to_numpy()
    )
    return projects.report("same_name", "warning", "name", at, found=projects.frame["name"].iloc[at].tolist())


def _ratio(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.divide(upper, lower, out=np.zeros(len(upper)), where=lower > 0)


def _is_step(ratio: np.ndarray) -> np.ndarray:
    return (ratio >= UNIT_STEP[0]) & (ratio <= UNIT_STEP[1])


def _units(projects: Stack) -> pd.DataFrame:
    """Amounts of one row that are ten thousand times apart: spending is never that much above a budget."""
    frame, found = projects.frame, []
    pairs = [
        ("executed", "adjusted_budget", "error"),
        ("received", "adjusted_budget", "error"),
        ("adjusted_budget", "executed", "warning"),
        ("adjusted_budget", "initial_budget", "warning"),
        ("initial_budget", "adjusted_budget", "warning"),
    ]
    for big, small, severity in pairs:
        if big in frame and small in frame:
            high, low = frame[big].fillna(0).to_numpy(), frame[small].fillna(0).to_numpy()
            at = np.flatnonzero(_is_step(_ratio(high, low)) & (low >= 1))
            found.append(
                projects.report(
                    "unit_mix",
                    severity,
                    big,
                    at,
                    found=_money(high[at] * 100),
                    expected=_money(low[at] * 100),
                )
            )
    return problems.join(found)


def _carried(projects: Stack) -> pd.DataFrame:
    """What a project carried over last year is what it carried in this year."""
    frame = projects.frame
    if not {"carried_in", "carried_over"} <= set(frame) or frame["year"].nunique() < 2:
        return problems.none()
    last = frame[[*ID, "carried_over"]].dropna().assign(year=lambda d: d["year"] + 1)
    both = frame[[*ID, "carried_in"]].assign(at=range(len(frame))).merge(last, on=ID, how="inner").dropna()
    apart = both[_cents(both, "carried_in") != _cents(both, "carried_over")]
    return projects.report(
        "carried_differs",
        "warning",
        "carried_in",
        apart["at"].to_numpy(),
        found=_money(_cents(apart, "carried_in")),
        expected=_money(_cents(apart, "carried_over")),
    )


def _funds(projects: Stack, funds: Stack) -> pd.DataFrame:
    """The sources of money sum to the project."""
    found = []
    for column in BUDGETS:
        if column not in projects.frame or column not in funds.frame:
            continue
        parts = (
            funds.frame[[*ID]]
            .assign(part=_cents(funds.frame, column))
            .groupby(ID, as_index=False)["part"]
            .sum()
        )
        own = projects.frame[ID].assign(at=range(len(projects.frame)), own=_cents(projects.frame, column))
        both = own[projects.frame[column].notna().to_numpy()].merge(parts, on=ID)
        apart = both[both["own"] != both["part"]]
        ratio = _is_step(
            _ratio(
                apart[["own", "part"]].max(axis=1).to_numpy(float),
                apart[["own", "part"]].min(axis=1).to_numpy(float),
            )
        )
        for rule, severity, rows in (
            ("funds_unit_mix", "error", apart[ratio]),
            ("funds_differ", "warning", apart[~ratio]),
        ):
            found.append(
                projects.report(
                    rule,
                    severity,
                    column,
                    rows["at"].to_numpy(),
                    found=_money(rows["part"]),
                    expected=_money(rows["own"]),
                )
            )
    return problems.join(found)


def _adjustments(projects: Stack, moves: Stack) -> pd.DataFrame:
    """Initial budget plus the movements of the budget is the adjusted budget, where movements are kept."""
    frame = projects.frame
    if not {"initial_budget", "adjusted_budget"} <= set(frame):
        return problems.none()
    budget = moves.frame[moves.frame["basis"] == "budget"]
    sums = budget[ID].assign(moved=_cents(budget, "amount")).groupby(ID, as_index=False)["moved"].sum()
    kept = moves.frame[["district", "year"]].drop_duplicates()
    rows = frame[ID].assign(
        at=range(len(frame)), start=_cents(frame, "initial_budget"), end=_cents(frame, "adjusted_budget")
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
        found=_money(apart["start"] + apart["moved"]),
        expected=_money(apart["end"]),
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
        order = frame.assign(at=range(len(frame)), spent=_cents(frame, "executed")).dropna(
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
                found=_money(falls["spent"]),
                expected=_money(before[falls.index]),
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
