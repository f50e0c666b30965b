"""`perflib check` lists everything, on the terminal and in a workbook, and leaves with the same exit code."""

import re

import pandas as pd
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.first_mapping import first_mapping
from perflib.data.text import LANGUAGES, has_text, say, topic_keys
from perflib.run.check import check_data

HEAD = "district,year,project,name,adjusted_budget,executed\n"


@pytest.fixture
def data(tmp_path):
    def write(*rows: str) -> str:
        (tmp_path / "projects.csv").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
        return str(tmp_path / "projects.csv")

    return write


def test_the_list_shows_three_of_a_kind_and_the_workbook_has_every_finding(data, tmp_path):
    rows = [f"a,2022,P{i},x{i},100,110" for i in range(60)]
    text, code = check_data(data(*rows), "en", tmp_path / "check.xlsx")
    assert (
        code == 0 and "Spent above budget (60)\n    1. " in text and "    3. " in text and " 4. " not in text
    )
    assert f"    … and 57 more, in {tmp_path / 'check.xlsx'}\n" in text
    book = CalamineWorkbook.from_path(str(tmp_path / "check.xlsx"))
    cells = book.get_sheet_by_name("Spent above budget").to_python()
    assert len(cells) == 1 + 60 and cells[1][2] == "F2" and cells[1][7] == "110.00 元"


def test_sums_are_told_in_the_main_unit_and_in_a_large_one(data, tmp_path):
    text, _ = check_data(data("a,2022,P1,x,150000000,0"), "zh", tmp_path / "check.xlsx")
    assert "全年预算数 150,000,000.00 元" in text
    text, _ = check_data(data("a,2022,P1,x,15600000000,0"), "zh", tmp_path / "check.xlsx")
    assert "全年预算数 15,600,000,000.00 元（156.00 亿元）" in text


def test_errors_stand_before_what_is_doubted_and_the_exit_code_is_that_of_wrong_data(data, tmp_path):
    rows = [*(f"a,2022,P{i},x{i},-1,0" for i in range(30)), "a,2022,P99,y,100,110", "a,2022,P100,z,100,"]
    text, code = check_data(data(*rows), "zh", tmp_path / "check.xlsx")
    told = [line for line in text.splitlines() if not line.startswith("    ")]
    assert code == 3 and "perflib check" not in text and f"……另有 27 处，见 {tmp_path / 'check.xlsx'}" in text
    assert told[:3] == ["数据中有 30 处错误，须先改正：", "  负数金额 (30)", "需要核实的 2 处："]
    book = CalamineWorkbook.from_path(str(tmp_path / "check.xlsx"))
    assert len(book.get_sheet_by_name("负数金额").to_python()) == 31


def test_all_is_listed_where_no_workbook_can_be_written(data, tmp_path):
    (tmp_path / "a file").write_text("")
    text, code = check_data(
        data(*(f"a,2022,P{i},x,-1,0" for i in range(30))), "en", tmp_path / "a file" / "x"
    )
    assert code == 3 and " 30. " in text and "more, in" not in text


def test_sound_data_writes_nothing(data, tmp_path):
    text, code = check_data(data("a,2022,P1,x,100,90"), "en", tmp_path / "check.xlsx")
    assert code == 0 and not (tmp_path / "check.xlsx").exists() and "Wrote" not in text


def test_a_form_about_one_project_is_sent_to_the_right_command(tmp_path):
    form = [
        ["项目支出绩效自评表"],
        ["项目名称", "道路养护"],
        ["主管部门", "住建局"],
        ["年度资金总额", 100],
        ["一级指标", "二级指标"],
    ]
    with xlsxwriter.Workbook(str(tmp_path / "form.xlsx")) as book:
        sheet = book.add_worksheet("自评表")
        for at, row in enumerate(form):
            sheet.write_row(at, 0, row)
    with pytest.raises(DataError, match=r"form about one project.*perflib collect"):
        check_data(str(tmp_path / "form.xlsx"), "en", tmp_path / "check.xlsx")


