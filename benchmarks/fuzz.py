"""Whether a book with one to three oddities is read as a person reads it, refused, or told of by cell.

Run: python benchmarks/fuzz.py [books] [seed]. Half of the books are xlsx, half CSV. Every mutation knows
what a person reads in the cells that it touches, or that nobody can read them. Goals: no traceback, no
wrong sum without a refusal or a warning that names the row, at most 5 % refusals of books a person accepts.
"""

import csv
import io
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MONEY = ("initial_budget", "adjusted_budget", "executed")
COLUMNS = ("district", "year", "project", "name", "department", "unit", *MONEY)
HEAD = (
    "区划代码",
    "预算年度",
    "项目代码",
    "项目名称",
    "主管部门",
    "实施单位",
    "年初预算数",
    "全年预算数",
    "全年执行数",
)
ENGLISH = ("District code", "Fiscal year", "Project code", "Project", "Department", "Implementing unit",
           "Initial budget", "Adjusted budget", "Executed")  # fmt: skip
AT = {name: i for i, name in enumerate(COLUMNS)}
BLANK, UNREADABLE = None, "?"


@dataclass
class Row:
    """A line of the sheet: what is written, and what a person reads (None: it is no project)."""

    cells: list
    truth: dict | None = None
    formats: dict[int, str] = field(default_factory=dict)


@dataclass
class Book:
    """A sheet of projects being mutated."""

    kind: str  # xlsx or csv
    rng: random.Random
    head: list[Row]
    rows: list[Row]
    touched: set[tuple[int, str]] = field(default_factory=set)
    styled: set[str] = field(default_factory=set)  # columns whose decimal mark is set, or whose unit is
    told: list[Row] = field(default_factory=list)  # rows that a warning must name
    is_unfit: bool = False  # nobody could read it: to be refused or told of
    options: dict = field(default_factory=dict)

    @property
    def projects(self) -> list[Row]:
        return [r for r in self.rows if r.truth]

    def pick(self, names: tuple[str, ...] = MONEY, *, is_plain: bool = True) -> tuple[Row, str] | None:
        """A cell that no mutation has touched."""
        free = [(r, n) for r in self.projects for n in names
                if (id(r), n) not in self.touched and not (is_plain and n in self.styled)]  # fmt: skip
        if not free:
            return None
        row, name = self.rng.choice(free)
        self.touched.add((id(row), name))
        return row, name


def base(kind: str, rng: random.Random) -> Book:
    """Twenty projects of four departments in two years, as a clean export has them."""
    rows = []
    for year in (2022, 2023):
        for i in range(10):
            start = rng.randint(1_000_000, 500_000_000)
            end = round(start * rng.uniform(0.8, 1.3))
            spent = round(end * rng.uniform(0.4, 0.99))
            money = [c / 100 for c in (start, end, spent)]
            words = [
                "110101",
                year,
                f"P{i + 1:04d}",
                f"项目{'甲乙丙丁戊己庚辛壬癸'[i]}",
                f"部门{i // 3}",
                f"单位{i}",
            ]
            rows.append(Row([*words, *money], dict(zip(MONEY, money, strict=True))))
    return Book(kind, rng, [Row([*HEAD[:6], *(f"{h}（元）" for h in HEAD[6:])])], rows)


MUTATIONS: dict[str, Callable[[Book], bool]] = {}


def mutation(make: Callable[[Book], bool]) -> Callable[[Book], bool]:
    MUTATIONS[make.__name__] = make
    return make


def number_as(name: str, write: Callable[[float, random.Random], object], *, reads: object = "same") -> None:
    """A mutation that writes one amount in another way; `reads`: what a person reads there then."""

    def make(book: Book) -> bool:
        if not (spot := book.pick()):
            return False
        row, column = spot
        written = write(row.truth[column], book.rng)
        if isinstance(written, tuple):
            written, row.truth[column] = written
        row.cells[AT[column]] = written
        if reads == BLANK:
            row.truth[column] = BLANK
            book.told.append(row)
        elif reads == UNREADABLE:
            book.is_unfit = True
            book.told.append(row)
        return True

    MUTATIONS[name] = make


WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
for _name, _write in {
    "full_width": lambda v, r: f"{v:.2f}".translate(WIDE),
    "thousands": lambda v, r: f"{v:,.2f}",
    "full_width_thousands": lambda v, r: f"{v:,.2f}".translate(WIDE),
    "blanks_around": lambda v, r: f"  {v:.2f}\t",
    "fixed_blanks": lambda v, r: f"{v:,.2f}".replace(",", "\u00a0"),
    "yuan_sign": lambda v, r: f"¥{v:,.2f}",
    "yuan_word": lambda v, r: f"{v:.2f} 元",
    "wan_word": lambda v, r: f"{v / 1e4:.6f}万元",
    "minus": lambda v, r: (f"\u2212{v:.2f}", -v) if False else f"+{v:.2f}",
    "as_text": lambda v, r: f"{v:.2f}",
    "scientific": lambda v, r: (f"{v:.2E}", float(f"{v:.2E}")),
    "zero_width": lambda v, r: f"{v:.2f}"[:3] + "\u200b" + f"{v:.2f}"[3:],
    "direction_mark": lambda v, r: f"\u200e{v:.2f}\u200f",
    "apostrophe": lambda v, r: f"'{v:.2f}",
    "swiss": lambda v, r: f"{v:,.2f}".replace(",", "'"),
    "circled_note": lambda v, r: f"{v:.2f}{r.choice('①②③')}",
    "raised_note": lambda v, r: f"{v:.2f}{r.choice('¹²³')}",
    "starred_note": lambda v, r: f"{v:.2f}*",
    "bracketed_note": lambda v, r: f"{v:.2f}[1]",
    "yuan_before": lambda v, r: r.choice(["人民币{:.2f}元", "RMB {:.2f}", "CNY{:.2f}"]).format(v),
    "yuan_whole": lambda v, r: f"{v:.2f}元整",
    "arabic_digits": lambda v, r: f"{v:.2f}".translate(str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")),
}.items():
    number_as(_name, _write)
for _name, _write in {
    "blank": lambda v, r: "",
    "dash": lambda v, r: r.choice(["—", "-", "/"]),
    "none": lambda v, r: "无",
}.items():
    number_as(_name, _write, reads=BLANK)
for _name, _write in {
    "two_lines": lambda v, r: f"{v:.0f}\n{v / 3:.0f}",
    "two_numbers": lambda v, r: f"{v:.0f} {v / 3:.0f}",
    "two_short_numbers": lambda v, r: "600 400",
    "slash": lambda v, r: f"{v:.0f}/{v / 3:.0f}",
    "per_cent": lambda v, r: f"{v:.0f}%",
    "about": lambda v, r: f"约{v:.0f}",
    "to_be_decided": lambda v, r: "待定",
    "infinite": lambda v, r: "1e400",
    "code_in_amount": lambda v, r: "110101202300000012",
    "group_of_four": lambda v, r: "12,3456",
    "indian_groups": lambda v, r: "12,34,567",
    "fraction": lambda v, r: "3½",
    "chinese_number": lambda v, r: "壹拾万",
    "date": lambda v, r: "2023-01-05",
    "points_and_comma": lambda v, r: f"{v:,.2f}".translate(str.maketrans(",.", ".,")) + ",5",
    "three_decimals_or_thousands": lambda v, r: "101.000",
    "unknown_currency": lambda v, r: f"{v:.0f} 卢比",
    "question_mark": lambda v, r: f"{v:.0f}?",
    "leading_note": lambda v, r: f"①{v:.0f}",
    "letter_o": lambda v, r: "1O0000",
    "euro_sign": lambda v, r: f"{v:.2f}€",
    "dollars": lambda v, r: f"US$ {v:.2f}",
    "arrow": lambda v, r: f"{v:.0f}→{v / 3:.0f}",
    "range": lambda v, r: f"{v:.0f}～{v * 2:.0f}",
    "truth_value": lambda v, r: True,
    "bare_minus_behind": lambda v, r: f"{v:.0f}-",
    "word_of_error": lambda v, r: r.choice(["Err:502", "#WERT!", "#SPILL!", "####"]),
}.items():
    number_as(_name, _write, reads=UNREADABLE)


@mutation
def error_word(book: Book) -> bool:
    if not (spot := book.pick()):
        return False
    row, column = spot
    row.cells[AT[column]] = book.rng.choice(["#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?", "#NUM!"])
    book.is_unfit = True
    book.told.append(row)
    return True


def negative(write: Callable[[float], str]) -> Callable[[Book], bool]:
    def make(book: Book) -> bool:
        if not (spot := book.pick(("executed",))):
            return False
        row, column = spot
        row.cells[AT[column]], row.truth[column] = write(row.truth[column]), -row.truth[column]
        return True

    return make


for _name, _write in {
    "negative_in_brackets": lambda v: f"({v:,.2f})",
    "negative_triangle": lambda v: f"△{v:.2f}",
    "minus_behind": lambda v: f"{v:,.2f}-",
    "minus_before_currency": lambda v: f"-¥{v:,.2f}",
    "currency_in_brackets": lambda v: f"(¥{v:,.2f})",
}.items():
    MUTATIONS[_name] = negative(_write)


def whole_column(book: Book, write: Callable[[float], object]) -> bool:
    column = book.rng.choice(MONEY)
    if column in book.styled or any((id(r), column) in book.touched for r in book.projects):
        return False
    book.styled.add(column)
    for row in book.projects:
        row.cells[AT[column]] = write(row.truth[column])
    return True


@mutation
def european_column(book: Book) -> bool:
    return whole_column(book, lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")))


@mutation
def thousands_column(book: Book) -> bool:
    return whole_column(book, lambda v: f"{v:,.2f}")


@mutation
def column_in_wan(book: Book) -> bool:
    column = book.rng.choice(MONEY)
    if column in book.styled or any((id(r), column) in book.touched for r in book.projects):
        return False
    book.styled.add(column)
    head = book.head[-1].cells
    at = next((i for i, h in enumerate(head) if str(h).startswith(HEAD[AT[column]])), None)
    if at is None or "（元）" not in head[at]:
        return False
    head[at] = f"{HEAD[AT[column]]}（万元）"
    for row in book.projects:
        row.cells[AT[column]] = round(row.truth[column] / 1e4, 6)
    return True


def total_row(book: Book, name: str, rows: list[Row], at: int, *, code: str = "") -> bool:
    if book.is_unfit or any(r.truth[c] is BLANK for r in rows for c in MONEY):
        return False
    money = [round(sum(r.truth[c] for r in rows), 2) for c in MONEY]
    if book.styled:
        return False
    last = rows[-1].cells
    book.rows.insert(at, Row([last[0], last[1], code, name, last[4] if "小计" in name else "", "", *money]))
    book.styled |= set(MONEY)  # what is mutated later would belie the total
    return True


def _grand(name: str) -> Callable[[Book], bool]:
    return lambda book: total_row(book, name, book.projects, len(book.rows))


for _name, _word in {
    "total": "合计", "total_colon": "合　计：", "total_unit": "合计（元）", "total_english": "Grand Total:",
    "total_county": "全县合计", "total_summary": "汇总", "total_nameless_word": "全部项目", "total_zongji": "总计", "total_traditional": "總計", "total_russian": "Итого",
}.items():  # fmt: skip
    MUTATIONS[_name] = _grand(_word)


@mutation
def subtotal_of_department(book: Book) -> bool:
    department = book.rng.choice(["部门0", "部门1", "部门2"])
    rows = [r for r in book.projects if r.cells[4] == department and r.cells[1] == book.projects[0].cells[1]]
    if len(rows) < 2:
        return False
    return total_row(book, f"{department}小计", rows, 1 + max(book.rows.index(r) for r in rows))


@mutation
def total_on_top(book: Book) -> bool:
    return total_row(book, "合计", book.projects, 0)


@mutation
def total_with_a_code(book: Book) -> bool:
    return total_row(book, "项目辛壬", book.projects, len(book.rows), code="P9999") and _tell_last(book)


def _tell_last(book: Book) -> bool:
    book.told.append(book.rows[-1])
    return True


@mutation
def subtotal_above_its_department(book: Book) -> bool:
    rows = [r for r in book.projects if r.cells[4] == "部门1" and r.cells[1] == book.projects[0].cells[1]]
    return len(rows) > 1 and total_row(book, "部门1", rows, min(book.rows.index(r) for r in rows))


@mutation
def of_which(book: Book) -> bool:
    row = book.rng.choice(book.projects)
    if book.styled or any(row.truth[c] is BLANK for c in MONEY):
        return False
    part = [round(row.truth[c] / 2, 2) for c in MONEY]
    book.rows.insert(book.rows.index(row) + 1, Row([*row.cells[:2], "", "其中：上级资金", "", "", *part]))
    return True


@mutation
def total_of_a_year(book: Book) -> bool:
    year = book.projects[0].cells[1]
    rows = [r for r in book.projects if r.cells[1] == year]
    return total_row(book, f"{year}年合计", rows, 1 + max(book.rows.index(r) for r in rows))


@mutation
def total_in_the_department(book: Book) -> bool:
    if not total_row(book, "", book.projects, len(book.rows)):
        return False
    book.rows[-1].cells[4] = "合计"
    return True


@mutation
def average_row(book: Book) -> bool:
    if not total_row(book, "平均值", book.projects, len(book.rows)):
        return False
    book.rows[-1].cells[6:] = [round(v / len(book.projects), 2) for v in book.rows[-1].cells[6:]]
    return True


@mutation
def signatures(book: Book) -> bool:
    book.rows.append(
        Row(["制表人：张三", "", "审核人：李四", "", "", "", "填表日期：2023年12月31日", "", ""])
    )
    return True


@mutation
def page_break(book: Book) -> bool:
    at = book.rng.randrange(1, len(book.rows))
    book.rows[at:at] = [Row(["第 1 页 共 2 页", *[""] * 8]), Row(list(book.head[-1].cells))]
    return True


@mutation
def heading_of_a_section(book: Book) -> bool:
    book.rows.insert(book.rng.randrange(1, len(book.rows)), Row(["", "", "", "一、教育支出", *[""] * 5]))
    return True


@mutation
def row_of_spaces(book: Book) -> bool:
    book.rows.insert(book.rng.randrange(1, len(book.rows)), Row([" "] * len(COLUMNS)))
    return True


@mutation
def numbered_columns(book: Book) -> bool:
    if book.options.get("unit_row") or any(str(h).isascii() for h in book.head[-1].cells):
        return False
    book.rows.insert(0, Row([str(i) for i in range(1, 10)]))
    return True


@mutation
def column_twice(book: Book) -> bool:
    if "extra" in book.options:
        return False
    book.options["extra"] = book.head[-1].cells[8]
    book.is_unfit = True
    return True


@mutation
def blank_rows(book: Book) -> bool:
    book.rows.insert(book.rng.randrange(1, len(book.rows)), Row([""] * len(COLUMNS)))
    return True


@mutation
def note_below(book: Book) -> bool:
    book.rows.append(Row(["注：本表不含涉密项目。", *[""] * 8]))
    return True


@mutation
def header_again(book: Book) -> bool:
    book.rows.insert(book.rng.randrange(1, len(book.rows)), Row(list(book.head[-1].cells)))
    return True


@mutation
def title_above(book: Book) -> bool:
    book.head.insert(0, Row(["某区项目支出情况表", *[""] * 8]))
    return True


@mutation
def unit_line(book: Book) -> bool:
    if any("（元）" not in str(h) for h in book.head[-1].cells[6:]):
        return False
    book.head[-1].cells[6:] = HEAD[6:]
    book.head.insert(0, Row(["单位：元", *[""] * 8]))
    return True


@mutation
def unit_row(book: Book) -> bool:
    if any("（元）" not in str(h) for h in book.head[-1].cells[6:]) or "is_unit_row" in book.options:
        return False
    book.head[-1].cells[6:] = HEAD[6:]
    book.options["unit_row"] = True
    return True


@mutation
def unit_clash(book: Book) -> bool:
    book.head.insert(0, Row(["单位：亿元", *[""] * 8]))
    book.is_unfit = True
    return True


@mutation
def foreign_head(book: Book) -> bool:
    at = book.rng.choice((6, 7, 8))
    book.head[-1].cells[at] = (
        f"{str(book.head[-1].cells[at]).partition('（')[0]}（{book.rng.choice(['EUR', '万美元'])}）"
    )
    book.is_unfit = True
    return "（元）" in "".join(map(str, book.head[-1].cells))


@mutation
def no_unit(book: Book) -> bool:
    if book.head[-1].cells[6] == HEAD[6]:  # its unit stands in a line or row of units
        return False
    book.head[-1].cells[6] = HEAD[6]
    book.is_unfit = True
    return True


@mutation
def english_header(book: Book) -> bool:
    if book.styled or any("（元）" not in str(h) for h in book.head[-1].cells[6:]):
        return False
    book.head[-1].cells[:] = [*ENGLISH[:6], *(f"{h} (CNY)" for h in ENGLISH[6:])]
    return True


@mutation
def broken_header(book: Book) -> bool:
    cells = book.head[-1].cells
    cells[:] = [f" {str(h)[:2]}{chr(10)}{str(h)[2:]} " if book.kind == "xlsx" else f" {h} " for h in cells]
    return True


@mutation
def unknown_column(book: Book) -> bool:
    book.options["extra"] = "备注"
    return True


@mutation
def twice(book: Book) -> bool:
    row = book.rng.choice(book.projects)
    book.rows.append(Row(list(row.cells), dict(row.truth)))
    book.is_unfit = True
    return True


def codes_as(
    name: str, write: Callable[[str], object], *, is_unfit: bool = False, is_all: bool = False
) -> None:
    def make(book: Book) -> bool:
        rows = book.projects if is_all else book.projects[-3:]
        if any((id(r), "project") in book.touched for r in rows):
            return False
        for row in rows:
            book.touched.add((id(row), "project"))
            row.cells[2] = write(str(row.cells[2]))
        book.is_unfit |= is_unfit
        return True

    MUTATIONS[name] = make


codes_as("code_direction_mark", lambda c: f"{c}\u200e")
codes_as("code_soft_hyphen", lambda c: f"{c[:2]}\u00ad{c[2:]}")
codes_as("code_text_mark", lambda c: f"'{c}")
codes_as("code_blanks", lambda c: f" {c} ")
codes_as("code_full_width", lambda c: c.translate(WIDE))
codes_as("code_scientific", lambda c: f"1.10101E+{10 + int(c[1:])}", is_unfit=True)


@mutation
def code_zeros(book: Book) -> bool:
    if any((id(r), "project") in book.touched for r in book.projects):
        return False
    for row in book.projects:
        row.cells[2] = f"00{row.cells[2][1:]}"
    for row in book.projects[10:13]:
        row.cells[2] = row.cells[2].lstrip("0")
        book.told.append(row)
    book.touched |= {(id(r), "project") for r in book.projects}
    return True


def years_as(name: str, write: Callable[[int], object], *, is_unfit: bool = False) -> None:
    def make(book: Book) -> bool:
        rows = [r for r in book.projects[-4:] if isinstance(r.cells[1], int)]
        for row in rows:
            row.cells[1] = write(row.cells[1])
        book.is_unfit |= is_unfit and bool(rows)
        return bool(rows)

    MUTATIONS[name] = make


years_as("year_word", lambda y: f"{y}年")
years_as("year_decimal", lambda y: f"{y}.0")
years_as("year_span", lambda y: f"{y}-{y + 1}", is_unfit=True)
years_as("year_short", lambda y: f"{y % 100}年", is_unfit=True)
years_as("year_full_width", lambda y: str(y).translate(WIDE))


@mutation
def name_in_quotes(book: Book) -> bool:
    row = book.rng.choice(book.projects)
    row.cells[3] = f'“{row.cells[3]}”, "一期"\n二期'
    return True


def only(kind: str, make: Callable[[Book], bool]) -> Callable[[Book], bool]:
    """A mutation that one format alone knows."""
    return lambda book: book.kind == kind and make(book)


def option(name: str, kind: str, *, is_unfit: bool = False, **options) -> None:
    def make(book: Book) -> bool:
        if set(options) & set(book.options):
            return False
        book.options |= options
        book.is_unfit |= is_unfit
        return True

    MUTATIONS[name] = only(kind, make)


option("byte_mark", "csv", encoding="utf-8-sig")
option("gb18030", "csv", encoding="gb18030")
option("utf_16", "csv", encoding="utf-16")
option("semicolons", "csv", separator=";")
option("tabs", "csv", separator="\t")
option("old_line_ends", "csv", line="\r")
option("closing_separators", "csv", tail=",")
option("hint", "csv", separator=";", hint=True)
option("unquoted_thousands", "csv", is_unfit=True, bare=True)
option("lost_field", "csv", is_unfit=True, lost=True)
option("open_quote", "csv", is_unfit=True, quote=True)
option("cut_in_last_line", "csv", is_unfit=True, cut=True)
option("merged_department", "xlsx", merged="department")
option("merged_amount", "xlsx", is_unfit=True, merged="executed")
option("hidden_rows", "xlsx", hidden=True)
option("hidden_sheet", "xlsx", is_unfit=True, sheet="项目_2021")
option("uncomputed", "xlsx", is_unfit=True, formula=True)
option("date_year", "xlsx", date_year=True)
option("per_cent_format", "xlsx", is_unfit=True, format="0%")
option("thousands_format", "xlsx", is_unfit=True, scaled="#,##0,")
option("other_sheet", "xlsx", cover=True)
option("hidden_column", "xlsx", column=True)
option("comment_lines", "csv", comment=True)


def table(book: Book) -> list[list]:
    """All lines of the sheet as they are written."""
    lines = [list(r.cells) for r in book.head]
    if book.options.get("unit_row"):
        lines.append([*[""] * 6, *["元"] * 3])
    lines += [list(r.cells) for r in book.rows]
    if extra := book.options.get("extra"):
        lines = [[*line, extra if i == len(book.head) - 1 else ""] for i, line in enumerate(lines)]
    return lines


def first_line(book: Book) -> int:
    """1-based line of the first row below the header."""
    return len(book.head) + bool(book.options.get("unit_row")) + 1


def write_csv(book: Book, path: Path) -> None:
    options, held = book.options, io.StringIO()
    mark = options.get("separator", ",")
    end = options.get("line", "\n")
    writer = csv.writer(held, delimiter=mark, lineterminator=end)
    writer.writerows([[_plain(c) for c in line] for line in table(book)])
    lines = held.getvalue().split(end)
    place = first_line(book) - 1 + next(i for i, r in enumerate(book.rows) if r is book.projects[2])
    if options.get("bare"):
        lines[place] += f"{mark}123"
    if options.get("lost"):
        lines[place] = lines[place].rpartition(mark)[0]
    if options.get("quote"):
        lines[place] = lines[place].replace("项目", '"项目', 1)
    if tail := options.get("tail"):
        lines = [line + tail.replace(",", mark) if line else line for line in lines]
    lines = [*(["# 2024-01-01 导出"] if options.get("comment") else []), *lines]
    text = end.join([*(["sep=" + mark] if options.get("hint") else []), *lines])
    if options.get("cut"):
        text = text.rstrip("\r\n,;\t")[:-4]
    path.write_bytes(text.encode(options.get("encoding", "utf-8")))


def _plain(cell: object) -> object:
    return f"{cell:.2f}" if isinstance(cell, float) and cell == round(cell, 2) else cell


def write_xlsx(book: Book, path: Path) -> None:
    import openpyxl

    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "项目"
    for line in table(book):
        sheet.append([None if c == "" else c for c in line])
    first, options = first_line(book), book.options
    where = {id(r): i for i, r in enumerate(book.rows, first)}
    spot = book.projects[0]
    row = where[id(spot)]
    if options.get("merged") == "department":
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=5, end_column=5)
    if options.get("merged") == "executed":
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=9, end_column=9)
    if options.get("hidden"):
        sheet.row_dimensions[row + 1].hidden = True
    if options.get("formula"):
        sheet.cell(row, 9).value = "=H2*0.9"
    if options.get("date_year"):
        sheet.cell(row, 2).number_format = "yyyy"
    if options.get("column"):
        sheet.column_dimensions["H"].hidden = True
    if code := options.get("format"):
        sheet.cell(row, 7).value, sheet.cell(row, 7).number_format = 0.5, code
    if code := options.get("scaled"):
        sheet.cell(row, 7).number_format = code
    if name := options.get("sheet"):
        other = made.create_sheet(name)
        other.append([str(h) for h in book.head[-1].cells])
        other.append(["110101", 2021, "P0001", "旧", "部门0", "单位0", 1, 2, 1])
        other.sheet_state = "veryHidden"
    if options.get("cover"):
        made.create_sheet("填表说明").append(["说明"])
    made.save(path)


