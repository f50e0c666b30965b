"""Every notebook on data that has the required table only, and of it the required columns and amounts."""

import pandas as pd
import pytest

from perflib.data.errors import DataError
from perflib.run.suite import suite
from tests.whole.made_ledger import ledger
from tests.whole.one_number import check_one_number

STUDY = "78_"
COLUMNS = ["区划代码", "预算年度", "项目名称", "年初预算数（元）", "全年预算数（元）", "全年执行数（元）"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A workbook as a newcomer's first one: a sheet of projects, no more."""
    path = tmp_path_factory.mktemp("bare") / "bare.xlsx"
    rows = [["甲区", 2023, f"项目{i}", 1000 + i, 1100 + i, 900 + 7 * i] for i in range(12)]
    pd.DataFrame(rows, columns=COLUMNS).to_excel(path, sheet_name="项目", index=False)
    return path


@pytest.mark.parametrize(
    "path", [p for p in suite("en") if not p.stem.startswith(STUDY)], ids=lambda p: p.stem
)
def test_notebook_runs_on_bare_data(path, bare, run_cells):
    assert run_cells(path.stem, lang="en", data=str(bare))["book"].district == "甲区"


def test_a_ledger_of_projects_alone_has_one_number_a_concept(tmp_path, run_cells):
    rows = ledger()["项目"].assign(区划代码="甲区", 预算年度=2023)
    rows["年初预算数（万元）"] *= 0.9  # else a rate on either base would be the same
    rows.to_excel(tmp_path / "ledger.xlsx", sheet_name="项目", index=False)
    for name in ("10", "40", "90"):  # the others end where their table is missing
        run_cells(name, data=str(tmp_path / "ledger.xlsx"), output=str(tmp_path))
    assert len(check_one_number(tmp_path).rows) > 90


def test_a_study_of_a_district_alone_is_refused_in_a_sentence(bare, run_cells):
    with pytest.raises(DataError, match=r"Only one district \(甲区\).*a comparison needs two"):
        run_cells(STUDY[:2], lang="en", data=str(bare))


def test_districts_with_one_project_each_are_compared_without_intervals(tmp_path, run_cells):
    path, names = tmp_path / "one.xlsx", "甲乙丙丁"
    rows = [[f"{name}区", 2023, "全部", 1000.0, 1100.0, 900.0 + 50 * i] for i, name in enumerate(names)]
    pd.DataFrame(rows, columns=COLUMNS).to_excel(path, sheet_name="项目", index=False)
    made = run_cells("80", lang="en", data=str(path))
    assert made["apart"].empty and made["tiers"]["tier"].isna().all()


@pytest.mark.parametrize("spent_by", ["", "甲乙", "甲"])
def test_the_leaders_page_is_made_where_nobody_spent_and_where_one_district_did(
    tmp_path, run_cells, spent_by
):
    rows = [[f"{n}区", 2023, f"项目{i}", 1000 + i, 1100 + i, 900 + 7 * i if n in spent_by else None]
            for n in "甲乙" for i in range(6)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame if spent_by else frame.drop(columns=COLUMNS[-1])
    frame.to_excel(tmp_path / "two.xlsx", sheet_name="项目", index=False)
    made = run_cells("90", data=str(tmp_path / "two.xlsx"))
    assert len(made["districts"]) == len(spent_by) and made["stands"].isin(["alike", "too_few"]).all()
