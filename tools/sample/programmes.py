"""One policy in twelve districts: yearly outputs, satisfaction, and the scores of district and city."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.vocabulary import HOME

CLOSED = (2019, 2020, 2021, 2022)
JUDGED = 2022
DEAR, CHEAP = "330190", "330194"  # one district pays more for every output, one less
FACTOR = {DEAR: 1.5, CHEAP: 0.72}
UNSCORED = ("330193", "养老服务体系")  # the city did not come
KINDNESS = 3.0  # points by which districts score themselves above the city
BUREAU, CITY = "区财政局绩效管理科", "市财政局联合评价组"


def programmes() -> dict:
    """Policies with their outputs: name, unit and yuan of the policy's money for one of them."""
    return tomllib.loads((Path(__file__).parent / "programmes.toml").read_text("utf-8"))


def make_outputs(projects: pd.DataFrame) -> pd.DataFrame:
    """Yearly indicators of the policies in every district, as in the table `indicators`; closed years only."""
    rows = projects[projects["policy"].isin(programmes()) & projects["year"].isin(CLOSED)]
    money = rows.groupby(["policy", "district", "year"], as_index=False)["executed"].sum()
    parts = [
        _outputs(money[money["policy"] == policy], policy, spec) for policy, spec in programmes().items()
    ]
    return pd.concat(parts, ignore_index=True).assign(
        subject_kind="policy", month=12, direction="at_least", is_applicable=True, basis="市区联动评价"
    )


def _outputs(money: pd.DataFrame, policy: str, spec: dict) -> pd.DataFrame:
    rng = stream("programmes", policy)
    places = sorted(money["district"].unique())
    own = pd.Series(rng.normal(0, 0.10, len(places)), places)  # districts differ a little, year after year
    tables = []
    for place, (name, unit, yuan) in enumerate(spec["outputs"]):
        mix = pd.Series(rng.normal(0, 0.12, len(places)), places)  # and in what they buy
        factor = np.exp(money["district"].map(own + mix) + rng.normal(0, 0.06, len(money)))
        price = yuan * factor * money["district"].map(FACTOR).fillna(1.0)
        actual = np.maximum(np.round(money["executed"] / price), 1)
        target = np.maximum(np.round(actual * rng.normal(0.99, 0.05, len(money))), 1)
        tables.append(_rows(money, policy, f"L{place + 1:02d}", "产出", "数量", name, unit, target, actual))
    heard = np.clip(rng.normal(spec["satisfaction"], 2.2, len(money)), 60, 100).round(1)
    tables.append(
        _rows(
            money, policy, "L09", "满意度", "服务对象满意度", "服务对象满意度", "%", spec["promised"], heard
        )
    )
    return pd.concat(tables, ignore_index=True)


def _rows(
    money: pd.DataFrame,
    policy: str,
    code: str,
    level1: str,
    level2: str,
    name: str,
    unit: str,
    target,
    actual,
):
    frame = money[["district", "year"]].assign(
        subject=policy, indicator=code, level1=level1, level2=level2, name=name, unit=unit
    )
    return frame.assign(target_initial=target, target=target, actual=actual)


def make_joint_scores(evaluations: pd.DataFrame, districts: list[str]) -> pd.DataFrame:
    """Scores of the policies by district and city, as in the table `evaluations`; the home's own are there already."""
    rng = stream("programmes", "scores")
    grid = pd.MultiIndex.from_product(
        [sorted(programmes()), sorted(districts)], names=["subject", "district"]
    )
    table = grid.to_frame(index=False)
    true = np.clip(rng.normal(83, 4.5, len(table)), 60, 97)
    kept = evaluations[(evaluations["district"] == HOME) & (evaluations["year"] == JUDGED)]
    kept = kept[(kept["kind"] == "finance")].set_index("subject")["score"]
    is_home = (table["district"] == HOME).to_numpy()
    given = table["subject"].map(kept).to_numpy(dtype=float)
    true = np.where(is_home, given - KINDNESS, true)
    district = np.round(np.clip(true + KINDNESS + rng.normal(0, 1.6, len(table)), 40, 100), 1)
    city = np.round(np.clip(true + rng.normal(0, 1.6, len(table)), 40, 100), 1)
    days = pd.to_timedelta(rng.integers(0, 60, len(table)), unit="D")
    by_district = table.assign(score=district, level="district", evaluator=BUREAU)[~is_home]
    is_there = ~((table["district"] == UNSCORED[0]) & (table["subject"] == UNSCORED[1]))
    by_city = table.assign(
        score=city, level="city", evaluator=CITY, done_on=pd.Timestamp("2023-09-11") + days
    )
    parts = [by_district.assign(done_on=pd.Timestamp("2023-07-03")), by_city[is_there]]
    return pd.concat(parts, ignore_index=True).assign(
        year=JUDGED, subject_kind="policy", kind="finance", round=1, evaluator_kind="own", status="accepted"
    )
