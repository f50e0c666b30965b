"""The book: its tables, its districts and years, and what the user may ask for."""

import numpy as np
import pandas as pd
import pytest

import perflib as pf
from perflib.data.book import Book, load_book
from perflib.data.errors import ArgumentError, DataError

HEAD = "district,year,project,name,unit,adjusted_budget,executed"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "projects.csv").write_text(
        f"{HEAD}\nb,2021,A,路,u,100,90\nb,2022,A,路,u,100,80\nb,2023,A,路,u,120,\na,2022,B,桥,u,10.05,9.99\n",
        "utf-8",
    )
    (tmp_path / "区县.csv").write_text("区划代码,中文名称,英文名称\na,甲区,Jia\nb,乙区,Yi\n", "utf-8")
    return tmp_path


def test_folder_of_csv_named_in_either_language(folder):
    book = load_book(str(folder))
    assert set(book.tables) == {"projects", "districts"}
    assert book.inputs["encoding"].tolist() == ["utf-8", "utf-8"]
    assert book.districts == ["b", "a"] and book.years == [2021, 2022, 2023]


def test_a_path_is_data_as_its_text_is(folder):
    assert pf.load(folder).sha256 == pf.load(str(folder)).sha256
    pd.testing.assert_frame_equal(pf.check(folder), pf.check(str(folder)))
    assert pf.load_many([folder]).book.sha256 == pf.load_many(str(folder)).book.sha256


def test_default_district_and_last_year_with_spending(folder):
    book = load_book(str(folder), district="b")
    assert (load_book(str(folder)).district, book.year) == ("a", 2022)


def test_default_district_is_the_one_with_most_tables(folder):
    (folder / "progress.csv").write_text("district,year,month,project,executed\nb,2022,1,A,5\n", "utf-8")
    assert load_book(str(folder)).district == "b"


def coded(folder, *codes: str) -> str:
    """A source with one project in each of these districts."""
    rows = "".join(f"{code},2022,P{i},路,u,100,90\n" for i, code in enumerate(codes))
    (folder / "coded.csv").write_text(f"{HEAD}\n{rows}", "utf-8")
    return str(folder / "coded.csv")


@pytest.mark.parametrize(("wanted", "code"), [(330190, "330190"), (330190.0, "330190"), (10101, "010101")])
def test_a_number_stands_for_the_code_that_it_was_made_of(tmp_path, wanted, code):
    assert load_book(coded(tmp_path, "330190", "010101"), district=wanted).district == code


@pytest.mark.parametrize(
    ("wanted", "said"), [(7, "no district `7`"), (True, "`True`"), (33019.5, "`33019.5`")]
)
def test_a_number_that_is_no_code_is_told_with_the_codes_there_are(tmp_path, wanted, said):
    with pytest.raises(ArgumentError, match=said) as caught:
        load_book(coded(tmp_path, "330190", "010101"), district=wanted)
    assert "330190" in str(caught.value)


def test_a_number_that_may_be_either_of_two_codes_is_not_guessed(tmp_path):
    with pytest.raises(ArgumentError, match="District 101 may be 0101, 00101") as caught:
        load_book(coded(tmp_path, "0101", "00101"), district=101)
    assert "已丢失" in caught.value.sentence("zh")


@pytest.mark.parametrize("wanted", ["2022", 2022, " 2022 ", 2022.0])
def test_the_year_may_be_text(folder, wanted):
    assert load_book(str(folder), district="b", year=wanted).year == 2022
    assert load_book(str(folder), district="b", year="").year == 2022  # the last with spending


@pytest.mark.parametrize("wanted", ["last", "2022.5", None, "-1"])
def test_a_year_that_is_no_number_is_told(folder, wanted):
    with pytest.raises(ArgumentError, match=f"must be a number .* `{wanted}` was given"):
        load_book(str(folder), year=wanted)


@pytest.mark.parametrize("wanted", ["b", "乙区", "Yi", "yi"])
def test_district_by_code_or_name(folder, wanted):
    assert load_book(str(folder), district=wanted).district == "b"


@pytest.mark.parametrize("wanted", ["../../etc", "<script>alert(1)</script>", "=1+1", "丙区"])
def test_district_that_is_not_there(folder, wanted):
    with pytest.raises(ArgumentError) as caught:
        load_book(str(folder), district=wanted)
    assert caught.value.sentence("zh") == f"数据中没有区县“{wanted}”。现有区县：b 乙区, a 甲区。"
    assert str(caught.value) == f"The data has no district `{wanted}`. It has: b 乙区, a 甲区."
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["../../etc", "<script>alert(1)</script>", "=1+1"])
def test_district_of_a_strange_name_is_data_like_any_other(tmp_path, name):
    (tmp_path / "projects.csv").write_text(f"{HEAD}\n{name},2022,A,路,u,1,1\n", "utf-8")
    assert load_book(str(tmp_path)).district == name


