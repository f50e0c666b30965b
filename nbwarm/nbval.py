"""A pytest plugin that gives nbval warm kernels, forked from one helper that all workers of the session ask.

Load it with `pytest -p nbwarm.nbval --nbval …`, or name it in `pytest_plugins`. A kernel that can't
be forked is an ordinary one, and the summary at the end says why.
JUPYTER_DEFAULT_PROVISIONER_NAME=local-provisioner leaves nbval with ordinary kernels.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

KERNEL = "nbwarm"
TOLD = "notebook kernel"
PRIVATE = "{private}"
SAME_WIDTH = {"COLUMNS": "80"}
"""pytest-xdist sets the width in its workers only, where the helper would find another one."""


def pytest_addoption(parser):
    parser.addini(
        "nbwarm_modules", "modules that the helper imports beforehand (see NBWARM_MODULES)", "linelist"
    )
    parser.addini(
        "nbwarm_environment",
        "NAME=value lines for the kernels; {private} in a value is a folder of the session's own",
        "linelist",
    )


def pytest_configure(config):
    is_asked = getattr(config.option, "nbval", False) and not config.option.nbval_kernel_name
    if not is_asked or "JUPYTER_DEFAULT_PROVISIONER_NAME" in os.environ:
        return
    config.option.nbval_kernel_name = KERNEL
    if not hasattr(config, "workerinput"):
        modules = ",".join(config.getini("nbwarm_modules"))
        lines = config.getini("nbwarm_environment")
        config.nbwarm = Session(modules, dict(line.split("=", 1) for line in lines))


def pytest_unconfigure(config):
    if session := getattr(config, "nbwarm", None):
        session.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note with a notebook's first cell what kernel it had."""
    kernel = getattr(item.parent, "kernel", None)
    if call.when == "call" and kernel is not None and getattr(item, "cell_num", None) == 0:
        provisioner = kernel.km.provisioner
        fallback = getattr(provisioner, "fallback", None)
        kind = "warm" if getattr(provisioner, "warm", False) else "ordinary"
        item.user_properties.append((TOLD, f"{kind}: {fallback.sentence()}" if fallback else kind))
    return (yield)


def pytest_terminal_summary(terminalreporter):
    """Say how many notebooks ran on warm kernels, and why others did not."""
    reports = [r for rs in terminalreporter.stats.values() for r in rs if hasattr(r, "when")]
    kinds = Counter(v for r in reports if r.when == "call" for k, v in r.user_properties if k == TOLD)
    for kind, count in sorted(kinds.items()):
        terminalreporter.write_line(f"notebooks on a kernel that was {kind}: {count}")


class Session:
    """The helper of a test session, and the kernel spec that leads to it."""

    def __init__(self, modules: str = "", environment: dict[str, str] | None = None):
        from nbwarm.client import Helpers

        self.folder = Path(tempfile.mkdtemp(prefix="nbwarm-nbval-"))
        private = self.folder / "private"
        private.mkdir(mode=0o700)
        own = {k: v.replace(PRIVATE, str(private)) for k, v in (SAME_WIDTH | (environment or {})).items()}
        chosen = {"NBWARM_MODULES": modules} if modules else {}
        self.helpers = Helpers({**chosen, **os.environ, **own})
        spec = {
            "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3 (warm)",
            "language": "python",
            "env": own,
            "metadata": {
                "kernel_provisioner": {
                    "provisioner_name": KERNEL,
                    "config": {"helper": self.helpers.address()},
                }
            },
        }
        place = self.folder / "kernels" / KERNEL
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(spec), "utf-8")
        os.environ["JUPYTER_PATH"] = os.pathsep.join(
            [str(self.folder), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        )

    def close(self) -> None:
        self.helpers.close()
        shutil.rmtree(self.folder, ignore_errors=True)
