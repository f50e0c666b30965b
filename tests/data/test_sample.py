"""The sample as committed: the published figures that it follows, and what must hold in every table."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from perflib.data.contract import tables
from perflib.data.outline import polygons_of
from perflib.data.places import shared_folder

HOME, WORK_YEAR = "330199", 2023
DATA = shared_folder("data")


@pytest.fixture(scope="module")
def sample() -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(DATA / "sample" / f"{name}.parquet") for name in tables()}


@pytest.fixture(scope="module")
def home(sample) -> pd.DataFrame:
    projects = sample["projects"]
    return projects[projects["district"] == HOME]


@pytest.fixture(scope="module")
def published() -> pd.Series:
    return pd.read_csv(DATA / "published" / "district_summaries.csv").iloc[0]


def cents(amounts: pd.Series) -> pd.Series:
    return (amounts * 100).round().astype("int64")


def owing(sample, home, year: int) -> pd.DataFrame:
    """Projects that owe a self-evaluation: by class, by policy, by project; the most specific row wins."""
    rules = sample["catalogue"].query("year == @year")
    rows = home[home["year"] == year]
    owes = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    for scope, column in (("class", "class"), ("policy", "policy"), ("project", "project")):
        told = rules[rules["scope"] == scope].set_index("item")["self_evaluation"].astype("boolean")
        owes = rows[column].map(told).astype("boolean").fillna(owes)
    return rows[owes.fillna(False)]


# ---------------------------------------------------------------- the published figures


def test_projects_that_owe_a_self_evaluation_have_one(sample, home, published):
    owed = owing(sample, home, WORK_YEAR - 1)
    selves = sample["evaluations"].query("kind == 'self' and year == @WORK_YEAR - 1 and status == 'accepted'")
    assert len(owed) == published["n_selfeval_projects"] == 961
    assert set(selves["subject"]) == set(owed["project"])
    assert (selves["done_on"].map(lambda day: day.year) == WORK_YEAR).all()


def test_mean_execution_rate_is_the_published_one(sample, home, published):
    owed = owing(sample, home, WORK_YEAR - 1)
    selves = sample["evaluations"].query("kind == 'self' and year == @WORK_YEAR - 1 and status == 'accepted'")
    assert (owed["adjusted_budget"] > 0).all()
    assert f"{(owed['executed'] / owed['adjusted_budget']).mean():.1%}" == published["mean_execution_rate"]
    assert f"{selves['reported_rate'].mean():.1%}" == published["mean_execution_rate"]
    weighted = owed["executed"].sum() / owed["adjusted_budget"].sum()
    assert 0.85 < weighted < 0.93


def test_three_policies_are_evaluated_by_every_district_and_by_the_city(sample):
    rows = sample["evaluations"].query("kind == 'finance' and year == @WORK_YEAR - 1")
    both = rows.pivot_table(index=["subject", "district"], columns="level", values="score").dropna(
        subset="district"
    )
    shared = both.groupby("subject").filter(lambda part: len(part) == 12)
    assert len(shared) == 3 * 12 and shared["city"].isna().sum() == 1
    assert 1.5 < (shared["district"] - shared["city"]).mean() < 4.5
    outputs = sample["indicators"].query("subject_kind == 'policy' and month == 12 and level2 == '数量'")
    assert (outputs.groupby(["subject", "district"])["year"].nunique() == 4).all()
    assert set(outputs["subject"]) == set(shared.index.get_level_values("subject"))
    assert (outputs["actual"] > 0).all() and outputs.groupby("name")["unit"].nunique().eq(1).all()


def test_key_evaluations_and_spot_checks(sample, published):
    looks = sample["evaluations"].query("year == @WORK_YEAR - 1 and district == @HOME and level != 'city'")
    key, checks = looks.query("kind == 'finance'"), looks.query("kind == 'spot_check'")
    assert (len(key), set(key["subject_kind"])) == (published["n_key_evaluations"], {"policy"})
    assert (len(checks), checks["inclusion_probability"].count()) == (published["n_spot_checks"], 0)
    before = sample["evaluations"].query("evaluator_kind == 'joint_audit'")
    assert before["year"].tolist() == [WORK_YEAR - 1]


def test_three_appraisals_and_the_amount_cut(sample, published):
    rows = sample["appraisals"]
    rows = rows[pd.to_datetime(rows["done_on"]).dt.year == WORK_YEAR]
    cut = cents(rows["requested"]) - cents(rows["approved"])
    assert len(rows) == published["n_exante_assessed"] == 3
    assert (rows["requested"] >= 5_000_000).all() and (rows["requested"] == 5_000_000).any()
    assert cut.sum() == 986_560_000
    moves = sample["adjustments"].query("stage == 'ex_ante' and year == @WORK_YEAR + 1")
    assert cents(moves["amount"]).sum() == -986_560_000


def test_mid_year_cut_is_above_twenty_million(sample):
    moves = sample["adjustments"].query("stage == 'mid_year' and year == @WORK_YEAR")
    assert cents(moves["amount"]).sum() == -2_364_000_000


def test_assessment_shifts_to_effect_with_four_new_indicators(sample):
    rows = sample["assessment"]
    new = rows.query("year == @WORK_YEAR and is_new")["indicator"].unique()
    assert (len(new), "进度管理" in new) == (4, True)
    assert (rows.groupby(["year", "department"])["weight"].sum() == 100).all()
    effect = rows[rows["orientation"] == "effect"].groupby("year")["weight"].sum()
    assert WORK_YEAR - 1 not in effect.index and effect[WORK_YEAR] > 0
    buying = rows[rows["indicator"] == "政府采购管理"].groupby("year")["orientation"].unique().str[0]
    assert buying.to_dict() == {2022: "compliance", 2023: "effect"}


def test_screening_mended_most_faulty_targets(sample):
    rows = sample["indicators"].query("year == @WORK_YEAR and subject_kind == 'project'")
    rows = rows[rows["direction"] != "qualitative"]
    before, after = rows["target_initial"].isna().sum(), rows["target"].isna().sum()
    assert 0 < after < before / 3
    found = sample["findings"].query("stage == '举一反三排查'")
    assert set(found["subject"]) == set(rows.loc[rows["target_initial"].isna(), "subject"])


def test_plans_are_written_in_both_languages(sample):
    items = sample["work_items"]
    plans = items[items["kind"] == "plan"]
    assert plans.query("year == @WORK_YEAR")["done_on"].notna().sum() == 4
    assert plans.query("year == @WORK_YEAR")["done_on"].isna().sum() == 1
    assert len(plans.query("year == @WORK_YEAR + 1")) == 7
    assert items[["title", "title_en", "text", "text_en"]].notna().all().all()
    assert not items["text"].str.contains(r"\d").any() and not items["text_en"].str.contains(r"\d").any()


# ---------------------------------------------------------------- what must hold


@pytest.mark.parametrize("name", tables())
def test_tables_follow_the_contract(sample, name):
    frame, declared = sample[name], tables()[name]
    assert len(frame) and list(frame.columns) == [c for c in declared.names if c in frame]
    assert set(declared.key) <= set(frame.columns)
    assert not frame.duplicated(list(declared.key)).any()
    for column in declared.columns:
        values = frame[column.name].dropna()
        assert not column.is_filled or len(values) == len(frame), column.name
        assert not column.values or set(values) <= set(column.values), column.name
        assert column.min is None or (values >= column.min).all(), column.name
        assert column.max is None or (values <= column.max).all(), column.name


def test_movements_reconcile_initial_to_adjusted(sample, home):
    moves = sample["adjustments"].query("basis == 'budget'")
    moved = cents(moves["amount"]).groupby([moves["year"], moves["project"]]).sum()
    rows = home.set_index(["year", "project"])
    change = cents(rows["adjusted_budget"]) - cents(rows["initial_budget"])
    assert (change == moved.reindex(change.index).fillna(0)).all()
    assert set(moved.index) <= set(change.index)
    virement = moves.query("stage == 'virement'").groupby("year")["amount"].sum()
    assert (virement == 0).all()


def test_funds_sum_to_projects(sample, home):
    amounts = ["initial_budget", "adjusted_budget", "received", "executed"]
    funds = sample["funds"]
    sums = funds[amounts].apply(cents).groupby([funds["year"], funds["project"]]).sum().sort_index()
    rows = home.set_index(["year", "project"])[amounts].apply(cents).sort_index()
    pd.testing.assert_frame_equal(sums, rows)


def test_what_is_left_is_carried_over_or_lapses(sample):
    rows = sample["projects"]
    left = cents(rows["adjusted_budget"]) - cents(rows["executed"])
    gone = cents(rows["carried_over"]) + cents(rows["lapsed"])
    assert (gone == left.clip(lower=0)).all()
    assert (left < 0).sum() < len(rows) / 250


def test_carry_over_is_carried_in_a_year_later(sample):
    rows = sample["projects"]
    keys = ["district", "project", "year"]
    ahead = rows[[*keys, "carried_in"]].assign(year=rows["year"] - 1)
    both = rows[[*keys, "carried_over"]].merge(ahead, on=keys)
    assert (both["carried_over"] == both["carried_in"]).all()
    last = rows["carried_over"].gt(0) & rows["year"].lt(rows["year"].max())
    assert last.sum() == both["carried_over"].gt(0).sum()


def test_progress_never_falls_and_ends_at_the_year(sample, home):
    rows = sample["progress"].sort_values(["year", "project", "month"])
    assert (rows.groupby(["year", "project"])["executed"].diff().dropna() >= 0).all()
    assert (rows["executed"] <= rows["committed"]).all() and (rows["committed"] <= rows["authorised"]).all()
    year = home.set_index(["year", "project"]).sort_index()
    december = rows[rows["month"] == 12].set_index(["year", "project"]).sort_index()
    for name in ("executed", "adjusted_budget"):
        assert (december[name] == year[name]).all()
    above = rows["authorised"] > rows["adjusted_budget"]
    over = year["executed"] > year["adjusted_budget"]
    assert above.sum() == over.sum()


def test_self_scores_lean_left_and_heap(sample):
    scores = sample["evaluations"].query("kind == 'self' and status == 'accepted'")["score"]
    assert scores.between(0, 100).all() and scores.skew() < -1
    per_mark = np.floor(scores).value_counts()
    assert per_mark[95] > 1.5 * per_mark[94] and (scores == 95).sum() > 50
    assert per_mark[90] > 1.2 * per_mark[89]


def test_drawn_spot_checks_have_probabilities_that_sum_to_their_number(sample):
    checks = sample["evaluations"].query("kind == 'spot_check' and year < @WORK_YEAR - 1")
    assert checks["inclusion_probability"].between(0, 1, inclusive="right").all()
    # 1/p estimates how many were there to draw from, each year's self-evaluations.
    selves = sample["evaluations"].query("kind == 'self' and status == 'accepted'")
    for year, rows in checks.groupby("year"):
        there = (selves["year"] == year).sum()
        assert 0.4 < (1 / rows["inclusion_probability"]).sum() / there < 2.2
    both = checks.merge(selves[["year", "subject", "score"]], on=["year", "subject"], suffixes=("", "_self"))
    assert 2.5 < (both["score_self"] - both["score"]).mean() < 5


def test_weights_sum_to_ninety_but_for_a_few(sample):
    rows = sample["indicators"].query("subject_kind == 'project'")
    sums = rows.groupby(["year", "subject"])["weight"].agg(["sum", "size"])
    assert sums["size"].between(4, 9).all()
    assert 0 < (sums["sum"].round(1) != 90).sum() < 0.03 * len(sums)


def test_the_threshold_has_projects_on_both_sides(home):
    new = home.query("year == @WORK_YEAR and is_new and initial_budget > 0")["initial_budget"]
    assert (new == 5_000_000).sum() == 1 and ((new < 5_000_000) & (new >= 4_900_000)).any()
    assert (new >= 5_000_000).sum() < 10


def test_codes_belong_to_no_real_place(sample):
    codes = sample["districts"]["district"]
    assert len(codes) == 12 and set(sample["projects"]["district"]) == set(codes)
    assert codes.between("330188", "330199").all()
    assert sample["districts"]["name_zh"].str.startswith("示例").all()
    assert sample["districts"]["name_en"].str.startswith("Sample").all()


# ---------------------------------------------------------------- the files beside it


@pytest.mark.parametrize("name", tables())
def test_readme_counts_the_rows(sample, name):
    readme = (DATA / "README.md").read_text("utf-8")
    rows, columns = sample[name].shape
    assert f"| `sample/{name}.parquet` | {rows:,} | {columns} |" in readme


@pytest.mark.parametrize(
    "file, rows",
    [("self_evaluations", 60), ("spending_progress", 39), ("district_summaries", 16), ("key_evaluations", 9)],
)
def test_published_figures_name_their_source(file, rows):
    frame = pd.read_csv(DATA / "published" / f"{file}.csv")
    assert len(frame) == rows and frame["source_url"].str.match(r"https?://|none recorded").all()
    readme = (DATA / "README.md").read_text("utf-8")
    assert f"| `published/{file}.csv` | {rows} | {', '.join(frame.columns)} |" in readme


@pytest.mark.parametrize(
    "file", ["self_evaluations", "spending_progress", "district_summaries", "key_evaluations"]
)
def test_published_figures_are_those_at_hand(shared_data, file):
    ours = pd.read_csv(DATA / "published" / f"{file}.csv", dtype=str)
    theirs = pd.read_csv(shared_data / "china" / f"{file}.csv", dtype=str)
    figures = [
        c
        for c in theirs
        if c.endswith(("_wan", "_published", "_pct", "score", "grade")) or c.startswith("n_")
    ]
    pd.testing.assert_frame_equal(ours[figures], theirs[figures])


def test_all_files_together_stay_small():
    files = [
        DATA / "sample-district-2023.xlsx",
        *(DATA / "sample").iterdir(),
        *(DATA / "published").iterdir(),
    ]
    assert sum(f.stat().st_size for f in files) < 6_000_000


def test_outlines_divide_the_sample_s_city_without_gap_or_overlap(sample):
    rings = [polygons_of(text)[0][0] for text in sample["districts"]["outline"]]
    ends = [(tuple(a), tuple(b)) for ring in rings for a, b in pairwise(ring)]
    assert len(set(ends)) == len(ends)  # no stretch has two districts on one side
    coast = dict((a, b) for a, b in ends if (b, a) not in set(ends))
    walk = [next(iter(coast))]
    while coast[walk[-1]] != walk[0]:
        walk.append(coast[walk[-1]])
    assert len(walk) == len(coast)  # one coast, and so no gap inside
    areas = [_area(ring) for ring in rings]
    assert min(areas) > 0 and sum(areas) == pytest.approx(_area(np.array([*walk, walk[0]])), rel=1e-9)


def _area(ring: np.ndarray) -> float:
    x, y = (ring - ring[0]).T
    return float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
