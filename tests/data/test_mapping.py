"""A mapping file describes another layout; what it declares wrongly is told."""

import pytest

from perflib.data.book import load_book
from perflib.data.errors import DataError
from perflib.data.mapping import load_mapping
from perflib.data.places import PACKAGE
from perflib.data.problems import CheckError

MAPPING = """
currency = "EUR"
unit = "thousand EUR"
encodings = ["latin-1"]
separator = ";"

[[file]]
table = "projects"
pattern = "{year}/budget*.csv"
decimal = [{ until = 2020, mark = "." }, { from = 2021, mark = "," }]
pad = { office = 3 }
merge = "sum"
exclude = [{ reason = "excluded", when = { chapter = "9" } }]
subtract = [{ reason = "internal_transfer", from = 2021, pattern = "{year}/off.csv", tolerance = 10 }]

[file.fields]
office = ["Oficina", "Office"]
chapter = "Capítulo"
line = "Línea"
name = "Nombre"
final = "Crédito"
paid = "Pagado"

[file.columns]
district = "{office}"
year = "{year}"
project = "{office}-{line}"
name = "{name}"
class = [{ when = { chapter = "1" }, is = "personnel" }, { is = "specific" }]
adjusted_budget = "{final}"
executed = "{paid}"
"""
HEAD = "Oficina;Capítulo;Línea;Nombre;Crédito;Pagado\n"


@pytest.fixture
def city(tmp_path):
    files = {
        "city.toml": MAPPING,
        "2020/budget.csv": "7;1;10;Salarios;1.5;1.25\n7;9;90;Deuda;100;100\n",
        "2021/budget-final.csv": HEAD
        + "7;2;10;Luz;1.000,5;500,25\n007;2;10;Luz;2;1\n8;4;40;Transferencia;30,01;30\n8;4;41;Otra;5;5\n",
        "2021/off.csv": HEAD + "8;4;40;Transferencia;30,00;30\n8;4;41;Otra;1;2\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8" if name.endswith("toml") else "latin-1")
    return tmp_path


@pytest.fixture
def book(city):
    return load_book(f"{city}/city.toml:{city}")


def test_rows_with_and_without_header_in_either_decimal_style(book):
    rows = book.table("projects").set_index(["year", "project"])
    assert rows.loc[(2020, "007-10"), ["adjusted_budget", "executed"]].tolist() == [1500, 1250]
    assert rows.loc[(2021, "007-10"), ["adjusted_budget", "executed"]].tolist() == [1_002_500, 501_250]
    assert rows["class"].tolist() == ["personnel", "specific", "specific"]
    assert book.currency == "EUR"


def test_rows_and_cents_reconcile(book):
    sums = book.reconciliation.set_index("file")
    assert (sums["rows_read"] == sums["rows_kept"] + sums["rows_merged"] + sums["rows_set_aside"]).all()
    assert sums["rows_merged"].tolist() == [0, 1] and sums["rows_set_aside"].tolist() == [1, 1]
    for name in ("adjusted_budget", "executed"):
        assert (sums[f"{name}_read"] == sums[f"{name}_kept"] + sums[f"{name}_set_aside"]).all()


def test_what_another_file_takes_off(book):
    aside = book.set_aside.set_index("key")
    assert aside["reason"].to_dict() == {
        "Deuda · 007-90": "excluded", "Transferencia": "internal_transfer", "Otra": "internal_transfer_part",
    }  # fmt: skip
    assert aside.loc["Otra", ["adjusted_budget", "executed"]].tolist() == [1000, 2000]
    kept = book.table("projects").set_index("project").loc["008-41"]
    assert kept[["adjusted_budget", "executed"]].tolist() == [4000, 3000]


def test_repairs_are_counted(book):
    counted = book.repairs.groupby("kind")["count"].sum()
    assert (
        counted["repeated_key"] == 1 and counted["code_padded"] == 5 and counted["elimination_differs"] == 1
    )


def test_missing_column_names_the_header(city):
    path = city / "2021/budget-final.csv"
    path.write_text(path.read_text("latin-1").replace("Pagado", "Abonado"), "latin-1")
    with pytest.raises(DataError) as caught:
        load_book(f"{city}/city.toml:{city}")
    assert "has no column `Pagado`. Its header is: Oficina, Capítulo" in str(caught.value)
    assert "没有列“Pagado”" in caught.value.sentence("zh")