def truth_of(book: Book) -> tuple[int, dict[str, float]]:
    """Projects and sums as a person reads them."""
    rows = book.projects
    return len(rows), {c: round(sum(r.truth[c] or 0 for r in rows), 2) for c in MONEY}


def judge(book: Book, path: Path) -> str:
    """What reading the book came to: right, told, refused, refused_wrongly, wrong or traceback: …"""
    from perflib.data.book import load_book
    from perflib.data.errors import PerflibError

    try:
        read = load_book(str(path))
    except PerflibError as error:
        error.sentence("zh")
        return "refused" if book.is_unfit else f"refused_wrongly: {error.sentence('en')[:300]}"
    except Exception as error:
        return f"traceback: {type(error).__name__}: {error}"
    projects, (count, sums) = read.tables["projects"], truth_of(book)
    got = {c: round(float(projects[c].sum()), 2) for c in MONEY if c in projects}
    first = first_line(book) + bool(book.options.get("hint")) + bool(book.options.get("comment"))
    named = set(read.warnings["row"].dropna().astype(int))
    lost = [r for r in book.told if _line(book, r, first) not in named]
    if len(projects) != count or any(abs(got[c] - sums[c]) > 0.02 for c in MONEY) or book.is_unfit:
        is_told = bool(named or (read.warnings["rule"] == "hidden_sheet").any()) and not lost
        return "told" if is_told else f"wrong: {count} {sums} read as {len(projects)} {got}"
    return f"wrong: not told of {[r.cells for r in lost]}" if lost else "right"