def test_a_first_mapping_is_ready_but_for_what_is_never_guessed(tmp_path):
    (tmp_path / "2023.csv").write_text(
        "Distrito;Código;Descripción;Inicial;Obligado\n1;01;Parques;100,5;90,25\n", "utf-8"
    )
    text = first_mapping(tmp_path, "en")
    assert 'pattern = "{year}.csv"' in text and 'decimal = ","' in text and 'currency = ""' in text
    stated = text.replace('currency = ""', 'currency = "EUR"').replace('unit = ""', 'unit = "EUR"')
    (tmp_path / "city.toml").write_text(stated, "utf-8")
    rows = load_book(f"{tmp_path}/city.toml:{tmp_path}").table("projects")
    wanted = ["1", 2023, "01", "Parques", 100.5, 90.25]
    assert (
        rows[["district", "year", "project", "name", "initial_budget", "executed"]].iloc[0].tolist() == wanted
    )


def test_every_kind_of_finding_has_a_name_that_a_sheet_can_bear():
    parts = ("place_", "expect_", "failed", "more", "relax_remedy", "give_remedy")
    rules = [k for k in topic_keys("check") if not k.startswith(parts)]
    assert all(has_text(f"check_kinds.{rule}") for rule in rules)
    assert all(
        len(say(f"check_kinds.{k}", lang)) <= 31 for k in topic_keys("check_kinds") for lang in LANGUAGES
    )


def test_an_earlier_list_stays_unless_its_name_is_given(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = data("a,2022,P1,x,100,110")
    for name in ("check.xlsx", "check-2.xlsx", "check-3.xlsx"):
        text, _ = check_data(path, "en", None)
        assert text.endswith(f"Wrote {name}") and (tmp_path / name).exists()


def test_one_error_is_headed_as_one(data, tmp_path):
    text, _ = check_data(data("a,2022,P1,x,-1,0"), "en", tmp_path / "check.xlsx")
    assert text.splitlines()[0] == "The data has one error that must be mended first:"


@pytest.mark.parametrize("codec", ["cp1252", "cp1250"])
def test_a_first_mapping_guesses_the_encoding_and_takes_the_code_that_tells_rows_apart(tmp_path, codec):
    city = "città" if codec == "cp1252" else "złota zieleń"
    rows = "".join(f"{n % 2};{n:04};Via {n} {city};10,00;9,50\n" for n in range(6))
    text = "Programma;Cod. capitolo;Descrizione;Stanziamento iniziale;Pagato\n" + rows
    (tmp_path / "2023.csv").write_bytes(text.encode(codec))
    made = first_mapping(tmp_path, "en")
    assert f'encodings = ["{codec}"]  # guessed from the letters: check it' in made
    for line in ('project = "{cod_capitolo}"', 'executed = "{pagato}"', 'name = "{descrizione}"'):
        assert line in made.splitlines()
    assert '# department = "{…}"  # Department' in made.splitlines()  # nothing in another language
    stated = made.replace('currency = ""', 'currency = "CHF"').replace('unit = ""', 'unit = "CHF"')
    (tmp_path / "city.toml").write_text(stated.replace('district = ""', 'district = "A"'), "utf-8")
    book = load_book(f"{tmp_path}/city.toml:{tmp_path}")
    assert book.currency == "CHF" and book.tables["projects"]["name"].iloc[0] == f"Via 0 {city}"


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        ("", "currency：尚未填写。可用：ISO 4217 的三个字母，如 CNY、EUR。", "currency: nothing is stated. Allowed: three letters"),
        ("EURO", "“EURO”不可用。可用：EUR、ISO 4217 的三个字母", "`EURO` is not allowed here. Allowed: EUR, three letters of ISO 4217"),
    ],
)  # fmt: skip
def test_a_currency_that_is_none_is_told(tmp_path, found, zh, en):
    (tmp_path / "city.toml").write_text(f'currency = "{found}"\n[[file]]\ntable = "projects"\n', "utf-8")
    with pytest.raises(DataError) as caught:
        load_book(f"{tmp_path}/city.toml:{tmp_path}")
    assert zh in caught.value.sentence("zh") and en in caught.value.sentence("en")


