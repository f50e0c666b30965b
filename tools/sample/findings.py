"""The table `findings`: what audit, finance, self-checks and congress found, and whether it was mended."""

import numpy as np
import pandas as pd

from tools.sample.budgets import STAGES
from tools.sample.chance import stream
from tools.sample.projects import former_names
from tools.sample.vocabulary import HOME, YEARS

LOOKED_AT = {2019: 85, 2020: 85, 2021: 95, 2022: 105, 2023: 80}
TODAY = pd.Timestamp("2023-12-31")
# Type, share, typical part of the budget concerned.
TYPES = [
    ("目标不实", 0.20, 0.0),
    ("资金闲置", 0.22, 0.3),
    ("违规列支", 0.10, 0.04),
    ("预算编制不细", 0.14, 0.1),
    ("采购不规范", 0.12, 0.15),
    ("项目管理不到位", 0.13, 0.1),
    ("自评失真", 0.09, 0.0),
]
LED_TO = {
    "目标不实": "修订绩效目标",
    "资金闲置": "收回资金",
    "违规列支": "追回资金并追责",
    "预算编制不细": "核减下年预算",
    "采购不规范": "完善采购制度",
    "项目管理不到位": "列入重点评价",
    "自评失真": "列入抽评",
}
COLUMNS = [
    *[
        "district",
        "finding",
        "year",
        "subject_kind",
        "subject",
        "source",
        "stage",
        "type",
        "severity",
        "rule",
    ],
    *[
        "amount",
        "found_on",
        "due_on",
        "closed_on",
        "status",
        "responsible",
        "recovered",
        "led_to",
        "is_published",
    ],
]
NO_NUMBER = "no_quantity"


