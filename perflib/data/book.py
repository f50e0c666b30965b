"""The checked tables of one source, with a record of what was read, mended, set aside and doubted."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perflib.data.choice import ALL
from perflib.data.contract import table as declared_table
from perflib.data.contract import tables as declared_tables
from perflib.data.errors import ArgumentError, DataError, nearest
from perflib.data.inputs import SAMPLES
from perflib.data.periods import AsOf, is_whole
from perflib.data.shelf import shared_book
from perflib.data.text import LANGUAGES, locale_of, say
from perflib.data.words import dtype_of

Given = tuple[str, int]  # district and year that the user gave for rows that tell none
NOTHING_GIVEN: Given = ("", 0)


def complete(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """`rows` with the columns of table `name` that they lack, NA and of the contract's type."""
    lacking = [c for c in declared_table(name).columns if c.name not in rows]
    return rows.assign(**{c.name: pd.Series(None, rows.index, dtype=dtype_of(c)) for c in lacking})


def stated(rows: pd.DataFrame, name: str, lang: str) -> pd.DataFrame:
    """`rows` of table `name` with a word where a department or the kind of a subject is not told; the unit stands for
    the department where no row tells one."""
    if "subject_kind" in rows:
        rows = rows.assign(subject_kind=rows["subject_kind"].fillna("project"))
    if name == "projects":
        if rows["department"].isna().all():
            rows = rows.assign(department=rows["unit"])
        rows = rows.assign(department=rows["department"].fillna(say("show_tables.not_stated", lang)))
    return rows


