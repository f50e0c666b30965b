"""How long a person without code waits: from `perflib lab` to the first own figure, and for a change of a choice.

    python benchmarks/explore.py

Goals on two cores: 30 s to the first figure of notebook 40 through the form, browser aside; 1 s for a change in an
explore cell on the sample, and for the sentence, table and figure that a change in the form shows first (the rest of
the notebook follows part by part; the line "whole" is its end). Seconds of the clock, and of the processor, which a busy machine changes less.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

OWN = """
import time
from pathlib import Path
from perflib.data.shelf import private_shelf
from perflib.run.cells import shown
from perflib.run.choices import Choices
private_shelf()
choices = Choices(data="sample", notebook="40", lang="en", folder=Path())
next(p for p in shown(choices.notebook, choices.values(), "en") if "image/png" in p["data"])
print(time.process_time())
"""
AGAIN = """
import time
from pathlib import Path
from perflib.data.shelf import private_shelf
from perflib.run.cells import shown
from perflib.run.choices import Choices
private_shelf()
choices = Choices(data="sample", notebook="40", lang="en", folder=Path())
list(shown(choices.notebook, choices.values(), "en"))
for name, value in (("base", "initial"), ("year", 2022), ("lang", "zh")):
    choices.choose(name, value)
    clock, used, kinds = time.monotonic(), time.process_time(), set()
    is_told = False
    for part in shown(choices.notebook, choices.values(), choices.lang):
        kinds |= set(part["data"])
        if {"text/html", "image/png"} <= kinds and not is_told:
            is_told = True
            print(f"{name}-first", time.monotonic() - clock, time.process_time() - used)
    print(f"{name}-whole", time.monotonic() - clock, time.process_time() - used)
"""
CHANGE = """
import time
import perflib as pf
from perflib.show.explore import Explorer, Inquiry
book = pf.load("sample", lang="en")
projects = book.rows("projects", year=book.year)
box = Explorer(Inquiry(projects, "projects", pf.rates, pf.plot.dots, lang="en", by="department",
                       options={"verdicts": False}), book.currency)
for name, value in (("base", "initial"), ("by", "class"), ("confidence", 0.9), ("where", "department")):
    clock, used = time.monotonic(), time.process_time()
    box.controls[name].value = value
    print(name, time.monotonic() - clock, time.process_time() - used)
"""


def seconds_to_lab(folder: Path) -> float:
    """From the command to a server that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "jupyter_server_config.py").write_text(
        f"c.ServerApp.open_browser = False\nc.ServerApp.port = {port}\nc.ServerApp.allow_root = True\n"
    )
    command = [sys.executable, "-m", "perflib.run.command", "lab", "--output", str(folder / "notebooks")]
    began = time.monotonic()
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(folder)}
    lab = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api")
                return time.monotonic() - began
            except OSError:
                time.sleep(0.1)
    finally:
        os.killpg(lab.pid, 15)
        lab.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lab = seconds_to_lab(Path(folder))
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", OWN], capture_output=True, text=True, check=True)
    own = time.monotonic() - began
    used = float(done.stdout.split()[-1])
    print(
        f"perflib lab answers after {lab:.1f} s; first figure {own:.1f} s later ({used:.1f} s of processor); goal 30 together"
    )
    for where, script in (("in the form", AGAIN), ("in an explore cell", CHANGE)):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            name, clock, used = line.split()
            goal = "" if name.endswith("whole") else "; goal 1"
            print(f"{where}, another {name}: {float(clock):.2f} s ({float(used):.2f} s of processor){goal}")


if __name__ == "__main__":
    main()
