"""Self-evaluations: scores made of the indicators' marks and the execution rate, and rounds of return."""

import numpy as np
import pandas as pd

from tools.sample.chance import stream

MISSING = {2019: 24, 2020: 15, 2021: 6, 2022: 0}


def make_selves(budgets: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """One row per project and round; whoever owes it has one, but for a few in the early years."""
    rng = stream("evaluations", "self")
    rows = budgets[budgets["owes"]].sort_values(["year", "project"], ignore_index=True)
    rows = rows[~_forgotten(rows, rng)].reset_index(drop=True)
    rows["rate"] = rows["executed"] / rows["adjusted"]
    score = _heaped(_honest(rows, indicators), rng)
    frame = pd.DataFrame(
        {
            **{"year": rows["year"], "subject_kind": "project", "subject": rows["project"], "kind": "self"},
            **{
                "evaluator": "unit",
                "round": 1,
                "level": "unit",
                "evaluator_kind": "own",
                "status": "accepted",
            },
            **{"score": score, "reported_rate": _reported(rows, rng), "done_on": _dates(rows["year"], rng)},
        }
    )
    return _returned(frame, rng)


def _forgotten(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    gone = np.zeros(len(rows), bool)
    for year, n in MISSING.items():
        gone[rng.choice(np.flatnonzero(rows["year"] == year), n, replace=False)] = True
    return gone


def _honest(rows: pd.DataFrame, indicators: pd.DataFrame) -> np.ndarray:
    """Indicators' marks brought to 90 where some don't apply, and ten times the rate, at most 10."""
    used = indicators[(indicators["subject_kind"] == "project") & indicators["score"].notna()]
    sums = used.groupby(["year", "subject"])[["score", "weight"]].sum()
    both = sums.reindex(pd.MultiIndex.from_frame(rows[["year", "project"]]))
    marks = (both["score"] / both["weight"] * 90).to_numpy()
    return np.round(marks + 10 * rows["rate"].clip(0, 1).to_numpy(), 2)


def _heaped(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some round up to 95 or to a whole mark, some lift themselves over 90, a few claim a full 100."""
    kind = rng.random(len(score))
    up95 = (score >= 93.2) & (score < 95) & (kind < 0.35)
    up90 = (score >= 87.8) & (score < 90) & (kind < 0.25)
    full = (score >= 98.8) & (kind < 0.4)
    whole = kind > 0.86
    heaped = np.select(
        [up95, up90, full, whole],
        [95, np.round(90 + 0.8 * rng.random(len(score)), 1), 100, np.ceil(score)],
        score,
    )
    return np.minimum(np.round(heaped, 2), 100)


def _reported(rows: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """The rate as typed into the form: mostly right to four places, a few rounded, a few wrong."""
    rate = np.round(rows["rate"].to_numpy(), 4)
    rate = np.where(rng.random(len(rows)) < 0.05, np.round(rate, 2), rate)
    for year in sorted(rows["year"].unique()):
        here = (rows["year"] == year).to_numpy()
        low = np.flatnonzero(here & (rate < 0.8) & (rate > 0.3))
        high = np.flatnonzero(here & (rate > 0.97))
        wrong = rng.choice(low, 3, replace=False)
        lift = 1 - rate[wrong]
        rate[wrong] = 1.0
        # As much is reported too low elsewhere, so that the mean as reported stays where it is.
        under = rng.choice(high, 3, replace=False)
        rate[under] = np.round(rate[under] - lift, 4)
    return rate


def _dates(years: pd.Series, rng: np.random.Generator) -> pd.Series:
    days = np.minimum(rng.gamma(6.0, 5.0, len(years)), 58).astype(int)
    return pd.to_datetime((years + 1).astype(str) + "-02-20") + pd.to_timedelta(days, unit="D")


def _returned(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some were sent back once, a few twice: the earlier rounds stay, the last one counts."""
    twice = rng.random(len(frame)) < 0.085
    thrice = twice & (rng.random(len(frame)) < 0.15)
    last = frame.assign(round=1 + twice + thrice)
    last["done_on"] = last["done_on"] + pd.to_timedelta(12 * (last["round"] - 1), unit="D")
    firsts = [_sent_back(frame[twice], 1, rng), _sent_back(frame[thrice], 2, rng)]
    return pd.concat([last, *firsts], ignore_index=True)


def _sent_back(rows: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    score = np.minimum(np.round(rows["score"] + rng.normal(1.2, 1.5, len(rows)).clip(-2, 5), 1), 100)
    done = rows["done_on"] + pd.to_timedelta(12 * (number - 1), unit="D")
    return rows.assign(
        round=number, status="returned", score=score, done_on=done, note="佐证材料不全，退回补充"
    )
