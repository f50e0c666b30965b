"""Ratings outside the scale, twice, or all the same are listed, and none is lost."""

import pandas as pd

from perflib.data.rules import load_rules
from perflib.data.text import has_text
from perflib.measure.voices import FAULTS, rating_faults

RULES = load_rules("national-2020")


def rating(rater, item, score):
    place = {"district": "a", "year": 2024, "context": "ex_ante", "dimension": "necessity"}
    return {**place, "rater": rater, "item": item, "score": score}


def test_each_fault_is_listed():
    rows = [rating("e1", item, 80.0) for item in "abc"]
    rows += [
        rating("e2", "a", 100.0),
        rating("e2", "b", 100.5),
        rating("e2", "c", -1.0),
        rating("e2", "d", None),
    ]
    rows += [rating("e3", "a", 70.0), rating("e3", "a", 75.0), rating("e3", "b", 0.0)]
    found = rating_faults(pd.DataFrame(rows), RULES)
    listed = found.groupby("fault")["rater"].agg(list).to_dict()
    assert listed == {
        "above_scale": ["e2"],
        "below_scale": ["e2"],
        "rated_twice": ["e3", "e3"],
        "all_the_same": ["e1"] * 3,
    }
    assert all(has_text(f"appraisal.{fault}") for fault in FAULTS)


def test_sound_ratings_have_no_fault():
    rows = [rating("e1", "a", 80.0), rating("e1", "b", 80.0), rating("e2", "a", 81.0)]
    assert rating_faults(pd.DataFrame(rows), RULES).empty
