"""What a researcher asks, in at most five statements over public names, on the sample and on a real city."""

import io
import json

import matplotlib
import pandas as pd
import pytest

import perflib as pf
from tests.conftest import ROOT

matplotlib.use("Agg")


@pytest.fixture(scope="module", params=["sample", "madrid"])
def book(request):
    if request.param == "sample":
        return pf.load("sample", lang="en")
    folder = ROOT.parent / "shared" / "data" / "madrid"
    if not folder.is_dir():
        pytest.skip("../shared/data/madrid is not here")
    return pf.load(f"madrid:{folder}", lang="en")


def test_a_rates_by_department_and_class_of_two_districts_on_an_own_subplot(book):
    from matplotlib import pyplot as plt

    two = book.districts[:2]
    rows = book.projects.query("district in @two and 2019 <= year <= 2023 and adjusted_budget > 1e6")
    rates = pf.rates(rows, by=["district", "department", "class"])
    _, (left, right) = plt.subplots(1, 2)
    drawn = pf.plot.dots(rates[rates["district"] == two[0]], y="department", lang="en", ax=right)
    assert drawn is right and not left.has_data() and right.has_data()
    assert (rates["executed"] / rates["budget"] - rates["rate"]).abs().max() < 1e-12
    assert rates["budget"].sum() == pytest.approx(rows["adjusted_budget"].sum())


def test_b_a_funnel_with_one_district_dropped(book):
    now = book.projects.query("year == @book.year and district != @book.district")
    funnel = pf.funnel(now, confidence=0.9, draws=300)
    assert book.district not in set(funnel["district"])
    assert (funnel["is_outside"] == ~funnel["rate"].between(funnel["low"], funnel["high"])).all()


def test_c_the_share_of_projects_below_half_ranked(book):
    now = book.projects.query("year == @book.year")
    low = pf.ranks(pf.share(now, "rate < 0.5", by="district"), highest_first=False)
    rated = pf.project_rates(now, base="adjusted").dropna(subset=["rate"])
    expected = rated.groupby("district")["rate"].apply(lambda r: (r < 0.5).sum())
    assert low.set_index("district")["count"].to_dict() == expected.to_dict()
    ranked = low.dropna(subset=["rank_low"])
    assert (ranked["rank_low"] <= ranked["rank_high"]).all() and ranked["tier"].min() == 1


def test_d_rank_sets_merged_by_code_with_an_own_table_and_a_weighted_regression(book):
    import statsmodels.formula.api as smf

    now = book.projects.query("year == @book.year")
    text = "district,population\n" + "\n".join(
        f"{c},{1000 + 37 * i**2}" for i, c in enumerate(book.districts)
    )
    own = pd.read_csv(io.StringIO(text), dtype={"district": str})
    table = pf.ranks(pf.rates(now, by="district")).merge(own, on="district").dropna(subset=["se"])
    fit = smf.wls("rate ~ population", table[table["se"] > 0], weights=1 / table["se"] ** 2).fit()
    assert len(fit.params) == 2 and len(table) > 3


def test_e_a_department_forecast_at_two_months_with_its_fan(book):
    progress, projects = (
        book.rows(t).query("@book.year - 2 <= year <= @book.year") for t in ("progress", "projects")
    )
    seen = pf.forecast(progress, projects, by="department", year=book.year, month=[6, 9])
    one = seen[seen["department"] == seen.loc[seen["budget"].idxmax(), "department"]]
    own = progress.merge(projects[["year", "project", "department"]]).query(
        "year == @book.year and department in @one.department"
    )
    drawn = pf.plot.fan(own.groupby("month", as_index=False)["executed"].sum(), y="executed", forecast=one)
    assert one["month"].tolist() == [6, 9] and len(drawn.collections) >= 2
    assert (seen["executed"] <= seen["low"]).all() and one["value"].between(one["low"], one["high"]).all()


def test_g_a_difference_split_by_own_categories(book):
    now = book.projects.query("year == @book.year")
    size = pd.cut(now["adjusted_budget"], [-1, 1e5, 1e6, 1e12], labels=["small", "medium", "large"]).astype(
        str
    )
    split = pf.decompose(now.assign(size=size), by="size")
    parts = (
        pf.contributions(now.assign(size=size), by="size")
        .groupby("district")[["mix_effect", "rate_effect"]]
        .sum()
    )
    assert (split["difference"] - split["mix_effect"] - split["rate_effect"]).abs().max() < 1e-12
    assert parts["mix_effect"].to_numpy() == pytest.approx(split["mix_effect"].to_numpy())


def test_f_an_own_notebook_runs_under_bare_papermill(tmp_path):
    import papermill

    cells = [
        ("code", 'import perflib as pf\nimport pandas as pd', []),
        ("code", 'data = "sample"\ndistrict = ""\nlang = "en"\noutput = ""', ["parameters"]),
        ("code", 'book = pf.load(data, district=district, lang=lang)\n'
                 'page = pf.Page("mine", book, rules="national-2020", output=output)\n'
                 'page.table("years", pf.rates(book.rows("projects"), by="year"), "year budget executed rate low high")\n'
                 "page.write()", []),
    ]  # fmt: skip
    made = [{"cell_type": kind, "id": f"c{i}", "metadata": {"tags": tags}, "source": source, "outputs": [],
             "execution_count": None} for i, (kind, source, tags) in enumerate(cells)]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = tmp_path / "mine.ipynb"
    notebook.write_text(
        json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), "utf-8"
    )
    parameters = {"district": 330190, "output": str(tmp_path / "out")}  # papermill makes a code a number
    papermill.execute_notebook(notebook, tmp_path / "done.ipynb", parameters, progress_bar=False)
    told = json.loads((tmp_path / "out" / "chapters" / "mine" / "chapter.json").read_text("utf-8"))
    assert told["district"] == "330190" and told["tables"][0]["id"] == "years"
