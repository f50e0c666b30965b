"""nbval compares the stored outputs of the notebooks; here on warm kernels, and figures too, byte for byte."""

import json
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from nbwarm.lean import not_installed

with not_installed("rfc3987_syntax"):  # nbformat can do without it; compiling its grammar takes a second
    import nbformat  # noqa: F401

pytest_plugins = ["nbval"]
IMAGES = ("image/png", "image/jpeg")
KERNEL = "perflib-warm"
TOLD = "notebook kernel"
# outputs must not hang on the order of sets: each run draws another; pytest-xdist sets COLUMNS in its workers only
ENVIRONMENT = {"PYTHONHASHSEED": "random", "COLUMNS": "80"}


def pytest_collectstart(collector):
    """nbval leaves images out; ours come out the same on every run, so they are compared like the rest."""
    if skipped := getattr(collector, "skip_compare", None):
        collector.skip_compare = tuple(kind for kind in skipped if kind not in IMAGES)


def pytest_configure(config):
    """Give nbval a kernel of its own, forked from one helper that all workers of the session ask.

    JUPYTER_DEFAULT_PROVISIONER_NAME=local-provisioner leaves it with ordinary kernels. A kernel that
    can't be forked is an ordinary one, and the summary at the end says why.
    """
    is_asked = getattr(config.option, "nbval", False) and not config.option.nbval_kernel_name
    if not is_asked or "JUPYTER_DEFAULT_PROVISIONER_NAME" in os.environ:
        return
    config.option.nbval_kernel_name = KERNEL
    if not hasattr(config, "workerinput"):
        config.warm = WarmSession()


def pytest_unconfigure(config):
    if warm := getattr(config, "warm", None):
        warm.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Note with a notebook's first cell what kernel it had."""
    kernel = getattr(item.parent, "kernel", None)
    if call.when == "call" and kernel is not None and getattr(item, "cell_num", None) == 0:
        provisioner = kernel.km.provisioner
        fallback = getattr(provisioner, "fallback", None)
        kind = "warm" if getattr(provisioner, "warm", False) else "ordinary"
        item.user_properties.append((TOLD, f"{kind}: {fallback.sentence('en')}" if fallback else kind))
    return (yield)


def pytest_terminal_summary(terminalreporter):
    """Say how many notebooks ran on warm kernels, and why others did not."""
    reports = [r for rs in terminalreporter.stats.values() for r in rs if hasattr(r, "when")]
    kinds = Counter(v for r in reports if r.when == "call" for k, v in r.user_properties if k == TOLD)
    for kind, count in sorted(kinds.items()):
        terminalreporter.write_line(f"notebooks on a kernel that was {kind}: {count}")


class WarmSession:
    """The helper of a test session, the kernel spec that leads to it, and a shelf for checked books."""

    def __init__(self):
        from nbwarm.client import HelperProcess
        from nbwarm.refusal import unsupported
        from perflib.data.shelf import SHELF

        self.folder = Path(tempfile.mkdtemp(prefix="perflib-nbval-"))
        shelf = self.folder / "shelf"
        shelf.mkdir(mode=0o700)
        self.helper = None if unsupported() else HelperProcess({**os.environ, **ENVIRONMENT})
        address = self.helper.address if self.helper else ""
        spec = {
            "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Python 3 (warm)",
            "language": "python",
            "env": {**ENVIRONMENT, SHELF: str(shelf)},
            "metadata": {"kernel_provisioner": {"provisioner_name": KERNEL, "config": {"helper": address}}},
        }
        place = self.folder / "kernels" / KERNEL
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(spec), "utf-8")
        os.environ["JUPYTER_PATH"] = os.pathsep.join(
            [str(self.folder), *filter(None, [os.environ.get("JUPYTER_PATH")])]
        )

    def close(self) -> None:
        if self.helper:
            self.helper.close()
        shutil.rmtree(self.folder, ignore_errors=True)
