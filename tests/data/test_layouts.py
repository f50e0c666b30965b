"""Layouts of other cities: each comes in by a mapping alone, with the sums that a person reads."""

import re
from pathlib import Path

import pytest
import xlsxwriter

from perflib.data.book import Book, load_book
from perflib.data.errors import DataError
from perflib.data.problems import sentence
from perflib.data.quality import quality

TOP = 'currency = "EUR"\nunit = "EUR"\n'
PLAIN = """
fields = { c = "Code", n = "Name", b = "Budget", s = "Spent" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{n}", adjusted_budget = "{b}", executed = "{s}" }
"""


@pytest.fixture
def city(tmp_path):
    """Writes a mapping and its files (text, or a book as sheets of rows), and reads the book."""

    def read(mapping: str, files: dict[str, object], *, top: str = TOP) -> Book:
        for name, content in files.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, dict):
                write_book(path, content)
            else:
                path.write_text(content, "utf-8")
        (tmp_path / "city.toml").write_text(top + mapping, "utf-8")
        return load_book(f"{tmp_path}/city.toml:{tmp_path}/data")

    return read


def write_book(path: Path, sheets: dict[str, list]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)


def sums(book: Book, by: str = "year", table: str = "projects") -> dict:
    rows = book.table(table).groupby(by)[["adjusted_budget", "executed"]].sum()
    return {key: tuple(row) for key, row in zip(rows.index, rows.to_numpy().tolist(), strict=True)}


def reconciles(book: Book) -> bool:
    sums = book.reconciliation.fillna(0)
    names = [c.removesuffix("_read") for c in sums if c.endswith("_read")]
    kept = (sums[f"{n}_read"] - sums[f"{n}_kept"] - sums[f"{n}_set_aside"] for n in names if n != "rows")
    rows = sums["rows_read"] - sums["rows_kept"] - sums["rows_merged"] - sums["rows_set_aside"]
    return all((apart == 0).all() for apart in (rows, *kept))


WIDE = "Office,Line,Name,Budget 2022,Actual 2022,Budget 2023,Actual 2023\nA,1,Parks,100,90,110,99\nA,2,Roads,200,150,210,160\n"


def test_years_as_columns_are_one_block(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "wide.csv"
fields = { o = "Office", l = "Line", n = "Name", b = "Budget {year}", s = "Actual {year}" }
columns = { district = "{o}", year = "{year}", project = "{l}", name = "{n}", adjusted_budget = "{b}", executed = "{s}" }
""",
        {"wide.csv": WIDE},
    )
    assert sums(book) == {2022: (100 + 200, 90 + 150), 2023: (110 + 210, 99 + 160)} and reconciles(book)
    assert book.reconciliation["rows_read"].sum() == 2 * 2


def test_two_blocks_over_one_file_reconcile(city):
    block = """
[[file]]
table = "projects"
pattern = "wide.csv"
fields = {{ o = "Office", l = "Line", n = "Name", b = "Budget {0}", s = "Actual {0}" }}
columns = {{ district = "{{o}}", year = "{0}", project = "{{l}}", name = "{{n}}", adjusted_budget = "{{b}}", executed = "{{s}}" }}
"""
    book = city(block.format(2022) + block.format(2023), {"wide.csv": WIDE})
    assert sums(book) == {2022: (300, 240), 2023: (320, 259)} and reconciles(book)
    assert book.reconciliation["rows_read"].tolist() == [2, 2]
    assert quality(book).totals.loc[0, ["rows_read", "rows_kept"]].tolist() == [4, 4]


MONTHS = "Lugar,Meta,Nombre,PIM,DEV_ENERO,DEV_FEBRERO,DEV_MARZO,DEV_ABRIL\nLima,1,Parques,1200,100,80,120,0\nLima,2,Vias,600,10,0,50,0\n"


def test_flows_of_months_as_columns_are_made_cumulative(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "gasto_{year}.csv"
fields = { d = "Lugar", m = "Meta", n = "Nombre", pim = "PIM" }
columns = { district = "{d}", year = "{year}", project = "{m}", name = "{n}", adjusted_budget = "{pim}" }

[[file]]
table = "progress"
pattern = "gasto_{year}.csv"
flows = "executed"
fields = { d = "Lugar", m = "Meta", pim = "PIM", dev = "DEV_{month}" }
columns = { district = "{d}", year = "{year}", month = "{month}", project = "{m}", adjusted_budget = "{pim}", executed = "{dev}" }
""",
        {"gasto_2024.csv": MONTHS},
    )
    rows = book.table("progress").pivot(index="project", columns="month", values="executed")
    assert rows.to_numpy().tolist() == [[100, 100 + 80, 100 + 80 + 120], [10, 10, 10 + 50]]
    assert book.set_aside["reason"].tolist() == ["month_to_come"] * 2 and reconciles(book)
    assert book.as_of == (2024, 3)


