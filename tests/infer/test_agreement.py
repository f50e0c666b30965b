import json

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.agreement import agreement_table, bland_altman, concordance, proportional_bias
from perflib.infer.reliability import icc


@pytest.fixture(scope="module")
def lancet(oracles):
    case = json.loads((oracles / "bland_altman_1986.json").read_text())
    return pd.DataFrame({"self_score": case["wright"], "check_score": case["mini"]}), case["expected"]


def test_limits_of_bland_and_altman_1986(lancet):
    pairs, expected = lancet
    got = bland_altman(pairs).set_index("quantity")["value"]
    assert got["bias"] == pytest.approx(expected["bias"])
    assert [got["lower_limit"], got["upper_limit"]] == pytest.approx(expected["loa95"])


def test_exact_interval_of_a_limit_covers_it():
    rng = np.random.default_rng(1)
    truth = 3 + 1.959964 * 5
    hits = []
    for _ in range(200):
        d = rng.normal(3, 5, 12)
        row = (
            bland_altman(pd.DataFrame({"self_score": d, "check_score": 0.0}))
            .set_index("quantity")
            .loc["upper_limit"]
        )
        hits.append(row["low"] <= truth <= row["high"])
    assert np.mean(hits) == pytest.approx(0.95, abs=0.046)


def test_bias_is_self_less_check():
    pairs = pd.DataFrame({"self_score": [95.0, 92, 99], "check_score": [90.0, 90, 90]})
    assert bland_altman(pairs)["value"][0] == (5 + 2 + 9) / 3


def test_proportional_bias_is_least_squares(lancet):
    import statsmodels.api as sm

    pairs, _ = lancet
    d, m = pairs["self_score"] - pairs["check_score"], pairs.mean(axis=1)
    fit = sm.OLS(d, sm.add_constant(m)).fit()
    got = proportional_bias(pairs)
    assert got["value"] == pytest.approx(fit.params.iloc[1])
    assert [got["low"], got["high"]] == pytest.approx(fit.conf_int().iloc[1].to_list())


def test_concordance_is_lins_formula(lancet):
    pairs, _ = lancet
    x, y = pairs["self_score"], pairs["check_score"]
    want = 2 * np.cov(x, y, ddof=0)[0, 1] / (x.var(ddof=0) + y.var(ddof=0) + (x.mean() - y.mean()) ** 2)
    got = concordance(pairs)
    assert got["value"] == pytest.approx(want)
    assert got["low"] < want < got["high"] < 1


def test_perfect_and_flat_scores():
    same = pd.DataFrame({"self_score": [80.0, 85, 90], "check_score": [80.0, 85, 90]})
    assert concordance(same)["value"] == pytest.approx(1)
    flat = pd.DataFrame({"self_score": [90.0] * 4, "check_score": [90.0] * 4})
    assert np.isnan(concordance(flat)["value"])
    assert np.isnan(proportional_bias(flat)["value"])


def test_table_has_every_measure(lancet):
    pairs, _ = lancet
    table = agreement_table(pairs).set_index("quantity")
    assert list(table.index)[3:] == ["icc_agreement", "concordance", "proportional_bias"]
    assert table.loc["icc_agreement", "value"] == icc(pairs)["value"]
    assert (table["n"] == 17).all()


def test_two_pairs_are_too_few():
    with pytest.raises(DataError, match="Only 2 projects"):
        bland_altman(pd.DataFrame({"self_score": [1.0, 2, 3], "check_score": [1.0, 2, None]}))
