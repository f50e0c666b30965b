"""The projects that a district ever has: who runs them, what they are, when they begin and end."""

import numpy as np
import pandas as pd

from tools.sample.chance import pick, stream
from tools.sample.districts import district_shape
from tools.sample.vocabulary import HOME, YEARS, categories, policies, vocabulary

GROWTH = {2019: 1.0, 2020: 1.03, 2021: 1.12, 2022: 1.231, 2023: 1.28}
RECURRING = 0.55
NO_END = 2099
BIG = 5_000_000
NEW_BIG = {2019: 6, 2020: 5, 2021: 6, 2022: 5, 2023: 5}
CLASS_DIGIT = {"personnel": 1, "public": 2, "specific": 3}


def make_roster(district: str) -> pd.DataFrame:
    """One row per project that the district has in any year, with its size in yuan a year.

    Columns are those of `projects` that do not change over time, and `size` and `is_late`
    (added during its first year, so that its first initial budget is 0).
    """
    rng = stream("roster", district)
    rows = pd.concat([_running_costs(district, rng), _specific(district, rng)], ignore_index=True)
    rows["project"] = _codes(district, rows)
    rows["name"] = _names(rows, rng)
    rows["disclosure"] = np.where(rng.random(len(rows)) < 0.04, "internal", "public")
    rows["district"] = district
    return rows


def _running_costs(district: str, rng: np.random.Generator) -> pd.DataFrame:
    """Personnel and running costs: one of each for every unit, running through all years."""
    homes = pd.DataFrame([{"department": n, **d} for n, d in vocabulary()["departments"].items()])
    units = homes.explode("units").rename(columns={"units": "unit"})
    if district != HOME:
        units = units[units["unit"].str.endswith("本级")]
    both = pd.concat([units.assign(category=c, thing=c) for c in ("人员经费", "公用经费")], ignore_index=True)
    both["start_year"], both["end_year"] = 2015, NO_END
    both["policy"], both["theme"], both["scope"], both["is_late"] = None, "政府运行", "", False
    return _sized(both.drop(columns="weight", errors="ignore"), rng)


def _specific(district: str, rng: np.random.Generator) -> pd.DataFrame:
    """Specific-target projects: a stock that recurs, and yearly arrivals that keep the number planned."""
    shape = district_shape(district)
    stock = int(shape["projects"] * RECURRING)
    starts = pd.DataFrame({"start_year": rng.integers(2012, 2019, stock)})
    ends = 2019 + rng.geometric(0.03, stock)
    cohorts = [starts.assign(end_year=np.where(ends > YEARS[-1], NO_END, ends))]
    early = int(shape["projects"] * 0.12)
    cohorts += [_cohort(year, early, rng) for year in (2017, 2018)]
    for year in YEARS:
        there = pd.concat(cohorts)
        alive = ((there["start_year"] <= year) & (there["end_year"] >= year)).sum()
        cohorts.append(_cohort(year, int(shape["projects"] * GROWTH[year]) - alive, rng))
    rows = pd.concat(cohorts, ignore_index=True)
    rows = pd.concat([rows, _activities(len(rows), shape.get("mix", {}), rng)], axis=1)
    late = (rows["start_year"] >= YEARS[0]) & (rng.random(len(rows)) < 0.09)
    rows = _sized(rows.assign(is_late=late), rng)
    return _tame(rows, rng) if district == HOME else rows


def _cohort(year: int, n: int, rng: np.random.Generator) -> pd.DataFrame:
    lasts = rng.choice([1, 2, 3, 4, NO_END - year + 1], n, p=[0.56, 0.22, 0.10, 0.04, 0.08])
    return pd.DataFrame({"start_year": year, "end_year": year + lasts - 1})


def _activities(n: int, mix: dict, rng: np.random.Generator) -> pd.DataFrame:
    """A policy, a unit, a thing and a scope for each of `n` projects, by weight and the district's mix."""
    menu = policies()
    weight = menu["weight"] * menu["category"].map(mix).astype(float).fillna(1.0)
    drawn = rng.choice(len(menu), n, p=weight / weight.sum())
    rows = menu.iloc[drawn].reset_index(drop=True)
    rows["unit"] = pick(menu["units"].tolist(), drawn, rng, lean=1.6)
    rows["thing"] = pick(menu["things"].tolist(), drawn, rng)
    rows["scope"] = rng.choice(vocabulary()["scopes"], n)
    return rows.drop(columns=["weight", "units", "things"])


def _sized(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Adds the class and the yearly size: lognormal by category, so that a few hold most of the money."""
    kind = categories().loc[rows["category"]]
    size = kind["median"].to_numpy() * np.exp(kind["sigma"].to_numpy() * rng.standard_normal(len(rows)))
    return rows.assign(**{"class": kind["class"].to_numpy(), "size": np.clip(size, 8_000, 1.6e8)})


def _tame(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """New projects of the sample district stay below the threshold, but for a few and one right on it."""
    size = rows["size"].to_numpy().copy()
    new = (rows["start_year"] >= YEARS[0]).to_numpy()
    size = np.where(new & (size > 4_700_000), 4_700_000 * rng.uniform(0.03, 0.95, len(rows)), size)
    capital = (
        rows["category"].isin(["工程建设", "产业扶持", "信息化建设"]).to_numpy() & ~rows["is_late"].to_numpy()
    )
    for year, n in NEW_BIG.items():
        chosen = np.flatnonzero((rows["start_year"] == year).to_numpy() & capital)[:n]
        size[chosen] = np.round(BIG * (1 + np.exp(rng.normal(0.2, 0.9, len(chosen)))), -4)
        if year == YEARS[-1]:
            size[chosen[:2]] = BIG, BIG - 10_000
    return rows.assign(size=size)


def _codes(district: str, rows: pd.DataFrame) -> pd.Series:
    """Codes of 21 digits: district, first year, class, department, serial number."""
    order = list(vocabulary()["departments"])
    home = rows["department"].map({d: f"{i + 1:03d}" for i, d in enumerate(order)})
    serial = (rows.groupby(["start_year", "department"]).cumcount() + 1).astype(str).str.zfill(7)
    return (
        district + rows["start_year"].astype(str) + rows["class"].map(CLASS_DIGIT).astype(str) + home + serial
    )


def _names(rows: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """A name for each project, unique within its unit; equal names in different units do occur."""
    name = rows["scope"] + rows["thing"] + np.where(rows["class"] == "specific", "项目", "")
    again = rows.assign(name=name).groupby(["unit", "name"]).cumcount()
    phases = np.array(
        [
            "",
            "（二期）",
            "（三期）",
            "（四期）",
            "（五期）",
            "（六期）",
            "（七期）",
            "（八期）",
            "（九期）",
            "（十期）",
        ],
        dtype=object,
    )
    return name + phases[np.minimum(again, 9)] + np.where(again > 9, again.astype(str), "")