def make_findings(budgets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """One row per finding, as in the table `findings`."""
    rng = stream("findings")
    looked = _looked_at(budgets, rng)
    rows = _mended(_described(_found(looked, rng), rng), rng)
    frame = pd.concat([rows, _screening(budgets, indicators), _trigger(budgets)], ignore_index=True)
    frame = frame.assign(district=HOME).sort_values(["found_on", "subject"], ignore_index=True)
    number = (frame.groupby(frame["found_on"].dt.year).cumcount() + 1).astype(str).str.zfill(3)
    frame["finding"] = "W" + frame["found_on"].dt.year.astype(str) + number
    frame["responsible"] = former_names(frame["responsible"], frame["year"])
    return frame.reindex(columns=COLUMNS).sort_values("finding", ignore_index=True)


def _risk(budgets: pd.DataFrame) -> pd.Series:
    """True risk on the logit scale: size, works and subsidies, slow spending, many changes, department."""
    rng = stream("findings", "departments")
    homes = sorted(budgets["department"].unique())
    habit = dict(zip(homes, rng.normal(0, 0.55, len(homes)), strict=True))
    rate = (budgets["executed"] / budgets["adjusted"].replace(0, np.nan)).fillna(0).clip(0, 1)
    changes = (budgets[list(STAGES)] != 0).sum(axis=1)
    return (
        0.45 * (np.log(budgets["adjusted"].clip(1e6)) - 17.5)
        + 0.9 * budgets["category"].isin(["工程建设", "产业扶持"])
        + 2.2 * (1 - rate)
        + 0.35 * changes
        + budgets["department"].map(habit)
    )


def _looked_at(budgets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Projects looked at: the riskier, the likelier; unaudited ones leave no trace here."""
    rows = budgets[budgets["class"] == "specific"].assign(risk=lambda b: _risk(b))
    parts = []
    for year, n in LOOKED_AT.items():
        pool = rows[(rows["year"] == year) & (rows["adjusted"] > 0)]
        weight = np.exp(0.8 * pool["risk"])
        parts.append(pool.iloc[rng.choice(len(pool), n, replace=False, p=weight / weight.sum())])
    return pd.concat(parts, ignore_index=True)


def _found(looked: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A finding with the probability that the risk gives; some projects have two."""
    chance = 1 / (1 + np.exp(-(looked["risk"] - 2.1)))
    once = looked[rng.random(len(looked)) < chance]
    more = once[rng.random(len(once)) < 0.22]
    return pd.concat([once, more], ignore_index=True)


def _described(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    names = [t[0] for t in TYPES]
    kind = pd.Series(rng.choice(names, len(rows), p=[t[1] for t in TYPES]))
    slow = (rows["executed"] < 0.8 * rows["adjusted"]) & (rng.random(len(rows)) < 0.5)
    kind = kind.mask(slow, "资金闲置")
    part = kind.map({t[0]: t[2] for t in TYPES}) * rng.lognormal(0, 0.5, len(rows))
    heavy = rows["risk"] + rng.normal(0, 1.2, len(rows))
    found = pd.to_datetime((rows["year"] + 1).astype(str) + "-03-01") + pd.to_timedelta(
        rng.integers(0, 220, len(rows)), unit="D"
    )
    within = rows["year"] == YEARS[-1]
    found = found.mask(
        within, pd.to_datetime("2023-05-10") + pd.to_timedelta(rng.integers(0, 200, len(rows)), unit="D")
    )
    return pd.DataFrame(
        {
            **{
                "year": rows["year"],
                "subject_kind": "project",
                "subject": rows["project"],
                "responsible": rows["department"],
            },
            "source": rng.choice(
                ["audit", "finance", "self", "congress"], len(rows), p=[0.52, 0.3, 0.13, 0.05]
            ),
            "stage": np.where(
                within,
                "绩效监控",
                rng.choice(["绩效评价", "预算执行", "事前评估"], len(rows), p=[0.5, 0.42, 0.08]),
            ),
            **{
                "type": kind,
                "severity": np.select([heavy < 2.6, heavy < 4.6], ["minor", "material"], "grave"),
            },
            "amount": np.where(
                part > 0, np.round(rows["adjusted"] / 100 * np.minimum(part, 0.9), -2), np.nan
            ),
            **{"found_on": found, "led_to": kind.map(LED_TO), "is_published": rng.random(len(rows)) < 0.45},
            "rule": pd.Series(rng.choice([NO_NUMBER, "vague_wording", "below_last_year"], len(rows))).where(
                kind == "目标不实"
            ),
        }
    )


def _mended(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Due in sixty or ninety days; most closed by then, some late, some still open at the year's end."""
    due = rows["found_on"] + pd.to_timedelta(rng.choice([60, 90], len(rows)), unit="D")
    closed = rows["found_on"] + pd.to_timedelta(rng.gamma(3.0, 24, len(rows)).astype(int) + 5, unit="D")
    never = rng.random(len(rows)) < 0.04
    closed = closed.mask((closed > TODAY) | never)
    status = np.select([closed.notna(), rng.random(len(rows)) < 0.7], ["closed", "in_progress"], "open")
    takes = rows["type"].isin(["资金闲置", "违规列支"]) & closed.notna() & (rng.random(len(rows)) < 0.6)
    back = np.where(takes, np.round(rows["amount"] * rng.uniform(0.3, 1, len(rows)), -2), np.nan)
    return rows.assign(due_on=due, closed_on=closed, status=status, recovered=back)


def _screening(budgets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """What the screening of all projects of 2023 found: targets without a number, by project."""
    rng = stream("findings", "screening")
    now = indicators[(indicators["year"] == YEARS[-1]) & (indicators["subject_kind"] == "project")]
    faulty = now[(now["direction"] != "qualitative") & now["target_initial"].isna()]
    mended = faulty.groupby("subject")["target"].agg(lambda s: bool(s.notna().all()))
    home = budgets.drop_duplicates("project").set_index("project")["department"]
    days = pd.to_timedelta(rng.integers(18, 75, len(mended)), unit="D")
    closed = pd.Series(pd.Timestamp("2023-07-03") + days, index=mended.index).where(mended)
    frame = pd.DataFrame({"subject": mended.index, "responsible": mended.index.map(home)})
    return frame.assign(
        **{
            "year": YEARS[-1],
            "subject_kind": "project",
            "source": "finance",
            "stage": "举一反三排查",
            "type": "目标不实",
        },
        **{
            "severity": "minor",
            "rule": NO_NUMBER,
            "found_on": pd.Timestamp("2023-07-03"),
            "due_on": pd.Timestamp("2023-09-15"),
        },
        **{"closed_on": closed.to_numpy(), "status": np.where(mended, "closed", "in_progress")},
        **{"led_to": "反馈主管部门修订绩效目标", "is_published": False},
    )


def _trigger(budgets: pd.DataFrame) -> pd.DataFrame:
    """The audit finding that led to the screening."""
    subject = budgets[
        (budgets["year"] == 2022) & (budgets["policy"] == "数字政府建设") & budgets["owes"]
    ].iloc[0]
    row = {
        **{
            "year": 2022,
            "subject_kind": "project",
            "subject": subject["project"],
            "responsible": subject["department"],
        },
        **{
            "source": "audit",
            "stage": "绩效目标",
            "type": "目标不实",
            "severity": "material",
            "rule": NO_NUMBER,
        },
        **{
            "found_on": pd.Timestamp("2023-06-08"),
            "due_on": pd.Timestamp("2023-08-31"),
            "closed_on": pd.Timestamp("2023-08-25"),
        },
        **{"status": "closed", "led_to": "对当年全部项目开展举一反三排查", "is_published": True},
    }
    return pd.DataFrame([row])
