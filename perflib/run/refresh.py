"""Running the suite's notebooks as they stand and storing their outputs in them."""

import tempfile
from pathlib import Path

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
            for lang in ("zh", "en")
            for notebook in suite(lang)
        ]
        result = run_batch(jobs, folder, workers=workers, limits=limits, progress=progress, warm=warm)
        for record in result.records:
            if record.is_good:
                write_atomically(record.job.notebook, record.job.output.read_bytes())
    return result
