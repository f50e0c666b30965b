"""Packed data: the same book as its sources, stamped, and refused when it is not what was packed."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from perflib.data import contract, packer
from perflib.data.book import load_book
from perflib.data.contract import tables as declared
from perflib.data.errors import ArgumentError, DataError
from perflib.data.packed import MARK, RECORDS, STAMP, open_packed
from perflib.data.text import LANGUAGES
from perflib.data.whole import hash_json
from perflib.run.pack import pack_sources
from perflib.run.rows import read_rows

HEAD = "district,year,project,name,unit,adjusted_budget,executed,is_new"
ROWS = "b,2021,A,路,u,100,90,\nb,2022,A,路,u,100,80.5,true\na,2022,B,桥,u,10.05,9.99,\nb,2023,A,路,u,120,,false\n"


def write_source(folder, rows=ROWS, head=HEAD, **more):
    folder.mkdir(exist_ok=True)
    (folder / "projects.csv").write_text(f"{head}\n{rows}", "utf-8")
    for name, text in more.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return str(folder)


@pytest.fixture
def source(tmp_path):
    districts = "district,name_zh,name_en\na,甲区,Jia\nb,乙区,Yi\n"
    evaluations = "district,year,subject_kind,subject,kind,evaluator,round,score,done_on\n"
    evaluations += "b,2022,project,A,self,unit,1,91,2023-03-01\n"
    return write_source(tmp_path / "source", districts=districts, evaluations=evaluations)


@pytest.fixture
def packed(source, tmp_path):
    pack_sources([source], tmp_path / "packed")
    return tmp_path / "packed"


def restamp(folder, **changes):
    content = json.loads((folder / STAMP).read_text("utf-8"))
    del content["stamp"]
    content |= changes
    content["stamp"] = hash_json(content)
    (folder / STAMP).write_text(json.dumps(content), "utf-8")


def assert_same_book(one, other):
    assert list(one.tables) == list(other.tables)
    assert (one.district, one.year, one.years) == (other.district, other.year, other.years)
    assert set(one.districts) == set(other.districts)
    for name in one.tables:
        key = list(declared()[name].key)
        expected, got = (b.tables[name].sort_values(key, ignore_index=True) for b in (one, other))
        pd.testing.assert_frame_equal(got, expected)
    for name in RECORDS:
        pd.testing.assert_frame_equal(getattr(other, name), getattr(one, name))
    assert one.sha256 == other.sha256


def test_a_packed_book_is_the_book_it_was_made_from(source, packed):
    assert_same_book(load_book(source), load_book(str(packed)))


def test_the_packed_sample_is_the_sample_and_says_so(tmp_path):
    content = pack_sources(["sample"], tmp_path / "packed")
    book, again = load_book("sample"), load_book(str(tmp_path / "packed"))
    assert_same_book(book, again)
    assert again.is_sample and content["is_sample"]
    note = json.loads(pq.read_schema(tmp_path / "packed/projects/2023/000.parquet").metadata[MARK])
    assert note["is_sample"] is True
    for chosen in (book.district, book.districts[3]):
        assert book.select(chosen, 2021).sha256 == again.select(chosen, 2021).sha256
    for name in ("years_of", "district_name"):
        arguments = (book.district,) if name == "years_of" else (book.district, "en")
        assert getattr(book, name)(*arguments) == getattr(again, name)(*arguments)


def test_duckdb_reads_the_files_and_only_what_is_asked(source, packed):
    book = load_book(str(packed), engine="duckdb")
    relation = book.select("b", 2022).frame("projects")
    assert relation.fetchall()[0][:3] == ("b", 2022, "A")
    assert book.frame("projects").aggregate("sum(executed)").fetchall() == [(90 + 80.5 + 9.99,)]
    assert "projects" not in book.tables.in_memory
    assert load_book(source).table("projects").dtypes.to_dict() == book.table("projects").dtypes.to_dict()


def test_rows_read_are_rows_kept_and_set_aside(tmp_path):
    rows = "b,2021,A,路,u,100,90,\nb,2021,B,桥,u,50,40,\n合计,,,,,150,130,\n"
    content = pack_sources([write_source(tmp_path / "s", rows)], tmp_path / "packed")
    assert content["rows"]["projects"] == {"packed": 2, "read": 3, "kept": 2, "merged": 0, "set_aside": 1}
    book = load_book(str(tmp_path / "packed"))
    assert book.set_aside["reason"].tolist() == ["totals_row"]


def test_many_sources_become_one(tmp_path):
    east = write_source(tmp_path / "east", "e,2022,A,路,u,1,1,\n", districts="district,name_zh\ne,东区\n")
    west = write_source(
        tmp_path / "west", "w,2022,A,路,u,2,2\n", HEAD.removesuffix(",is_new"),
        districts="district,name_zh\ne,东区\nw,西区\n",
    )  # fmt: skip
    pack_sources([east, west], tmp_path / "packed")
    book = load_book(str(tmp_path / "packed"), district="西区", engine="duckdb")
    assert book.districts == ["e", "w"] and len(book.table("districts")) == 2
    assert "is_new" in book.select("w").frame("projects").columns
    assert book.table("projects")["executed"].tolist() == [1, 2]
    assert len(book.inputs) == 4


def test_large_years_are_split_between_districts(source, tmp_path, monkeypatch):
    monkeypatch.setattr(packer, "ROWS_A_FILE", 1)
    content = pack_sources([source], tmp_path / "packed")
    names = [f["name"] for f in content["files"] if f["table"] == "projects"]
    assert names == ["projects/2021/000.parquet", *(f"projects/2022/00{i}.parquet" for i in (0, 1)),
                     "projects/2023/000.parquet"]  # fmt: skip
    assert load_book(str(tmp_path / "packed")).sha256 == load_book(source).sha256


def test_packing_twice_gives_the_same_bytes(source, packed, tmp_path):
    pack_sources([source], tmp_path / "again")
    for file in packed.rglob("*.*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "again" / file.relative_to(packed)).read_bytes(), file


def test_a_partition_keeps_its_hash_wherever_it_lies(tmp_path):
    """Seven rows before it shift every bit of the flags; its own hash must not move."""
    filler = "".join(f"a,2022,F{i},路,u,1,,\n" for i in range(7))
    own = "".join(f"b,2022,P{i},桥,u,1,,{'true' if i % 3 else ''}\n" for i in range(11))
    hashes = []
    for name, rows in (("x", own), ("y", filler + own)):
        pack_sources([write_source(tmp_path / f"s{name}", rows)], tmp_path / name)
        parts = open_packed(tmp_path / name).by_table["projects"][0].parts
        hashes.append(next(p.sha256 for p in parts if p.district == "b"))
    assert hashes[0] == hashes[1]


def test_the_batch_knows_which_district_changed(source, packed, tmp_path):
    before = read_rows(str(packed), tmp_path / "m1.json")
    changed = write_source(tmp_path / "changed", ROWS.replace("9.99", "9.98"))
    plain = write_source(tmp_path / "plain")
    pack_sources([changed], tmp_path / "p2")
    pack_sources([plain], tmp_path / "p3")
    one, two = (read_rows(str(tmp_path / p), tmp_path / f"{p}.json") for p in ("p2", "p3"))
    assert one.hashes["b"] == two.hashes["b"] and one.hashes["a"] != two.hashes["a"]
    from_source = read_rows(source, tmp_path / "m4.json")
    for field in ("district", "names", "years", "last_year"):
        assert getattr(before, field) == getattr(from_source, field)


# --- refused ---------------------------------------------------------------------------------------


def refusal(folder, **options):
    with pytest.raises(DataError) as caught:
        book = load_book(str(folder), **options)
        book.frame("projects", "duckdb")
    said = [caught.value.sentence(lang) for lang in LANGUAGES]
    assert re.search("[一-鿿]", said[0]) and str(folder) in said[0] and str(folder) in said[1]
    return said[1]


def test_an_unstamped_folder_is_refused(packed):
    (packed / STAMP).unlink()
    assert "has no `perflib-pack.json`: packing was interrupted" in refusal(packed)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"stamp": "x", "format": 1}', "\x00"])
def test_a_damaged_stamp_is_refused(packed, text):
    (packed / STAMP).write_text(text, "utf-8")
    assert "is damaged or was changed" in refusal(packed)


def test_a_stamp_edited_by_hand_is_refused(packed):
    text = (packed / STAMP).read_text("utf-8")
    (packed / STAMP).write_text(text.replace('"currency":"CNY"', '"currency":"EUR"'), "utf-8")
    assert "is damaged or was changed" in refusal(packed)


def test_another_version_of_the_tables_is_refused(packed):
    restamp(packed, contract="0123456789abcdef")
    assert f"another version of the tables (0123456789abcdef; now {contract.version()})" in refusal(packed)


def test_another_format_is_refused(packed):
    restamp(packed, format=2)
    assert "packed in format 2; this perflib reads format 1" in refusal(packed)


def test_a_changed_partition_is_refused_even_at_the_same_size(packed):
    file = packed / "projects/2022/000.parquet"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    assert "`projects/2022/000.parquet`" in refusal(packed) and "was changed" in refusal(packed)
    with pytest.raises(DataError, match="was changed after it was packed"):
        load_book(str(packed)).table("projects")


def test_a_partition_of_another_contract_is_told_as_such(packed, monkeypatch):
    file = packed / "projects/2022/000.parquet"
    table = pq.read_table(file)
    pq.write_table(table.replace_schema_metadata({MARK: b'{"contract": "fedcba9876543210"}'}), file)
    assert "(fedcba9876543210, not " in refusal(packed)


def test_a_missing_and_an_added_file_are_refused(packed):
    file = packed / "projects/2022/000.parquet"
    raw = file.read_bytes()
    (packed / "projects/2022/001.parquet").write_bytes(raw)
    assert "a file that the stamp doesn't list: `projects/2022/001.parquet`" in refusal(packed)
    (packed / "projects/2022/001.parquet").unlink()
    file.unlink()
    assert "`projects/2022/000.parquet` is missing" in refusal(packed)


def test_a_file_changed_after_opening_is_noticed(packed):
    book = load_book(str(packed))
    file = packed / "projects/2022/000.parquet"
    raw = bytearray(file.read_bytes())
    raw[10] ^= 1
    file.write_bytes(raw)
    with pytest.raises(DataError, match="was changed after it was packed"):
        book.frame("projects", "duckdb")


def nothing_left(folder):
    return [p.name for p in folder.iterdir() if "packed" in p.name] == []


def test_a_secret_row_stops_the_packing_and_leaves_nothing(source, tmp_path):
    head = HEAD.replace("is_new", "disclosure")
    bad = write_source(tmp_path / "bad", "s,2022,A,密,u,1,1,secret\n", head)
    with pytest.raises(DataError, match=r"projects\.csv.*2"):
        pack_sources([source, bad], tmp_path / "packed")
    assert nothing_left(tmp_path)


def test_two_sources_with_one_district_and_year_are_refused(source, tmp_path):
    other = write_source(tmp_path / "other", "b,2022,C,桥,u,1,1,\n")
    with pytest.raises(ArgumentError) as caught:
        pack_sources([source, other], tmp_path / "packed")
    for word in (source, other, "`b`", "2022"):
        assert word in str(caught.value)
    assert nothing_left(tmp_path)


def test_two_sources_that_contradict_each_other_are_refused(tmp_path):
    east = write_source(tmp_path / "east", "e,2022,A,路,u,1,1,\n", districts="district,name_zh\ne,东区\n")
    west = write_source(tmp_path / "west", "w,2022,A,路,u,2,2,\n", districts="district,name_zh\ne,不同\n")
    with pytest.raises(ArgumentError, match="`districts`, the row of `e` contradicts"):
        pack_sources([east, west], tmp_path / "packed")


def test_what_a_row_means_is_kept_and_must_be_the_same(source, packed, tmp_path, monkeypatch):
    from perflib.data import book as books

    read = books.read_book

    def told(data, **options):
        about = {"zh": "预算科目", "en": "a budget line"} if "told" in data else {}
        return replace(read(data, **options), about=about, year_begins=4 if "told" in data else 1)

    one = write_source(tmp_path / "told", "t,2022,A,路,u,1,1,\n")
    monkeypatch.setattr(books, "read_book", told)
    pack_sources([one], tmp_path / "p4")
    with pytest.raises(ArgumentError, match="month their fiscal year begins"):
        pack_sources([source, one], tmp_path / "p5")
    monkeypatch.undo()
    book = load_book(str(tmp_path / "p4"))
    assert book.about["en"] == "a budget line" and book.year_begins == 4
    assert load_book(str(packed)).year_begins == 1


def test_made_up_rows_are_not_packed_with_real_ones(source, tmp_path):
    with pytest.raises(ArgumentError, match="can't be packed with real ones"):
        pack_sources([source, "sample"], tmp_path / "packed")
    assert nothing_left(tmp_path)


def test_an_interrupted_packing_leaves_nothing_and_the_next_one_cleans_up(source, tmp_path, monkeypatch):
    def stop(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(packer.Packer, "close", stop)
        pack_sources([source], tmp_path / "packed")
    assert nothing_left(tmp_path)
    killed = tmp_path / ".packed.abc.part"
    (killed / "projects").mkdir(parents=True)
    pack_sources([source], tmp_path / "packed")
    assert not killed.exists() and load_book(str(tmp_path / "packed")).years == [2021, 2022, 2023]


def test_what_is_there_is_not_overwritten(source, packed):
    with pytest.raises(ArgumentError, match="is not overwritten"):
        pack_sources([source], packed)


def test_a_packed_folder_can_be_packed_again(source, packed, tmp_path):
    pack_sources([str(packed)], tmp_path / "copy")
    assert load_book(str(tmp_path / "copy")).sha256 == load_book(source).sha256


@pytest.fixture(scope="module")
def packed_sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    pack_sources(["sample"], folder / "packed")
    return str(folder / "packed")


def test_the_public_edition_of_packed_data_withholds_the_same(packed_sample):
    one, other = (load_book(data, edition="public") for data in ("sample", packed_sample))
    assert one.sha256 == other.sha256
    pd.testing.assert_frame_equal(one.withheld, other.withheld)
    assert len(other.frame("projects", "duckdb")) == len(one.table("projects"))


def test_rates_of_packed_data_are_the_same_in_every_engine(packed_sample):
    from perflib.infer.rates import rates

    tables = []
    for data, engine in (("sample", "pandas"), (packed_sample, "pandas"), (packed_sample, "duckdb")):
        book = load_book(data, engine=engine)
        tables.append(rates(book.rows("projects", year=book.year), by="department"))
    first, *others = tables
    assert len(first) > 3
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_data_that_changes_during_a_run_is_among_the_files_watched(packed_sample):
    from perflib.run.rows import input_files

    watched = {p.name for p in input_files(packed_sample)}
    assert STAMP in watched
    assert len(input_files(packed_sample)) == len(open_packed(Path(packed_sample)).files) + len(RECORDS) + 1
