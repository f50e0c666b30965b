"""The notebook on targets: counts reconcile, lists go out, one number has one scope."""

import io

import openpyxl
import pytest

from tests.notebooks.cells import folder_of, indicator, project, without_trail, write_notebook

NAME = "25_targets"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return write_notebook(NAME, tmp_path_factory.mktemp("sample"), data="sample", lang="zh")


def test_every_fact_has_its_trail(sample):
    assert len(sample.facts) > 15 and not without_trail(sample)


def test_every_count_of_faults_is_made_from_the_one_list(sample):
    now = sample.value("total.after")
    assert (
        now
        == sample.table("rules")["现存"].sum()
        == sample.table("departments")["现存"].sum()
        == len(sample.table("list"))
    )
    rules = sample.table("rules").set_index("问题")
    assert rules["批复时"].sum() - sample.value("total.mended") + rules["新出现"].sum() == now
    assert sample.value("commonest.after") == rules["现存"].max()


def test_projects_that_must_have_targets_and_have_none_are_counted_and_listed(sample, tmp_path):
    short = sample.value("duty.owing") - sample.value("duty.done")
    assert short == sample.value("duty.missing") == len(sample.table("without")) > 0
    data = folder_of(tmp_path, projects=[project()], indicators=[indicator()])
    assert "应设" not in write_notebook(NAME, tmp_path, data=data, lang="zh").page  # no catalogue


def test_what_auditors_named_and_what_our_checks_found_are_told_apart(sample):
    screening = sample.table("screening")
    rules = sample.table("rules").set_index("问题")
    assert screening["查出同类"].tolist() == rules.loc[screening["问题"], "批复时"].tolist()
    assert sample.value("named.found_like") == sample.value("named.mended") + sample.value("named.open")
    labels = {sample.facts[id]["label_zh"] for id in ("total.after", "named.findings", "named.found_like")}
    assert len(labels) == 3 and "检查规则查出" in sample.facts["total.after"]["label_zh"]


def test_moved_targets_are_listed_one_by_one(sample):
    assert (
        len(sample.table("moves"))
        == sample.value("changes.moved")
        == sample.table("moved_departments")["调整目标"].sum()
    )
    assert not {"调低要求", "调高要求"} & set(
        sample.table("moved_departments")
    )  # noughts, and the same as what moved


def test_every_department_gets_its_workbook(sample):
    found = {
        file.stem.partition("-")[2] for file in (sample.folder / "lists").glob("绩效目标整改清单-*.xlsx")
    }
    departments = set(sample.table("list")["主管部门"].dropna())
    assert departments and found - {"（未填）"} == departments


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path):
    rows = [
        indicator(name="=HYPERLINK(1)", unit=None),
        indicator("Z2", name="@cmd", unit=None),
        indicator("Z3"),
    ]
    data = folder_of(tmp_path, projects=[project()], indicators=rows)
    written = write_notebook(NAME, tmp_path, data=data, lang="zh")
    book = openpyxl.load_workbook(
        io.BytesIO((written.folder / "lists" / "绩效目标整改清单-教育局.xlsx").read_bytes())
    )
    cells = [c for row in book.worksheets[0].iter_rows() for c in row if c.value]
    assert any(c.value == "=HYPERLINK(1)" for c in cells) and all(c.data_type != "f" for c in cells)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_first_targets_nothing_is_said_of_moves_or_mending(tmp_path, lang):
    data = folder_of(tmp_path, projects=[project()], indicators=[indicator(unit=None), indicator("Z2")])
    written = write_notebook(NAME, tmp_path, data=data, lang=lang)
    assert written.value("total.after") > 0 and "total.mended" not in written.facts
    assert not written.has("moves") and not written.has("screening")
    assert not [
        head for head in ("年中目标调整", "举一反三", "Targets changed", "From audit") if head in written.page
    ]


def test_a_year_without_indicators_has_a_page(tmp_path):
    data = folder_of(tmp_path, projects=[project(), project(year=2021)], indicators=[indicator(year=2021)])
    assert write_notebook(NAME, tmp_path, data=data, year=2023, lang="en").value("total.checked") == 0


def test_the_public_edition_has_no_lists(tmp_path):
    written = write_notebook(NAME, tmp_path, data="sample", edition="public", lang="zh")
    assert not (written.folder / "lists").exists() and "清单" not in written.page


def test_without_indicators_the_page_is_one_line(tmp_path):
    written = write_notebook(NAME, tmp_path, data=folder_of(tmp_path, projects=[project()]), lang="en")
    assert "Indicators" in written.page and not written.facts
