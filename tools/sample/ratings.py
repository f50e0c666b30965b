"""The table `ratings`: experts' scores, the deputies' questionnaire and the discussion of indicators."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.vocabulary import HOME

DIMENSIONS = ["必要性", "目标合理性", "投入经济性", "财政承受力", "可行性"]
QUESTIONS = [
    "政策知晓度",
    "目标合理性",
    "资金使用透明度",
    "实施及时性",
    "实施效果",
    "群众获得感",
    "问题整改",
    "总体满意度",
]
STRATA = {"区人大代表": (60, 47), "区政协委员": (45, 31), "企业代表": (40, 22), "特邀监督员": (6, 3)}
ANSWERS = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意"}
WEIGHED = [
    "补助人数",
    "政策知晓率",
    "资金拨付及时率",
    "扶持企业营收增长率",
    "带动研发投入",
    "服务对象满意度",
    "设施完好率",
    "成本控制率",
]
OPINIONS = [
    "建议增加反映长期效果的指标",
    "建议把满意度调查委托第三方开展",
    "建议目标值参照近三年实际值",
    "建议补充单位成本指标",
    "建议公开评价结果",
]
COLUMNS = [
    "district",
    "year",
    "context",
    "rater",
    "item",
    "dimension",
    "score",
    "answer",
    "stratum",
    "invited",
    "opinion",
    "is_adopted",
]


def make_ratings(appraisals: pd.DataFrame) -> pd.DataFrame:
    """One row per rater, item and dimension, as in the table `ratings`."""
    frame = pd.concat([_experts(appraisals), _questionnaire(), _discussion()], ignore_index=True)
    frame = frame.assign(district=HOME).reindex(columns=COLUMNS)
    frame["invited"] = frame["invited"].astype("Int64")
    frame["is_adopted"] = frame["is_adopted"].astype("boolean")
    return frame.sort_values(COLUMNS[:6], ignore_index=True)


def _experts(appraisals: pd.DataFrame) -> pd.DataFrame:
    """Five to seven of eleven experts score each project; severity and merit differ, and chance remains."""
    rng = stream("ratings", "experts")
    subjects = appraisals[appraisals["is_assessed"] & (appraisals["round"] == 1)]
    severity = dict(zip([f"专家{i:02d}" for i in range(1, 12)], rng.normal(0, 2.6, 11), strict=True))
    panels = []
    for year, items in subjects.groupby("budget_year"):
        panel = rng.choice(list(severity), rng.integers(5, 8), replace=False)
        panels.append(
            items[["subject", "decision"]]
            .merge(pd.DataFrame({"rater": panel}), how="cross")
            .assign(year=year)
        )
    rows = pd.concat(panels).merge(pd.DataFrame({"dimension": DIMENSIONS}), how="cross")
    level = {"support": 91.0, "adjust": 81.0, "refuse": 66.0}
    merit = {s: rng.normal(0, 3.2) for s in rows["subject"].unique()}
    by_part = {k: rng.normal(0, 2.4) for k in rows["subject"] + rows["dimension"]}
    score = (
        rows["decision"].map(level)
        + rows["subject"].map(merit)
        + rows["rater"].map(severity)
        + (rows["subject"] + rows["dimension"]).map(by_part)
        + rng.normal(0, 3.0, len(rows))
    )
    rows["score"] = np.clip(np.round(score), 40, 100)
    rows["stratum"] = np.where(rows["rater"] <= "专家06", "行业专家", "财务专家")
    return rows.drop(columns="decision").rename(columns={"subject": "item"}).assign(context="ex_ante")


def _questionnaire() -> pd.DataFrame:
    """Answers from 1 to 5 of those who sent the questionnaire back; a few questions stay blank."""
    rng = stream("ratings", "questionnaire")
    rows = []
    for place, (stratum, (invited, answered)) in enumerate(STRATA.items()):
        raters = [f"问卷{place + 1}-{i + 1:03d}" for i in range(answered)]
        mood = rng.normal(0, 0.75, answered)
        hard = np.array([0.1, -0.1, -0.45, -0.2, 0.05, 0.0, -0.3, 0.1])
        latent = 4.15 + mood[:, None] + hard + rng.normal(0, 0.6, (answered, len(QUESTIONS)))
        score = np.clip(np.round(latent), 1, 5)
        grid = pd.MultiIndex.from_product([raters, QUESTIONS], names=["rater", "item"]).to_frame(index=False)
        rows.append(grid.assign(score=score.reshape(-1), stratum=stratum, invited=invited))
    frame = pd.concat(rows, ignore_index=True)
    frame = frame[rng.random(len(frame)) > 0.015]
    return frame.assign(
        year=2023, context="questionnaire", dimension="total", answer=frame["score"].map(ANSWERS)
    )


def _discussion() -> pd.DataFrame:
    """How important deputies and members find each indicator (1 to 5), and what they proposed."""
    rng = stream("ratings", "discussion")
    raters = [f"代表{i:02d}" for i in range(1, 8)] + [f"委员{i:02d}" for i in range(1, 6)]
    grid = pd.MultiIndex.from_product([raters, WEIGHED], names=["rater", "item"]).to_frame(index=False)
    level = dict(zip(WEIGHED, [4.2, 3.4, 4.0, 3.7, 3.9, 4.6, 3.5, 4.1], strict=True))
    score = np.clip(np.round(grid["item"].map(level) + rng.normal(0, 0.7, len(grid))), 1, 5)
    says = rng.random(len(grid)) < 0.14
    opinion = pd.Series(rng.choice(OPINIONS, len(grid))).where(says)
    adopted = pd.Series(rng.random(len(grid)) < 0.65, dtype="boolean").where(pd.Series(says))
    stratum = np.where(grid["rater"].str.startswith("代表"), "区人大代表", "区政协委员")
    return grid.assign(
        year=2023,
        context="indicator_discussion",
        dimension="重要性",
        score=score,
        stratum=stratum,
        opinion=opinion,
        is_adopted=adopted,
    )
