"""Running the suite's notebooks as they stand and storing their outputs in them."""

import base64
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from perflib.data.errors import ArgumentError
from perflib.data.text import LANGUAGES
from perflib.data.whole import write_whole
from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from perflib.run.manifest import Result
from perflib.run.suite import find_notebook, suite


def refresh(
    names: Sequence[str] = (), *, workers: int, limits: Limits, progress=None, warm: bool = True
) -> Result:
    """Run the notebooks `names` (all, for none) in both languages with their defaults; store outputs of the good ones.

    Before that the code of the English ones is written from the Chinese.

    What is stored holds no time, path or version of this run: nothing changed, no difference.
    """
    chosen = {lang: [find_notebook(n, lang) for n in names] or suite(lang) for lang in LANGUAGES}
    for source, target in zip(chosen["zh"], chosen["en"], strict=True):
        text = english(source.read_text("utf-8"), target.read_text("utf-8"), name=target.name)
        if text != target.read_text("utf-8"):
            write_whole(target, text.encode("utf-8"))
    with tempfile.TemporaryDirectory(prefix="perflib-") as name:
        folder = Path(name)
        jobs = [
            Job(notebook, {}, folder / lang / notebook.name, name=f"{lang}/{notebook.stem}")
            for lang in LANGUAGES
            for notebook in chosen[lang]
        ]
        result = run_batch(jobs, folder, workers=workers, limits=limits, progress=progress, warm=warm)
        for record in result.records:
            if record.is_good:
                write_whole(record.job.notebook, record.job.output.read_bytes())
    for lang in LANGUAGES:
        write_whole(suite("zh")[0].parent / "figures" / f"start.{lang}.png", picture(suite(lang)[0]))
    return result


def english(chinese: str, english: str, *, name: str) -> str:
    """The notebook `english` with the code cells of `chinese`, in their order; prose is found by the cell's id.

    ArgumentError where a cell of prose has no English.
    """
    source, target = json.loads(chinese), json.loads(english)
    prose = {cell["id"]: cell for cell in target["cells"] if cell["cell_type"] == "markdown"}
    old = {cell["id"]: cell for cell in target["cells"] if cell["cell_type"] == "code"}
    cells = []
    for cell in source["cells"]:
        if cell["cell_type"] == "code":
            code = ["".join(cell["source"]).replace('lang: str = "zh"', 'lang: str = "en"')]
            same = old.get(cell["id"], {"outputs": [], "execution_count": None})
            kept = same if "".join(same.get("source", "")) == code[0] else {**cell, "outputs": []}
            cells.append({**kept, "source": code[0].splitlines(keepends=True)})
        elif cell["id"] not in prose:
            raise ArgumentError("run.no_english", name=name, cell=cell["id"])
        else:
            cells.append(prose[cell["id"]])
    return json.dumps({**target, "cells": cells}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def picture(notebook: Path) -> bytes:
    """The first figure among the stored outputs of `notebook`, as PNG: the README shows it."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    images = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    return base64.b64decode(images[0])
