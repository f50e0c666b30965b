"""Judging an alert system: at the rule's own recall, at a fixed workload, and by its probabilities."""

import numpy as np
import pandas as pd


def false_flags_at_recall(score: pd.Series, failing: pd.Series, flagged: pd.Series) -> pd.DataFrame:
    """One row: what the order by `score` (high first) needs to catch as many as the rule's `flagged` do.

    `caught` failing units, `recall`, `rule_false` and `order_false` flags, and their `ratio` (order / rule;
    NA where the rule raises no false flag). Ties of the score go in the order of the rows.
    """
    hit = failing.astype("bool").to_numpy()
    rule = flagged.astype("bool").to_numpy()
    caught, rule_false = int((rule & hit).sum()), int((rule & ~hit).sum())
    ordered = hit[np.argsort(-score.to_numpy("float64"), kind="stable")]
    needed = int(np.searchsorted(np.cumsum(ordered), caught) + 1) if caught else 0
    row = {
        "caught": caught,
        "recall": caught / hit.sum() if hit.any() else np.nan,
        "rule_false": rule_false,
        "order_false": needed - caught,
        "ratio": (needed - caught) / rule_false if rule_false else np.nan,
    }
    return pd.DataFrame([row])


def at_workload(
    orders: pd.DataFrame, failing: pd.Series, unspent: pd.Series, *, share: float = 0.1
) -> pd.DataFrame:
    """One row per column of `orders` (scores, high first): what a list of `share` of the units catches.

    Units that tie for the last places count by the share of them that the list has room for: the mean over all
    ways to break the tie, so that the order of the rows decides nothing.
    `length`, `failing` in the list, `precision`, `recall`, `unspent` in the list and `money_share` of what
    the perfect list of that length holds (the units with the most unspent money).
    """
    length = round(share * len(failing))
    hit, money = failing.astype("float64").to_numpy(), unspent.to_numpy("float64")
    perfect = np.sort(money)[::-1][:length].sum()
    rows = [_list_row(orders[name].to_numpy("float64"), hit, money, length, perfect) for name in orders]
    return pd.DataFrame(rows).assign(order=list(orders))[
        ["order", "length", "failing", "precision", "recall", "unspent", "money_share"]
    ]


def _list_row(score: np.ndarray, hit: np.ndarray, money: np.ndarray, length: int, perfect: float) -> dict:
    weight = _places(score, length)
    failing, unspent = float(weight @ hit), float(weight @ money)
    return {
        "length": length,
        "failing": failing,
        "precision": failing / length if length else np.nan,
        "recall": failing / hit.sum() if hit.any() else np.nan,
        "unspent": unspent,
        "money_share": unspent / perfect if perfect > 0 else np.nan,
    }


def _places(score: np.ndarray, length: int) -> np.ndarray:
    """1 for a unit that is in the list for sure, 0 for one that is not, a share for those that tie at its end."""
    if not length:
        return np.zeros(len(score))
    last = np.partition(score, len(score) - length)[len(score) - length]
    above, ties = score > last, score == last
    return above + ties * ((length - above.sum()) / ties.sum())