@dataclass(frozen=True)
class Book:
    """Checked tables, and how they came to be.

    `inputs`: one row per sheet read. `repairs`: what was mended, counted (`kind` is told by
    `reading.repair_<kind>`). `set_aside`: rows that were read and not used, with the reason
    (`reading.reason_<reason>`) and their amounts. `reconciliation`: one row per sheet; rows read =
    kept + merged + set aside, and for each amount column `<column>_read`, `_kept` and
    `_set_aside` in whole cents. `warnings`: what is doubtful (`problems.sentence` tells a row);
    `doubts`: what else `perflib check` asks about.
    `withheld`: rows and amounts that the public edition leaves out. `about` says what a row of projects
    is, by language, where a mapping tells; `year_begins` is the month in which its fiscal year begins.
    `as_of` is the year in course and its last month, where the data ends in the middle of a year.
    """

    tables: dict[str, pd.DataFrame]
    currency: str = "CNY"
    is_sample: bool = False
    inputs: pd.DataFrame = field(default_factory=pd.DataFrame)
    repairs: pd.DataFrame = field(default_factory=pd.DataFrame)
    set_aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    reconciliation: pd.DataFrame = field(default_factory=pd.DataFrame)
    warnings: pd.DataFrame = field(default_factory=pd.DataFrame)
    doubts: pd.DataFrame = field(default_factory=pd.DataFrame)
    withheld: pd.DataFrame = field(default_factory=pd.DataFrame)
    district: str = ""
    year: int = 0
    edition: str = "internal"
    engine: str = "pandas"
    about: dict[str, str] = field(default_factory=dict)
    year_begins: int = 1
    as_of: AsOf | None = None
    lang: str = "zh"

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table by its name: `book.projects`."""
        tables = self.__dict__.get("tables", {})
        if name.startswith("_") or name not in tables:
            raise AttributeError(f"no table `{name}`; there are {', '.join(tables)}")
        return tables[name]

    @property
    def rests_on_given(self) -> bool:
        """Whether district or year of a row are what the user gave."""
        return bool(len(self.repairs) and (self.repairs["kind"] == "given").any())

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        years, tables = self.years, [(n, len(f)) for n, f in self.tables.items() if len(f)]
        mark = "SAMPLE, made up. " if self.is_sample else ""
        first = f"{mark}{self.currency}, {len(self.districts)} districts, {years[0]}-{years[-1]}"
        return "\n".join([first, *(f"  .{name:<12}{rows:>9,} rows" for name, rows in tables)])

    def has(self, name: str) -> bool:
        """Whether table `name` is there and holds a row."""
        return name in self.tables and len(self.tables[name]) > 0

    def table(self, name: str) -> pd.DataFrame:
        """Table `name`; DataError that names the tables there are if it is missing or empty."""
        if not self.has(name):
            found = ", ".join(n for n in self.tables if self.has(n))
            raise DataError("reading.missing_table", table=name, found=found)
        return self.tables[name]

    def whole(self, name: str) -> pd.DataFrame:
        """Table `name` with every column of the contract: NA, or no row, where the data has none."""
        if name not in declared_tables():
            told = {"known": ", ".join(declared_tables()), "near": nearest(name, declared_tables())}
            raise ArgumentError("reading.unknown_table", table=name, **told)
        return complete(self.tables.get(name, pd.DataFrame()), name)

    def rows(self, name: str, *, year: int | str | None = None) -> pd.DataFrame:
        """The district's rows of table `name` (of fiscal `year`) with every column of the contract; none if it is missing.

        Without `year`, those of a year in course are left out (the table of progress apart), unless it is the
        book's own: it is no year to compare with. A project without a department stands under "not stated", a subject without a kind is a project. `attrs`
        say the table and the filter, for the trail of what is printed.
        """
        kept = self.whole(name)
        if self.district and "district" in kept:
            kept = kept[kept["district"] == self.district]
        if year is not None and "year" in kept:
            kept = kept[kept["year"] == year_number(year)]
        elif self.as_of and not self.is_in_course and "year" in kept and name != "progress":
            kept = kept[(kept["year"] < self.as_of[0]) | (self.as_of[1] == 12)]
        kept = stated(kept.reset_index(drop=True), name, self.lang)
        kept.attrs = {"table": name, "filter": self._filter(year)}
        return kept

    def compared(
        self, name: str = "projects", *, districts: str | Sequence[str] = "", years: str | Sequence[int] = "",
        until: int = 0,
    ) -> pd.DataFrame:  # fmt: skip
        """Rows of table `name` of the districts that are set side by side, with `district_name`.

        `districts`: codes or names, with commas; none: the book's district and its sisters. `years`: "2019..2023";
        none: all up to `until` (0: the book's year) that two of the districts have. No row where there is one
        district only. The public edition leaves out a district's year of fewer than five projects.
        Raises ArgumentError for an unknown district or year, DataError for one district that was
        asked for, or two of one name.

        >>> rows = load_book("sample", lang="en").compared(districts="330190, 330199", years="2022")
        >>> rows["district_name"].unique().tolist()
        ['Sample Wushan District', 'Sample High-tech District']
        """
        from perflib.data.side_by_side import side_by_side

        return side_by_side(self, name, districts=districts, years=years, until=until or self.year)

    @property
    def is_in_course(self) -> bool:
        """Whether the book's own year is not over: its figures are to the month `as_of`, not of a year."""
        return bool(self.year) and not is_whole(self.year, self.as_of)

    @property
    def last_day(self) -> date:
        """The day to which the book's year is told: its end, or that of the month `as_of`."""
        # from January of `year`, at 0
        month = (self.as_of[1] if self.is_in_course else 12) + self.year_begins - 2
        return (pd.Timestamp(self.year + month // 12, month % 12 + 1, 1) + pd.offsets.MonthEnd(0)).date()

    def _filter(self, year: int | None) -> str:
        kind = f"filter{'_district' * bool(self.district)}{'_year' * (year is not None)}"
        name = self.district_name(self.district, self.lang) if self.district else ""
        return say(f"reading.{kind}", self.lang, district=name, year=year)

    @property
    def rule_set(self) -> str:
        """Name of the rules that hold where none are asked for: the sample's own, the national ones for data in yuan,
        nobody's for other data."""
        own = "binjiang-2023" if self.is_sample else "national-2020"
        return own if self.currency == "CNY" else "plain"

    @property
    def name(self) -> str:
        """Name of the district; "" where the book is of all."""
        return self.district_name(self.district, self.lang) if self.district else ""

    def frame(self, name: str, engine: str = "") -> Any:
        """Table `name` for Narwhals: a pandas frame, or a relation of DuckDB."""
        frame = self.table(name)
        if (engine or self.engine) == "pandas":
            return frame
        import duckdb
        import pyarrow as pa

        return duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))

    @cached_property
    def sha256(self) -> str:
        """One digest of all checked rows; the order of rows and tables does not matter."""
        digest = hashlib.sha256()
        for name in sorted(self.tables):
            frame = self.tables[name]
            digest.update("\x1f".join((name, *frame.columns)).encode())
            digest.update(np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy()).tobytes())
        return digest.hexdigest()

    @property
    def districts(self) -> list[str]:
        """Codes of the districts that have projects, in the order of the tables."""
        return self.tables["projects"]["district"].unique().tolist()

    @property
    def years(self) -> list[int]:
        """Fiscal years that have projects, ascending."""
        return sorted(int(y) for y in self.tables["projects"]["year"].unique())

    @property
    def whole_years(self) -> list[int]:
        """Fiscal years that have projects and are over: the only ones to compare or to follow over time."""
        return [year for year in self.years if is_whole(year, self.as_of)]

    def years_of(self, district: str) -> dict[int, bool]:
        """Fiscal years of the projects of `district` (of all for ""), ascending, and whether anything was spent."""
        rows = self.tables["projects"]
        rows = rows[rows["district"] == district] if district else rows
        spent = rows["executed"].fillna(0) != 0 if "executed" in rows else pd.Series(False, index=rows.index)
        return {int(y): bool(s) for y, s in spent.groupby(rows["year"]).any().items()}

    def districts_by_table(self) -> list[set[str]]:
        """The districts of each table that has rows of districts."""
        held = (f for n, f in self.tables.items() if "district" in f and n != "districts")
        return [set(f["district"].unique()) for f in held]

    def district_name(self, code: str, lang: str) -> str:
        """Name of district `code` in `lang`; the other language's name, or the code, where there is none."""
        for language in (lang, "en" if lang == "zh" else "zh"):
            if name := self._names[language].get(code):
                return name
        return code

    @cached_property
    def by_name(self) -> dict[str, str]:
        """Codes of the districts by code and name, as written and in lower case; of two of one name the first's."""
        codes = self.districts
        names = {self.district_name(c, lang): c for c in reversed(codes) for lang in LANGUAGES}
        return {n.casefold(): c for n, c in names.items()} | names | dict(zip(codes, codes, strict=True))

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        """Names of the districts by language and code: looked up at once, as a country has thousands."""
        out: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
        rows = self.tables["districts"] if self.has("districts") else pd.DataFrame()
        for lang, names in out.items():
            if f"name_{lang}" in rows:
                named = rows[rows[f"name_{lang}"].notna()]
                names |= dict(zip(named["district"], named[f"name_{lang}"].astype(str), strict=True))
        return out

    def named(self, told: Any) -> Any:
        """`told` (a frame, a row of one, a list, a name or several with dots between) as the book's language has it.

        The table `names` says what that is; a name that it lacks stays.

        For what is printed only: what is worked out sees the data's own names, so that it is the same in each language.

        >>> load_book("sample", lang="en").named("区教育局")
        'Education'
        """
        if not self._translated:
            return told
        if isinstance(told, pd.DataFrame):
            words = told.select_dtypes(["object", "str", "category"]).columns
            return told.assign(**{c: self.named(told[c]) for c in words})
        if isinstance(told, pd.Series):
            return told.astype(object).map(self.named)
        if isinstance(told, list | tuple):
            return [self.named(v) for v in told]
        if isinstance(told, str):
            return " · ".join(self._translated.get(name, name) for name in told.split(" · "))
        return told

    @cached_property
    def _translated(self) -> dict[str, str]:
        """The names of the data to those of the book's language, where they differ."""
        rows = self.whole("names").dropna(subset=f"name_{self.lang}")
        return dict(zip(rows["name"], rows[f"name_{self.lang}"], strict=True))

    def select(self, district: str = "", year: int = 0) -> "Book":
        """The same book with the rows of one district, one year, or both; tables without the column stay."""
        chosen = {"district": district or self.district, "year": year or self.year}
        return replace(self.only([district] if district else (), [year] if year else ()), **chosen)

    def only(self, districts: Sequence[str] = (), years: Sequence[int] = ()) -> "Book":
        """The same book with the rows of these districts and years; all where none is given."""

        def rows(frame: pd.DataFrame) -> pd.DataFrame:
            keep = pd.Series(True, index=frame.index)
            for column, values in (("district", list(districts)), ("year", list(years))):
                if values and column in frame:
                    keep &= frame[column].isin(values)
            return frame[keep].reset_index(drop=True)

        return self.holding({name: rows(frame) for name, frame in self.tables.items()})

    def holding(self, tables: dict[str, pd.DataFrame], **told) -> "Book":
        """A book of these `tables`, and of all else that this one tells, but for what is `told`."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return Book(**{**own, "tables": tables, **told})

    def for_edition(self, edition: str) -> "Book":
        """The book as `edition` ("internal" or "public") may show it; what is left out is in `withheld`."""
        from perflib.data.edition import withhold

        if edition not in ("internal", "public"):
            raise ArgumentError("reading.unknown_edition", found=edition)
        return withhold(self) if edition == "public" else self


def resolve_district(book: Book, wanted: str | int) -> str:
    """Code of the district that `wanted` names by code or name; the one with most tables for "".

    A number stands for the code of these digits, as papermill makes numbers of codes.
    """
    wanted = wanted if isinstance(wanted, str) else _code_of(wanted, book.districts)
    if not wanted:
        return _fullest(book)
    found = book.by_name.get(wanted) or book.by_name.get(wanted.casefold().strip())
    if found is None:
        labels = [f"{c} {book.district_name(c, 'zh')}".strip() if book.has("districts") else c
                  for c in book.districts]  # fmt: skip
        raise ArgumentError("reading.unknown_district", found=wanted, known=", ".join(labels[:40]))
    return found


def _code_of(number: float, codes: Sequence[str]) -> str:
    """The code that `number` was made of; zeros before it may have been lost."""
    is_whole = isinstance(number, Number) and not isinstance(number, bool) and number == number // 1
    plain = str(int(number)) if is_whole else str(number)
    found = [c for c in codes if c == plain] or [c for c in codes if c.isdecimal() and c.lstrip("0") == plain]
    if len(found) > 1:
        raise ArgumentError("reading.ambiguous_district", found=plain, known=", ".join(found))
    return found[0] if found else plain


def _fullest(book: Book) -> str:
    """The district with rows in most tables; of several, the first in the table of districts."""
    order = book.tables["districts"]["district"].tolist() if book.has("districts") else []
    held, here, known = book.districts_by_table(), book.districts, set(order)
    there = set(here)
    codes = [*(c for c in order if c in there), *(c for c in here if c not in known)]
    return max(codes, key=lambda c: sum(c in h for h in held))


def year_number(wanted: str | int) -> int:
    """`wanted` as a whole number, 0 for ""; ArgumentError where it is none.

    >>> year_number("2023"), year_number(2023), year_number("")
    (2023, 2023, 0)
    """
    text = str(wanted).strip().removesuffix(".0") or "0"
    if not text.isdecimal():
        raise ArgumentError("reading.not_a_year", found=wanted)
    return int(text)


def resolve_year(book: Book, district: str, wanted: int) -> int:
    """`wanted` if the district (any, for "") has it; for 0 its last whole year with anything executed."""
    years = book.years_of(district)
    if not wanted:
        spent = [y for y, is_spent in years.items() if is_spent]
        return max((y for y in spent if is_whole(y, book.as_of)), default=max(spent, default=max(years)))
    if wanted not in years:
        raise ArgumentError("reading.unknown_year", found=wanted, known=", ".join(map(str, years)))
    return wanted


def load_book(
    data: str | os.PathLike = "sample",
    *,
    district: str | int = "",
    year: int | str = 0,
    edition: str = "internal",
    engine: str = "pandas",
    every_year: bool = True,
    lang: str = "zh",
) -> Book:
    """The checked book of `data`, with all its districts and years, and `district` and `year` resolved.

    `data`: "sample"; a workbook (xlsx, xls, ods), CSV or Parquet file; a folder of such files named
    by table; a folder that `perflib pack` wrote; or "mapping:PATH", where the mapping is one that ships
    with perflib ("madrid") or a TOML file. `district`: code (a number will do) or name, "" for the one with
    rows in most tables, "all" for none of its own: chapters that compare then single nobody out. `year`: 0 for the
    last whole one with spending. Both stand for what a missing or blank column does not say, and a name for the one
    district of the data that has none.
    `every_year=False`: with `year`, a mapping leaves out months and indicators of years far from it.
    Raises DataError (with every problem at once) and ArgumentError.

    >>> book = load_book("sample", lang="en")
    >>> book.name, book.year
    ('Sample High-tech District', 2023)
    """
    if engine not in ("pandas", "duckdb"):
        raise ArgumentError("reading.unknown_engine", found=engine)
    if not data:
        raise ArgumentError("reading.no_data")
    data = os.fspath(data)
    locale_of(lang)
    year = year_number(year)
    given = (district if isinstance(district, str) and district != ALL else "", year)
    book = _called(read_book(data, year=0 if every_year else year, given=given), given[0])
    code = "" if district == ALL else resolve_district(book, district)
    when = resolve_year(book, code, year)
    chosen = replace(book, district=code, year=when, engine=engine, lang=lang)
    return replace(chosen.for_edition(edition), edition=edition)


def _called(book: Book, name: str) -> Book:
    """`book` with its one district called `name`, where the data has a code and no name for it."""
    codes = book.districts
    is_name = bool(name) and not any(c.isdigit() or c in "/\\" for c in name)
    is_bare = len(codes) == 1 and codes[0].isdecimal() and book.district_name(codes[0], "zh") == codes[0]
    if not is_name or not is_bare:
        return book
    column = "name_en" if name.isascii() else "name_zh"
    rows = book.whole("districts")
    rows = rows[rows["district"] != codes[0]]
    named = complete(pd.DataFrame({"district": codes, column: [name]}), "districts")
    rows = pd.concat([rows, named], ignore_index=True)
    told = pd.DataFrame([{"file": "", "sheet": "", "table": "districts", "column": column, "kind": "called", "count": 1,
                          "example": name}])  # fmt: skip
    tables = {**book.tables, "districts": rows[list(declared_table("districts").names)]}
    return book.holding(tables, repairs=pd.concat([book.repairs, told], ignore_index=True))


def read_book(data: str, *, year: int = 0, given: Given = NOTHING_GIVEN) -> Book:
    """The checked book of `data`; packed data was checked when it was packed, and is read as it is used.

    `given`: district and year of rows that tell none; data that tell both never see it.
    """
    from perflib.data.load import make_book
    from perflib.data.packed import is_packed
    from perflib.data.sources import read_source

    folder = Path(data).expanduser()
    if data not in SAMPLES and os.path.isdir(folder) and is_packed(folder):
        from perflib.data.packed_book import packed_book

        return packed_book(folder)
    make = lambda: make_book(replace(read_source(data, year=year), given=given))  # noqa: E731
    return shared_book(data, year, make, given=given)
