import os
import subprocess
import sys

import pytest

from perflib.run.check import check_data
from perflib.run.command import joined_pairs, main, split_pairs
from perflib.run.manifest import EXIT_FAILED
from perflib.run.session import tell
from tests.run.conftest import write_notebook


def say(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    told = capsys.readouterr()
    return caught.value.code, told.out, told.err


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["reprt"], ["no command `reprt`", "Did you mean `report`?"]),
        (["report", "--distrct", "x"], ["no option `--distrct`", "`--district`"]),
        (["run", "10", "--year", "2023"], ["no option `--year`.", "`-p year VALUE`"]),
        (["pack", "--data", "x"], ["no option `--data`. See --help"]),
        (["report", "--year", "soon"], ["`soon`", "--year", "whole number"]),
        (["monitor", "--month=13"], ["`13`", "--month", "12 at most"]),
        (["report", "--jobs=-1"], ["`-1`", "--jobs", "0 or more"]),
        (["report", "--base", "total"], ["`--base` can't be `total`", "initial, adjusted, received"]),
        (["report", "--output", "/dev/null/x"], ["/dev/null/x", "can't be written"]),
        (["template", "/dev/null/x.xlsx"], ["/dev/null/x.xlsx", "can't be written"]),
        (["report", "--edition", "secret"], ["`--edition` can't be `secret`", "internal, public"]),
        (["report", "--engine", "spark"], ["`--engine` can't be `spark`", "pandas, duckdb"]),
        (["report", "--lang", "fr"], ["`--lang` can't be `fr`", "zh, en"]),
        (["report", "--each", "month"], ["`--each` takes district, year; got `month`"]),
        (["report", "--each", "year", "--shard", "3/2"], ["1 <= i <= n", "3/2"]),
        (["run"], ["NOTEBOOK is missing"]),
        (
            ["run", "40_executon_rates"],
            ["no notebook `40_executon_rates`", "Did you mean `40_execution_rates`?"],
        ),
        (["run", "nowhere/n.ipynb"], ["There is no notebook at nowhere/n.ipynb"]),
        (["run", "40", "-p", "distric=x"], ["no parameter `distric`", "Did you mean `district`?"]),
        (["run", "40", "-p", "year", "soon"], ["Parameter `year`", "'soon'"]),
        (["run", "40", "-p", "year"], ["-p name value", "`year`"]),
    ],
)
def test_a_wrong_argument_gets_a_sentence_and_exit_code_2(capsys, tmp_path, monkeypatch, arguments, parts):
    monkeypatch.setenv("PERFLIB_LANG", "en")
    monkeypatch.chdir(tmp_path)
    code, _, error = say(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in error
    for part in parts:
        assert part in error
    monkeypatch.setenv("PERFLIB_LANG", "zh")
    code, _, error = say(capsys, *arguments)
    assert any("一" <= c <= "鿿" for c in error)


def test_a_notebook_without_a_parameters_cell_is_told(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PERFLIB_LANG", "en")
    bare = write_notebook(tmp_path / "bare.ipynb", "print(1)", parameters=None)
    code, _, error = say(capsys, "run", str(bare), "--output", str(tmp_path / "out"))
    assert code == 2
    assert "bare.ipynb has no cell tagged `parameters`" in error
    monkeypatch.setenv("PERFLIB_LANG", "zh")
    assert (
        "没有带 parameters 标签的单元格"
        in say(capsys, "run", str(bare), "--output", str(tmp_path / "out"))[2]
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [["run", "n.ipynb"], ["report"]])
def test_an_output_folder_that_cannot_be_written_is_told(capsys, tmp_path, monkeypatch, command):
    monkeypatch.setenv("PERFLIB_LANG", "en")
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "n.ipynb", "print(1)")
    (tmp_path / "taken").write_text("a file, not a folder")
    code, _, error = say(capsys, *command, "--output", "taken/below")
    assert code == 2
    assert "taken/below" in error and "can't be written" in error
    assert "--output" in error


def test_unknown_rules_stop_the_report_before_any_notebook_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, error = say(capsys, "report", "--rules", "nosuch", "--lang", "en")
    assert code == 3 and "no rule set `nosuch`" in error and "[1/" not in error


def test_a_missing_file_has_exit_code_3(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PERFLIB_LANG", "en")
    code, _, error = say(capsys, "check", str(tmp_path / "none.xlsx"))
    assert code == 3
    assert "none.xlsx" in error


def test_an_unknown_district_or_year_says_which_there_are(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PERFLIB_LANG", "en")
    code, _, error = say(capsys, "report", "--district", "../x", "--output", str(tmp_path))
    assert code == 2
    assert "../x" in error
    code, _, error = say(capsys, "report", "--year", "1999", "--output", str(tmp_path))
    assert code == 2
    assert "1999" in error
    assert "2023" in error


def test_a_failing_notebook_gives_exit_code_4_and_a_summary(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PERFLIB_LANG", "zh")
    notebook = write_notebook(tmp_path / "n.ipynb", "1 / (x - 1)")
    arguments = ["run", str(notebook), "--output", str(tmp_path / "out"), "--no-warm"]
    code, _, error = say(capsys, *arguments)
    assert code == EXIT_FAILED
    assert "ZeroDivisionError" in error
    assert (tmp_path / "out" / "summary.html").is_file()
    code, _, error = say(capsys, *arguments, "-p", "x", "3")
    assert code == 0
    assert "已写入" in error


def test_pairs_of_words_become_one():
    assert joined_pairs(["run", "40", "-p", "a", "b", "-p", "c=d", "--lang", "zh"]) == [
        "run", "40", "-p", "a=b", "-p", "c=d", "--lang", "zh",
    ]  # fmt: skip
    assert split_pairs(["a=b=c", "d="]) == {"a": "b=c", "d": ""}


def test_nothing_heavy_is_imported_for_help():
    script = (
        "import sys; from perflib.run.command import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in ('pandas', 'numpy', 'rich.console', 'papermill', 'matplotlib', 'duckdb') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"


def test_nothing_heavy_is_imported_before_a_run():
    script = (
        "import sys, perflib.run.session; print([m for m in ('pandas', 'papermill') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_no_arguments_show_the_help_in_the_language_of_the_user():
    environment = {**os.environ, "PERFLIB_LANG": "zh"}
    command = [sys.executable, "-m", "perflib.run.command"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "第一次使用" in shown
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.strip()[0].isdigit()


def test_check_says_which_amounts_the_data_lacks(tmp_path):
    path = tmp_path / "projects.csv"
    path.write_text("district,year,project,name,initial_budget,executed\nd,2022,A,路,1,1\n", "utf-8")
    assert "Not in the data: Adjusted budget." in check_data(str(path), "en", tmp_path / "check.xlsx")[0]
    assert "没有“全年预算数”" in check_data(str(path), "zh", tmp_path / "check.xlsx")[0]


def test_a_template_that_is_there_is_left_alone(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.xlsx").write_text("filled in")
    code, _, error = say(capsys, "template", "mine.xlsx", "--lang", "zh")
    assert code == 2 and "已经存在" in error and (tmp_path / "mine.xlsx").read_text() == "filled in"
    assert say(capsys, "template", "mine.xlsx", "--overwrite", "--lang", "en")[0] == 0
    assert (tmp_path / "mine.xlsx").read_bytes()[:2] == b"PK"


def test_a_language_without_a_command_shows_the_help(capsys):
    code, out, err = say(capsys, "--lang", "zh")
    assert (code, err) == (0, "") and out.startswith("用法：")


def test_a_reader_who_has_had_enough_ends_the_command_quietly():
    program = "import sys; from perflib.run.command import main; main(['--lang', 'zh'])"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as told:
        told.stdout.close()
        assert (told.stderr.read(), told.wait()) == (b"", 0)


def test_a_path_below_the_working_directory_is_told_from_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tell("run.wrote", "en", path=tmp_path / "out" / "report.html")
    tell("run.wrote", "en", path=tmp_path.parent / "other")
    assert capsys.readouterr().err == f"Wrote out/report.html\nWrote {tmp_path.parent / 'other'}\n"
