import pandas as pd
import pytest

from perflib.measure.assessment import list_faults, score_departments, score_phases, score_rows, weight_shares


def _assessment(rows, year=2023):
    columns = ["department", "indicator", "phase", "orientation", "weight", "max_score", "score"]
    return pd.DataFrame(rows, columns=columns).assign(district="x", year=year)


TWO = [
    ("教育局", "目标编报", "preparation", "compliance", 40, 40, 36),
    ("教育局", "进度管理", "execution", "effect", 40, 10, 8),
    ("教育局", "结果公开", "supervision", "effect", 20, None, 15),
    ("住建局", "目标编报", "preparation", "compliance", 40, 40, 40),
    ("住建局", "进度管理", "execution", "effect", 40, 10, 10),
    ("住建局", "结果公开", "supervision", "effect", 20, None, 10),
]


def test_score_and_rank():
    table = score_departments(_assessment(TWO)).set_index("department")
    assert table.loc["教育局", "score"] == 36 + 8 / 10 * 40 + 15
    assert table.loc["住建局", "score"] == 40 + 40 + 10
    assert table["rank"].to_dict() == {"教育局": 2, "住建局": 1}
    assert table["reason"].isna().all()


def test_phases_sum_to_the_score():
    for by in ("phase", "orientation"):
        parts = score_phases(_assessment(TWO), by=by).groupby("department")["points"].sum()
        assert (
            parts.to_dict() == score_departments(_assessment(TWO)).set_index("department")["score"].to_dict()
        )


def test_equal_scores_share_a_rank_though_their_sums_are_binary():
    # 0.1 + 0.2 is 0.30000000000000004 in binary, and must not beat 0.3.
    marks = {"甲": (0.1, 0.2), "乙": (0.3, 0.0), "丙": (0.1, 0.1)}
    rows = [
        (d, f"i{i}", "execution", "effect", 50, 50, m)
        for d, pair in marks.items()
        for i, m in enumerate(pair)
    ]
    table = score_departments(_assessment(rows)).set_index("department")
    assert table["rank"].to_dict() == {"甲": 1, "乙": 1, "丙": 3}


@pytest.mark.parametrize(("last", "reason"), [(19, "weights_off"), (20, None), (30, "weights_off")])
def test_weights_must_sum(last, reason):
    rows = [*TWO[:2], (*TWO[2][:4], last, None, 15)]
    row = score_departments(_assessment(rows)).iloc[0]
    assert (row["reason"] if reason else None) == reason
    assert pd.isna(row["score"]) == (reason is not None)
    assert pd.isna(row["rank"]) == (reason is not None)


def test_weights_of_a_third_each_sum():
    rows = [("甲", f"i{i}", "execution", "effect", 100 / 3, None, 30) for i in range(3)]
    assert score_departments(_assessment(rows))["score"].item() == pytest.approx(90)


def test_a_score_above_full_marks_is_capped_and_listed_and_a_missing_one_leaves_no_score():
    rows = [*TWO[:2], (*TWO[2][:4], 20, 20, 21), *TWO[3:5], (*TWO[5][:4], 20, None, None)]
    table = score_departments(_assessment(rows)).set_index("department")
    assert table.loc["教育局", "score"] == 36 + 32 + 20
    assert table.loc["教育局", "n_capped"] == 1
    assert table.loc["住建局", "reason"] == "no_score"
    faults = list_faults(_assessment(rows))
    assert faults[["department", "reason"]].to_numpy().tolist() == [
        ["住建局", "no_score"],
        ["教育局", "score_above_full"],
    ]


def test_a_sound_assessment_has_no_faults():
    assert list_faults(_assessment(TWO)).empty


def test_repeated_indicators_and_weights_off_are_listed():
    faults = list_faults(_assessment([*TWO, TWO[0]]))
    assert faults["reason"].value_counts().to_dict() == {"repeated_indicator": 2, "weights_off": 1}
    assert faults.loc[faults["reason"] == "weights_off", "found"].item() == 140


def test_shift_from_compliance_to_effect():
    earlier = [
        (*row[:4], {40: 60, 20: 10}.get(row[4]) if row[3] == "compliance" else w, *row[5:])
        for row, w in zip(TWO, [0, 30, 10] * 2, strict=True)
    ]
    both = pd.concat(
        [_assessment(earlier, 2022), _assessment(TWO, 2023).assign(is_new=[False, True, False] * 2)]
    )
    table = weight_shares(both).set_index(["year", "orientation"])
    assert table.loc[(2022, "compliance"), "share"] == pytest.approx(0.6)
    assert table.loc[(2023, "effect"), "share"] == pytest.approx(0.6)
    assert table.loc[(2023, "effect"), "change"] == pytest.approx(0.6 - 0.4)
    assert table.loc[(2023, "effect"), "n_new"] == 1
    assert pd.isna(table.loc[(2022, "effect"), "change"])


def test_assessment_without_orientations_has_no_split():
    table = weight_shares(_assessment(TWO).assign(orientation=pd.Series([None] * len(TWO), dtype="str")))
    assert table["orientation"].isna().all() and table["share"].tolist() == [1.0]


def test_input_is_unchanged():
    frame = _assessment(TWO)
    before = frame.copy()
    score_rows(frame), score_departments(frame), list_faults(frame)
    pd.testing.assert_frame_equal(frame, before)
