"""Long tables on a page: the beginning, or both ends where the order means something."""

import numpy as np
import pandas as pd
import pytest

from perflib.show.tables import (
    ENDS_WHOLE,
    FIRST_ROWS,
    LAST_ROWS,
    PAGE_ROWS,
    csv_text,
    markdown_table,
    plain_frame,
    styled_table,
)

OPTIONS = {"currency": "CNY", "caption": "Rates", "id": "t"}


def _table(rows):
    return pd.DataFrame({"district_name": [f"d{i:04d}" for i in range(rows)], "execution_rate": [0.5] * rows})


def _names(text):
    return [word for word in text.replace("|", " ").split() if word.startswith("d0") or word.startswith("d2")]


def test_both_ends_of_a_long_table_are_printed_and_the_rest_is_said_to_be_elsewhere():
    text = markdown_table(_table(2843), "en", ends=np.ones(2843, bool), **OPTIONS)
    names = _names(text)
    assert len(names) == FIRST_ROWS + LAST_ROWS and names[0] == "d0000" and names[-1] == "d2842"
    assert "The first 10 and the last 10 of 2,843 rows" in text and "…" in text


@pytest.mark.parametrize(
    ("rows", "printed"), [(21, 21), (ENDS_WHOLE, ENDS_WHOLE), (ENDS_WHOLE + 1, FIRST_ROWS + LAST_ROWS)]
)
def test_a_table_of_few_districts_is_whole(rows, printed):
    text = markdown_table(_table(rows), "en", ends=np.ones(rows, bool), **OPTIONS)
    assert len(_names(text)) == printed and ("rows;" in text) == (printed < rows)


def test_other_tables_begin_at_the_top():
    text = markdown_table(_table(2843), "en", **OPTIONS)
    assert _names(text)[-1] == f"d{PAGE_ROWS - 1:04d}" and "The first 15 of 2,843 rows" in text


def test_a_notebook_shows_the_same_ends():
    html = styled_table(_table(2843), "zh", ends=np.ones(2843, bool), **OPTIONS).to_html()
    assert "d0009" in html and "d0010" not in html and "d2833" in html and "d2832" not in html


def test_rows_that_are_not_marked_are_at_no_end_and_the_note_says_so():
    marked = np.ones(2843, bool)
    marked[[0, 1, 5, 2842]] = False
    text = markdown_table(_table(2843), "en", ends=marked, **OPTIONS)
    names = _names(text)
    assert len(names) == FIRST_ROWS + LAST_ROWS and names[:2] == ["d0002", "d0003"] and names[-1] == "d2841"
    assert "Of 2,843 rows 2,839 rest on enough projects to compare; the first 10 and the last 10" in text


@pytest.mark.parametrize(("count", "printed"), [(20, 20), (3, 3), (21, 20)])
def test_few_marked_rows_are_all_printed(count, printed):
    marked = np.arange(100) < count
    text = markdown_table(_table(100), "en", ends=marked, **OPTIONS)
    assert len(_names(text)) == printed
    assert ("Of 100 rows only the" in text) == (count <= 20) and ("…" in text) == (count > 20)


def test_where_no_row_is_marked_the_ends_of_all_are_printed():
    text = markdown_table(_table(100), "en", ends=np.zeros(100, bool), **OPTIONS)
    assert _names(text)[-1] == "d0099" and "The first 10 and the last 10 of 100 rows" in text


def test_the_page_prints_a_name_without_its_code():
    frame = pd.DataFrame({"project": ["p1"], "name": ["Roads"], "subject": ["s1"], "budget": [1.0]})
    told = markdown_table(frame, "en", currency="EUR", caption="c", id="t")
    assert "Roads" in told and "p1" not in told and "s1" in told  # nothing names the subject
    assert "p1" in markdown_table(frame[["project", "budget"]], "en", currency="EUR", caption="c", id="t")


def test_a_file_has_numbers_as_numbers_and_no_text_that_a_spreadsheet_would_run():
    frame = pd.DataFrame(
        {"name": ["=A1", None], "projects": [-2, 3], "rate": [-0.5, np.nan], "budget": [1.005, -7]}
    )
    plain = plain_frame(frame, "en", currency="EUR")
    assert plain.to_numpy().tolist() == [["=A1", -2, -0.5, 1.0], [None, 3, None, -7.0]]
    assert csv_text(plain).splitlines()[1:] == ["'=A1,-2,-0.5,1.00", ",3,,-7.00"]
