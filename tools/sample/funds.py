"""The table `funds`: each project's amounts by source of money, summing to the project exactly."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream

AMOUNTS = {
    "initial": "initial_budget",
    "adjusted": "adjusted_budget",
    "received": "received",
    "executed": "executed",
}


def make_funds(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row per project, year and fund of the sample district."""
    rng = stream("funds")
    second = _second_fund(budgets, rng)
    share = np.where(
        second == "", 0.0, np.where(rng.random(len(budgets)) < 0.3, 1.0, rng.uniform(0.1, 0.7, len(budgets)))
    )
    other = _part(budgets, share)
    rest = budgets[list(AMOUNTS)] - other
    origin = np.where(
        second == "general_above", rng.choice(["province", "city", "central"], len(budgets)), "own"
    )
    # One row per fund: money from above in the general budget is the whole project, or none of it.
    whole = second == "general_above"
    general = _rows(
        budgets, rest.mask(pd.Series(whole, index=budgets.index), budgets[list(AMOUNTS)]), "general", origin
    )
    more = _rows(budgets, other, second, np.full(len(budgets), "own"))
    frame = pd.concat([general[whole | (share < 1)], more[~whole & (second != "")]], ignore_index=True)
    return frame.sort_values(["district", "year", "project", "fund"], ignore_index=True)


def _second_fund(budgets: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Which other source a project has ("" for none), the likelier the better it fits the category."""
    works = (budgets["category"] == "工程建设").to_numpy()
    firms = budgets["category"].isin(["产业扶持", "人才科研"]).to_numpy()
    draw = rng.random(len(budgets))
    specific = (budgets["class"] == "specific").to_numpy()
    return np.select(
        [
            specific & works & (draw < 0.35),
            specific & firms & (draw < 0.03),
            specific & (budgets["policy"] == "医疗保障").to_numpy() & (draw < 0.4),
            specific & (draw > 0.96),
            specific & (budgets["transfer"] > 0).to_numpy() & (draw > 0.5),
        ],
        ["government", "state_capital", "social_insurance", "own", "general_above"],
        "",
    )


def _part(budgets: pd.DataFrame, share: np.ndarray) -> pd.DataFrame:
    """`share` of each amount in whole cents; what rounding leaves goes to the other fund."""
    whole = budgets[list(AMOUNTS)]
    part = np.floor(whole.to_numpy() * share[:, None]).astype("int64")
    return pd.DataFrame(part, index=budgets.index, columns=whole.columns)


def _rows(budgets: pd.DataFrame, cents: pd.DataFrame, fund, origin) -> pd.DataFrame:
    keys = budgets[["district", "year", "project"]].assign(fund=fund, origin=origin)
    return pd.concat([keys, cents.rename(columns=AMOUNTS) / 100], axis=1)
