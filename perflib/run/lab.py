"""Opening the notebooks in JupyterLab: copies to work in, so that those of the package stay whole."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from perflib.data.places import shared_folder
from perflib.data.text import say
from perflib.data.whole import make_folder, write_whole
from perflib.run.cells import EXPLORE
from perflib.run.suite import find_notebook, suite


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


def clear_widgets(folder: Path) -> None:
    """Drop what widgets left in the notebooks of `folder`: without their kernel they show an error message."""
    for notebook in [*folder.glob("*.ipynb"), *folder.glob("en/*.ipynb")]:
        try:
            content = json.loads(notebook.read_text("utf-8"))
            left = [
                c for c in content["cells"] if EXPLORE in c["metadata"].get("tags", []) and c.get("outputs")
            ]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # no notebook of ours: JupyterLab says what is wrong with it
        for cell in left:
            cell["outputs"] = []
        if left:
            write_whole(notebook, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def copy_to_open(name: str, folder: Path, lang: str, asked: dict) -> Path:
    """A copy in `folder` of notebook `name` with the parameters `asked`; ArgumentError for what its data lacks."""
    from perflib.data.book import load_book
    from perflib.run.choices import write_copy
    from perflib.run.parameters import check_parameters, declared_parameters
    from perflib.run.rows import absolute_data

    notebook = find_notebook(name, lang)
    declared = declared_parameters(notebook)
    given = {k: v for k, v in asked.items() if v} | ({"lang": lang} if "lang" in declared else {})
    values = check_parameters(
        notebook, given | ({"data": absolute_data(given["data"])} if "data" in given else {})
    )
    if "district" in values or "year" in values:  # the data may lack them
        data = values.get("data", declared["data"].default)
        load_book(data, district=values.get("district", ""), year=values.get("year", 0))
    place = [str(values[k]) for k in ("district", "year") if k in values]
    return write_copy(notebook, values, make_folder(folder), suffix="-".join(place) or lang)


def open_lab(folder: Path, lang: str, notebook: Path | None = None) -> int:
    """Start JupyterLab in `folder` with `notebook` (the first of the suite for None) open; wait for its end; exit code.

    Its kernels are ordinary ones, whatever the environment says: a kernel that somebody explores in
    for hours gains nothing from a warm start, and may be restarted after packages changed.
    """
    copy_notebooks(folder)
    clear_widgets(folder)
    print(say("run.lab_ready", lang, path=folder.resolve()), file=sys.stderr, flush=True)
    environment = {k: v for k, v in os.environ.items() if k != "JUPYTER_DEFAULT_PROVISIONER_NAME"}
    quiet = str(shared_folder("reports/templates") / "lab")  # nobody is asked about news from elsewhere
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, (os.environ.get("JUPYTER_CONFIG_PATH"), quiet))
    )
    shown = notebook or (folder / "en" if lang == "en" else folder) / suite(lang)[0].name
    place = quote(shown.resolve().relative_to(folder.resolve()).as_posix())
    options = [f"--ServerApp.root_dir={folder.resolve()}", f"--LabApp.default_url=/lab/tree/{place}"]
    # the form opens a copy in a tab by way of the application
    command = [sys.executable, "-m", "jupyterlab", *options, "--LabApp.expose_app_in_browser=True"]
    return subprocess.call(command, env=environment)