def test_a_first_mapping_knows_fiscal_years_in_heads_and_amounts_with_their_sign(tmp_path):
    head = "Department,Program,FY21 Adopted,FY21 Actual,FY22 Adopted,FY22 Actual\n"
    (tmp_path / "budget.csv").write_text(head + 'Police,Patrol,"$1,200","$1,150","$1,300","($5)"\n')
    made = first_mapping(tmp_path / "budget.csv", "en")
    assert 'fy_year_adopted = "FY{year} Adopted"' in made and 'year = "{year}"' in made
    assert 'initial_budget = "{fy_year_adopted}"' in made and 'executed = "{fy_year_actual}"' in made


def test_a_first_mapping_takes_the_sheets_of_an_era_as_years(tmp_path):
    rows = [
        ["款", "項", "予算現額", "支出済額"],
        ["教育費", "小学校費", 1200, 1100],
        ["土木費", "道路費", 500, 420],
    ]
    with pd.ExcelWriter(tmp_path / "kessan.xlsx") as book:
        for name in ("令和3年度", "令和4年度"):
            pd.DataFrame(rows[1:], columns=rows[0]).to_excel(book, sheet_name=name, index=False)
    assert 'sheet = "{year}年度"' in first_mapping(tmp_path / "kessan.xlsx", "en")


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("balanço 2022.csv", "Rubrica;Designação;Dotação corrigida\n01;Pessoal;1.600,00 €\n02;Bens;(10,00 €)\n",
         ['pattern = "balanço {year}.csv"', 'decimal = ","', 'name = "{designacao}"', 'adjusted_budget = "{dotacao_corrigida}"']),
        ("siope.2022.csv", '"0001","2022","01","1010","100000"\n"0001","2022","02","1010","250000"\n',
         ["header = 0", 'c5 = "#5"', 'project = ""  # state it']),
        ("plan.csv", "Title of the page\n,,\nCode,Name,2022,2023\n01,x,5,6\n",
         ['# title_a1 = "#A1"  # Title of the page', 'amount = "{year}"', 'year = "{year}"']),
        ("b.csv", "Code,Agency Number,Agency Name,Line Name,Budget Fiscal Year,Budget\n01,1,Parks,x,2022,5\n02,1,Parks,y,2022,6\n",
         ['department = "{agency_name}"', 'name = "{line_name}"', 'year = "{budget_fiscal_year}"', 'adjusted_budget = "{budget}"']),
    ],
)  # fmt: skip
def test_a_first_mapping_of_what_portals_publish(tmp_path, name, text, wanted):
    (tmp_path / name).write_text(text, "utf-8")
    made = first_mapping(tmp_path / name, "en")
    assert [line for line in wanted if not re.search(rf"^{re.escape(line)}", made, re.MULTILINE)] == []


def test_a_first_mapping_of_months_in_the_names_of_files_and_of_sheets_that_are_alike(tmp_path):
    for month in ("April", "May"):
        (tmp_path / f"Spend {month} 2023.csv").write_text("Code,Name,Spent\n1,x,5\n", "utf-8")
    assert 'pattern = "Spend {month} {year}.csv"' in first_mapping(tmp_path, "en")
    with xlsxwriter.Workbook(str(tmp_path / "FY2023-24.xlsx")) as book:
        for title in ("Apr 2023", "May 2023"):
            book.add_worksheet(title).write_row(0, 0, ["Code", "Name", "Spent"])
            book.get_worksheet_by_name(title).write_row(1, 0, [1, "x", 5])
    made = first_mapping(tmp_path / "FY2023-24.xlsx", "en")
    assert 'pattern = "FY{year}.xlsx"' in made and 'sheet = "{month} *"' in made
