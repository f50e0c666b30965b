"""What the public edition leaves out, and that it says how much."""

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.study import load_study

PROJECTS = """district,year,project,name,unit,adjusted_budget,executed,disclosure
a,2022,P1,公开路,u,100,90,public
a,2022,P2,内部楼,u,50,60,internal
a,2022,P3,未标明,u,7,7,
a,2021,P2,旧楼,u,40,40,public
"""


@pytest.fixture
def book(tmp_path):
    tables = {
        "projects": PROJECTS,
        "progress": "district,year,month,project,executed\na,2022,6,P1,5\na,2022,6,P2,5\na,2021,6,P2,5\na,2020,6,P2,5\n",
        "evaluations": "district,year,subject,kind,evaluator,evaluator_kind\na,2022,P1,spot_check,张三,own\n"
        "a,2022,P2,self,unit,own\na,2022,P1,finance,甲事务所,third_party\n",
        "ratings": "district,year,context,rater,item,score,opinion\na,2022,ex_ante,李四,P1,90,很好\na,2022,ex_ante,王五,P2,80,差\n",
        "findings": "district,finding,subject,source,is_published\na,F1,P1,audit,是\na,F2,P1,audit,否\na,F3,P1,audit,\na,F4,P2,audit,是\n",
        "lineage": "subject_kind,from,to,year\nproject,P0,P2,2022\nproject,P0,P1,2022\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return load_book(str(tmp_path))


@pytest.fixture
def public(book):
    return book.for_edition("public")


def test_undisclosed_projects_and_all_about_them_are_gone(public):
    projects = public.table("projects")
    assert list(zip(projects["project"], projects["year"], strict=True)) == [("P1", 2022), ("P2", 2021)]
    progress = public.table("progress")
    assert list(zip(progress["project"], progress["year"], strict=True)) == [("P1", 2022), ("P2", 2021)]
    assert public.table("evaluations")["subject"].tolist() == ["P1", "P1"]
    assert public.table("lineage")["to"].tolist() == ["P1"]


def test_names_of_people_are_replaced_and_opinions_dropped(public):
    ratings = public.table("ratings")
    assert ratings["rater"].tolist() == ["R001"] and "opinion" not in ratings
    assert public.table("evaluations")["evaluator"].tolist() == ["E001", "甲事务所"]


def test_only_published_findings_stay(public):
    assert public.table("findings")["finding"].tolist() == ["F1"]


def test_what_is_left_out_is_counted(public):
    gone = public.withheld.set_index(["table", "reason", "column"])
    assert gone.loc[("projects", "undisclosed", "adjusted_budget"), "amount"] == 50 + 7
    assert gone.loc[("projects", "undisclosed", "executed"), "rows"] == 2
    assert gone.loc[("findings", "unpublished", ""), "rows"] == 2


def test_no_trace_is_left_anywhere_in_the_book(public):
    frames = [*public.tables.values(), public.warnings, public.set_aside, public.repairs]
    text = "\n".join(f.to_csv() for f in frames)
    for word in ("内部楼", "未标明", "P3", "张三", "李四", "王五", "很好", "F2"):
        assert word not in text


def test_internal_edition_is_the_book_itself(book):
    assert book.for_edition("internal") is book
    assert "above_budget" in book.warnings["rule"].tolist()


def test_source_that_marks_no_project_is_public_data(book):
    tables = book.tables | {"projects": book.tables["projects"].drop(columns="disclosure")}
    from dataclasses import replace

    assert len(replace(book, tables=tables).for_edition("public").table("projects")) == 4


def test_input_is_unchanged(book):
    before = {n: f.copy() for n, f in book.tables.items()}
    book.for_edition("public")
    for name, frame in book.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_a_district_of_fewer_than_five_projects_in_a_year_is_not_compared(tmp_path):
    sizes = {("a", 2021): 5, ("b", 2021): 7, ("c", 2021): 4, ("a", 2022): 5, ("b", 2022): 4, ("c", 2022): 6}
    rows = [f"{d},{y},P{i},名{i},u,100,90" for (d, y), size in sizes.items() for i in range(size)]
    head = "district,year,project,name,unit,adjusted_budget,executed"
    (tmp_path / "projects.csv").write_text("\n".join([head, *rows]), "utf-8")
    (tmp_path / "progress.csv").write_text(
        "district,year,month,project,executed\na,2021,6,P1,5\nc,2021,6,P1,5\nc,2022,6,P1,5\n", "utf-8"
    )
    book = load_book(str(tmp_path))
    assert book.compared().groupby(["district", "year"]).size().to_dict() == sizes
    public = book.for_edition("public")
    shown = {place: size for place, size in sizes.items() if size >= 5}
    assert public.compared().groupby(["district", "year"]).size().to_dict() == shown
    study = load_study(str(tmp_path), edition="public")
    assert study.projects.groupby(["district", "year"]).size().to_dict() == shown
    progress = public.compared("progress")
    assert list(zip(progress["district"], progress["year"], strict=True)) == [("a", 2021), ("c", 2022)]
    assert len(public.compared(districts="a,b", years="2022")) == 0
    with pytest.raises(DataError, match="fewer than five projects") as error:
        load_study(str(tmp_path), edition="public", districts="a,b", years="2022")
    assert error.value.sentence("zh")
