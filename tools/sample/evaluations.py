"""The table `evaluations`: self-evaluations, spot checks, key and department evaluations."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.selves import make_selves
from tools.sample.vocabulary import HOME

CLOSED = (2019, 2020, 2021, 2022)
DRAWN = {2019: 26, 2020: 34, 2021: 30}
PICKED = {2022: 10}
KEY = {
    2019: ["道路保洁", "科技创新扶持", "居家养老", "老旧小区"],
    2020: ["公共卫生服务", "数字经济发展", "就业创业促进", "学校建设三年行动"],
    2021: ["市政设施养护", "人才引育工程", "社会救助兜底", "开放型经济扶持", "河湖治理", "平安建设"],
    2022: ["科技创新扶持", "养老服务体系", "义务教育优质均衡", "数字政府建设", "城市有机更新"],
}
POLICY_OF = {"道路保洁": "市容环卫保洁", "居家养老": "养老服务体系", "老旧小区": "城市有机更新"}
JOINT = (2022, "城市有机更新")
FIRMS = ["示例甲咨询公司", "示例乙会计师事务所", "示例丙评价研究院"]
NOTES = [
    "目标基本实现，部分指标佐证材料不完整",
    "资金使用规范，效益指标偏低",
    "执行进度滞后，绩效目标设置偏低",
    "管理制度健全，产出完成较好",
]
COLUMNS = [
    *["district", "year", "subject_kind", "subject", "kind", "evaluator", "round", "level", "evaluator_kind"],
    *["status", "score", "grade", "reported_rate", "points_decision", "points_process", "points_output"],
    *["points_effect", "done_on", "is_blind", "stratum", "inclusion_probability", "note"],
]


def make_evaluations(budgets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """One row per subject, kind, evaluator and round, as in the table `evaluations`."""
    selves = make_selves(budgets[budgets["year"].isin(CLOSED)], indicators)
    final = selves[selves["status"] == "accepted"]
    checks = pd.concat([_drawn(final, budgets), _picked(final, budgets)], ignore_index=True)
    parts = [
        selves,
        _rescored(checks),
        _key_evaluations(),
        _by_departments(final),
        _whole_departments(budgets),
    ]
    frame = pd.concat(parts, ignore_index=True).assign(district=HOME).reindex(columns=COLUMNS)
    frame["grade"] = grades(frame["score"])
    frame["is_blind"] = frame["is_blind"].astype("boolean")
    return frame.sort_values(COLUMNS[:7], ignore_index=True)


def grades(score: pd.Series) -> pd.Series:
    """Grades by the national bands; NA without a score."""
    return (
        pd.cut(score, [-1, 60, 80, 90, 101], right=False, labels=["差", "中", "良", "优"])
        .astype("str")
        .where(score.notna())
    )


def _drawn(final: pd.DataFrame, budgets: pd.DataFrame) -> pd.DataFrame:
    """Rounds drawn by chance: the largest for certain, the others by size within strata of amount."""
    rounds = []
    for year, n in DRAWN.items():
        rng = stream("evaluations", "spot_check", year)
        money = budgets[budgets["year"] == year].set_index("project")["adjusted"] / 100
        rows = final[final["year"] == year].assign(money=lambda d, m=money: d["subject"].map(m))
        band = pd.cut(
            rows["money"], [0, 5e5, 5e6, np.inf], labels=["50万元以下", "50万至500万元", "500万元以上"]
        )
        rows = rows.assign(stratum=band.astype(str)).sort_values("subject", ignore_index=True)
        probability = pd.Series(np.nan, index=rows.index)
        for stratum, share in (("50万元以下", 0.3), ("50万至500万元", 0.4), ("500万元以上", 0.3)):
            inside = rows["stratum"] == stratum
            probability[inside] = _by_size(rows.loc[inside, "money"].to_numpy() ** 0.5, round(n * share))
        probability = probability.clip(upper=1).round(6)
        rounds.append(
            rows.assign(inclusion_probability=probability)[_systematic(probability.to_numpy(), rng)]
        )
    return pd.concat(rounds, ignore_index=True)


def _by_size(size: np.ndarray, n: int) -> np.ndarray:
    """Inclusion probabilities proportional to `size`, summing to `n`; certainty is 1."""
    p = np.zeros(len(size))
    sure = np.zeros(len(size), bool)
    while True:
        p = np.where(sure, 1.0, (n - sure.sum()) * size / size[~sure].sum())
        if not (p > 1).any():
            return p
        sure |= p >= 1


def _systematic(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Systematic draw: row i is in when a step of 1 from a random start falls into its stretch."""
    ends = probability.cumsum() + rng.random()
    return np.floor(ends) > np.floor(ends - probability)


def _picked(final: pd.DataFrame, budgets: pd.DataFrame) -> pd.DataFrame:
    """The ten of the work year: picked by hand among large or slow projects, so without a probability."""
    year, n = next(iter(PICKED.items()))
    rows = final[final["year"] == year].merge(
        budgets.loc[budgets["year"] == year, ["project", "adjusted", "executed", "department"]],
        left_on="subject",
        right_on="project",
    )
    rate = rows["executed"] / rows["adjusted"]
    rows["lead"] = np.log(rows["adjusted"]) + 5 * (1 - rate)
    best = rows[rate > 0].sort_values("lead", ascending=False).drop_duplicates("department").head(n)
    return best[[c for c in final.columns if c in best]].assign(inclusion_probability=np.nan)


