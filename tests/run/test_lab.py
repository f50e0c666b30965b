"""JupyterLab: copies of the notebooks, and ordinary kernels."""

import json
import subprocess
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory

from perflib.data.errors import ArgumentError
from perflib.run.command import main
from perflib.run.lab import clear_widgets, copy_notebooks, copy_to_open, open_lab
from perflib.run.parameters import declared_parameters
from perflib.run.suite import suite


def test_the_lab_keeps_ordinary_kernels_whatever_the_environment_says(tmp_path, monkeypatch):
    started = []
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "nbwarm")
    monkeypatch.setattr(subprocess, "call", lambda command, env: started.append((command, env)) or 0)
    assert open_lab(tmp_path, "en") == 0
    command, environment = started[0]
    assert command[1:5] == ["-m", "jupyterlab", f"--ServerApp.root_dir={tmp_path}",
                            "--LabApp.default_url=/lab/tree/en/00_start_here.ipynb"]  # fmt: skip
    assert "JUPYTER_DEFAULT_PROVISIONER_NAME" not in environment
    quiet = Path(environment["JUPYTER_CONFIG_PATH"]) / "labconfig" / "page_config.json"
    assert json.loads(quiet.read_text())["disabledExtensions"] == {
        "@jupyterlab/apputils-extension:announcements": True
    }
    assert open_lab(tmp_path, "zh", tmp_path / "四十 2022.ipynb") == 0
    assert started[1][0][4] == "--LabApp.default_url=/lab/tree/%E5%9B%9B%E5%8D%81%202022.ipynb"


def test_a_notebook_opens_as_a_copy_with_its_parameters_set(tmp_path, monkeypatch):
    (tmp_path / "projects.csv").write_text(
        "district,year,project,name,adjusted_budget,executed\nA,2022,p,One,9,8\n"
    )
    monkeypatch.chdir(tmp_path)
    asked = {"data": "projects.csv", "district": "A", "year": 2022, "base": "", "rules": ""}
    place = copy_to_open("40", tmp_path / "work", "en", asked)
    assert place == tmp_path / "work" / "40_execution_rates-A-2022.ipynb"
    values = {name: p.default for name, p in declared_parameters(place).items()}
    assert (values["data"], values["year"], values["base"], values["lang"]) == (
        str(tmp_path / "projects.csv"), 2022, "adjusted", "en",
    )  # fmt: skip
    with pytest.raises(ArgumentError, match="2021"):
        copy_to_open("40", tmp_path / "work", "en", asked | {"year": 2021})
    with pytest.raises(ArgumentError, match="no parameter `district`"):
        copy_to_open("78", tmp_path / "work", "en", asked)


def test_what_to_open_must_be_said_where_parameters_are(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["lab", "--year", "2022"])
    assert "perflib lab 40" in capsys.readouterr().err


def test_installing_perflib_changes_no_kernel_of_others(monkeypatch):
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME", raising=False)
    factory = KernelProvisionerFactory()
    assert "nbwarm" in factory.get_provisioner_entries()
    assert factory.default_provisioner_name == "local-provisioner"
    assert "kernel_provisioner" not in KernelSpecManager().get_kernel_spec("python3").metadata


def test_a_copy_that_is_there_is_left_alone(tmp_path):
    assert len(copy_notebooks(tmp_path)) == len(suite("zh")) + len(suite("en"))
    mine = tmp_path / suite("zh")[0].name
    mine.write_text("mine")
    assert copy_notebooks(tmp_path) == []
    assert mine.read_text() == "mine"


def test_what_widgets_left_is_cleared_and_nothing_else(tmp_path):
    copy_notebooks(tmp_path)
    (tmp_path / "no.ipynb").write_text("not a notebook")
    place = tmp_path / "en" / "00_start_here.ipynb"
    before = place.read_text("utf-8")
    clear_widgets(tmp_path)
    assert place.read_text("utf-8") == before
    content = json.loads(before)
    content["cells"][-1]["outputs"] = [{"output_type": "display_data", "data": {}, "metadata": {}}]
    place.write_text(json.dumps(content), "utf-8")
    clear_widgets(tmp_path)
    assert json.loads(place.read_text("utf-8")) == json.loads(before)
