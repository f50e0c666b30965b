"""Notebook 55: what may be said of the district, and what is refused."""

import pandas as pd
import pytest

from perflib.data.lists import read_list
from tests.notebooks.cells import write_notebook


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_notebook("55_spot_checks", tmp_path_factory.mktemp("spot"), lang="en")


def test_the_headline_rests_on_blind_checks_where_these_find_more(written):
    told = [written.value(f"blinding.{id}") for id in ("blind", "blind_mean", "open", "open_mean")]
    assert told == pytest.approx([49, 5.07, 51, 2.83], abs=0.005)
    assert written.value("agreement.bias.value") == written.value("blinding.blind_mean")
    assert "rests on the blind checks" in written.page


def test_rounds_pool_but_a_hand_picked_round_gives_no_figure(written):
    low, value, high = (written.value(f"rounds.pooled.{c}") for c in ("low", "value", "high"))
    assert low < value < high
    assert (written.value("counts.now"), written.value("counts.usable")) == (10, 100)
    assert "speaks for the projects checked and not for the district" in written.page
    assert written.table("rounds").iloc[1, 6:9].isna().all()  # 2022


def test_every_project_not_checked_has_a_score_and_the_plan_adds_up(written):
    assert len(written.table("rescores")) == 961 - 10
    drawn, frame, excluded = (len(written.table(t)) for t in ("drawn", "frame", "excluded"))
    assert drawn == written.value("plan.drawn") == 40
    assert (frame, excluded) == (written.value("plan.population"), written.value("plan.excluded"))
    lists = [read_list(p) for p in (written.folder / "lists").iterdir()]
    assert sum(len(one.rows) for one in lists) == 40 and {one.spec.name for one in lists} == {"spot_check"}


def test_the_public_edition_has_no_plan_and_no_guess_about_a_project(tmp_path):
    written = write_notebook("55_spot_checks", tmp_path, edition="public")
    assert not (written.folder / "lists").exists()
    assert not any(written.has(t) for t in ("drawn", "frame", "rescores", "lowest", "all_candidates"))


def test_no_check_in_the_district_still_gives_a_plan(tmp_path):
    written = write_notebook("55_spot_checks", tmp_path, district="330188", year=2019)
    assert written.value("plan.drawn") == 40
    assert "没有可与自评分比较" in written.page


def test_a_check_without_a_self_evaluation_is_listed_with_the_reason(run_cells):
    names = run_cells("55", lang="zh")
    pf, looks = names["pf"], names["looks"]
    lonely = looks[looks["kind"] == "spot_check"].tail(1).assign(subject="nobody")
    pairs = pf.spot_checks.pairs(pd.concat([looks, lonely], ignore_index=True))
    assert pairs["reason"].dropna().tolist() == ["no_self_evaluation"]
