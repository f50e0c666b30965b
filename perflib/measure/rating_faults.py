"""Ratings that can't be taken as they are: outside the scale, given twice, or all the same."""

import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.measure.exact import NANO, as_nano

_PANEL = ["district", "year", "context"]
FAULTS = ("below_scale", "above_scale", "rated_twice", "all_the_same")


def rating_faults(ratings: pd.DataFrame, rules: Rules, *, min_items: int = 3) -> pd.DataFrame:
    """One row per rating and `fault`, with all columns of `ratings`; nothing is dropped or mended.

    `below_scale`, `above_scale`: outside the rule's rating scale; `rated_twice`: the same rater, item and
    dimension more than once (all of them); `all_the_same`: every score of a rater over `min_items` items
    or more is one number, so that it tells nothing apart.
    """
    rows = ratings[ratings["score"].notna()].reset_index(drop=True)
    scores = as_nano(rows["score"])
    masks = {
        "below_scale": (scores < int(rules.rating.min * NANO)).astype(bool),
        "above_scale": (scores > int(rules.rating.max * NANO)).astype(bool),
        "rated_twice": rows.duplicated([*_PANEL, "rater", "item", "dimension"], keep=False).to_numpy(),
        "all_the_same": _is_constant(rows, min_items),
    }
    parts = [rows[mask].assign(fault=fault) for fault, mask in masks.items()]
    keys = [*_PANEL, "rater", "item", "dimension"]
    table = pd.concat(parts, ignore_index=True)
    order = {fault: i for i, fault in enumerate(FAULTS)}
    by_fault = table.assign(_order=table["fault"].map(order)).sort_values(
        ["_order", *keys], ignore_index=True
    )
    return by_fault.drop(columns="_order")


def _is_constant(rows: pd.DataFrame, min_items: int):
    grouped = rows.groupby([*_PANEL, "rater"], dropna=False)
    same = grouped["score"].transform("nunique") == 1
    return (same & (grouped["item"].transform("nunique") >= min_items)).to_numpy()
