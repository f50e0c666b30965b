"""The money of each project in each year, in whole cents, and every movement between initial and adjusted."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.districts import district_shape
from tools.sample.vocabulary import HOME, YEARS, categories

# Mean rate of the projects that owe a self-evaluation; 2022 as in the published summary.
MEAN_RATE = {2019: 0.930, 2020: 0.917, 2021: 0.944, 2022: 0.953, 2023: 0.957}
OWING = {2022: 961}
MID_YEAR_CUT = {2019: 12_860_000, 2020: 31_400_000, 2021: 15_270_000, 2022: 17_930_000, 2023: 23_640_000}
STAGES = ("carry_in", "supplement", "transfer", "virement", "mid_year", "results", "recovery")
YUAN_100 = 10_000


def make_budgets(district: str, roster: pd.DataFrame) -> pd.DataFrame:
    """One row per project and year: the roster's columns, amounts in cents, and a column per stage.

    What a project carries over is what it carries in a year later.
    """
    rng = stream("budgets", district)
    traits = _traits(district, roster, rng)
    carried = pd.Series(dtype="int64")
    years = []
    for year in YEARS:
        alive = traits[(traits["start_year"] <= year) & (traits["end_year"] >= year)]
        rows = alive.assign(year=year).reset_index(drop=True)
        rows = _adjusted(rows, _carried_in(rows, carried, rng), rng)
        rows = _executed(_exempted(rows, rng), rng)
        carried = rows.set_index("project")["carried_over"]
        years.append(rows)
    return pd.concat(years, ignore_index=True)


def _traits(district: str, roster: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Adds what lasts: the shortfall of district, department and project, and the reform's year."""
    shape = district_shape(district)
    homes = roster["department"].drop_duplicates()
    by_home = dict(zip(homes, rng.lognormal(0, 0.22, len(homes)), strict=True))
    own = rng.lognormal(0, 0.35, len(roster))
    factor = shape.get("shortfall", 1.0) * roster["department"].map(by_home) * own
    return roster.assign(factor=factor, reform=shape.get("reform", 9999))


