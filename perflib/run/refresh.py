"""Running the suite's notebooks as they stand and storing their outputs in them."""

import base64
import json
import tempfile
from pathlib import Path

from perflib.data.text import LANGUAGES
from perflib.run.atomic import write_atomically
from perflib.run.batch import Limits, run_batch
from perflib.run.job import Job
from perflib.run.record import Result
from perflib.run.suite import suite


def refresh(*, workers: int, limits: Limits, progress=None, warm: bool = True) -> Result:
    """Run every notebook of both languages with its own defaults; store the outputs of the good ones.

    What is stored holds no time, path or version of this run: nothing changed, no difference.
    """
    with tempfile.TemporaryDirectory(prefix="perflib-") as name:
        folder = Path(name)
        jobs = [
            Job(notebook, {}, folder / lang / notebook.name, name=f"{lang}/{notebook.stem}")
            for lang in LANGUAGES
            for notebook in suite(lang)
        ]
        result = run_batch(jobs, folder, workers=workers, limits=limits, progress=progress, warm=warm)
        for record in result.records:
            if record.is_good:
                write_atomically(record.job.notebook, record.job.output.read_bytes())
    for lang in LANGUAGES:
        write_atomically(suite("zh")[0].parent / "figures" / f"start.{lang}.png", picture(suite(lang)[0]))
    return result


def picture(notebook: Path) -> bytes:
    """The first figure among the stored outputs of `notebook`, as PNG: the README shows it."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    images = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    return base64.b64decode(images[0])
