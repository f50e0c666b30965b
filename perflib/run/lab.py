"""Opening the notebooks in JupyterLab: copies to work in, so that those of the package stay whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from perflib.data.text import say
from perflib.data.whole import make_folder
from perflib.run.suite import suite


def copy_notebooks(folder: Path) -> list[Path]:
    """Copy the suite into `folder` (English in `en/`); a copy that is there already is left alone."""
    made = []
    for lang in ("zh", "en"):
        place = make_folder(folder if lang == "zh" else folder / "en")
        for notebook in suite(lang):
            copy = place / notebook.name
            if not copy.exists():
                shutil.copyfile(notebook, copy)
                made.append(copy)
    return made


def open_lab(folder: Path, lang: str) -> int:
    """Start JupyterLab in `folder` and wait for it to end; its exit code.

    Its kernels are ordinary ones, whatever the environment says: a kernel that somebody explores in
    for hours gains nothing from a warm start, and may be restarted after packages changed.
    """
    copy_notebooks(folder)
    print(say("run.lab_ready", lang, path=folder.resolve()), file=sys.stderr, flush=True)
    environment = {k: v for k, v in os.environ.items() if k != "JUPYTER_DEFAULT_PROVISIONER_NAME"}
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(folder)], env=environment)