def test_year_that_is_not_there(folder):
    with pytest.raises(ArgumentError) as caught:
        load_book(str(folder), district="乙区", year=2019)
    assert caught.value.sentence("zh") == "数据中没有 2019 年。该区县现有年度：2021, 2022, 2023。"
    assert "has no year 2019 for this district. It has: 2021, 2022, 2023." in str(caught.value)


def test_missing_table_names_those_there_are(folder):
    with pytest.raises(DataError) as caught:
        load_book(str(folder)).table("funds")
    assert "没有“funds”表" in caught.value.sentence("zh") and "It has: projects, districts." in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("asked", "zh"), [({"edition": "secret"}, "没有版本"), ({"engine": "spark"}, "没有计算引擎")]
)
def test_what_can_be_asked_for(folder, asked, zh):
    with pytest.raises(ArgumentError) as caught:
        load_book(str(folder), **asked)
    assert zh in caught.value.sentence("zh")


def test_empty_folder_and_missing_file(tmp_path):
    with pytest.raises(DataError, match="has no file named projects"):
        load_book(str(tmp_path))
    with pytest.raises(DataError, match="There is no file"):
        load_book(str(tmp_path / "a.xlsx"))


def test_digest_is_of_the_rows_not_of_their_order_or_file(folder, tmp_path_factory):
    book = load_book(str(folder))
    other = tmp_path_factory.mktemp("parquet")
    for name, frame in book.tables.items():
        frame.iloc[::-1].to_parquet(other / f"{name}.parquet", index=False)
    assert load_book(str(other)).sha256 == book.sha256
    changed = book.tables["projects"].assign(executed=lambda d: d["executed"] + 0.01)
    assert Book(book.tables | {"projects": changed}).sha256 != book.sha256


def test_names_fall_back_on_the_other_language_and_the_code(folder):
    book = load_book(str(folder))
    assert (book.district_name("a", "zh"), book.district_name("a", "en")) == ("甲区", "Jia")
    assert book.district_name("z", "en") == "z"


def test_names_are_those_of_the_books_language_where_the_data_gives_them(folder):
    names = pd.DataFrame({"name": ["区教育局", "课后服务"], "name_en": ["Education", "After-school care"]})
    names.to_csv(folder / "names.csv", index=False)
    zh, en = (load_book(str(folder), lang=lang) for lang in ("zh", "en"))
    rows = pd.DataFrame(
        {"department": ["区教育局", "区司法局", None], "name": ["区教育局 · 课后服务"] * 3, "n": [1, 2, 3]}
    )
    told = en.named(rows)
    assert told["department"].tolist()[:2] == ["Education", "区司法局"] and pd.isna(told["department"][2])
    assert told["name"][0] == "Education · After-school care" and told["n"].equals(rows["n"])
    assert en.named(["课后服务"]) == ["After-school care"] and en.named(3) == 3
    assert zh.named(rows) is rows and rows["department"][0] == "区教育局"


def test_select_keeps_the_book_and_narrows_its_rows(folder):
    book = load_book(str(folder))
    part = book.select(district="b", year=2022)
    assert len(part.table("projects")) == 1 and len(part.table("districts")) == 1
    assert len(book.table("projects")) == 4


def test_frame_for_duckdb_holds_the_same_rows(folder):
    book = load_book(str(folder), engine="duckdb")
    relation = book.frame("projects").df()
    pd.testing.assert_frame_equal(relation, book.table("projects"), check_dtype=False)
    assert book.frame("projects", "pandas") is book.table("projects")


def test_parquet_keeps_types_and_missing_values(folder):
    frame = load_book(str(folder)).table("projects")
    assert frame["executed"].dtype == "float64" and np.isnan(frame["executed"][2])
    assert frame["year"].dtype == "int64" and str(frame["is_code_made"].dtype) == "boolean"


def test_sample_is_marked(tmp_path):
    book = load_book("sample")
    assert book.is_sample and book.has("funds") and len(book.districts) == 12
    assert (book.set_aside.empty, book.repairs.empty) == (True, True)


def test_an_unknown_table_tells_the_nearest_and_a_year_may_be_text():
    book = load_book("sample", lang="en")
    with pytest.raises(ArgumentError, match=r"no table `project`.*mean `projects`"):
        book.rows("project")
    assert len(book.rows("projects", year="2023")) == len(book.rows("projects", year=2023)) > 0


def test_the_unit_stands_for_the_department_where_no_row_tells_one(tmp_path):
    rows = pd.DataFrame({"district": "330199", "year": 2023, "project": ["P1", "P2"], "name": ["甲", "乙"], "unit": ["一所", "二所"],
                         "adjusted_budget": [100.0, 200.0], "executed": [90.0, 180.0]})  # fmt: skip
    rows.to_csv(tmp_path / "projects.csv", index=False)
    assert load_book(str(tmp_path)).rows("projects")["department"].tolist() == ["一所", "二所"]
    rows.assign(department=["教育局", None]).to_csv(tmp_path / "projects.csv", index=False)
    assert load_book(str(tmp_path)).rows("projects")["department"].tolist() == ["教育局", "（未填）"]
