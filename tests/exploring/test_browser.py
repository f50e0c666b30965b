"""The form in a real browser: JupyterLab as `perflib lab` starts it, a headless Chromium, a keyboard."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

from perflib.run.cells import EXPLORE
from perflib.run.lab import copy_notebooks
from perflib.run.parameters import TAG
from tests.conftest import ROOT
from tests.exploring.conftest import PATIENCE

SETTLED = """name => {
  const here = window.jupyterapp?.shell.currentWidget?.context;
  return here?.path === name && here.sessionContext?.session?.kernel?.status === "idle";
}"""


class Lab(NamedTuple):
    address: str
    folder: Path


@pytest.fixture(scope="module")
def madrid(tmp_path_factory) -> Path:
    """Two years of a real city, without copying them."""
    folder = ROOT.parent / "shared" / "data" / "madrid"
    if not folder.is_dir():
        pytest.skip("../shared/data/madrid is not here")
    some = tmp_path_factory.mktemp("madrid")
    for place in [
        *folder.glob("clasificacion_*.csv"),
        *folder.glob("areas_*.csv"),
        folder / "2021",
        folder / "2022",
    ]:
        (some / place.name).symlink_to(place)
    return some


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    """A lab that `perflib lab` started; its first notebooks have the form and little else, so that they are quick to run."""
    folder, config = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("config")
    copy_notebooks(folder)
    for place in (folder, folder / "en"):
        _keep_the_form(place / "00_start_here.ipynb")
    _write_explore_cell(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = {"open_browser": False, "port": port, "allow_root": True}
    (config / "jupyter_server_config.json").write_text(
        json.dumps({"ServerApp": server, "IdentityProvider": {"token": ""}})
    )
    own = {
        "JUPYTER_CONFIG_DIR": config,
        "JUPYTERLAB_SETTINGS_DIR": config / "s",
        "JUPYTERLAB_WORKSPACES_DIR": config / "w",
    }
    command = [sys.executable, "-m", "perflib.run.command", "lab", "--output", str(folder)]
    environment = os.environ | {name: str(place) for name, place in own.items()}
    with (config / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", process)
        yield Lab(address, folder)
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def _keep_the_form(notebook: Path) -> None:
    content = json.loads(notebook.read_text("utf-8"))
    at = next(i for i, cell in enumerate(content["cells"]) if TAG in cell["metadata"].get("tags", []))
    assert EXPLORE in content["cells"][-1]["metadata"]["tags"]  # Run All Cells stops there
    content["cells"] = [*content["cells"][: at + 1], content["cells"][-1]]
    notebook.write_text(json.dumps(content), "utf-8")


def _write_explore_cell(folder: Path) -> None:
    (folder / "projects.csv").write_text(
        "district,year,project,name,department,adjusted_budget,executed\n"
        "A,2022,p1,One,Roads,100,90\nA,2022,p2,Two,Parks,100,50\nA,2022,p3,Three,Parks,100,80\n"
    )
    sources = ["import perflib as pf", "rows = pf.load('projects.csv', lang='en').rows('projects')",
               "pf.explore(pf.rates, pf.plot.dots, rows=rows, lang='en')"]  # fmt: skip
    cells = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
             for i, source in enumerate(sources)]  # fmt: skip
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "explore.ipynb").write_text(json.dumps(content), "utf-8")


def _wait_for(address: str, process: subprocess.Popen) -> None:
    for _ in range(PATIENCE // 500):
        assert process.poll() is None, "the lab ended"
        try:
            urllib.request.urlopen(address)
            return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the lab did not start")


def run_all(page, lab: Lab, name: str) -> None:
    """Open the notebook and run all its cells, once it is the one in front."""
    page.goto(f"{lab.address}/lab/tree/{name}?reset")
    page.wait_for_function(SETTLED, arg=name)
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")


def told(page) -> dict:
    """What stands below the form: the headline, the rates in the table of bases by their words, the pictures."""
    rows = page.locator(".widget-vbox table[id*=bases] tbody tr").all_inner_texts()
    cells = [row.split("\t") for row in rows]
    return {
        "headline": page.locator(".widget-vbox .jp-RenderedMarkdown strong").first.inner_text(),
        "rates": {row[0].strip(): [cell.strip() for cell in row[1:]] for row in cells},
        "pictures": [
            p.get_attribute("src") for p in page.locator(".widget-vbox .jp-RenderedImage img").all()
        ],
    }


def test_rows_chosen_in_the_table_stand_out_in_the_figure(lab, page):
    run_all(page, lab, "explore.ipynb")
    page.get_by_text("3 projects in 2 groups").wait_for()
    before = page.locator(".widget-image").get_attribute("src")
    assert page.locator("table.dataTable tbody tr").count() == 2
    page.get_by_role("cell", name="Parks").click()
    page.get_by_text('mark=["Parks"]').wait_for()
    assert page.locator(".widget-image").get_attribute("src") != before


def test_choose_a_district_by_keyboard_and_change_the_base(lab, page, madrid):
    run_all(page, lab, "00_start_here.ipynb")
    data = page.get_by_label("数据")
    data.fill(f"madrid:{madrid}")
    data.press("Tab")
    district = page.get_by_label("区", exact=True)
    page.wait_for_function("[...document.querySelectorAll('option')].some(o => o.text.includes('Centro'))")
    district.focus()
    district.select_option(label="Centro")
    page.get_by_label("年度").select_option("2022")
    assert page.get_by_label("口径").locator("option").all_inner_texts() == [
        "年初预算",
        "调整后预算（全年预算数）",
    ]
    page.get_by_role("button", name="在下方显示").press("Space")
    page.get_by_text("已显示：").wait_for()
    before = told(page)
    assert before["headline"] in before["rates"]["调整后预算（全年预算数）"]
    page.get_by_label("口径").select_option(label="年初预算")
    page.wait_for_function(
        "old => document.querySelector('.widget-vbox .jp-RenderedMarkdown strong').innerText !== old",
        arg=before["headline"],
    )
    page.get_by_text("已显示：").wait_for()
    after = told(page)
    assert after["headline"] in after["rates"]["年初预算"]
    assert after["rates"] == before["rates"]  # the table has every base
    assert after["pictures"][0] == before["pictures"][0]  # and so has the first figure
    assert after["pictures"][1:] != before["pictures"][1:]
    page.get_by_label("语言").select_option("英文（English）")
    page.get_by_text("Shown: 40_execution_rates").wait_for()
    assert told(page)["headline"] == after["headline"]
    assert page.get_by_label("Base").is_visible() and not re.search(
        "[一-鿿]", page.locator(".widget-button").first.inner_text()
    )


def test_a_district_is_dropped_from_the_comparison(lab, page):
    run_all(page, lab, "80_district_comparison.ipynb")
    page.get_by_text("分为12组").wait_for()
    before = page.locator(".widget-image").get_attribute("src")
    page.get_by_label("筛选", exact=True).select_option("区县")
    page.get_by_label("取值", exact=True).select_option("示例梧山区")
    page.get_by_text("分为1组").wait_for()
    page.get_by_label("留下", exact=True).select_option("除此以外的")
    page.get_by_text("分为11组").wait_for()
    page.get_by_text('["district_name"] != "示例梧山区"]').wait_for()  # the lines come last
    assert "示例梧山区" not in page.locator("table.dataTable").last.inner_text()
    assert page.locator(".widget-image").get_attribute("src") != before


def test_the_report_is_made_from_the_form(lab, page):
    shutil.copyfile(lab.folder / "projects.csv", lab.folder / "en" / "projects.csv")
    run_all(page, lab, "en/00_start_here.ipynb")
    data = page.get_by_label("Data", exact=True)
    data.fill("projects.csv")
    data.press("Tab")
    page.wait_for_function("[...document.querySelectorAll('option')].some(o => o.text === 'A')")
    page.get_by_role("button", name="Make the report").press("Space")
    page.get_by_text("Making the report: [").wait_for()
    page.get_by_text("The report is made:").wait_for(timeout=3 * PATIENCE)
    assert page.get_by_text("Jupyter news").count() == 0
    page.goto(page.locator(".widget-vbox a", has_text="report.html").get_attribute("href"))
    assert "73.3" in page.locator("main").inner_text()  # 220 of 300
    assert (lab.folder / "en" / "reports" / "A-2022" / "annex.pdf").is_file()
