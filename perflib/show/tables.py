"""Tables as people read them: in Markdown, in a notebook, and as CSV."""

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from perflib.data.text import say
from perflib.show.labels import Column, columns_of, headings, printed_rows
from perflib.show.markdown import pipe_table
from perflib.show.numbers import currency_words, is_missing

PRINTED_ROWS = 30  # in a notebook; a longer table goes on in its CSV and in the workbook
PAGE_ROWS, PAGE_SLACK = 15, 3  # in a report; a few more rows are printed rather than cut off
NAMED = {  # codes, and what names them
    "project": {"name", "project_name"}, "subject": {"subject_name"}, "district_code": {"place_name"},
}  # fmt: skip
ENDS_WHOLE = 40  # a table of districts is printed whole up to so many, since its last rows count as its first
FIRST_ROWS, LAST_ROWS = 10, 10  # of a longer one the ends are printed
BEHIND_ROWS = 400  # of so many a web page has all that it does not print, to sort, filter and compare
GROUPS = ("district_name", "district", "place_name", "department", "unit")  # columns whose rows are compared
NUMBERS = ("money", "share", "points", "difference", "count", "score", "ratio", "tested", "chance", "limit")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class ShownTable(Styler):
    """A table for a notebook; as text it is its caption, not an address that differs each time."""

    def __repr__(self) -> str:
        return self.caption or ""


def is_number(declared: Column) -> bool:
    return declared.unit in NUMBERS


def markdown_table(
    frame: pd.DataFrame, lang: str, *, currency: str, caption: str, id: str, ends: np.ndarray | None = None
) -> str:
    """The first rows of `frame` as a captioned pipe table, with a note where there are more.

    `ends`: both ends instead, with a row of dots between them, of the rows that are marked there; up to forty
    rows are printed whole.
    """
    frame = _by_name(frame)
    heads = list(headings(frame, lang, currency).values())
    if frame.empty:
        return f"\n{say('show_tables.no_rows', lang, caption=caption)}\n\n"
    first, last = _printed(frame, ends, most=PAGE_ROWS, slack=PAGE_SLACK)
    rows = _rows(first, last, lang)
    body = pipe_table(heads, rows, right=[_is_right(frame, c) for c in frame.columns])
    more = ""
    if len(frame) > len(first):
        counts = {"first": len(first), "last": len(last), "rows": f"{len(frame):,}"}
        if ends is not None:
            counts["marked"] = f"{int(ends.sum()):,}"
        said = say(f"show_tables.{_note(ends, last)}", lang, **counts)
        more = f"\n::: note\n{said}\n:::\n"
    return f"\n{body}\n\n: {caption} {{#tbl-{id}}}\n{more}\n"


def _by_name(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` without the codes of what it names: they stand in the CSV and in the workbook."""
    return frame.drop(columns=[c for c in frame if c in NAMED and NAMED[c].intersection(frame.columns)])


def _printed(
    frame: pd.DataFrame, ends: np.ndarray | None, *, most: int, slack: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first and the last rows that are printed; none of the last where these are among the first."""
    none = frame[:0]
    if ends is None:
        return (frame, none) if len(frame) <= most + slack else (frame.head(most), none)
    if len(frame) <= ENDS_WHOLE:
        return frame, none
    marked = frame[ends] if ends.any() else frame
    if len(marked) <= FIRST_ROWS + LAST_ROWS:
        return marked, none
    return marked.head(FIRST_ROWS), marked.tail(LAST_ROWS)


def rows_behind(
    frame: pd.DataFrame, lang: str, *, in_page: bool, ends: np.ndarray | None = None
) -> list[tuple[int, list[str]]]:
    """(place, cells) of the rows that the page does not print; none of a long table, or of one that is no comparison
    and not in the page.
    """
    frame = _by_name(frame) if in_page else frame
    if len(frame) > BEHIND_ROWS or not (in_page or frame.columns[0] in GROUPS):
        return []
    printed = _printed(frame, ends, most=PAGE_ROWS, slack=PAGE_SLACK) if in_page else ()
    known = {place for part in printed for place in part.index}
    return [(place, cells) for place, cells in enumerate(printed_rows(frame, lang)) if place not in known]


def _rows(first: pd.DataFrame, last: pd.DataFrame, lang: str) -> list[list[str]]:
    rows = printed_rows(first, lang)
    return rows if last.empty else [*rows, ["…"] * first.shape[1], *printed_rows(last, lang)]


def _note(ends: np.ndarray | None, last: pd.DataFrame) -> str:
    """The sentence on what of a table is printed."""
    if ends is None:
        return "more_rows"
    if last.empty:
        return "marked"
    return "ends" if ends.all() or not ends.any() else "ends_marked"


def styled_table(
    frame: pd.DataFrame, lang: str, *, currency: str, caption: str, id: str, ends: np.ndarray | None = None
) -> Styler:
    """`frame` for a notebook: human headings, formatted cells, no index, the same HTML each time."""
    first, last = _printed(frame, ends, most=PRINTED_ROWS)
    shown = first.reset_index(drop=True)
    cells = pd.DataFrame(_rows(first, last, lang), columns=range(shown.shape[1]), dtype=object)
    cells.columns = list(headings(shown, lang, currency).values())
    right = [h for h, c in zip(cells.columns, shown.columns, strict=True) if _is_right(shown, c)]
    styler = ShownTable(cells).set_uuid(id.replace("_", "")).hide(axis="index").set_caption(caption)
    styler = styler.format(escape="html").set_properties(**{"text-align": "left"})
    return styler.set_properties(subset=right, **{"text-align": "right"}) if right else styler


def plain_frame(frame: pd.DataFrame, lang: str, *, currency: str) -> pd.DataFrame:
    """All rows of `frame` for a file: human headings, codes in words, numbers as numbers and what is missing as None.

    Money is in the main unit, to the cent; shares are 0-1; the columns' units stand in `attrs["units"]`.
    """
    known, unit = columns_of(frame), currency_words(currency, lang)
    cells = [[_plain(v, told, lang) for v in frame[c]] for c, told in known.items()]
    plain = pd.DataFrame(dict(enumerate(cells)), dtype=object)
    plain.columns = [
        say("show_tables.heading", lang, label=told.label(lang), unit=unit)
        if told.unit == "money"
        else told.label(lang)
        for told in known.values()
    ]
    plain.attrs["units"] = [told.unit for told in known.values()]
    return plain


def csv_text(plain: pd.DataFrame) -> str:
    """A `plain_frame` as CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    units = enumerate(plain.attrs["units"])
    cells = {place: [_csv_cell(v, unit) for v in plain.iloc[:, place]] for place, unit in units}
    return pd.DataFrame(cells, dtype=object).to_csv(
        index=False, header=list(plain.columns), lineterminator="\n"
    )


def _csv_cell(value: float | int | str | None, unit: str | None) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if unit == "money" else f"{value:.12g}"
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def _plain(value, declared: Column, lang: str) -> float | int | str | None:
    if is_missing(value):
        return None
    if declared.unit == "money":
        return round(float(value), 2)
    if declared.unit in ("count", "year") and float(value) == int(value):
        return int(value)
    if is_number(declared) or isinstance(value, float):
        return float(f"{value:.12g}")
    return declared.cell(value, lang)


def _is_right(frame: pd.DataFrame, name: str) -> bool:
    return is_number(columns_of(frame)[name]) or pd.api.types.is_float_dtype(frame[name])