GRANTS = [
    ["College", "Dept", "Code", "Grant 1", "", "Grant 2", ""],
    ["", "", "", "Budget", "Spent", "Budget", "Spent"],
    ["Eng", "Civil", "U1", 400, 264, 26, 1],
    ["Eng", "Chem", "U2", 400, 0, 200, 2],
    ["Total", "", "", 800, 264, 226, 3],
]
HEADS = """
[[file]]
table = "projects"
pattern = "grants.xlsx"
exclude = [{{ reason = "totals_row", when = {{ code = "" }} }}]
fields = {{ college = "College", dept = "Dept", code = "Code", budget = "{0}Budget", spent = "{0}Spent" }}
columns = {{ district = "{{college}}", year = 2026, project = "{{code}}", name = "{{dept}}", adjusted_budget = "{{budget}}", executed = "{{spent}}" }}
"""


@pytest.mark.parametrize(
    ("above", "total", "told"),
    [("", (800, 264), 2), ("Grant 1 / ", (800, 264), 0), ("Grant 2 / ", (226, 3), 0)],
)
def test_a_label_under_two_heads_is_chosen_with_its_head(city, above, total, told):
    book = city(HEADS.format(above), {"grants.xlsx": {"S": GRANTS}})
    assert sums(book) == {2026: total} and (book.warnings["rule"] == "label_twice").sum() == told


def test_a_sheet_for_each_year(city):
    head = ["Code", "Name", "Budget", "Spent"]
    sheets = {str(y): [head, ["01", "Parks", 100, 50 + y % 100]] for y in (2022, 2023)} | {"Notes": [["x"]]}
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "book.xlsx"\nsheet = "{{year}}"\n{PLAIN}'
    book = city(mapping, {"book.xlsx": sheets})
    assert sums(book) == {2022: (100, 50 + 22), 2023: (100, 50 + 23)}
    assert book.warnings[["rule", "sheet"]].to_numpy().tolist() == [["unknown_sheet", "Notes"]]


def test_plan_and_actual_in_two_files_are_joined_by_key(city):
    block = """
[[file]]
table = "projects"
pattern = "{0}_{{year}}.csv"
fields = {{ c = "Code", n = "Name", m = "{1}" }}
columns = {{ district = "A", year = "{{year}}", project = "{{c}}", name = "{{n}}", {2} = "{{m}}" }}
"""
    book = city(
        block.format("plan", "Plan", "adjusted_budget") + block.format("actual", "Spent", "executed"),
        {
            "plan_2023.csv": "Code,Name,Plan\n01,Parks,100\n02,Roads,200\n",
            "actual_2023.csv": "Code,Name,Spent\n01,Parks,90\n02,Roads,150\n03,New,5\n",
        },
    )
    rows = book.table("projects").set_index("project")
    assert rows["executed"].to_dict() == {"01": 90, "02": 150, "03": 5}
    assert rows["adjusted_budget"].dropna().to_dict() == {"01": 100, "02": 200} and reconciles(book)


def test_the_same_amounts_in_two_files_are_refused_with_both_names(city):
    row = "Code,Name,Budget,Spent\n01,Parks,100,90\n"
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}*.csv"\n{PLAIN}'
    with pytest.raises(DataError, match=r"2 \(b_2023-final.csv\), 2 \(b_2023.csv\)"):
        city(block, {"b_2023.csv": row, "b_2023-final.csv": row})


OFF = "Code;Name;{0}Budget;Spent\n1;Grant;{1};900{2}25\n"


@pytest.mark.parametrize(
    ("year", "head", "final", "mark"), [(2024, "", "1000,5", ","), (2025, "", "1173.876", ".")]
)
def test_what_is_taken_off_may_have_another_header_and_other_marks(city, year, head, final, mark):
    own = final.replace(".", ",")
    book = city(
        """
separator = ";"
[[file]]
table = "projects"
pattern = "{year}/spent.csv"
decimal = ","
subtract = [{ reason = "internal_transfer", pattern = "{year}/off.csv", tolerance = 1 }]
fields = { c = "Code", n = "Name", b = "FINAL_BUDGET", s = "Spent" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{n}", adjusted_budget = "{b}", executed = "{s}" }
""",
        {
            f"{year}/spent.csv": f"Code;Name;FINAL_BUDGET;Spent\n1;Grant;{own};900,25\n2;Parks;500;450\n",
            f"{year}/off.csv": OFF.format("FINAL.", final, mark),
        },
    )
    assert sums(book) == {year: (500, 450)} and book.set_aside["reason"].tolist() == ["internal_transfer"]


