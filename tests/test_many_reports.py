"""The worked examples of docs/many-reports.md: each gives commands that perflib reads, and every share once."""

import os
import re
import shlex
import subprocess
import sys
import types

import pytest
import typer
import yaml

from perflib.run.command import app, joined_pairs
from perflib.run.many import parse_shard
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "many-reports.md").read_text("utf-8")


def block(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)[0]


def read(words: list[str]) -> dict:
    """The options of a perflib command as its own parser reads them."""
    command = typer.main.get_command(app)
    name, *rest = joined_pairs(words)
    with command.commands[name].make_context(name, rest, parent=typer.Context(command, obj="en")) as context:
        return context.params


def assert_whole(commands: list[list[str]]) -> None:
    """The commands are the shares of one run, each once, and then the whole."""
    options = [read(words) for words in commands]
    shards = [o.pop("shard") for o in options]
    assert [parse_shard(s) for s in shards[:-1]] == [(i, 8) for i in range(1, 9)]
    assert shards[-1] == ""
    assert all(o == options[0] for o in options)
    assert options[0]["each"] == ["district"]


def test_airflow(monkeypatch):
    given = []

    class Operator:
        def __init__(self, **fields):
            given.append(fields["bash_command"])

        def __rshift__(self, other):
            return other

        @classmethod
        def partial(cls, **fields):
            return types.SimpleNamespace(
                expand=lambda bash_command: [given.append(c) for c in bash_command] and cls.__new__(cls)
            )

    class Dag:
        def __init__(self, name, **fields):
            assert fields["catchup"] is False

        __enter__ = __exit__ = lambda *_: None

    for name in (
        "airflow",
        "airflow.providers",
        "airflow.providers.standard",
        "airflow.providers.standard.operators",
    ):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow.sdk", types.SimpleNamespace(DAG=Dag))
    bash = types.SimpleNamespace(BashOperator=Operator)
    monkeypatch.setitem(sys.modules, "airflow.providers.standard.operators.bash", bash)
    exec(compile(block("python"), "dag.py", "exec"), {})
    assert_whole([shlex.split(command)[1:] for command in given])


def test_argo():
    spec = yaml.safe_load(block("yaml"))["spec"]
    templates = {t["name"]: t for t in spec["templates"]}
    (share,), (whole,) = templates[spec["entrypoint"]]["steps"]
    places = range(int(share["withSequence"]["start"]), int(share["withSequence"]["end"]) + 1)
    args = templates[share["template"]]["container"]["args"]
    shares = [[word.replace("{{inputs.parameters.i}}", str(i)) for word in args] for i in places]
    assert_whole([*shares, templates[whole["template"]]["container"]["args"]])


def test_a_cluster_queue(tmp_path):
    script = block("bash")
    first, last = map(int, re.search(r"--array=(\d+)-(\d+)", script).groups())
    (tmp_path / "srun").write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    (tmp_path / "srun").chmod(0o755)
    commands = []
    for i in range(first, last + 1):
        queue = {
            "SLURM_ARRAY_TASK_ID": str(i),
            "SLURM_ARRAY_TASK_COUNT": str(last),
            "SLURM_CPUS_PER_TASK": "4",
        }
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        said = subprocess.run(
            ["bash", "-c", script], env={"PATH": path, **queue}, capture_output=True, text=True
        )
        commands.append(said.stdout.splitlines()[1:])
    assert_whole([*commands, commands[0][: commands[0].index("--shard")]])


@pytest.mark.parametrize("line", [w for w in re.findall(r"(?m)^perflib .+$", PAGE)])
def test_every_command_can_be_read(line):
    assert read(shlex.split(line)[1:])


def test_the_readme_leads_here():
    assert (ROOT / "README.md").read_text("utf-8").count("(docs/many-reports.md") == 2
