"""The marks of an old xls, which xlrd knows: errors, formats, merged and hidden cells, the date system."""

import os
from datetime import date

import numpy as np

from perflib.data.marks import Marks, format_kind


def xls_marks(content: bytes) -> dict[str, Marks]:
    """Marks of each sheet by its name. Raises whatever xlrd raises for a damaged file."""
    import xlrd

    with open(os.devnull, "w") as silence:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=silence)
    kinds = np.array([format_kind(book.format_map[xf.format_key].format_str) for xf in book.xf_list], object)
    return {sheet.name: _sheet_marks(sheet, book, kinds) for sheet in book.sheets()}


def _sheet_marks(sheet, book, kinds: np.ndarray) -> Marks:
    import xlrd

    marks = Marks(is_hidden=sheet.visibility != 0, size=(sheet.nrows, sheet.ncols))
    marks.epoch = date(1904, 1, 1) if book.datemode else marks.epoch
    marks.hidden_rows = [row for row, info in sheet.rowinfo_map.items() if info.hidden and row < sheet.nrows]
    marks.merged = [((top, left), (low - 1, right - 1)) for top, low, left, right in sheet.merged_cells]
    for row in range(sheet.nrows):
        types = np.array(sheet.row_types(row))
        for at in np.flatnonzero(types == xlrd.XL_CELL_ERROR):
            marks.errors[row, int(at)] = xlrd.error_text_from_code.get(sheet.cell_value(row, at), "#")
        if any(kinds):
            for at in np.flatnonzero(types == xlrd.XL_CELL_NUMBER):
                if kind := kinds[sheet.cell_xf_index(row, at)]:
                    marks.formats[row, int(at)] = kind
    return marks
