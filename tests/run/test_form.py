"""The form of the first notebook, without a browser: what it offers, what it says, what it does."""

import json
import sys
from pathlib import Path

import pytest

from perflib.data.errors import ArgumentError, DataError
from perflib.run import form as made
from perflib.run.cells import shown
from perflib.run.choices import Choices, title, with_values
from perflib.run.form import Form
from perflib.run.notebook import run_notebook
from perflib.run.parameters import declared_parameters
from perflib.run.suite import find_notebook

pytestmark = pytest.mark.usefixtures("shelf")


ROWS = """district,year,project,name,department,adjusted_budget,executed
A,2022,p1,One,Roads,100,90
A,2022,p2,Two,Parks,100,50
A,2021,p1,One,Roads,100,80
B,2021,p3,Three,Roads,100,70
"""
CELLS = 'data = "projects.csv"\ndistrict: str = ""\nyear: int = 0\nbase: str = "adjusted"\nlang = "zh"\nstep: float = 0.5'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two districts, of which B has 2021 only, and no other budget than the adjusted one; a notebook of one's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projects.csv").write_text(ROWS)
    own(tmp_path / "mine.ipynb", CELLS, "import perflib as pf", "book = pf.load(data, district=district, year=year)",
        "f\"rate {pf.rates(book.rows('projects', year=book.year), base=base).loc[0, 'rate']}\"")  # fmt: skip
    return tmp_path


