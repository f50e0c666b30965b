"""The table `appraisals`: new projects above the threshold and what became of their requests."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.roster import BIG
from tools.sample.vocabulary import HOME

# The three of the published summary: asked and given come 9,865,600 yuan apart.
LATEST = [
    (
        "330199202430050009001",
        "生命健康园重大科技专项配套项目",
        "区经济信息化和科技局",
        18_600_000,
        13_200_000,
    ),
    ("330199202430110009002", "新城片区公共停车场工程项目", "区住房和城乡建设局", 12_850_000, 8_634_400),
    ("330199202430220009003", "全域一网统管平台项目", "区数据资源管理局", 5_000_000, 4_750_000),
]
BELOW = ("330199202430120009004", "滨水片区夜景照明工程项目", "区城市管理局", 4_990_000)
REASONS = [
    "申报单价偏高，按市场询价核减",
    "建设内容与既有系统重复，予以核减",
    "支持数量测算依据不足，按上年实际核减",
    "分年实施，核减当年用款",
]
SINCE = 2021


def make_appraisals(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row per appraised (or listed) subject and round, as in the table `appraisals`."""
    frame = pd.concat([_earlier(budgets), _refused(), _second_rounds(budgets), _latest()], ignore_index=True)
    columns = [
        *["district", "budget_year", "subject", "subject_kind", "round", "name", "department", "requested"],
        *["reviewed", "recommended", "approved", "decision", "cut_reason", "is_assessed", "done_on"],
    ]
    return frame[columns].sort_values(["budget_year", "subject", "round"], ignore_index=True)


def _big(budgets: pd.DataFrame) -> pd.DataFrame:
    """New projects at or above the threshold, all but one a year (which slipped through) appraised."""
    new = (budgets["start_year"] == budgets["year"]) & (budgets["initial"] >= BIG * 100)
    rows = budgets[new & (budgets["class"] == "specific") & (budgets["year"] >= SINCE)]
    rows = rows.sort_values(["year", "project"], ignore_index=True)
    slipped = rows.groupby("year")["project"].transform("last") == rows["project"]
    return rows[~slipped].reset_index(drop=True)


def _earlier(budgets: pd.DataFrame) -> pd.DataFrame:
    rng = stream("appraisals")
    rows = _big(budgets)
    approved = rows["initial"] / 100
    cut = np.where(rng.random(len(rows)) < 0.75, rng.uniform(0.03, 0.4, len(rows)), 0)
    requested = np.ceil(approved * (1 + cut) / 10_000) * 10_000
    recommended = np.where(rng.random(len(rows)) < 0.8, approved, np.minimum(approved * 1.03, requested))
    frame = pd.DataFrame(
        {
            **{"district": rows["district"], "budget_year": rows["year"], "subject": rows["project"]},
            **{"subject_kind": "project", "round": 1, "name": rows["name"], "department": rows["department"]},
            **{"requested": requested, "reviewed": requested, "recommended": recommended.round(-2)},
            **{"approved": approved, "decision": np.where(requested > approved, "adjust", "support")},
            "cut_reason": pd.Series(rng.choice(REASONS, len(rows))).where(requested > approved),
            **{"is_assessed": True, "done_on": _dates(rows["year"] - 1, rng)},
        }
    )
    sent_back = frame["subject"].isin(_sent_back(rows)["project"])
    frame.loc[sent_back, ["recommended", "approved"]] = np.nan
    frame.loc[sent_back, "cut_reason"] = None
    return frame.assign(decision=frame["decision"].mask(sent_back, "adjust"))


def _sent_back(rows: pd.DataFrame) -> pd.DataFrame:
    """One project of 2022, which came again in a second round."""
    return rows[rows["year"] == 2022].head(1)


def _dates(years: pd.Series, rng: np.random.Generator) -> pd.Series:
    days = pd.to_timedelta(rng.integers(0, 70, len(years)), unit="D")
    return pd.to_datetime(years.astype(str) + "-09-05") + days


def _refused() -> pd.DataFrame:
    """Two requests that never entered the budget, and one policy."""
    rows = [
        (
            2022,
            "330199202230120009101",
            "project",
            "老城片区街景提升工程项目",
            "区城市管理局",
            7_200_000,
            0,
            "refuse",
            "必要性论证不足，暂不安排",
            "2021-10-18",
        ),
        (
            2023,
            "330199202330050009102",
            "project",
            "软件园概念验证中心资助项目",
            "区经济信息化和科技局",
            9_500_000,
            0,
            "refuse",
            "与在建平台功能重复，不予安排",
            "2022-10-21",
        ),
        (
            2023,
            "首店经济奖励办法",
            "policy",
            "首店经济奖励办法",
            "区商务局",
            6_000_000,
            4_200_000,
            "adjust",
            "奖励标准高于周边，下调后实施",
            "2022-09-27",
        ),
    ]
    names = ["budget_year", "subject", "subject_kind", "name", "department", "requested", "approved"]
    frame = pd.DataFrame(rows, columns=[*names, "decision", "cut_reason", "done_on"])
    frame["recommended"], frame["reviewed"] = frame["approved"], frame["requested"]
    return frame.assign(district=HOME, round=1, is_assessed=True, done_on=pd.to_datetime(frame["done_on"]))


def _second_rounds(budgets: pd.DataFrame) -> pd.DataFrame:
    """The project sent back, as it came again: its first round had ended without an amount."""
    again = _sent_back(_big(budgets))
    return pd.DataFrame(
        {
            **{"district": HOME, "budget_year": 2022, "subject": again["project"], "subject_kind": "project"},
            **{"round": 2, "name": again["name"], "department": again["department"]},
            **{"requested": again["initial"] / 100, "reviewed": again["initial"] / 100},
            **{"recommended": again["initial"] / 100, "approved": again["initial"] / 100},
            **{"decision": "support", "cut_reason": None, "is_assessed": True},
            "done_on": pd.Timestamp("2021-12-02"),
        }
    )


def _latest() -> pd.DataFrame:
    """The appraisals of work year 2023, for the budget of 2024, and one project just below the threshold."""
    frame = pd.DataFrame(LATEST, columns=["subject", "name", "department", "requested", "approved"])
    frame["decision"], frame["cut_reason"] = "adjust", REASONS[:3]
    frame["is_assessed"] = True
    frame["done_on"] = pd.to_datetime(["2023-09-14", "2023-09-26", "2023-10-12"])
    below = dict(zip(["subject", "name", "department", "requested"], BELOW, strict=True))
    listed = pd.DataFrame([{**below, "approved": np.nan, "is_assessed": False}])
    frame = pd.concat([frame, listed], ignore_index=True)
    frame["recommended"] = frame["approved"]
    frame["reviewed"] = frame["requested"].where(frame["is_assessed"])
    return frame.assign(district=HOME, budget_year=2024, subject_kind="project", round=1)