def _carried_in(rows: pd.DataFrame, carried: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Cents carried in: last year's carry-over; in the first year a guess for older projects."""
    if rows["year"].iloc[0] > YEARS[0]:
        return rows["project"].map(carried).fillna(0).to_numpy(np.int64)
    has = (rows["start_year"] < YEARS[0]) & (rng.random(len(rows)) < 0.12) & (rows["class"] == "specific")
    return np.where(has, np.round(rows["size"] * rng.uniform(0.02, 0.4, len(rows)) * 100), 0).astype(np.int64)


def _initial(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Initial budgets in cents: round to 100 yuan, most to 10,000; 0 for what is added during the year."""
    age = (rows["year"] - rows["start_year"]).clip(0, 5).to_numpy()
    amount = rows["size"].to_numpy() * np.where(
        age > 0, np.exp(rng.normal(0.02, 0.13, len(rows)) * age**0.5), 1
    )
    coarse = (rng.random(len(rows)) < 0.6) & (amount > 60_000)
    cents = np.where(coarse, np.round(amount / 10_000) * 10_000, np.round(amount / 100) * 100) * 100
    return np.where(rows["is_late"] & (age == 0), 0, cents).astype(np.int64)


def _adjusted(rows: pd.DataFrame, carried_in: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Adds initial, one column of cents per stage, and adjusted, which is their exact sum."""
    initial = _initial(rows, rng)
    rows = rows.assign(initial=initial, carry_in=carried_in)
    rows["supplement"] = np.where(
        rows["is_late"] & (rows["start_year"] == rows["year"]),
        _whole(rows["size"] * 100),
        _some(initial, rng, 0.06, 0.05, 0.4),
    )
    from_above = rows["category"].isin(["民生补助", "产业扶持", "人才科研", "工程建设"])
    rows["transfer"] = np.where(from_above, _some(initial, rng, 0.11, 0.05, 0.5), 0)
    rows["virement"] = _virement(rows, rng)
    late_in = rows["year"].to_numpy() >= 2020
    rows["results"] = -_some(np.where(late_in, initial, 0), rng, 0.014, 0.05, 0.2)
    rows["recovery"] = -_some(initial, rng, 0.012, 0.02, 0.15)
    rows["mid_year"] = _mid_year(rows, rng)
    rows["adjusted"] = rows[["initial", *STAGES]].sum(axis=1)
    assert (rows["adjusted"] >= 0).all()
    return rows


def _whole(cents) -> np.ndarray:
    """Cents rounded to whole hundreds of yuan."""
    return (np.round(np.asarray(cents, float) / YUAN_100) * YUAN_100).astype(np.int64)


def _some(base: np.ndarray, rng: np.random.Generator, chance: float, low: float, high: float) -> np.ndarray:
    """A share between `low` and `high` of `base` for a `chance` of the rows, 0 for the others."""
    hit = rng.random(len(base)) < chance
    return np.where(hit, _whole(base * rng.uniform(low, high, len(base))), 0)


def _virement(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Moves between two projects of one department; they sum to 0 in each department."""
    drawn = rows[(rng.random(len(rows)) < 0.07) & (rows["initial"] > 0)].sort_values(
        ["department", "project"]
    )
    half = drawn.groupby("department").cumcount() // 2
    pairs = drawn.assign(half=half)
    pairs = pairs[pairs.groupby(["department", "half"])["project"].transform("size") == 2]
    giver = (pairs.groupby(["department", "half"]).cumcount() == 0).to_numpy()
    amount = np.repeat(_whole(pairs["initial"][giver] * rng.uniform(0.03, 0.2, giver.sum())), 2)
    moved = pd.Series(0, index=rows.index)
    moved[pairs.index] = np.where(giver, -amount, amount)
    return moved.to_numpy(np.int64)


def _mid_year(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Cuts of July and August; in the sample district they come to a set total, and some cancel a project."""
    left = rows[["initial", *[s for s in STAGES if s != "mid_year"]]].sum(axis=1).to_numpy()
    slow = (
        rows["category"].isin(["工程建设", "产业扶持", "人才科研", "信息化建设", "会议培训宣传"]).to_numpy()
    )
    chance = np.where(rows["class"] == "specific", np.where(slow, 0.055, 0.02), 0)
    cut = _whole(
        rows["initial"] * np.where(rng.random(len(rows)) < chance, rng.uniform(0.1, 0.6, len(rows)), 0)
    )
    small = np.flatnonzero((chance > 0) & (left > 0) & (left < 3e7) & (rows["carry_in"] == 0))
    gone = rng.choice(small, 7 if len(rows) > 500 else 3, replace=False)
    if rows["district"].iloc[0] == HOME:
        cut = _to_total(cut, left, gone, MID_YEAR_CUT[rows["year"].iloc[0]] * 100)
    cut[gone] = left[gone]
    return -np.minimum(cut, np.maximum(left, 0))


def _to_total(cut: np.ndarray, left: np.ndarray, gone: np.ndarray, total: int) -> np.ndarray:
    """Scales the cuts so that, with the projects `gone` whole, they come to `total` cents exactly."""
    others = np.setdiff1d(np.flatnonzero(cut), gone)
    room = total - left[gone].sum()
    cap = (left[others] * 0.7).astype(np.int64)
    scale = room / cut[others].sum()
    cut[others] = _whole(np.minimum(cut[others] * scale, cap))
    widest = others[np.argmax(cap - cut[others])]
    cut[widest] += room - cut[others].sum()
    assert 0 < cut[widest] <= left[widest]
    return cut


def _exempted(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Marks who owes a self-evaluation: specific projects but for the cancelled and a few by name."""
    specific = (rows["class"] == "specific").to_numpy()
    can = np.flatnonzero(specific & (rows["adjusted"] > 0).to_numpy())
    owing = OWING.get(rows["year"].iloc[0], len(can) - 15) if rows["district"].iloc[0] == HOME else len(can)
    owes = np.zeros(len(rows), bool)
    owes[rng.choice(can, owing, replace=False)] = True
    return rows.assign(owes=owes)


def _shortfall(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Share of the adjusted budget left unspent: a spike at 0, a few at 1, a long tail between."""
    kind = categories().loc[rows["category"]]
    reform = np.where(rows["year"] >= rows["reform"], 0.72, 1.0)
    shock = np.where(rows["year"] == 2020, 1.3, 1.0)
    factor = rows["factor"].to_numpy() * reform * shock
    full = rng.random(len(rows)) < np.clip(kind["full"].to_numpy() ** (factor**0.45), 0.02, 0.95)
    tail = rng.gamma(0.8, 1 / 0.8, len(rows)) * kind["shortfall"].to_numpy() * factor
    short = np.where(full, 0.0, np.clip(tail, 0.0004, 0.97))
    never = (rng.random(len(rows)) < 0.007) & (rows["class"] == "specific").to_numpy()
    return np.where(never, 1.0, short)


def _executed(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Adds executed, received, carried over and lapsed; in the sample district the mean rate is as set."""
    short = _shortfall(rows, rng)
    if rows["district"].iloc[0] == HOME:
        short = _to_mean(short, rows["owes"].to_numpy(), 1 - MEAN_RATE[rows["year"].iloc[0]])
    adjusted = rows["adjusted"].to_numpy()
    executed = np.round(adjusted * (1 - short)).astype(np.int64)
    rows = _oddities(rows.assign(executed=executed), rng)
    rest = (rows["adjusted"] - rows["executed"]).clip(0).to_numpy()
    stays = rng.random(len(rows)) < categories().loc[rows["category"], "carry"].to_numpy()
    goes_on = stays & (rows["end_year"] > rows["year"]).to_numpy()
    share = np.where(rng.random(len(rows)) < 0.7, 1.0, rng.uniform(0.3, 0.9, len(rows)))
    over = np.where(goes_on, np.round(rest * share), 0).astype(np.int64)
    return rows.assign(received=_received(rows, rest, rng), carried_over=over, lapsed=rest - over)


def _to_mean(short: np.ndarray, owes: np.ndarray, mean: float) -> np.ndarray:
    """Scales the shortfalls between 0 and 1 so that those who owe have the mean shortfall `mean`."""
    inner = (short > 0) & (short < 1)
    for _ in range(20):
        fixed = short[owes & ~inner].sum()
        short = np.where(inner, short * (mean * owes.sum() - fixed) / short[owes & inner].sum(), short)
        short = np.where(inner, np.minimum(short, 0.97), short)
    return short


def _oddities(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A few rows that rates trip over: spending without a budget or above it, and nothing at all."""
    costs = np.flatnonzero((rows["class"] == "public").to_numpy())
    stages = ["initial", *STAGES, "adjusted", "executed"]
    rows = rows.reset_index(drop=True)
    bare, none = rng.choice(costs, 2, replace=False)
    clean = rows.loc[[bare, none], ["virement", "carry_in"]].eq(0).all(axis=1)
    for place, spent in ((bare, int(rng.integers(8_000, 90_000)) * 100), (none, 0)):
        if clean[place]:
            rows.loc[place, stages] = 0
            rows.loc[place, "executed"] = spent
    people = rng.choice(np.flatnonzero((rows["class"] == "personnel").to_numpy()))
    rows.loc[people, "executed"] = int(rows.loc[people, "adjusted"] * 1.004)
    return rows


def _received(rows: pd.DataFrame, rest: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Money released: what was spent and often the rest; in a few rows less than was spent."""
    kind = rng.random(len(rows))
    share = np.select([kind < 0.55, kind < 0.8], [1.0, rng.random(len(rows))], 0.0)
    less = np.where(kind > 0.995, 0.9, 1.0)
    return np.round((rows["executed"] + rest * share) * less).astype(np.int64).to_numpy()