def test_marks_behind_amounts_and_the_district_in_the_file_name(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "{year}/{regency}.csv"
decimal = ","
keep = [{ reason = "subtotal", when = { akun = "Belanja Daerah" } }]
fields = { akun = "akun", b = "anggaran", s = "realisasi" }
columns = { district = "{regency}", year = "{year}", project = "{akun}", name = "{akun}", adjusted_budget = "{b}", executed = "{s}" }
""",
        {
            "2023/Kab_A.csv": 'akun,anggaran,realisasi\n" Belanja Daerah","2.502,06 M","2.433,87 M"\nPegawai,"14,77 M","12,74 M"\n'
        },
        top='currency = "IDR"\nunit = "IDR"\n',
    )
    assert sums(book, "district") == {"Kab_A": (2_502.06e9, 2_433.87e9)} and len(book.set_aside) == 1


def test_a_type_column_becomes_two_columns(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "long.csv"
merge = "sum"
unit = "cents"
fields = { c = "Code", y = "Year", t = "Type", v = "Value" }
[file.columns]
district = "A"
year = "{y}"
project = "{c}"
name = "{c}"
adjusted_budget = [{ when = { t = "Budget" }, is = "{v}" }]
executed = [{ when = { t = "Actual" }, is = "{v}" }]
""",
        {
            "long.csv": "Code,Year,Type,Value\n1,2021/22,Budget,10000\n1,2021/22,Actual,9050\n2,FY22,Budget,20000\n"
        },
    )
    rows = book.table("projects").set_index(["year", "project"])
    assert rows.loc[(2021, "1"), ["adjusted_budget", "executed"]].tolist() == [100, 90.5]
    assert rows.loc[(2022, "2"), "adjusted_budget"] == 200 and rows["executed"].isna().sum() == 1


def test_objects_of_json_one_a_line(city):
    book = city(
        f'\n[[file]]\ntable = "projects"\npattern = "{{year}}.jsonl"\n{PLAIN}'.replace(
            '"Budget"', '"money.budget"'
        ),
        {
            "2023.jsonl": '{"Code": "01", "Name": "Parks", "money": {"budget": 100}, "Spent": 90.5}\n{"Code": "02", "Name": "x", "Spent": null}\n'
        },
    )
    rows = book.table("projects").set_index("project")
    assert (
        rows.loc["01", ["adjusted_budget", "executed"]].tolist() == [100, 90.5]
        and rows.loc["02"].isna().any()
    )


PLAN_AND_ACTUAL = """
[[file]]
table = "projects"
pattern = "plan_{year}.csv"
fields = { c = "Code", m = "Plan" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{m}" }

[[file]]
table = "projects"
pattern = "actual_{year}*.csv"
fields = { c = "Code", m = "Spent" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", executed = "{m}" }
"""


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"actual_2023.csv": "Code,Spent\n01,90\n01,5\n"},
            "2 (plan_2023.csv), 2 (actual_2023.csv), 3 (actual_2023.csv)",
        ),
        (
            {"actual_2023a.csv": "Code,Spent\n01,90\n", "actual_2023b.csv": "Code,Spent\n01,5\n"},
            "2 (plan_2023.csv), 2 (actual_2023b.csv)",
        ),
    ],
)
def test_spending_that_is_told_twice_is_refused(city, files, told):
    with pytest.raises(DataError, match=re.escape(told)):
        city(PLAN_AND_ACTUAL, {"plan_2023.csv": "Code,Plan\n01,100\n02,200\n", **files})


@pytest.mark.parametrize(("first", "last"), [("9/30/2023", "12/1/2023"), ("30.9.2023", "1.12.2023")])
def test_the_latest_of_dates_with_the_day_or_the_month_first(city, first, last):
    mapping = """
[[file]]
table = "projects"
pattern = "b_{year}.csv"
last = { of = "d", by = ["c"] }
fields = { c = "Code", b = "Budget", s = "Spent", d = "Date" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{b}", executed = "{s}" }
"""
    book = city(mapping, {"b_2023.csv": f"Code,Budget,Spent,Date\n1,100,70,{last}\n1,100,50,{first}\n"})
    assert sums(book) == {2023: (100, 70)}


def test_the_latest_statement_of_each_year_is_taken(city):
    text = "Code,Name,Budget,Spent\n1,Parks,100,{}\n"
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "{{year}} {{month}}.csv"\nlast = {{ of = "month" }}\n{PLAIN}'
    files = {
        "2022 January.csv": text.format(5),
        "2022 December.csv": text.format(90),
        "2023 March.csv": text.format(20),
    }
    book = city(mapping, files)
    assert sums(book) == {2022: (100, 90), 2023: (100, 20)}
    assert book.set_aside[["file", "reason"]].to_numpy().tolist() == [["2022 January.csv", "superseded"]]


