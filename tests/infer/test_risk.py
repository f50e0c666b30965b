import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.infer.risk import class_rates, predict_later_years, score_risk

FEATURES = ["past", "deviation"]


def make_world(seed=1, years=5, n=600, base=-2.2):
    """Projects whose chance of a material finding is known, audited by the risk that shows."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "year": np.repeat(np.arange(2018, 2018 + years), n),
            "past": rng.poisson(0.5, years * n).astype(float),
            "deviation": rng.normal(size=years * n),
            "class": rng.choice(["a", "b", "c"], years * n),
        }
    )
    chance = 1 / (1 + np.exp(-(base + 0.9 * frame["past"] + 0.6 * frame["deviation"])))
    found = rng.random(len(frame)) < chance
    probability = np.clip(0.04 + 1.2 * chance, 0, 1)
    audited = rng.random(len(frame)) < probability
    return frame.assign(
        truth=found.astype(float),
        chance=chance,
        audit_probability=probability,
        is_audited=audited,
        is_material=np.where(audited, found.astype(float), np.nan),
        amount=rng.lognormal(3, 1, len(frame)),
    )


def test_ridge_without_penalty_equals_statsmodels():
    import statsmodels.api as sm

    world = make_world()
    past = world[world["is_audited"]]
    got = score_risk(past, world.head(50), features=FEATURES, penalty=0.0)
    fit = sm.GLM(past["is_material"], sm.add_constant(past[FEATURES]), family=sm.families.Binomial()).fit()
    want = fit.predict(sm.add_constant(world.head(50)[FEATURES]))
    assert got["risk"].to_list() == pytest.approx(want.to_list(), abs=1e-6)
    assert (got["method"] == "ridge_logistic").all()


def test_a_large_penalty_gives_the_share_itself():
    past = make_world().query("is_audited")
    got = score_risk(past, past, features=FEATURES, penalty=1e9)
    assert got["risk"].to_list() == pytest.approx([past["is_material"].mean()] * len(past), abs=1e-3)


def test_noise_is_penalised_and_a_signal_is_kept():
    world = make_world(seed=2)
    rng = np.random.default_rng(3)
    noisy = world.assign(**{f"noise{i}": rng.normal(size=len(world)) for i in range(30)})
    past, later = noisy.query("is_audited & year < 2020"), noisy.query("year == 2022")
    names = FEATURES + [f"noise{i}" for i in range(30)]
    chosen = score_risk(past, later, features=names)["risk"]
    free = score_risk(past, later, features=names, penalty=0.0)["risk"]
    assert ((chosen - later["chance"]) ** 2).mean() < ((free - later["chance"]) ** 2).mean()
    assert np.corrcoef(chosen, later["chance"])[0, 1] > np.corrcoef(free, later["chance"])[0, 1]


@pytest.mark.parametrize(("findings", "method"), [(49, "class_rates"), (50, "ridge_logistic")])
def test_fifty_findings_decide(findings, method):
    rng = np.random.default_rng(4)
    past = pd.DataFrame(
        {"past": rng.normal(size=300), "class": "a", "is_material": [1] * findings + [0] * (300 - findings)}
    )
    assert (score_risk(past, past, features=["past"])["method"] == method).all()


def test_missing_features_count_as_the_mean_and_the_leading_one_is_named():
    past = make_world().query("is_audited")
    new = pd.DataFrame({"past": [3.0, np.nan], "deviation": [np.nan, -3.0], "class": "a"})
    got = score_risk(past, new, features=FEATURES)
    assert got["leading"][0] == "past"
    assert pd.isna(got["leading"][1])
    assert got["risk"][0] > past["is_material"].mean() > got["risk"][1]


def test_class_rates_are_shrunk_between_their_own_and_the_mean():
    past = pd.DataFrame(
        {
            "class": ["a"] * 4 + ["b"] * 200 + ["c"] * 200,
            "is_material": [1] * 3 + [0] + [1] * 20 + [0] * 180 + [1] * 60 + [0] * 140,
        }
    )
    table = class_rates(past).set_index("class")
    overall = table.loc[table["n"] == 0, "value"].item()
    assert overall < table.loc["a", "value"] < table.loc["a", "rate"]
    assert table.loc["b", "value"] == pytest.approx(table.loc["b", "rate"], abs=0.02)
    got = score_risk(past, pd.DataFrame({"class": ["b", "new"]}), features=[])
    assert got["risk"].to_list() == pytest.approx([table.loc["b", "value"], overall])


def test_shrunken_rates_beat_raw_ones():
    rng = np.random.default_rng(5)
    raw, shrunk = [], []
    for _ in range(30):
        truth = rng.beta(3, 17, 12)
        n = rng.integers(3, 25, 12)
        past = pd.DataFrame(
            {
                "class": np.repeat(np.arange(12), n),
                "is_material": (rng.random(n.sum()) < np.repeat(truth, n)).astype(int),
            }
        )
        table = class_rates(past).iloc[:12]
        raw.append(((table["rate"] - truth) ** 2).sum())
        shrunk.append(((table["value"] - truth) ** 2).sum())
    assert np.mean(shrunk) < 0.6 * np.mean(raw)


def test_a_year_is_scored_by_earlier_years_only():
    world = make_world()
    changed = world.copy()
    changed.loc[changed["year"] >= 2021, ["is_material"]] = np.where(
        changed.loc[changed["year"] >= 2021, "is_audited"], 1.0, np.nan
    )
    a, b = (predict_later_years(w, features=FEATURES) for w in (world, changed))
    early = a["year"] <= 2021
    np.testing.assert_array_equal(a.loc[early, "risk"], b.loc[early, "risk"])
    assert not np.allclose(a.loc[~early, "risk"], b.loc[~early, "risk"])
    assert sorted(a["year"].unique()) == [2019, 2020, 2021, 2022]


def test_one_year_leaves_nothing_to_judge():
    assert predict_later_years(make_world(years=1), features=FEATURES).empty


def test_no_outcomes_are_refused():
    with pytest.raises(DataError, match=r"600 audited projects of earlier years, \d+ of them without"):
        score_risk(make_world(years=1), make_world(years=1), features=FEATURES)
