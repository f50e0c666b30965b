"""The table `adjustments`: what moved between initial and adjusted, and what was cut from requests."""

import numpy as np
import pandas as pd

from tools.sample.budgets import STAGES
from tools.sample.chance import pick, stream

# First and last day on which a stage's movements are dated.
WINDOW = {
    "carry_in": ("01-20", "03-20"),
    "supplement": ("03-10", "10-20"),
    "transfer": ("02-15", "11-20"),
    "virement": ("04-01", "11-10"),
    "mid_year": ("07-20", "08-28"),
    "results": ("03-01", "04-15"),
    "recovery": ("10-08", "11-25"),
}
REASONS = {
    "carry_in": ["上年结转资金，按原用途继续使用"],
    "supplement": ["年中新增任务", "政策提标扩面", "应急支出"],
    "transfer": ["上级专项转移支付下达", "上级补助资金结算"],
    "virement": ["部门内项目间调剂", "支出结构优化"],
    "mid_year": ["执行进度滞后，年中压减", "任务调整，压减当年预算", "非急需支出压减"],
    "results": ["上年绩效自评结果较低，相应压减", "重点评价发现问题，相应压减"],
    "recovery": ["闲置资金收回", "项目完工结余收回"],
    "cost_review": ["投资评审核减工程量", "投资评审核减综合单价"],
}


def make_adjustments(budgets: pd.DataFrame, appraisals: pd.DataFrame) -> pd.DataFrame:
    """One row per movement in the sample district, as in the table `adjustments`."""
    moves = pd.concat([_moves(budgets), _cost_reviews(budgets), _ex_ante(appraisals)], ignore_index=True)
    moves = moves.sort_values(["district", "year", "date", "stage", "project"], ignore_index=True)
    number = moves.groupby("year").cumcount() + 1
    moves["adjustment"] = moves["year"].astype(str) + "-" + number.astype(str).str.zfill(4)
    columns = ["district", "year", "adjustment", "project", "basis", "stage", "amount", "reason", "date"]
    return moves[columns]


def _moves(budgets: pd.DataFrame) -> pd.DataFrame:
    """Movements of the budget: the columns of the stages, one row for each that isn't 0."""
    keys = ["district", "year", "project"]
    long = budgets.melt(keys, list(STAGES), var_name="stage", value_name="cents")
    long = long[long["cents"] != 0].sort_values([*keys, "stage"], ignore_index=True)
    return _dated(long.assign(basis="budget", amount=long.pop("cents") / 100))


def _dated(moves: pd.DataFrame) -> pd.DataFrame:
    """Adds a date in the stage's window and a reason. Both halves of a virement need no common day."""
    rng = stream("adjustments", "dates")
    first = pd.to_datetime(moves["year"].astype(str) + "-" + moves["stage"].map(lambda s: WINDOW[s][0]))
    last = pd.to_datetime(moves["year"].astype(str) + "-" + moves["stage"].map(lambda s: WINDOW[s][1]))
    days = (rng.random(len(moves)) * (last - first).dt.days).astype(int)
    place = moves["stage"].map({stage: at for at, stage in enumerate(REASONS)}).to_numpy()
    reason = pick(list(REASONS.values()), place, rng)
    return moves.assign(date=first + pd.to_timedelta(days, unit="D"), reason=reason)


def _cost_reviews(budgets: pd.DataFrame) -> pd.DataFrame:
    """Cost reviews of new works: cuts of what was submitted, which never touch the budget."""
    rng = stream("adjustments", "cost_review")
    works = budgets[
        (budgets["category"] == "工程建设")
        & (budgets["start_year"] == budgets["year"])
        & (budgets["initial"] > 0)
    ]
    share = rng.uniform(0.03, 0.2, len(works))
    yuan = -np.round(works["initial"] / 100 * share / 100) * 100
    days = pd.to_timedelta(rng.integers(0, 240, len(works)), unit="D")
    date = pd.to_datetime(works["year"].astype(str) + "-02-10") + days
    reason = rng.choice(REASONS["cost_review"], len(works))
    rows = works[["district", "year", "project"]].assign(basis="request", stage="cost_review", amount=yuan)
    return rows.assign(date=date, reason=reason)


def _ex_ante(appraisals: pd.DataFrame) -> pd.DataFrame:
    """Cuts of requests in ex-ante appraisal: the difference between requested and approved."""
    projects = appraisals[appraisals["subject_kind"] == "project"]
    rows = projects[projects["is_assessed"] & (projects["approved"] < projects["requested"])]
    return pd.DataFrame(
        {
            "district": rows["district"],
            "year": rows["budget_year"],
            "project": rows["subject"],
            "basis": "request",
            "stage": "ex_ante",
            "amount": (rows["approved"] * 100 - rows["requested"] * 100).round() / 100,
            "reason": rows["cut_reason"],
            "date": rows["done_on"],
        }
    )
