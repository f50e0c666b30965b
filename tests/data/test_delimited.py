"""Lines of a text file: quotes that swallow them, ends that are cut, marks between fields."""

import pytest

from perflib.data.delimited import decode, read_records
from perflib.data.errors import DataError


def test_quoted_marks_and_breaks_are_part_of_a_field():
    found = read_records('a,b\n"x, y","two\nlines"\n1,2\n', "f.csv")
    assert found.cells.tolist() == [["a", "b"], ["x, y", "two\nlines"], ["1", "2"]]
    assert found.lines.tolist() == [1, 2, 4]
    assert not found.is_open


def test_widths_tell_the_fields_of_each_line():
    found = read_records("a,b,c\n1,2\n\n1,2,3,4", "f.csv")
    assert found.widths.tolist() == [3, 2, 0, 4]
    assert found.cells[1].tolist() == ["1", "2", "", ""]
    assert found.is_open


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ('a,b,c\n1,"2,3\n4,5,6\n7,"8,9\n', 2, 4),  # closed by the next quote, in the midst of a field
        ('a,b,c\n1,"2,3\n4,5,6\n7,8",9\n', 2, 4),  # closed at the end of a field, three lines on
        ('a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', 3, 4),  # never closed
        ('a,b,c\n1,"2"x,3\n', 2, 2),
    ],
)
def test_quote_without_its_partner_is_refused_with_its_lines(text, first, last):
    with pytest.raises(DataError) as caught:
        read_records(text, "f.csv")
    assert caught.value.key == "reading.open_quote"
    assert (caught.value.fields["row"], caught.value.fields["last"]) == (first, last)


@pytest.mark.parametrize(
    ("text", "first"),
    [("a;b\n1,5;2\n", ["a", "b"]), ("sep=;\na;b\n", ["sep=", ""]), ("a\tb,c\td\n", ["a", "b,c", "d"])],
)
def test_mark_between_fields(text, first):
    assert read_records(text, "f.csv").cells[0].tolist() == first


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_character_cut_in_two_is_the_end_of_the_file(encoding):
    with pytest.raises(DataError) as caught:
        decode("项目\n道路养护".encode(encoding)[:-1], "f.csv")
    assert caught.value.key == "reading.cut_off" and "line 2" in str(caught.value)


def test_blank_before_a_quoted_field():
    assert read_records('a, b\n1, "2,000"\n', "f.csv").cells[1].tolist() == ["1", "2,000"]


def test_text_written_as_a_formula_is_restored_and_counted():
    found = read_records('a,b\n="007","=""008"""\n', "f.csv")
    assert found.cells[1].tolist() == ["007", "008"] and found.quoted == 2


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,office\nStraße,Ämter\nBrücke,Année", "latin-1"),
        ("name,office\n道路養護,建設局\n橋樑檢修、幼兒園改建,教育局", "big5"),
        ("name,office\n道路の維持,建設局\n学校の建物,教育局", "shift_jis"),
    ],
)
def test_bytes_that_only_happen_to_be_gb18030_are_refused(text, encoding):
    with pytest.raises(DataError) as caught:
        decode(text.encode(encoding), "f.csv")
    assert caught.value.key == "reading.encoding"
    assert decode(text.encode(encoding), "f.csv", [encoding])[0] == text


@pytest.mark.parametrize("text", ["道路养护（一期）①、〇", "道路養護、橋樑檢修、幼兒園改建"])
def test_old_and_new_characters_in_gb18030(text):
    assert decode(text.encode("gb18030"), "f.csv") == (text, "gb18030")