def _line(book: Book, row: Row, first: int) -> int:
    at = next(i for i, r in enumerate(book.rows) if r is row)
    if book.kind == "xlsx":
        return first + at
    return first + at + sum(str(c).count("\n") for r in book.rows[:at] for c in r.cells)


def make(number: int, seed: int) -> tuple[Book, list[str]]:
    """Book `number` of a run: its format, its data and one to three mutations."""
    rng = random.Random(seed * 1_000_003 + number)
    book, names = base("xlsx" if number % 2 else "csv", rng), []
    wanted = rng.randint(1, 3)
    while len(names) < wanted:
        name = rng.choice(list(MUTATIONS))
        if name not in names and MUTATIONS[name](book):
            names.append(name)
    return book, names


def run(books: int, seed: int, folder: Path) -> list[tuple[list[str], str, str]]:
    """(mutations, format, verdict) of each book."""
    out = []
    for number in range(books):
        book, names = make(number, seed)
        path = folder / f"book.{book.kind}"
        (write_xlsx if book.kind == "xlsx" else write_csv)(book, path)
        out.append((names, book.kind, judge(book, path)))
        if out[-1][2].startswith(("wrong", "traceback", "refused_wrongly")):
            print(f"{number} {book.kind} {'+'.join(names)} {out[-1][2]}", flush=True)
    return out


def main() -> None:
    books = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        found = run(books, seed, Path(folder))
    kinds = Counter(verdict.partition(":")[0] for _, _, verdict in found)
    fit = sum(kinds[k] for k in ("right", "told", "wrong", "refused_wrongly"))
    print(f"{len(MUTATIONS)} kinds of mutation, {books} books, seed {seed}")
    print(", ".join(f"{k} {n}" for k, n in sorted(kinds.items())))
    print(f"books a person accepts that were refused: {kinds['refused_wrongly'] / max(fit, 1):.1%}")


if __name__ == "__main__":
    main()
