"""False discoveries: the worked example of Benjamini and Hochberg, and the promise itself."""

import json

import numpy as np
import pytest

from perflib.infer.interval import control_discoveries


def test_worked_example(oracles):
    example = json.loads((oracles / "bh1995.json").read_text("utf-8"))
    p, expected = example["p"], example["expected"]
    assert control_discoveries(p)["is_flagged"].sum() == expected["bh_rejects"]


def test_share_of_false_flags_is_kept():
    """80 nulls and 20 effects over 400 worlds: at most 5 % false (true level 4 %, tolerance 1 point)."""
    rng = np.random.default_rng(1)
    p = np.concatenate([rng.random((400, 80)), rng.beta(0.05, 3, (400, 20))], axis=1)
    false = [np.mean(np.flatnonzero(control_discoveries(row)["is_flagged"]) < 80) for row in p]
    assert np.nanmean(false) <= 0.05


def test_na_is_no_test_and_order_stays():
    table = control_discoveries([0.001, np.nan, 0.9])
    assert table["is_flagged"].tolist() == [True, False, False]
    assert table["adjusted"].iloc[0] == pytest.approx(0.002)
    assert control_discoveries([np.nan])["is_flagged"].tolist() == [False]