def test_folder_without_such_files(city, tmp_path_factory):
    with pytest.raises(DataError, match="has no file that the mapping"):
        load_book(f"{city}/city.toml:{tmp_path_factory.mktemp('empty')}")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('table = "projects"', 'table = "lines"', "lines"),
        ('unit = "thousand EUR"', "", "unit"),
        ('unit = "thousand EUR"', 'unit = "thousand USD"', "thousand USD"),
        ('"{final}"', '{ is = "{final}", unit = "million CHF" }', "million CHF"),
        ("merge =", "merged =", "merged"),
        ('district = "{office}"', 'distrito = "{office}"', "distrito"),
        ('name = "{name}"', 'name = "{nombre}"', "nombre"),
        ("currency =", "[currency", "no valid TOML"),
    ],
)
def test_what_a_mapping_declares_wrongly(city, old, new, found):
    (city / "city.toml").write_text(MAPPING.replace(old, new), "utf-8")
    with pytest.raises(DataError) as caught:
        load_mapping(city / "city.toml")
    assert str(caught.value).startswith("The mapping `city.toml`") and found in str(caught.value)


@pytest.mark.parametrize("path", sorted((PACKAGE / "data" / "mappings").glob("*.toml")), ids=lambda p: p.stem)
def test_mappings_of_the_package_are_sound(path):
    assert any(s.table == "projects" for s in load_mapping(path).file)


