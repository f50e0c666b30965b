"""The jobs of a comparison study, and the command with small notebooks from end to end."""

import json

import pytest

from perflib.data.errors import DataError
from perflib.run import suite
from perflib.run.command import main
from perflib.run.parameters import declared_parameters
from perflib.run.report import Wanted
from perflib.run.rows import Reading
from perflib.run.study import Scope, study_jobs
from tests.run.conftest import write_notebook

SCOPE_CELL = """
data: str = "sample"
districts: str = "all"
years: str = ""
base: str = "adjusted"
lang: str = "zh"
edition: str = "internal"
output: str = ""
"""
CELL = SCOPE_CELL + "district: str = ''\nyear: int = 0\n"
WRITES = """
import json, pathlib
told = dict(name="{name}", district="", district_name="X", year=2023, lang=lang, is_sample=True, edition=edition,
            title=districts + " " + years, headline="-", is_missing=True, missing_tables=["projects"],
            tables=[], figures=[], key_facts=[])
folder = pathlib.Path(output) / "chapters" / "{name}"
folder.mkdir(parents=True)
files = dict(zip(("chapter.json", "facts.json"), map(json.dumps, (told, dict(facts=dict(), tables=dict())))))
files["page.md"] = "# " + told["title"]
[(folder / name).write_text(text) for name, text in files.items()]
"""


def reading(years: dict, kinds: dict | None = None) -> Reading:
    last = {code: max(y) for code, y in years.items()}
    names = {code: [f"{code}区", f"District {code}"] for code in years}
    return Reading(next(iter(years)), names, years, last, dict.fromkeys(years, "h"), "c", kinds or {})


READINGS = {
    "A": reading({"1": [2022, 2023], "2": [2023], "0": [2023]}, {"1": "district", "2": "district"}),
    "B": reading({"1": [2023]}),
}
DATA = {"A": "/nowhere/a.xlsx", "B": "/nowhere/b.xlsx"}


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    for name in ("00_start", "40_one", "78_scope", "80_all", "85_trends", "90_sum"):
        cell = SCOPE_CELL if name == "78_scope" else CELL
        for place in (folder, folder / "en"):
            write_notebook(place / f"{name}.ipynb", WRITES.format(name=name), parameters=cell)
    shared = suite.shared_folder
    monkeypatch.setattr(suite, "shared_folder", lambda name: folder if name == "notebooks" else shared(name))
    return folder


@pytest.fixture
def wanted():
    return Wanted("", "zh", "internal", "pandas", "initial", "", {"status": "draft"})


def test_one_source_has_each_chapter_once(wanted, notebooks, tmp_path):
    scope = Scope({"A": READINGS["A"]}, "all", "2022..2023")
    jobs = study_jobs(wanted, DATA, scope, tmp_path / "out")
    assert [job.title for job in jobs] == ["A/78_scope", "A/80_all", "A/85_trends", "out/report"]
    assert jobs[0].parameters["districts"] == "A:1,A:2"
    comparison = jobs[1].parameters
    assert comparison["districts"] == "1,2"
    assert comparison["years"] == "2023"  # of 2022 there is one district only
    assert comparison["district"] == "all"
    assert (comparison["year"], comparison["base"], comparison["data"]) == (2023, "initial", DATA["A"])
    assert jobs[3].after == tuple(job.title for job in jobs[:3])
    assert jobs[3].parameters["sources"] == {}


def test_several_sources_have_their_own_chapters_where_two_can_be_compared(wanted, notebooks, tmp_path):
    scope = Scope(READINGS, "all", "")
    jobs = study_jobs(wanted, DATA, scope, tmp_path / "out")
    assert [job.title for job in jobs] == ["A+B/78_scope", "A/80_all", "A/85_trends", "out/report"]
    assert jobs[0].parameters["data"] == "A=/nowhere/a.xlsx | B=/nowhere/b.xlsx"
    assert jobs[0].parameters["districts"] == "A:1,A:2,B:1"
    assert jobs[3].parameters["sources"] == {
        f"sources/1/chapters/{name}": ["A", "（币种：CNY；数据：标准表：一行一个项目、一个年度）"]
        for name in ("80_all", "85_trends")
    }
    assert "来源“B”" in jobs[3].parameters["notes"][0]


