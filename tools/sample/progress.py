"""The table `progress`: money and goals of the sample district month by month."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream

MONTHS = np.arange(1, 13)
# Relative spending in each month by category, and how closely a project follows it.
SHAPES = {
    "人员经费": ([7, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 13], 60),
    "公用经费": ([4, 5, 8, 8, 8, 9, 8, 8, 9, 8, 9, 16], 14),
    "工程建设": ([1, 1, 3, 4, 5, 8, 7, 8, 10, 10, 13, 30], 3),
    "产业扶持": ([0.5, 1, 12, 3, 4, 20, 3, 4, 17, 4, 8, 23], 4),
    "民生补助": ([4, 4, 14, 5, 5, 15, 5, 5, 14, 5, 7, 17], 8),
    "政府购买服务": ([1, 2, 14, 4, 5, 16, 5, 5, 15, 5, 8, 20], 5),
    "信息化建设": ([0.5, 1, 3, 4, 6, 9, 7, 7, 10, 9, 14, 29], 3),
    "设备购置": ([0.5, 0.5, 3, 5, 8, 10, 9, 11, 14, 11, 11, 17], 2),
    "会议培训宣传": ([1, 2, 6, 9, 11, 11, 8, 6, 12, 10, 11, 13], 4),
    "运行维护": ([4, 5, 9, 8, 8, 9, 8, 8, 9, 8, 9, 15], 12),
    "人才科研": ([0.5, 1, 5, 4, 5, 12, 4, 5, 12, 8, 14, 29], 3),
}


def make_progress(budgets: pd.DataFrame, adjustments: pd.DataFrame) -> pd.DataFrame:
    """One row per project and month; amounts are cumulative and December's are the year's."""
    rng = stream("progress")
    rows = budgets.sort_values(["district", "year", "project"], ignore_index=True)
    adjusted = _vintages(rows, adjustments)
    paid = _paths(rows, rng, 1.0)
    executed = _fitted(np.round(rows["executed"].to_numpy()[:, None] * paid), adjusted, rows["executed"])
    committed = _ahead(executed, adjusted, paid, rng, 0.55)
    authorised = _ahead(committed, adjusted, paid, rng, 0.75)
    money = {
        "adjusted_budget": adjusted,
        "authorised": authorised,
        "committed": committed,
        "executed": executed,
    }
    frame = rows.loc[rows.index.repeat(12), ["district", "year", "project"]].reset_index(drop=True)
    frame.insert(2, "month", np.tile(MONTHS, len(rows)))
    frame["initial_budget"] = (rows["initial"] / 100).repeat(12).to_numpy()
    for name, cents in money.items():
        frame[name] = cents.reshape(-1) / 100
    frame["goal_progress"] = _goals(rows, paid, rng).reshape(-1)
    frame["planned_share"] = _plans(rows, rng).reshape(-1)
    frame = frame[
        ["district", "year", "month", "project", "initial_budget", *money, "goal_progress", "planned_share"]
    ]
    return frame.sort_values(["district", "year", "month", "project"], ignore_index=True)


def _vintages(rows: pd.DataFrame, adjustments: pd.DataFrame) -> np.ndarray:
    """The budget in cents as it stood at each month's end: initial and all movements dated so far."""
    moves = adjustments[adjustments["basis"] == "budget"].assign(month=lambda a: a["date"].dt.month)
    cents = (moves["amount"] * 100).round().astype("int64")
    wide = cents.groupby([moves["year"], moves["project"], moves["month"]]).sum().unstack(fill_value=0)
    wide = wide.reindex(pd.MultiIndex.from_frame(rows[["year", "project"]]), fill_value=0).reindex(
        columns=MONTHS, fill_value=0
    )
    return np.maximum(rows["initial"].to_numpy()[:, None] + wide.to_numpy().cumsum(axis=1), 0)


def _paths(rows: pd.DataFrame, rng: np.random.Generator, blur: float) -> np.ndarray:
    """Share of the year's money by month: the category's shape with gamma noise, summing to 1."""
    shape = np.array([SHAPES[c][0] for c in rows["category"]])
    tight = np.array([SHAPES[c][1] for c in rows["category"]])[:, None] / blur
    shape = shape / shape.sum(axis=1, keepdims=True)
    steps = rng.gamma(shape * tight * 12 / 4) + 1e-9 * shape
    return steps.cumsum(axis=1) / steps.sum(axis=1, keepdims=True)


def _fitted(cents: np.ndarray, adjusted: np.ndarray, final: pd.Series) -> np.ndarray:
    """Never above the budget that stands or will stand, never falling, and December as in `final`."""
    ahead = np.minimum.accumulate(adjusted[:, ::-1], axis=1)[:, ::-1]
    cents = np.minimum(cents, ahead).astype(np.int64)
    cents[:, -1] = final
    return np.minimum(cents, cents[:, -1:])


def _ahead(
    lower: np.ndarray, adjusted: np.ndarray, paid: np.ndarray, rng: np.random.Generator, lead: float
) -> np.ndarray:
    """Amounts between `lower` and the budget, whole yuan, never falling while the budget stands."""
    pull = 1 - (1 - paid).clip(0) ** (1 + rng.gamma(2.0, lead, (len(paid), 1)))
    top = lower + (adjusted - lower).clip(0) * pull
    whole = np.floor(top / 100) * 100
    never_less = np.maximum.accumulate(np.maximum(whole, lower), axis=1)
    return np.where(adjusted >= lower, np.minimum(never_less, np.maximum(adjusted, lower)), lower).astype(
        np.int64
    )


def _goals(rows: pd.DataFrame, paid: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Goal progress to two decimals: ahead of the money as a rule, with it by and large."""
    lead = rng.normal(0.75, 0.2, (len(rows), 1)).clip(0.35, 1.5)
    spent = (rows["executed"] / rows["adjusted"].replace(0, np.nan)).fillna(0).clip(0, 1).to_numpy()[:, None]
    end = np.clip(0.55 + 0.45 * spent**0.7 + rng.normal(0.0, 0.04, (len(rows), 1)), 0, 1)
    end = np.where(rng.random((len(rows), 1)) < 0.004, 1.15, end)
    time = (MONTHS / 12) ** 1.1
    path = 0.65 * paid**lead + 0.35 * time + rng.normal(0, 0.02, paid.shape)
    path = np.maximum.accumulate(np.clip(path, 0, 1), axis=1) * end
    path[:, -1:] = end
    owes = (rows["class"] == "specific").to_numpy()[:, None] & (rows["adjusted"] > 0).to_numpy()[:, None]
    return np.where(owes, np.round(path, 2), np.nan)


def _plans(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """The project's own plan for a third of the projects, to two decimals; NA for the others."""
    plan = np.round(_paths(rows, rng, 0.35), 2)
    plan[:, -1] = 1.0
    has = (rng.random((len(rows), 1)) < 0.35) & (rows["class"] == "specific").to_numpy()[:, None]
    return np.where(has, plan, np.nan)
