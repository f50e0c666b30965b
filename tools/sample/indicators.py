"""The table `indicators`: what each project of the sample district promised and reached."""

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.vocabulary import HOME, YEARS, categories

LEVELS = {
    "cost": ("成本", "经济成本"),
    "quantity": ("产出", "数量"),
    "quality": ("产出", "质量"),
    "time": ("产出", "时效"),
    "effect": ("效益", "社会效益"),
    "satisfaction": ("满意度", "服务对象满意度"),
}
SLOTS = ["quantity", "quality", "time", "effect", "satisfaction", "cost", "quantity", "effect", "quality"]
PARTIAL = ["小时", "分钟", "元", "万元", "万条", "万平方米"]
WITH_COST = {"产出": 40, "效益": 20, "满意度": 10, "成本": 20}
WITHOUT_COST = {"产出": 50, "效益": 30, "满意度": 10}
SCREENED = 2023


@cache
def _menu() -> dict:
    return tomllib.loads((Path(__file__).parent / "indicators.toml").read_text("utf-8"))


def make_indicators(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row per project, year and indicator, and a few policies' monthly series."""
    rng = stream("indicators")
    promised = _promises(budgets, rng)
    rows = promised.merge(_owing(budgets), on="project")
    rows = rows.sort_values(["project", "indicator", "year"], ignore_index=True)
    rows = _screened(_vague(_targets(rows, rng), rng), rng)
    rows = _reached(rows, rng)
    rows["month"], rows["subject_kind"] = 12, "project"
    frame = pd.concat([rows.rename(columns={"project": "subject"}), _monthly()], ignore_index=True)
    columns = [
        *["district", "year", "subject_kind", "subject", "indicator", "month", "level1", "level2", "name"],
        *["unit", "direction", "target_initial", "target", "actual", "target_text", "actual_text"],
        *["weight", "score", "is_applicable", "basis"],
    ]
    keys = ["district", "year", "subject_kind", "subject", "indicator", "month"]
    return frame[columns].sort_values(keys, ignore_index=True)


def _owing(budgets: pd.DataFrame) -> pd.DataFrame:
    """Project-years with targets: the specific ones that have a budget."""
    rows = budgets[(budgets["class"] == "specific") & (budgets["adjusted"] > 0)].copy()
    rows["spent"] = (rows["executed"] / rows["adjusted"]).clip(0, 1)
    return rows[["district", "year", "project", "spent", "owes"]]


def _promises(budgets: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Four to nine indicators for each project, the same in all its years, with weights that sum to 90."""
    projects = budgets[budgets["class"] == "specific"].drop_duplicates("project")[["project", "category"]]
    projects = projects.sort_values("project", ignore_index=True)
    many = rng.choice([4, 5, 6, 7, 8, 9], len(projects), p=[0.08, 0.34, 0.28, 0.18, 0.08, 0.04])
    rows = projects.loc[projects.index.repeat(many)].reset_index(drop=True)
    place = rows.groupby("project").cumcount()
    rows["slot"] = np.array(SLOTS)[place]
    # Four indicators leave satisfaction out of the first five slots, but never the form.
    few = np.repeat(many, many) == 4
    rows.loc[few & (place == 3), "slot"] = np.where(
        rng.random((few & (place == 3)).sum()) < 0.8, "satisfaction", "effect"
    )
    rows["indicator"] = "Z" + (place + 1).astype(str).str.zfill(2)
    return _weighted(_named(rows, rng))


def _named(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Draws a name with unit, direction and typical size for each slot; names differ within a project."""
    words = _words()
    nth = rows.groupby(["project", "slot"]).cumcount()
    start = (
        pd.Series(rng.integers(0, 60, len(rows))).groupby([rows["project"], rows["slot"]]).transform("first")
    )
    many = (
        words.groupby(["category", "slot"])
        .size()
        .reindex(pd.MultiIndex.from_frame(rows[["category", "slot"]]))
    )
    named = rows.assign(place=(start + nth) % many.to_numpy())
    named = named.merge(words, on=["category", "slot", "place"], how="left", validate="many_to_one")
    for at, level in enumerate(["level1", "level2"]):
        named[level] = named["slot"].map({slot: names[at] for slot, names in LEVELS.items()})
    return named


def _words() -> pd.DataFrame:
    """One row per category, slot and place: the indicators that a project of that category may promise."""
    menu = _menu()
    rows = [
        (category, slot, place, *words)
        for category in categories().index
        for slot in LEVELS
        for place, words in enumerate(menu.get(category, {}).get(slot) or menu["*"].get(slot, []))
    ]
    columns = ["category", "slot", "place", "name", "unit", "direction", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _weighted(rows: pd.DataFrame) -> pd.DataFrame:
    """Marks by first level (50/30/10, or 20/40/20/10 with a cost), split evenly in tenths, summing to 90."""
    has = (
        pd.crosstab(rows["project"], rows["level1"]).gt(0).reindex(columns=list(WITH_COST), fill_value=False)
    )
    plan = pd.DataFrame({level: WITHOUT_COST.get(level, 0) for level in WITH_COST}, index=has.index)
    plan[has["成本"]] = list(WITH_COST.values())
    plan = plan.where(has, 0)
    plan["产出"] += 90 - plan.sum(axis=1)
    long = plan.stack().rename("total").rename_axis(["project", "level1"]).reset_index()
    rows = rows.merge(long, on=["project", "level1"], how="left", validate="many_to_one")
    group = rows.groupby(["project", "level1"])
    n, k = group["slot"].transform("size"), group.cumcount()
    base = np.floor(rows["total"] / n * 10) / 10
    rows["weight"] = np.where(k == 0, np.round(rows["total"] - base * (n - 1), 1), base)
    return rows.drop(columns=["total", "place"])


def _targets(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Targets of each year: the typical size, drifting from year to year, in round numbers."""
    first = rows.groupby(["project", "indicator"]).cumcount() == 0
    anchor = np.where(
        rows["high"] / rows["low"] > 2,
        np.exp(rng.uniform(np.log(rows["low"]), np.log(rows["high"]))),
        rng.uniform(rows["low"], rows["high"]),
    )
    rows["anchor"] = pd.Series(np.where(first, anchor, np.nan)).ffill()
    drift = np.where(
        rows["unit"] == "%", rng.normal(0, 0.3, len(rows)), rows["anchor"] * rng.normal(0.02, 0.05, len(rows))
    )
    value = rows["anchor"] + np.where(first, 0, drift)
    value = np.where(rows["unit"] == "%", np.clip(value, 1, 100), value)
    rows["target"] = _round(value, rows["unit"])
    return rows.assign(target_initial=rows["target"])


def _round(value, unit: pd.Series) -> np.ndarray:
    """Round as people do: percentages to halves below 99, counts to two digits, at least 1."""
    value = np.asarray(value, float)
    scale = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(value, 1))) - 1, 0)
    count = np.maximum(np.round(value / scale) * scale, 1)
    return np.where(unit == "%", np.where(value < 99, np.round(value * 2) / 2, np.round(value, 1)), count)


def _vague(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Qualitative indicators, most of them clear enough, some of them vague."""
    words = _menu()["vague"]
    soft = (rows["slot"] == "effect").to_numpy() & (_per_project(rows, rng) < 0.22)
    name = rng.choice(words["names"], len(rows))
    rows["name"] = np.where(soft, name, rows["name"])
    rows["direction"] = np.where(soft, "qualitative", rows["direction"])
    rows["unit"] = rows["unit"].mask(pd.Series(soft, index=rows.index))
    rows["target_text"] = pd.Series(rng.choice(words["targets"], len(rows)), index=rows.index).where(soft)
    rows.loc[soft, ["target", "target_initial"]] = np.nan
    basis = np.select(
        [rows["slot"] == "satisfaction", rows["slot"] == "cost"],
        ["问卷调查", "合同及结算资料"],
        "年度工作计划",
    )
    blank = rng.random(len(rows)) < np.where(rows["slot"] == "satisfaction", 0.12, 0.35)
    return rows.assign(basis=pd.Series(basis, index=rows.index).mask(blank))


def _per_project(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """One uniform draw for each project and indicator, the same in all its years."""
    draw = pd.Series(rng.random(len(rows)))
    return draw.groupby([rows["project"], rows["indicator"]]).transform("first").to_numpy()


def _screened(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Faults as filed; in the screened year most were mended, so that initial and present target differ."""
    number = rows["target"].notna().to_numpy()
    screened = (rows["year"] == SCREENED).to_numpy()
    mended = screened & (rng.random(len(rows)) < 0.78)
    kind = rng.random(len(rows))
    no_number = number & (kind < 0.03)
    too_low = number & (kind > 0.96) & (rows["direction"] == "at_least").to_numpy()
    low = np.maximum(_round(rows["target"] * rng.uniform(0.35, 0.7, len(rows)), rows["unit"]), 1)
    rows["target_initial"] = np.select([no_number, too_low], [np.nan, low], rows["target"])
    rows["target"] = np.where((no_number | too_low) & ~mended, rows["target_initial"], rows["target"])
    rows["target_text"] = rows["target_text"].mask(no_number & ~mended, "按计划完成")
    moved = number & ~screened & ~no_number & ~too_low & (rng.random(len(rows)) < 0.012)
    rows["target"] = np.where(moved, _round(rows["target"] * 0.85, rows["unit"]), rows["target"])
    rows["unit"] = rows["unit"].mask(number & (rng.random(len(rows)) < np.where(screened, 0.008, 0.02)))
    off = pd.Series(rng.random(len(rows))).groupby([rows["project"], rows["year"]]).transform("first") < 0.012
    first = rows["indicator"] == "Z01"
    rows["weight"] = rows["weight"].where(~(off & first), rows["weight"] + 5)
    return rows


def _reached(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Actual values and marks of closed years; the year under way has none yet."""
    closed = (rows["year"] < SCREENED).to_numpy()
    soft = (rows["direction"] == "qualitative").to_numpy()
    rows["actual"] = np.where(closed & ~soft, _values(rows, rng), np.nan)
    rows["is_applicable"] = rng.random(len(rows)) > 0.004
    ratio = _ratio(rows, soft, rng)
    words = _menu()["vague"]["actuals"]
    said = np.select([ratio >= 1, ratio >= 0.8], words[:2], words[2])
    rows["actual_text"] = pd.Series(said, index=rows.index).where(closed & soft)
    marks = np.where(rows["is_applicable"], np.round(rows["weight"] * ratio, 2), np.nan)
    return rows.assign(score=np.where(closed, marks, np.nan))


def _values(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Values reached: at the target or a little above, missed by some, far above it by a few."""
    n = len(rows)
    target = rows["target"].fillna(rows["anchor"]).to_numpy()
    reach = 1 + np.abs(rng.normal(0, 0.05, n)) * (rng.random(n) < 0.45)
    reach = np.where(_missed(rows, rng), 1 - rng.gamma(1.1, 0.11, n).clip(0.01, 0.9), reach)
    percent = (rows["unit"] == "%").to_numpy()
    reach = np.where((rng.random(n) < 0.02) & ~percent, rng.uniform(1.3, 3.0, n), reach)
    value = np.where(rows["direction"] == "at_most", target * (2 - np.minimum(reach, 1.5)), target * reach)
    value = np.where(rows["direction"] == "equal", np.minimum(value, target), value)
    fine = (rows["unit"].isin(PARTIAL) & (target < 50)).to_numpy()
    return np.where(
        percent, np.minimum(np.round(value, 1), 100), np.where(fine, np.round(value, 1), np.round(value))
    )


def _missed(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Whether a target was missed: projects differ in how many they miss, slow ones miss more."""
    weakness = pd.Series(rng.random(len(rows))).groupby([rows["project"], rows["year"]]).transform("first")
    return rng.random(len(rows)) < 0.03 + 0.75 * weakness**2.2 + 0.2 * (1 - rows["spent"].to_numpy()) ** 0.7


def _ratio(rows: pd.DataFrame, soft: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Share of the marks that the unit gave itself: by proportion, kindly; qualitative mostly in full."""
    ratio = np.where(
        rows["direction"] == "at_most",
        rows["target"] / rows["actual"].replace(0, np.nan),
        rows["actual"] / rows["target"],
    )
    ratio = np.where(np.isnan(ratio), 1.0, np.clip(ratio, 0, 1))
    kind = rng.random(len(rows))
    ratio = np.where((ratio < 1) & (kind < 0.3), np.minimum(1, ratio + 0.03), ratio)
    return np.where(soft, np.select([kind < 0.7, kind < 0.95], [1.0, 0.9], 0.75), ratio)


def _monthly() -> pd.DataFrame:
    """Sixty months of one indicator for each of a few policies."""
    series = []
    for policy, spec in _menu()["monthly"].items():
        rng = stream("indicators", "monthly", policy)
        grid = pd.MultiIndex.from_product([YEARS, range(1, 13)], names=["year", "month"]).to_frame(
            index=False
        )
        level = spec["level"] + np.where(grid["year"] >= SCREENED, spec["drift"], 0)
        value = np.round(level + rng.normal(0, spec["spread"], len(grid)), 1)
        value = np.clip(value, 0, 100 if spec["unit"] == "%" else None)
        series.append(
            grid.assign(
                **{"district": HOME, "subject_kind": "policy", "subject": policy, "indicator": "M01"},
                **{"level1": "产出", "level2": "质量", "name": spec["name"], "unit": spec["unit"]},
                **{"direction": spec["direction"], "target": spec["level"], "target_initial": spec["level"]},
                **{"actual": value, "is_applicable": True, "basis": "月度监测"},
            )
        )
    return pd.concat(series, ignore_index=True)
