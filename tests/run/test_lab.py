"""JupyterLab: copies of the notebooks, and ordinary kernels."""

import subprocess

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory

from perflib.run.lab import copy_notebooks, open_lab
from perflib.run.suite import suite


def test_the_lab_keeps_ordinary_kernels_whatever_the_environment_says(tmp_path, monkeypatch):
    started = []
    monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", "nbwarm")
    monkeypatch.setattr(subprocess, "call", lambda command, env: started.append((command, env)) or 0)
    assert open_lab(tmp_path, "en") == 0
    command, environment = started[0]
    assert command[1:] == ["-m", "jupyterlab", str(tmp_path)]
    assert "JUPYTER_DEFAULT_PROVISIONER_NAME" not in environment


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
