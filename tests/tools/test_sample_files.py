"""The sample's files: made again they are the same, and they read back as they were written."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from perflib.data.book import load_book
from perflib.data.contract import tables
from perflib.data.places import shared_folder
from tools.sample.files import packed, write_tables
from tools.sample.sample import make_sample
from tools.sample.workbook import sheet_name, workbook_tables, write_workbook

DATA = shared_folder("data")


@pytest.fixture(scope="module")
def made() -> dict[str, pd.DataFrame]:
    return make_sample()


@pytest.mark.parametrize("name", tables())
def test_committed_tables_are_what_the_seed_makes(made, name):
    assert packed(name, made[name]).equals(pq.read_table(DATA / "sample" / f"{name}.parquet"))


def test_the_same_tables_give_the_same_bytes(made, tmp_path):
    few = {name: frame.head(50) for name, frame in made.items()}
    few["districts"] = made["districts"]
    for run in ("a", "b"):
        write_tables(few, tmp_path / run)
        write_workbook(few, tmp_path / f"{run}.xlsx")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_workbook_holds_what_the_work_year_needs(made):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(DATA / "sample-district-2023.xlsx")
    parts = workbook_tables(made)
    assert book.sheet_names == ["封面 Cover", *(sheet_name(tables()[name]) for name in parts)]
    cover = [cell for row in book.get_sheet_by_name("封面 Cover").to_python() for cell in row]
    assert "示例数据 Sample, not real" in cover
    for name in ("projects", "appraisals", "lineage"):
        rows = book.get_sheet_by_name(sheet_name(tables()[name])).to_python()
        assert rows[0][0] == "示例数据 Sample, not real" and len(rows) == len(parts[name]) + 2
    assert sorted(set(parts["projects"]["year"])) == [2022, 2023]


def _most_projects(projects: pd.DataFrame) -> set[str]:
    """Codes of all projects but some forty of the sample district."""
    home = projects[projects["district"] == "330199"].drop_duplicates("project")["project"]
    return set(projects["project"]) - set(home[home.str.endswith("07")])


def _few(frame: pd.DataFrame, left_out: set[str]) -> pd.DataFrame:
    """The rows of a table that are about none of the projects `left_out`."""
    column = next((c for c in ("project", "subject", "item") if c in frame), None)
    return frame[~frame[column].isin(left_out)] if column else frame


def test_workbook_reads_back_as_written(made, tmp_path):
    from perflib.data.load import make_book
    from perflib.data.sources import read_source

    left_out = _most_projects(made["projects"])
    small = {name: _few(frame, left_out) for name, frame in made.items()}
    write_workbook(small, tmp_path / "small.xlsx")
    book = make_book(read_source(str(tmp_path / "small.xlsx")))
    for name, part in workbook_tables(small).items():
        got = book.tables[name]
        assert len(got) == len(part)
        for column in tables()[name].of_kind("amount"):
            if column in part:
                pd.testing.assert_series_equal(
                    got[column], part[column], check_dtype=False, check_index=False
                )
    assert not len(book.set_aside) and not len(book.repairs)


def test_second_sample_is_what_the_seed_makes(tmp_path):
    from tools.sample.abroad import FOLDER, make_lines, write_lines

    write_lines(tmp_path)
    assert (tmp_path / "lines.csv").read_bytes() == (DATA / FOLDER / "lines.csv").read_bytes()
    book = load_book("sample-abroad")
    assert (book.is_sample, book.currency, book.year_begins) == (True, "EUR", 4)
    assert book.table("projects")["executed"].sum() == pytest.approx(make_lines()["paid"].sum())
    assert f"| {len(make_lines())} |" in (DATA / "README.md").read_text("utf-8")