def test_integrated_budget_system_by_its_public_column_names(tmp_path):
    """Made by hand from the public names; no real export has been tried."""
    code = "110000221000000012345"
    files = {
        "project.csv": "mof_dep_code,fiscal_year,pro_code,pro_name,dept_name,agency_name,pro_cat_code,initial_amt,cur_amt,pay_amt,"
        f"is_secret\n110101,2022,{code},学校修缮,教育局,一中,31,100,120.5,110.25,0\n",
        "fund.csv": "mof_dep_code,fiscal_year,pro_code,fund_type_code,initial_amt,cur_amt,pay_amt\n"
        f"110101,2022,{code},1110000,100,120.5,110.25\n",
        "indicator.csv": "mof_dep_code,fiscal_year,pro_code,kpi_code,kpi_lv1,kpi_lv2,kpi_lv3,kpi_content,kpi_val,kpi_evalstd\n"
        f"110101,2022,{code},1,产出指标,数量指标,修缮面积,校舍,≥95%,按比例计分\n",
        "adjustment.csv": "mof_dep_code,fiscal_year,adj_code,pro_code,adj_type,adj_amt,adj_reason,adj_date\n"
        f"110101,2022,1,{code},追加,20.5,面积增加,2022-06-30\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "gb18030")
    book = load_book(f"integrated:{tmp_path}")
    assert book.table("projects").loc[0, ["project", "class", "adjusted_budget"]].tolist() == [
        code,
        "specific",
        120.5,
    ]
    assert book.table("funds")["fund"].tolist() == ["general"]
    assert book.table("indicators").loc[0, ["name", "target_text"]].tolist() == ["修缮面积", "≥95%"]
    assert book.table("adjustments")["stage"].tolist() == ["supplement"]
    assert book.warnings.empty and set(book.inputs["encoding"]) == {"gb18030", "utf-8"}


def test_a_key_that_the_mapping_leaves_empty_is_asked_for_once(tmp_path):
    (tmp_path / "2022.csv").write_text("code,what,spent\n1,x,5\n1,y,6\n", "utf-8")
    (tmp_path / "2023.csv").write_text("code,what,spent\n1,x,5\n2,y,6\n", "utf-8")
    columns = 'district = ""\nyear = "{year}"\nproject = "{code}"\nname = "{what}"\nexecuted = "{spent}"\n'
    (tmp_path / "city.toml").write_text(
        'currency = "EUR"\nunit = "EUR"\n[[file]]\ntable = "projects"\npattern = "{year}.csv"\n[file.fields]\n'
        'code = "code"\nwhat = "what"\nspent = "spent"\n[file.columns]\n' + columns, "utf-8")  # fmt: skip
    with pytest.raises(CheckError) as caught:
        load_book(f"{tmp_path}/city.toml:{tmp_path}")
    assert len(caught.value.problems) == 1 and "--district" in caught.value.sentence("en")
    assert (
        "映射文件《city.toml》：“项目”表的必填列“区划代码”为空。请在 [file.columns] 中写明：district = …"
        in caught.value.sentence("zh")
    )
    assert (
        "The mapping `city.toml`: the required column `District code` of the table `Projects` is empty. "
        "State it under [file.columns]: district = …"
    ) in caught.value.sentence("en")


BLOCK = '\n[[file]]\ntable = "projects"\npattern = "{year}/x.csv"\nfields = { c = "Code", b = "Budget" }\n'
COLUMNS = (
    'columns = { district = "A", year = "{year}", project = "{c}", name = "{c}", adjusted_budget = "{b}" }\n'
)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('"{b}" }', '["zzz"] }', "columns, adjusted_budget: `zzz`"),
        ('"{b}" }', '{ is = "{b}", unit = 7 } }', "columns, adjusted_budget: `7`"),
        ('"{b}" }', '{ is = "{b}", unit = "{u}" } }', "unit: `u`"),
        ('"{b}" }', '{ is = "{b}", unit = "apples" } }', "adjusted_budget: `apples`"),
        ("fields = { c", 'fields = { d = "{kind}", c', "fields, d: `{kind}`"),
        ("fields = { c", 'fields = { year = "{year}", c', "fields: `year`"),
        ("fields = { c", 'fields = { d = "", c', "nothing is stated"),
        ("fields = {", "pad = { c = -1 }\nfields = {", "pad, c: `-1`"),
        ("fields = {", 'units = { M = "" }\nfields = {', "units, M"),
        ("fields = {", 'separator = "tab"\nfields = {', "separator: `tab`"),
        ("fields = {", 'exclude = [{ when = { c = [] } }]\nfields = {', "exclude 1, when: `[]`"),
        ("fields = {", 'exclude = [{ when = { c = { same_as = 7 } } }]\nfields = {', "exclude 1, when: `7`"),
        ("fields = {", 'last = { of = "c", by = [] }\nfields = {', "last, by: nothing is stated"),
        ('"{year}/x.csv"', '""', "pattern 1: nothing is stated"),
        ('"{year}/x.csv"', '"/data/x.csv"', "pattern 1: `/data/x.csv`"),
        ("fields = {", 'subtract = [{ reason = "internal_transfer", pattern = "y.csv", fields = { b = "Off" } }]\nfields = {', "subtract: `c` is missing"),
        ('fields = { c = "Code", b = "Budget" }', "fields = 7", "keys and values { … }"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence_before_any_row_is_read(tmp_path, old, new, found):
    text = 'currency = "EUR"\nunit = "EUR"\n' + BLOCK + COLUMNS
    (tmp_path / "city.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(DataError) as error:
        load_mapping(tmp_path / "city.toml")
    assert found in error.value.sentence("en") and "city.toml" in error.value.sentence("zh")


@pytest.mark.parametrize("label", ["Offise", "#9"])
@pytest.mark.parametrize("key", ['last = { of = "o", by = ["c"] }', "[[file.lookup]]"])
def test_a_field_that_only_a_key_uses_must_be_there(tmp_path, label, key):
    block = BLOCK.replace("fields = {", f'fields = {{ o = "{label}",') + COLUMNS
    if key.startswith("[["):
        key += '\npattern = "codes.csv"\nby = "o"\ntake = "n"\nfields = { o = "Office", n = "Name" }\n'
        block = block.replace('name = "{c}"', 'name = "{n}"')
    text = 'currency = "EUR"\nunit = "EUR"\n' + block + key
    (tmp_path / "city.toml").write_text(text, "utf-8")
    (tmp_path / "2023").mkdir()
    (tmp_path / "2023" / "x.csv").write_text("Code,Office,Budget\n1,a,5\n", "utf-8")
    (tmp_path / "codes.csv").write_text("Office,Name\na,Parks\n", "utf-8")
    with pytest.raises(DataError, match=f"no column `{label}`"):
        load_book(f"{tmp_path}/city.toml:{tmp_path}")


@pytest.mark.parametrize(
    "top", ['unit = "apples"', 'unit = "EUR"\nencodings = "utf-9"', 'unit = "EUR"\nseparator = "tab"']
)
def test_what_is_said_once_for_all_files_is_told_once(tmp_path, top):
    (tmp_path / "city.toml").write_text(f'currency = "EUR"\n{top}\n{BLOCK}{COLUMNS}{BLOCK}{COLUMNS}', "utf-8")
    with pytest.raises(DataError) as error:
        load_mapping(tmp_path / "city.toml")
    assert "\n" not in error.value.sentence("en") and "[[file]]" not in error.value.sentence("en")
