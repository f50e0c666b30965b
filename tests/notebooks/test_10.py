"""The notebook on data quality: nothing is lost, and nothing is said of what there is none of."""

from tests.notebooks.cells import folder_of, project, write_notebook

NAME = "10_data_quality"


def test_rows_and_money_of_the_sample_reconcile(tmp_path):
    written = write_notebook(NAME, tmp_path, data="sample", lang="zh")
    assert (
        written.value("totals.rows_read")
        == written.value("totals.rows_kept")
        == written.table("inputs")["读入行数"].sum()
    )
    assert written.table("amounts")["差额（元）"].eq(0).all()
    assert (
        written.value("totals.warnings")
        == written.table("warnings")["数量"].sum()
        == len(written.table("warning_rows"))
    )
    assert "行数与金额全部勾稽一致" in written.page
    assert "剔出" not in written.page.split("## ")[0] and "`" not in written.page


def test_a_ledger_of_projects_gets_no_empty_section(tmp_path):
    data = folder_of(tmp_path, projects=[project(), project("P2", executed="９００，０００")])
    page = write_notebook(NAME, tmp_path, data=data, lang="en").page
    assert "rows that were read" in page and "## What was repaired" in page
    assert "## Warnings" not in page and ": none" not in page
