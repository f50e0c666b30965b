"""Cell formats of the workbook, and names that Excel takes for a sheet."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2020, 1, 1)  # fixed, so that the same report is the same bytes
MONEY = "money"
# The workbook keeps amounts in the main unit, so that they can be added up; cents are shown.
NUMBER_FORMATS = {
    MONEY: "#,##0.00", "share": "0.0%", "points": "0.0", "count": "#,##0", "score": "0.00", "ratio": "0.00##", "tested": "0.000#", "chance": "0.0000", "limit": "0.##%",
    "year": "0",
}  # fmt: skip
FONTS = {"zh": "微软雅黑", "en": "Calibri"}
INK, GREY, BLUE, ORANGE, PALE = "#1d2733", "#5b6673", "#1f4e8c", "#b34d05", "#d5dbe1"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\<>'\"]")


@contextmanager
def workbook(held: io.BytesIO, title: str, author: str = "") -> Iterator[Workbook]:
    """A workbook that is written to `held`: no text becomes a formula, and the same cells are the same bytes."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(held, {"in_memory": True, **plain}) as book:
        book.set_properties({"title": title, "author": author, "created": CREATED})
        yield book


def print_wide(sheet: Worksheet, head: int) -> None:
    """Print `sheet` on A4 across, all columns on a page, with row `head` again on each."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)


class Formats:
    """The few formats that the sheets share."""

    def __init__(self, book: Workbook, lang: str):
        self._book, self._base = book, {"font_name": FONTS[lang], "font_size": 10, "font_color": INK}
        self._numbers: dict[str, Format] = {}
        self.title = self._made(font_size=15)
        self.caption = self._made(font_size=12, font_color=BLUE)
        self.mark = self._made(font_color=ORANGE)
        self.mute = self._made(font_color=GREY, valign="vcenter")
        self.link = self._made(font_color=BLUE, underline=1)
        self.head = self._made(
            font_color="#ffffff", bg_color=BLUE, text_wrap=True, valign="vcenter", align="center", border=0
        )
        self.wrap = self._made(text_wrap=True, valign="top", bottom=1, bottom_color=PALE)
        self.count = self.number("#,##0")

    def number(self, pattern: str) -> Format:
        """The format of a number cell."""
        if pattern not in self._numbers:
            self._numbers[pattern] = self._made(num_format=pattern, valign="top", bottom=1, bottom_color=PALE)
        return self._numbers[pattern]

    def _made(self, **options) -> Format:
        return self._book.add_format({**self._base, **options})


def sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """`wanted` as Excel takes it: 31 characters at most, none that it forbids, unlike those `taken`.

    >>> sheet_name("40 各部门[执行率]", [])
    '40 各部门_执行率_'
    """
    name = _FORBIDDEN.sub("_", " ".join(wanted.split()))[:31].strip() or "_"
    used = {t.lower() for t in taken}
    number = 2
    while name.lower() in used:
        name = f"{name[:27].strip()} {number}"
        number += 1
    return name