def own(path: Path, parameters: str, *sources: str, tags=("parameters",)) -> None:
    cells = [
        ("markdown", "# Mine", []),
        ("code", parameters, list(tags)),
        *(("code", s, []) for s in sources),
    ]
    content = [{"cell_type": kind, "id": f"c{i}", "metadata": {"tags": t}, "source": source}
               | ({"outputs": [], "execution_count": None} if kind == "code" else {})
               for i, (kind, source, t) in enumerate(cells)]  # fmt: skip
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path.write_text(
        json.dumps({"cells": content, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )


def choices(**wanted) -> Choices:
    return Choices(data="projects.csv", **{"notebook": "mine.ipynb", "lang": "en", **wanted})


def offered(found: Choices) -> dict[str, list]:
    return {o.name: [v for _, v in o.options] for o in found.offers()}


def test_what_is_offered_is_what_the_data_has(folder):
    found = choices(district="A")
    assert offered(found) == {"district": ["A", "B"], "year": [2022, 2021], "base": ["adjusted"], "step": []}
    assert found.values() == {"data": "projects.csv", "lang": "en", "district": "A", "year": 2022, "base": "adjusted",
                              "step": 0.5}  # fmt: skip
    found.choose("district", "B")
    assert offered(found)["year"] == [2021]


def test_a_district_without_rows_in_the_year_is_told(folder):
    found = choices(district="A", year=2022)
    found.choose("district", "B")
    assert found.values()["year"] == 2021
    assert found.told == "B has no rows in 2022; the year is now 2021."


def test_data_without_a_district_takes_the_one_that_is_given(folder):
    (folder / "bare.csv").write_text("project,name,adjusted_budget,executed\np1,One,100,90\n")
    found = Choices(data="bare.csv", notebook="40", lang="en", district="Here", year=2022)
    assert offered(found) | {"rules": 0, "edition": 0} == {
        "district": ["Here"], "year": [2022], "base": ["adjusted"], "rules": 0, "edition": 0,
    }  # fmt: skip
    with pytest.raises(DataError):
        Choices(data="bare.csv", notebook="40", lang="en")


def test_notebooks_that_the_data_cannot_answer_are_told_not_offered(folder):
    found = choices()
    names = [name for _, name in found.notebooks()]
    assert "40_execution_rates" in names and "mine.ipynb" in names and "20_ex_ante" not in names
    assert "20_ex_ante (lacks Ex-ante appraisals" in found.not_offered()
    (folder / "projects.csv").write_text("\n".join(r for r in ROWS.splitlines() if not r.startswith("B")))
    found.read("projects.csv")
    assert "80_district_comparison (lacks two districts or more)" in found.not_offered()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_has_its_districts_by_name_and_all_notebooks(lang):
    found = Choices(lang=lang)
    words = {o.name: dict(o.options) for o in found.offers()}
    assert words["district"][{"zh": "示例高新区", "en": "Sample High-tech District"}[lang]] == "330199"
    assert [v for v in words["base"].values()] == ["initial", "adjusted", "received"]
    national = {
        "zh": "项目支出绩效评价管理办法（全国）",
        "en": "National measure on evaluating project spending",
    }
    assert words["rules"][national[lang]] == "national-2020"
    assert found.not_offered() == "" and found.notebooks()[0] == (
        title(find_notebook("10", lang)),
        "10_data_quality",
    )


def test_a_notebook_without_parameters_or_of_an_unknown_kind_is_a_sentence(folder):
    own(folder / "bare.ipynb", "x = 1", tags=())
    own(folder / "odd.ipynb", "years: list = [2021]")
    box = Form(folder, folder, data="projects.csv", notebook="mine.ipynb", lang="en")
    box.controls["notebook"].value = "bare.ipynb"
    assert "has no cell tagged `parameters`" in box.told.value
    assert box.controls["notebook"].value == "mine.ipynb"
    box.controls["notebook"].value = "odd.ipynb"
    assert "This line does not: years: list = [2021]" in box.told.value
    own(folder / "tuple.ipynb", "year: complex = 1j")
    with pytest.raises(ArgumentError, match="complex"):
        choices(notebook="tuple.ipynb")


def test_data_that_changed_on_disk_is_told_and_read_again(folder):
    box = Form(folder, folder, data="projects.csv", notebook="mine.ipynb", lang="en", district="A")
    (folder / "projects.csv").write_text(ROWS + "A,2023,p1,One,Roads,100,40\n")
    box.buttons["show"].click()
    assert "The data changed on disk" in box.told.value and not box.results.children
    assert 2023 in [v for _, v in box.controls["year"].options]
    (folder / "projects.csv").unlink()
    box.buttons["show"].click()
    assert "There is no data at projects.csv" in box.told.value


def test_data_that_cannot_be_read_is_a_sentence_and_the_form_stays(folder):
    box = Form(folder, folder, data="projects.csv", notebook="mine.ipynb", lang="en")
    box.controls["data"].value = "nowhere.xlsx"
    assert "There is no data at nowhere.xlsx" in box.told.value
    assert box.controls["data"].value == "projects.csv"
    assert "There is no data at" in Form(folder, folder, data="none.csv", notebook="40", lang="en").told.value


def last_result(box: Form) -> str:
    return str(box.results.children[-1].outputs[0]["data"])


def test_a_change_of_choice_is_shown_at_once_or_called_stale(folder, monkeypatch):
    monkeypatch.setattr(made, "PROMPT", float("inf"))
    box = Form(folder, folder, data="projects.csv", notebook="mine.ipynb", lang="en", district="A")
    box.buttons["show"].click()
    assert "rate 0.7" in last_result(box)  # (90 + 50) / 200
    box.controls["year"].value = 2021
    assert "rate 0.8" in last_result(box)  # 80 / 100
    assert "Shown: mine" in box.told.value
    monkeypatch.setattr(made, "PROMPT", 0.0)
    box.controls["year"].value = 2022
    box.controls["year"].value = 2021
    assert "rate 0.7" in last_result(box) and "from before" in box.told.value


def test_a_change_of_language_changes_labels_and_notebook(folder):
    box = Form(folder, folder, data="projects.csv", notebook="40", lang="en")
    assert box.buttons["show"].description == "Show below"
    box.controls["lang"].value = "zh"
    assert box.buttons["show"].description == "在下方显示"
    assert box.controls["district"].description == "区"
    assert box.choices.notebook == find_notebook("40", "zh")


def test_a_fault_in_a_cell_ends_the_results_with_a_sentence(folder):
    own(folder / "bad.ipynb", CELLS, "print('so far')", "1 / 0", "print('never')")
    parts = list(shown(folder / "bad.ipynb", {}, "en"))
    told = [next(iter(p["data"].values())) for p in parts]
    assert told[:2] == ["# Mine", "so far\n"]
    assert told[2:] == [
        "> The notebook ended here. An error was raised in code cell 3: ZeroDivisionError: division by zero"
    ]


def test_figures_left_open_are_shown_and_closed(folder):
    own(folder / "plot.ipynb", CELLS, "from matplotlib import pyplot\npyplot.subplots()\nNone")
    assert len(list(shown(folder / "plot.ipynb", {}, "en"))) == 2
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


def test_a_copy_has_the_parameters_no_outputs_and_overwrites_none(folder):
    found = choices(notebook="40", district="A", year=2021)
    place = found.copy()
    assert place.name == "40_execution_rates-A-2021.ipynb" and found.copy() == place
    content = json.loads(place.read_text("utf-8"))
    assert not [c for c in content["cells"] if c.get("outputs")]
    values = {name: p.default for name, p in declared_parameters(place).items()}
    assert (values["district"], values["year"], values["data"]) == ("A", 2021, "projects.csv")
    place.write_text(place.read_text("utf-8").replace("pf.load", "pf.load "))
    assert found.copy().name == "40_execution_rates-A-2021-2.ipynb"
    assert place.stem not in [name for _, name in found.notebooks()]


def test_values_keep_the_comments_of_their_lines():
    source = 'name: str = "区"  # 名称\nyear = 0  # 0: the latest\nshare: float = 1'
    assert with_values(source, {"name": '新"区', "year": 2022}) == (
        'name: str = "新\\"区"  # 名称\nyear = 2022  # 0: the latest\nshare: float = 1'
    )


@pytest.mark.parametrize(("code", "told"), [(0, "made"), (3, "no such thing")])
def test_the_report_shows_progress_and_its_end(folder, monkeypatch, code, told):
    script = folder / "fake.py"
    script.write_text(
        f"import sys\nsys.stderr.write('[1/2] A-2022/40  done\\n[2/2] no such thing\\n')\nsys.exit({code})"
    )
    box = Form(folder, folder / "reports", data="projects.csv", notebook="40", lang="en", district="A")
    started = made.subprocess.Popen
    monkeypatch.setattr(
        made.subprocess, "Popen", lambda command, **o: started([sys.executable, str(script)], **o)
    )
    box.buttons["report"].click()
    box.running and box.running.join()
    assert (box.bar.value, box.bar.max) == (2, 2) and not box.buttons["report"].disabled
    said = box.told.value + json.dumps([o["data"] for o in box.link.outputs])
    assert told in said and (code != 0 or "reports/A-2022/report.html" in said)


def test_the_report_is_asked_for_what_was_chosen(folder):
    found = choices(district="A", year=2022)
    assert found.report_arguments(Path("out")) == [
        "report", "--data", "projects.csv", "--lang", "en", "--output", "out", "--district", "A", "--year", "2022",
        "--base", "adjusted",
    ]  # fmt: skip


def test_a_run_passes_over_cells_to_explore_in(folder):
    own(folder / "widgets.ipynb", CELLS, "x = 1")
    content = json.loads((folder / "widgets.ipynb").read_text())
    content["cells"].append(
        {**content["cells"][-1], "id": "e", "source": "1 / 0", "metadata": {"tags": ["explore"]}}
    )
    (folder / "widgets.ipynb").write_text(json.dumps(content))
    assert run_notebook(folder / "widgets.ipynb", folder / "out.ipynb").status == "done"
    assert list(shown(folder / "widgets.ipynb", {}, "en"))[1:] == []