def test_what_is_asked_sets_the_title_and_the_folder():
    whole, part = (Scope({"A": READINGS["A"]}, names, "") for names in ("all", "0,1"))
    assert whole.title("zh") == "1区、2区"
    assert whole.title("en") == "District 1, District 2"
    assert whole.folder_name() == "compare-A-2023"
    assert part.folder_name().startswith("compare-A-2023-")
    many = Scope({"A": reading({str(i): [2022, 2023] for i in range(9)})}, "all", "2022,2023")
    assert many.title("zh") == "0区、1区、2区等9个区县"
    assert many.title("en") == "District 0, District 1, District 2 and 6 more"
    assert many.folder_name() == "compare-A-2022-2023"
    both = Scope({"A": reading({str(i): [2023] for i in range(9)}), "B": READINGS["B"]}, "all", "")
    assert both.title("zh") == "A（9个区县）、B（1个区县）"


def test_order_of_districts_does_not_depend_on_how_they_were_read():
    years = {"2": [2023], "1": [2023]}
    scopes = [Scope({"A": reading(y)}, "all", "") for y in (years, dict(sorted(years.items())))]
    assert [p.code for p in scopes[0].places] == [p.code for p in scopes[1].places] == ["1", "2"]


def test_a_year_without_data_of_a_district_is_told():
    scope = Scope({"A": READINGS["A"]}, "1,2", "2022..2023")
    assert [(place.code, years) for place, years in scope.gaps()] == [("2", (2022,))]
    with pytest.raises(DataError):
        Scope({"A": READINGS["A"]}, "1,2", "2022")


def say(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main(["compare", *arguments])
    return caught.value.code, capsys.readouterr().err


@pytest.fixture
def workbook(tmp_path):
    """A file of three districts, of which one lacks a year and two bear one name."""
    lines = ["district,year,project,name,department,adjusted_budget,executed"]
    for district, years in (("01", (2022, 2023)), ("02", (2022, 2023)), ("03", (2023,))):
        lines += [
            f"{district},{year},{district}{i},项目{i},局,{100 + i},{90}" for year in years for i in range(3)
        ]
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "projects.csv").write_text("\n".join(lines), "utf-8")
    names = "district,name_zh,name_en\n01,东区,East\n02,西区,West\n03,西区,West\n"
    (folder / "districts.csv").write_text(names, "utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("arguments", "code", "zh", "en"),
    [
        (["--years", "2023..2019"], 2, "年度写法有误", "`years` can't be `2023..2019`"),
        (["--districts", "01"], 3, "只有一个区县（01 东区）", "Only one district (01 东区)"),
        (["--districts", "01,nowhere"], 2, "现有：01 东区, 02 西区, 03 西区", "There is: 01 东区"),
        (["--districts", "01,West"], 2, "对应不止一个区县", "names more than one district"),
        ([], 3, "名称“西区”出现了2次", "The name `西区` stands 2 times"),
        (["--districts", "01,02", "--years", "2021"], 2, "没有2021年的数据", "has data of 2021"),
        (
            ["--districts", "01,03", "--years", "2022"],
            3,
            "没有一个年度有两个以上区县",
            "No year has data of two",
        ),
        (["--base", "final"], 2, "--base", "`--base` can't be `final`"),
    ],
)
def test_bad_input_gets_a_sentence(capsys, tmp_path, workbook, arguments, code, zh, en):
    for lang, words in (("zh", zh), ("en", en)):
        told = say(capsys, "--data", workbook, "--lang", lang, "--output", str(tmp_path / "out"), *arguments)
        assert told[0] == code
        assert words in told[1]
        assert "Traceback" not in told[1]


def test_a_study_from_end_to_end(capsys, tmp_path, workbook, notebooks):
    arguments = [
        "--data",
        f"Ours={workbook}",
        "--districts",
        "01,03",
        "--years",
        "2022..2023",
        "--lang",
        "en",
        "--final",
    ]
    code, told = say(capsys, *arguments, "--output", str(tmp_path / "out"), "--no-warm", "--jobs", "1")
    assert code == 0, told
    assert "Note: 03 西区 has no data of 2022" in told
    folder = next((tmp_path / "out").glob("compare-Ours-2022-2023-*"))
    assert {f.name for f in folder.glob("report.*")} == {
        f"report.{e}" for e in ("html", "pdf", "docx", "xlsx")
    }
    page = (folder / "report.html").read_text("utf-8")
    for words in (
        "District comparison study",
        "Fiscal years compared: 2022–2023",
        "not a district",
        "East, West",
    ):
        assert words in page
    assert "Sample data" in page
    assert "Draft" not in page
    assert "Ours:01,Ours:03 2022,2023" in page
    assert json.loads((folder / "facts.json").read_text("utf-8"))["facts"] == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chapter_of_a_study_can_be_told_districts_and_years(lang):
    found = suite.study_notebooks(lang)
    assert [path.name[:3] for path in found] == ["78_", "80_", "85_"]
    for path in found:
        assert {"districts", "years"} <= set(declared_parameters(path))
