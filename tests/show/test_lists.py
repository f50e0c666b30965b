"""Lists to work on: both languages in the head, nothing that runs, the same bytes."""

import io

import openpyxl
import pandas as pd

from perflib.show.lists import list_xlsx

FRAME = pd.DataFrame(
    {"department": ["教育局", "=1+1", None], "remedy": ["@x", "+y", "-z"], "share": [0.5, None, -0.1]}
)


def made(**options) -> bytes:
    return list_xlsx({"教育局/[甲]": FRAME}, title="清单", lang="zh", **options)


def test_texts_stay_texts_and_numbers_numbers():
    sheet = openpyxl.load_workbook(io.BytesIO(made())).worksheets[0]
    rows = list(sheet.iter_rows(min_row=4, max_row=6, max_col=3, values_only=True))
    assert rows == [("教育局", "@x", 0.5), ("=1+1", "+y", None), (None, "-z", -0.1)]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_columns_to_fill_in_are_empty_and_offer_a_choice():
    sheet = openpyxl.load_workbook(
        io.BytesIO(made(fill=("mend_state",), choices={"mend_state": ["a", "b"]}))
    ).worksheets[0]
    assert sheet["D3"].value == "整改情况\nState" and sheet["D4"].value is None
    assert sheet.data_validations.dataValidation[0].formula1 == '"a,b"'


def test_same_list_is_the_same_bytes():
    assert made() == made()
