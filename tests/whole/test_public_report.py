"""The public edition of the sample's report: safe to publish. Apart, so that another worker makes it."""

import json
import re

import pandas as pd

from perflib.data.places import shared_folder
from tests.pdf import page_texts
from tests.whole.test_report import CHINESE, all_text

PUBLIC = (*CHINESE, "--edition", "public")
# Counts of districts, raters, rules, marks and pieces of planned work: no few projects stand behind them.
NOT_OF_PROJECTS = {
    "20_ex_ante/agreement.raters_needed",
    "25_targets/named.rules",
    "50_self_evaluation/bunched.bunched_lines",
    "50_self_evaluation/piled.heaped_marks",
    "80_district_comparison/counts.above",
    "80_district_comparison/here.claimed",
    "90_annual_summary/work.done",
    "90_annual_summary/work.open",
}


def test_public_edition_holds_nothing_that_must_stay_inside(make_report):
    folder = make_report(*PUBLIC)
    projects = pd.read_parquet(shared_folder("data") / "sample" / "projects.parquet")
    hidden = projects[(projects["disclosure"] == "internal") & (projects["district"] == "330199")]
    ratings = pd.read_parquet(shared_folder("data") / "sample" / "ratings.parquet")
    secrets = [*hidden["project"].unique(), *(r for r in ratings["rater"].unique() if len(str(r)) > 3)]
    assert len(secrets) > 20
    wanted = re.compile("|".join(re.escape(str(s)) for s in secrets))
    leaks = {name: found[0] for name, text in all_text(folder).items() if (found := wanted.findall(text))}
    assert leaks == {}


def test_leaders_and_the_official_text_are_told_that_it_is_not_all(make_report):
    folder = make_report(*PUBLIC)
    assert "公开版，不含不予公开的项目" in page_texts(folder / "report.pdf")[0].replace("\n", "")
    assert "公开版，不含不予公开的项目" in all_text(folder)["summary.docx"]


def test_public_edition_prints_no_count_from_one_to_four(make_report):
    folder = make_report(*PUBLIC)
    facts = json.loads((folder / "facts.json").read_text("utf-8"))["facts"]
    small = {id for id, f in facts.items() if f["unit"] == "count" and f["value"] in (1, 2, 3, 4)}
    assert small - NOT_OF_PROJECTS == set()


def test_a_figure_of_the_public_edition_tells_no_cell_that_its_table_hides(make_report):
    chapters = make_report(*PUBLIC) / "chapters"
    for name in ("75_use_of_results", "90_annual_summary"):
        table = pd.read_csv(chapters / name / "tables" / "mending.csv")
        hidden = table.loc[table.iloc[:, 1].isna(), table.columns[0]]
        (told,) = re.findall(
            r"figures/mending\.png.* alt=\"([^\"]*)", (chapters / name / "page.md").read_text("utf-8")
        )
        assert len(hidden) and all(re.search(rf"{source} [^0-9、]+(、|。|$)", told) for source in hidden)


def test_the_public_edition_denies_no_group_that_it_does_not_count(make_report):
    folder = make_report(*PUBLIC) / "chapters" / "40_execution_rates"
    table = pd.read_csv(folder / "tables" / "departments.csv")
    page = (folder / "page.md").read_text("utf-8")
    assert table.iloc[:, -1].eq("高于全区").sum() in range(1, 5)
    assert "高于全区，其余没有明显差别" in page and "都没有明显差别" not in page