def _rescored(checks: pd.DataFrame) -> pd.DataFrame:
    """What the checker found: lower by three or four points on average, more where the self score is high."""
    rng = stream("evaluations", "rescore")
    n = len(checks)
    firm = rng.random(n) < 0.6
    evaluator = np.where(firm, rng.choice(FIRMS, n), "区财政局绩效管理科")
    severity = pd.Series(evaluator).map(
        {FIRMS[0]: 1.0, FIRMS[1]: -0.8, FIRMS[2]: 0.3, "区财政局绩效管理科": -0.4}
    )
    blind = rng.random(n) < 0.4
    drop = 3.2 + severity.to_numpy() + 0.12 * (checks["score"].to_numpy() - 92) + np.where(blind, 0.6, -0.3)
    score = np.clip(checks["score"].to_numpy() - drop + rng.normal(0, 3.4, n), 30, 100)
    days = pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    return pd.DataFrame(
        {
            **{
                "year": checks["year"],
                "subject_kind": "project",
                "subject": checks["subject"],
                "kind": "spot_check",
            },
            **{"evaluator": evaluator, "round": 1, "level": "district", "status": "accepted"},
            **{
                "evaluator_kind": np.where(firm, "third_party", "own"),
                "score": np.round(score, 1),
                "is_blind": blind,
            },
            "done_on": pd.to_datetime((checks["year"] + 1).astype(str) + "-07-10") + days,
            **{"stratum": checks.get("stratum"), "inclusion_probability": checks["inclusion_probability"]},
            "note": rng.choice(NOTES, n),
        }
    )


def _points(n: int, rng: np.random.Generator, level: float) -> pd.DataFrame:
    """Marks of 20, 20, 30 and 30 by dimension, and their sum."""
    share = np.clip(
        level + rng.normal(0, 0.05, (n, 1)) + rng.normal([0.03, -0.01, 0.02, -0.04], 0.05, (n, 4)), 0.4, 1
    )
    marks = np.round(share * [20, 20, 30, 30], 1)
    frame = pd.DataFrame(
        marks, columns=["points_decision", "points_process", "points_output", "points_effect"]
    )
    return frame.assign(score=np.round(marks.sum(axis=1), 1))


def _key_evaluations() -> pd.DataFrame:
    """Finance evaluations of policies; the last year has one made jointly with the audit office."""
    rng = stream("evaluations", "key")
    rows = pd.DataFrame(
        [(y, POLICY_OF.get(p, p)) for y, names in KEY.items() for p in names], columns=["year", "subject"]
    )
    n = len(rows)
    joint = ((rows["year"] == JOINT[0]) & (rows["subject"] == JOINT[1])).to_numpy()
    firm = rng.random(n) < 0.65
    by = np.select(
        [joint, firm], ["区财政局、区审计局联合评价组", rng.choice(FIRMS, n)], "区财政局绩效管理科"
    )
    days = pd.to_timedelta(rng.integers(0, 100, n), unit="D")
    return pd.concat([rows, _points(n, rng, 0.85)], axis=1).assign(
        subject_kind="policy",
        kind="finance",
        evaluator=by,
        round=1,
        level="district",
        evaluator_kind=np.select([joint, firm], ["joint_audit", "third_party"], "own"),
        status="accepted",
        done_on=pd.to_datetime((rows["year"] + 1).astype(str) + "-06-20") + days,
        note=rng.choice(NOTES, n),
    )


def _by_departments(final: pd.DataFrame) -> pd.DataFrame:
    """Departments' own evaluations of some of their projects, a little below the self score."""
    rng = stream("evaluations", "department")
    rows = final.groupby("year", group_keys=False).sample(18, random_state=rng).reset_index(drop=True)
    points = _points(len(rows), rng, 0.88)
    days = pd.to_timedelta(rng.integers(0, 60, len(rows)), unit="D")
    return pd.concat([rows[["year", "subject"]], points], axis=1).assign(
        subject_kind="project",
        kind="department",
        evaluator="主管部门",
        round=1,
        level="department",
        evaluator_kind=np.where(rng.random(len(rows)) < 0.3, "third_party", "own"),
        status="accepted",
        done_on=pd.to_datetime((rows["year"] + 1).astype(str) + "-05-08") + days,
    )


def _whole_departments(budgets: pd.DataFrame) -> pd.DataFrame:
    """Two whole departments and one street a year, evaluated by those in charge."""
    rng = stream("evaluations", "whole")
    homes = sorted(budgets["department"].unique())
    streets = [h for h in homes if h.endswith("街道办事处")]
    offices = [h for h in homes if h not in streets]
    rows = [
        (y, k, s)
        for i, y in enumerate(CLOSED)
        for k, s in (
            ("department", offices[3 * i]),
            ("department", offices[3 * i + 1]),
            ("township", streets[i % 3]),
        )
    ]
    frame = pd.DataFrame(rows, columns=["year", "subject_kind", "subject"])
    return pd.concat([frame, _points(len(frame), rng, 0.86)], axis=1).assign(
        kind="department",
        evaluator="主管部门",
        round=1,
        level="department",
        evaluator_kind="own",
        status="accepted",
        done_on=pd.to_datetime((frame["year"] + 1).astype(str) + "-09-15"),
    )