def test_headings_sums_blanks_units_and_rates(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "report.xlsx"
blank = ["n.d."]
headings = [{ into = "office", take = "name", when = { code = "" } }]
exclude = [{ reason = "header_row", when = { code = "" } }]
fields = { code = "Code", name = "Name", own = "Own funds", grant = "Grants", spent = "Spent", u = "Unit" }
[file.columns]
district = "A"
year = 2023
project = "{code}"
name = "{name}"
department = "{office}"
adjusted_budget = { is = "{own} + {grant}", unit = "thousand" }
executed = { is = "{spent}", unit = "{u}" }
""",
        {
            "report.xlsx": {
                "Cover": [["Report"]],
                "Data": [
                    ["Quarterly report"], [], ["Code", "Name", "Own funds", "Grants", "Spent", "Unit"],
                    ["", "Parks office"], ["1", "Trees", 10, 5, 14, "thousand EUR"], ["2", "Paths", 7, "n.d.", 6500, "EUR"],
                    ["", "Roads office"], ["3", "Asphalt", "n.d.", "n.d.", 1, "million EUR"],
                ],
            }
        },
    )  # fmt: skip
    rows = book.table("projects").set_index("project")
    assert rows["department"].tolist() == ["Parks office", "Parks office", "Roads office"]
    assert rows["adjusted_budget"].dropna().tolist() == [15_000, 7_000]
    assert rows["executed"].tolist() == [14_000, 6_500, 1_000_000]


def test_a_code_list_of_another_year_spelt_otherwise(city):
    book = city(
        """
[[file]]
table = "projects"
pattern = "{year}/b.csv"
fields = { c = "Code", o = "Office", b = "Budget", s = "Spent" }
columns = { district = "{code}", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{b}", executed = "{s}" }
[[file.lookup]]
pattern = "codes_{year}.csv"
by = "o"
take = "code"
match = "loose"
fields = { o = "Office", code = "District" }
""",
        {
            "2023/b.csv": "Code,Office,Budget,Spent\n1,VICÁLVARO ,100,90\n",
            "codes_2021.csv": "Office,District\nVicalvaro,219\n",
        },
    )
    assert book.districts == ["219"] and "lookup_other_year" in set(book.repairs["kind"])


def test_a_mapping_without_a_currency_is_asked_for_one(city):
    with pytest.raises(DataError, match="`currency` is missing"):
        city(f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}', {}, top='unit = "EUR"\n')


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("$1,000.50", 1000.5), ("-$5", -5), ("R$ 7", 7), ("12 Kč", 12), ("USD 3", 3), ("8", 8)],
)
def test_amounts_that_bear_their_currency(city, cell, amount):
    book = city(
        f'\nrelax = ["negative"]\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}',
        {"b_2023.csv": f'Code,Name,Budget,Spent\n1,x,"{cell}",1\n'},
        top='currency = "USD"\nunit = "USD"\n',
    )
    assert book.table("projects")["adjusted_budget"].tolist() == [amount]


@pytest.mark.parametrize(
    ("currency", "cell", "told"),
    [
        ("EUR", "$100", ["C2"]),
        ("EUR", "100 €", []),
        ("MXN", "$100", []),
        ("MXN", "£100", ["C2"]),
        ("JPY", "¥100", []),
    ],
)
def test_signs_of_another_currency_are_told(city, currency, cell, told):
    book = city(
        f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}',
        {"b_2023.csv": f"Code,Name,Budget,Spent\n1,x,{cell},1\n"},
        top=f'currency = "{currency}"\nunit = "{currency}"\n',
    )
    assert book.warnings["cell"].tolist() == told


LINES = """
[[file]]
table = "projects"
pattern = "lines.csv"
fields = { d = "District", l = "Line", y = "Year", b = "Budget", s = "Spent" }
columns = { district = "{d}", year = "{y}", project = "{l}", name = "{l}", adjusted_budget = "{b}", executed = "{s}" }
"""
THREE_YEARS = "District,Line,Year,Budget,Spent\n" + "".join(
    f"{d},{line},{year},{100 * line},{spent * line}\n"
    for year, spent in ((2022, 91), (2023, 95), (2024, 46)) for d in "AB" for line in (1, 2)
)  # fmt: skip


@pytest.mark.parametrize(("declared", "year", "doubts"), [("", 2024, 1), ('as_of = "2024-07"\n', 2023, 0)])
def test_a_year_in_course_is_asked_about_or_declared_and_is_no_year(city, declared, year, doubts):
    book = city(LINES, {"lines.csv": THREE_YEARS}, top=declared + TOP)
    assert book.year == year and (book.doubts["rule"] == "maybe_in_course").sum() == doubts
    assert set(book.rows("projects")["year"]) == ({2022, 2023, 2024} if doubts else {2022, 2023})


def test_the_month_that_is_there_is_the_last_one(city):
    months = """
[[file]]
table = "progress"
pattern = "lines.csv"
keep = [{ when = { y = "2024" } }]
fields = { d = "District", l = "Line", y = "Year", b = "Budget", s = "Spent" }
columns = { district = "{d}", year = "{y}", month = 7, project = "{l}", adjusted_budget = "{b}", executed = "{s}" }
"""
    book = city(LINES + months, {"lines.csv": THREE_YEARS})
    assert book.as_of == (2024, 7) and set(book.table("progress")["month"]) == {7} and reconciles(book)


def test_one_row_per_district_has_a_rate_and_no_interval(city):
    from perflib.infer.rates import rates

    text = "District,Line,Year,Budget,Spent\n" + "".join(
        f"{d},total,2023,100,{90 - i}\n" for i, d in enumerate("ABC")
    )
    found = rates(city(LINES, {"lines.csv": text}).table("projects"), by="district", base="adjusted")
    assert found.sort_values("district")["rate"].tolist() == [0.9, 0.89, 0.88] and found["low"].isna().all()


def test_letters_of_other_scripts_are_printed(city):
    from perflib.data.fonts import printable

    plain = PLAIN.replace('"A"', '"Łódź"')
    block = '\n[[file]]\ntable = "projects"\npattern = "b_{year}.csv"\n' + plain
    book = city(block, {"b_2023.csv": "Code,Name,Budget,Spent\n1,Źródło,100,90\n2,Szkoły,200,150\n"})
    assert sums(book) == {2023: (300, 240)} and book.districts == ["Łódź"] and book.warnings.empty
    assert printable("Łódź Źródło") == "Łódź Źródło"


def test_a_section_that_sums_up_its_two_rows_and_has_no_code_is_told(city):
    rows = "A,,2023,300,270\nA,1,2023,100,90\nA,2,2023,200,180\nA,3,2023,50,40\nA,4,2023,60,50\n"
    named = LINES.replace('name = "{l}"', 'name = "line {l}"')
    book = city(named, {"lines.csv": "District,Line,Year,Budget,Spent\n" + rows})
    assert ["maybe_total", 2] in book.warnings[["rule", "row"]].to_numpy().tolist()


def test_rows_that_sum_up_others_are_told(city):
    rows = [f"A,{i},2023,{100 * i},{90 * i}\n" for i in (1, 2, 5)]
    book = city(
        LINES, {"lines.csv": "District,Line,Year,Budget,Spent\n" + "".join(rows) + "A,all,2023,800,720\n"}
    )
    assert book.warnings[["rule", "row"]].to_numpy().tolist() == [["maybe_total", 5]]


def test_subtotals_of_two_rows_and_rows_called_total_are_told(city):
    rows = "10,300,240\n101,100,90\n102,200,150\nTotal,301,240\n"
    rows = "".join(f"A,{r.partition(',')[0]},2023,{r.partition(',')[2]}\n" for r in rows.split())
    alone = "B,Total,2023,80,70\n"  # all that the file has of a district: the total of nothing
    book = city(LINES, {"lines.csv": "District,Line,Year,Budget,Spent\n" + rows + alone})
    assert book.warnings[["rule", "row"]].to_numpy().tolist() == [["maybe_total", 2], ["total_doubt", 5]]


def test_where_every_row_is_set_aside_the_reason_is_told(city):
    with pytest.raises(DataError, match="All 12 rows of projects"):
        city(
            LINES.replace("fields", 'exclude = [{ when = { d = ["A", "B"] } }]\nfields'),
            {"lines.csv": THREE_YEARS},
        )


def test_a_currency_that_is_missing_is_asked_for(city):
    with pytest.raises(DataError, match="at its top: `currency` is missing"):
        city(LINES, {"lines.csv": THREE_YEARS}, top='unit = "EUR"\n')


FLOWS = """
[[file]]
table = "projects"
pattern = "g_{year}.csv"
fields = { c = "Code", b = "Budget" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{b}" }

[[file]]
table = "progress"
pattern = "g_{year}.csv"
flows = ["executed"]
fields = { c = "Code", s = "M{month}" }
columns = { district = "A", year = "{year}", month = "{month}", project = "{c}", executed = "{s}" }
"""


@pytest.mark.parametrize(
    ("months", "told"),
    [((1, 2, 3), []), ((1, 2, 5), [("3, 4", "5")]), ((2, 3), [("1", "2")]), ((1, 2, 3, 12), [])],
)
def test_months_without_flows_are_told(city, months, told):
    text = ",".join(["Code", "Budget", *(f"M{m}" for m in months)]) + "\n"
    text += ",".join(["1", "100", *("0" if m == 12 else "5" for m in months)]) + "\n"
    gaps = city(FLOWS, {"g_2024.csv": text}).warnings.query("rule == 'flow_gap'")
    assert list(zip(gaps["found"], gaps["expected"], strict=True)) == told


def test_names_of_files_are_found_whatever_their_case(city):
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "Budget/b_{{year}}.csv"\n{PLAIN}'
    book = city(mapping, {"budget/B_2023.CSV": "Code,Name,Budget,Spent\n1,x,100,90\n"})
    assert sums(book) == {2023: (100, 90)}


@pytest.mark.parametrize(
    ("label", "column", "told"),
    [
        ("Budget (million EUR)", '"{b}"', ["unit_mapped"]),
        ("Budget (thousand EUR)", '"{b}"', []),
        ("Budget", '"{b}"', []),
        ("Budget (million EUR)", '{ is = "{b}", unit = "EUR" }', []),
    ],
)
def test_a_head_with_another_unit_than_the_mapping_is_told(city, label, column, told):
    mapping = f"""
[[file]]
table = "projects"
pattern = "b_{{year}}.csv"
fields = {{ c = "Code", b = "{label}" }}
columns = {{ district = "A", year = "{{year}}", project = "{{c}}", name = "{{c}}", adjusted_budget = {column} }}
"""
    top = 'currency = "EUR"\nunit = "thousand EUR"\n'
    book = city(mapping, {"b_2023.csv": f"Code,{label}\n1,100\n"}, top=top)
    assert book.warnings["rule"].tolist() == told


@pytest.mark.parametrize(
    ("currency", "cell", "amount"),
    [
        ("NGN", "₦1,500.00", 1500),
        ("ZAR", "R1500", 1500),
        ("INR", "₹1,30,000.50", 130_000.5),
        ("INR", "Rs. 5", 5),
    ],
)
def test_amounts_as_a_country_writes_them_are_read_and_summed(city, currency, cell, amount):
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}'.replace(
        "{b}", "{b} + {s}"
    )
    book = city(
        mapping,
        {"b_2023.csv": f'Code,Name,Budget,Spent\n1,x,"{cell}","{cell}"\n'},
        top=f'currency = "{currency}"\nunit = "{currency}"\n',
    )
    assert sums(book) == {2023: (2 * amount, amount)} and not len(book.warnings)


def test_groups_of_two_are_no_amount_where_no_one_writes_them(city):
    with pytest.raises(DataError, match="1,30,000"):
        city(
            f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}',
            {"b_2023.csv": 'Code,Name,Budget,Spent\n1,x,"1,30,000",1\n'},
        )


@pytest.mark.parametrize(("unit", "found"), [("SEK", "20 SEK"), ("apples", "20 apples"), ("kEUR", "")])
def test_a_row_in_another_currency_is_no_amount_unless_it_is_left_out(city, unit, found):
    mapping = """
[[file]]
table = "projects"
pattern = "b_{year}.csv"
fields = { c = "Code", b = "Budget", u = "Unit" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = { is = "{b}", unit = "{u}" } }
"""
    files = {"b_2023.csv": f"Code,Budget,Unit\n1,10,EUR\n2,20,{unit}\n"}
    if not found:
        assert city(mapping, files).table("projects")["adjusted_budget"].tolist() == [10, 20_000]
        return
    with pytest.raises(DataError, match=found):
        city(mapping, files)
    left = city(f'{mapping}exclude = [{{ when = {{ u = "{unit}" }} }}]\n', files)
    assert left.table("projects")["adjusted_budget"].tolist() == [10]


def test_the_list_of_a_json_file_that_has_the_fields_is_read(city):
    columns = '[{"id": "Code"}, {"id": "Name"}, {"id": "Budget"}, {"id": "Spent"}]'
    rows = '[{"Code": "01", "Name": "x", "Budget": "100", "Spent": "90"}]'
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "{{year}}.json"\n{PLAIN}'
    book = city(mapping, {"2023.json": f'{{"result": {{"fields": {columns}, "records": {rows}}}}}'})
    assert sums(book) == {2023: (100, 90)} and not len(book.warnings)
    with pytest.raises(DataError, match=r"2023.json › result.fields` has no column `Code"):
        city(mapping + 'sheet = "result.fields"\n', {})


@pytest.mark.parametrize("called", ["民國112年度歲出.csv", "令和5年度歲出.csv"])
def test_years_of_an_era_in_file_names(city, called):
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "{{year}}年度歲出.csv"\n{PLAIN}'
    assert city(mapping, {called: "Code,Name,Budget,Spent\n1,x,100,90\n"}).years == [2023]


def test_columns_that_some_years_have_under_another_label_or_not_at_all(city):
    mapping = """
[[file]]
table = "projects"
pattern = "wide.csv"
fields = { c = "Code", b = ["Approved {year}", "Estimate {year}"], more = "Extra {year}", s = "Actual {year}" }
columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{b} + {more}", executed = "{s}" }
"""
    book = city(
        mapping,
        {"wide.csv": "Code,Actual 2021,Approved 2022,Extra 2022,Estimate 2023\n1,90,100,5,110\n2,9,10,,11\n"},
    )
    assert sums(book) == {2021: (0, 99), 2022: (115, 0), 2023: (121, 0)} and reconciles(book)


QUARTERS = """
[[file]]
table = "projects"
pattern = "b_{{year}}.csv"
merge = "sum"
fields = {{ c = "Code", b = "Budget" }}
columns = {{ district = "A", year = "{{year}}", project = "{{c}}", name = "{{c}}", adjusted_budget = "{{b}}" }}
exclude = [{{ reason = "totals_row", when = {{ c = "Total" }} }}]

[[file]]
table = "progress"
pattern = "b_{{year}}.csv"
flows = "executed"
across = {{ q = {0} }}
fields = {{ c = "Code", s = "{{q}}" }}
columns = {{ district = "A", year = "{{year}}", month = "{{q}}", project = "{{c}}", executed = "{{s}}" }}
exclude = [{{ reason = "totals_row", when = {{ c = "Total" }} }}]
"""


@pytest.mark.parametrize(
    ("quarters", "told"),
    [
        ("{ Q1 = '3', Q2 = '6', Q3 = '9' }", []),
        ("{ Q1 = '3', Q3 = '9' }", ["6"]),
        ("{ Q2 = '6' }", ["1, 2, 3, 4, 5"]),
    ],
)
def test_flows_of_quarters_have_every_third_month_and_their_printed_totals(city, quarters, told):
    book = city(
        QUARTERS.format(quarters),
        {"b_2023.csv": "Code,Budget,Q1,Q2,Q3\n1,90,10,20,30\n2,9,1,2,3\nTotal,99,11,22,33\n"},
    )
    gaps = book.warnings[book.warnings["rule"] == "flow_gap"]
    assert gaps["found"].tolist() == told and "total_differs" not in set(book.warnings["rule"])
    assert reconciles(book)


def test_a_cell_above_the_table_that_is_blank_is_told(city):
    mapping = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.xlsx"\n{PLAIN}'.replace('"A"', '"{d}"')
    mapping = mapping.replace("fields = {", 'fields = { d = "#C2",')
    rows = [["Accounts"], ["Office", "", "Parks"], ["Code", "Name", "Budget", "Spent"], ["1", "x", 10, 9]]
    assert city(mapping, {"b_2023.xlsx": {"S": rows}}).districts == ["Parks"]
    with pytest.raises(DataError, match="no column `#C2`"):
        city(mapping, {"b_2023.xlsx": {"S": [["Accounts"], ["Office"], *rows[2:]]}})


IDLE = """
[[file]]
table = "projects"
pattern = "b_{year}.csv"
exclude = [{ when = { c = "9*" } }, { when = { c = "Total" } }]
keep = [{ when = { k = "x" } }, { when = { k = "z" } }]
across = { kind = { Own = "own", Grantt = "grant" } }
fields = { c = "Code", k = "Kind", b = "{kind}" }
columns = { district = "A", year = "{year}", project = "{c}-{kind}", name = "{n}", adjusted_budget = "{b}" }

[[file.lookup]]
pattern = "codes.csv"
by = "c"
take = "n"
fields = { c = "Code", n = "Name" }

[[file]]
table = "progress"
pattern = "months_{year}.csv"
fields = { c = "Code", b = "Budget" }
columns = { district = "A", year = "{year}", month = 1, project = "{c}", adjusted_budget = "{b}" }
"""


def test_what_of_a_mapping_and_of_its_folder_is_not_used_is_told(city):
    files = {
        "b_2023.csv": "Code,Kind,Own,Grant\n1,x,5,6\n2,x,5,6\n91,x,1,1\n",
        "codes.csv": "Code,Name\n1,Parks\n2,Roads\n2,Roads\n1,Trees\n7,a\n7,b\n",
        "B 2024.csv": "Code\n1\n",
    }
    book = city(IDLE, files)
    told = [sentence(row, "en") for row in book.warnings.to_dict("records")]
    block = "[[file]] 1 (b_{year}.csv)"
    assert [t for t in told if "budget" not in t] == [
        "The mapping `city.toml`: no file fits `months_{year}.csv`, so that part was not read.",
        "`codes.csv`, row 5: the key `1` stands further up with other content; the first, `Parks`, counts, and not `Trees`. Check which is right.",
        f"The mapping `city.toml`, {block}, across, kind: nothing in the data fits `Grantt`. Check how it is written.",
        f'The mapping `city.toml`, {block}, exclude 2: nothing in the data fits `{{"c": "Total"}}`. Check how it is written.',
        f'The mapping `city.toml`, {block}, keep: nothing in the data fits `{{"k": "z"}}`. Check how it is written.',
        "Files in the folder that no pattern of the mapping fits, and that were not read: 1, such as B 2024.csv.",
    ]
    assert all(sentence(row, "zh") for row in book.warnings.to_dict("records"))


LEVELS = "Code,Budget,Spent\n01,30,20\n0101,30,20\n010101,10,5\n010102,20,15\n02,7,6\n0201,7,6\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LEVELS, {2: "2", 3: "2", 6: "1"}),
        ("Code,Budget,Spent\n100000,9,9\n110000,9,9\n111000,9,9\n", {2: "1", 3: "1"}),
        ("Code,Budget,Spent\n1,5,5\n10,5,5\n11,6,6\n2,8,8\n20,3,3\n3,9,9\n30,2,2\n", {}),
    ],
)
def test_rows_whose_codes_head_others_are_told_as_their_sums(city, text, told):
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}'.replace("Name", "Code")
    book = city(block, {"b_2023.csv": text})
    found = book.warnings[book.warnings["rule"] == "maybe_total"]
    assert dict(zip(found["row"], found["found"], strict=True)) == told


def test_a_dash_under_a_year_is_no_row_of_that_year(city):
    text = WIDE.replace("A,2,Roads,200,150,210,160", "A,2,Roads,200,150,–,-")
    mapping = """
[[file]]
table = "projects"
pattern = "wide.csv"
fields = { l = "Line", b = "Budget {year}", s = "Actual {year}" }
columns = { district = "A", year = "{year}", project = "{l}", name = "{l}", adjusted_budget = "{b}", executed = "{s}" }
"""
    book = city(mapping, {"wide.csv": text})
    assert book.table("projects").groupby("year").size().to_dict() == {2022: 2, 2023: 1} and reconciles(book)


@pytest.mark.parametrize("unit", ["EUR", "thousand EUR"])
def test_a_decimal_mark_that_the_column_itself_denies_is_refused(city, unit):
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\nunit = "{unit}"\n{PLAIN}'
    files = {"b_2023.csv": "Code;Name;Budget;Spent\n1;x;3.000;1\n2;y;1.234.567,5;1\n"}
    with pytest.raises(DataError, match=r"cell C2 .*3\.000 reads differently .*`decimal`"):
        city(block, files)
    scale = 1000 if unit != "EUR" else 1
    assert sums(city('decimal = ","\n' + block, files))[2023][0] == (3000 + 1_234_567.5) * scale


def test_columns_and_sheets_that_are_not_there_are_told(city):
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\nheader = 0\n{PLAIN}'
    for at, label in enumerate(("Code", "Name", "Budget", "Spent"), 1):
        block = block.replace(f'"{label}"', f'"#{at if at < 4 else 9}"')
    with pytest.raises(DataError, match="no column `#9`"):
        city(block, {"b_2023.csv": "1,x,10,9\n"})
    sheets = {"Own": [["Code", "Name", "Budget", "Spent"], ["1", "x", 10, 9]]}
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.xlsx"\nsheet = ["Own", "Grantt"]\n{PLAIN}'
    book = city(block, {"b_2023.xlsx": sheets})
    assert book.warnings.loc[book.warnings["rule"] == "rule_idle", "found"].tolist() == ["Grantt"]


@pytest.mark.parametrize("rule", ['"{b} + {s}"', '{ is = "{b}", unit = "{n}" }'])
def test_a_denied_decimal_mark_is_refused_in_sums_and_units_of_rows_too(city, rule):
    block = f'\n[[file]]\ntable = "projects"\npattern = "b_{{year}}.csv"\n{PLAIN}'.replace('"{b}"', rule)
    files = {"b_2023.csv": "Code;Name;Budget;Spent\n1;EUR;3.000;1\n2;EUR;1.234.567,5;1\n"}
    with pytest.raises(DataError, match=r"3\.000 \(decimal\?\)"):
        city(block, files)
    assert city('decimal = ","\n' + block, files).table("projects")["adjusted_budget"].max() > 1_234_567
