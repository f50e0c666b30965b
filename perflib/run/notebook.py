"""Running one notebook with papermill: what came of it, and the executed copy on disk."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perflib.data.errors import PerflibError, Wording
from perflib.run.atomic import write_atomically
from perflib.run.parameters import check_parameters
from perflib.run.redact import redact, secret_values

DONE, FAILED, TIMED_OUT, DIED, OUT_OF_MEMORY = "done", "failed", "timed_out", "died", "out_of_memory"
ORDINARY, WARM = "perflib", "perflib-warm"
DISK_FULL = "No space left on device"


@dataclass(frozen=True)
class Outcome:
    """What came of a notebook.

    `status` is done, failed, timed_out, died or out_of_memory; `reason` says why, unless done;
    `cell` is the failing cell's place (from 1); `seconds` is the whole time, `cell_seconds` the
    time inside cells; `kernel` is "warm" or "ordinary", `fallback` why it was not warm.
    """

    status: str
    reason: PerflibError | None = None
    cell: int | None = None
    seconds: float = 0.0
    cell_seconds: float = 0.0
    kernel: str = "ordinary"
    fallback: Wording | None = None


def run_notebook(
    notebook: Path,
    output: Path,
    *,
    parameters: dict | None = None,
    engine: str = ORDINARY,
    folder: Path | None = None,
    time_limit: float = 0,
    on_kernel: Callable | None = None,
) -> Outcome:
    """Run `notebook` with `parameters` and write the executed copy to `output` in one step.

    The kernel works in `folder` (default: the notebook's own), wherever perflib was started.
    The copy holds no time and no path of this run: the same input gives the same bytes. A
    failing notebook is written too, with the status of each cell. Nothing is raised for a
    notebook that fails; ArgumentError for wrong parameters.
    """
    given = check_parameters(notebook, parameters or {})
    secrets = secret_values(given, dict(os.environ))
    kernels: list = []
    began = time.monotonic()
    executed, error = _execute(
        notebook,
        given,
        engine,
        resources={"metadata": {"path": str((folder or notebook.parent).resolve())}},
        time_limit=float(time_limit),
        on_kernel=lambda manager: (kernels.append(manager.provisioner), on_kernel and on_kernel(manager)),
    )
    seconds = time.monotonic() - began
    cell_seconds = _cell_seconds(executed)
    write_executed(executed, output, failed=error is not None, secrets=secrets)
    status, reason, cell = _judge(executed, error, time_limit if seconds >= time_limit else 0, secrets)
    warm = getattr(kernels[0], "warm", None) if kernels else None
    kind = "warm" if warm else "ordinary"
    fallback = getattr(kernels[0], "fallback", None) if kernels else None
    return Outcome(status, reason, cell, seconds, cell_seconds, kind, fallback)


def _execute(notebook: Path, parameters: dict, engine: str, **options):
    """(the notebook as far as it got, the error that stopped it or None)."""
    import nbformat
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    source = nbformat.read(notebook, as_version=4)
    kept: list = []
    try:
        execute_notebook(
            source,
            None,
            parameters=parameters,
            engine_name=_registered(engine),
            progress_bar=False,
            keep=kept,
            **options,
        )
    except (PapermillExecutionError, DeadKernelError, CellTimeoutError, RuntimeError) as error:
        return (kept[0] if kept else source), error
    return kept[0], None


def _registered(name: str) -> str:
    from papermill.engines import papermill_engines

    from nbwarm.honest import HonestEngine

    if name == ORDINARY:
        papermill_engines.register(ORDINARY, HonestEngine)
    return name


def _cell_seconds(executed) -> float:
    return sum(c.metadata.get("papermill", {}).get("duration") or 0.0 for c in executed.cells)


def write_executed(executed, output: Path, *, failed: bool = False, secrets: list[str] = ()) -> None:
    """Write `executed` to `output` in one step, without secrets and without marks of this run."""
    import nbformat

    plain = without_run_marks(redact(executed, list(secrets)), keep_status=failed)
    write_atomically(output, nbformat.writes(plain))


def without_run_marks(executed, *, keep_status: bool = False):
    """`executed`, changed: no papermill times, paths or versions, no random cell ids."""
    executed.metadata.pop("papermill", None)
    for cell in executed.cells:
        marks = cell.metadata.pop("papermill", {})
        cell.metadata.pop("execution", None)
        if keep_status and cell.cell_type == "code":
            cell.metadata["papermill"] = {k: marks.get(k) for k in ("status", "exception")}
    _name_added_cells(executed.cells)
    return executed


def _name_added_cells(cells: list) -> None:
    """Cells that papermill added have random ids: give them steady ones; drop the empty tags it added."""
    count = 0
    for cell in cells:
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
        elif "papermill-error-cell-tag" in tags:
            cell["id"] = f"error-{count}"
            count += 1
        if not tags:
            cell.metadata.pop("tags", None)


def _judge(executed, error, limit: float, secrets: list[str]):
    """(status, the sentence for it, place of the failing cell); `limit` is 0 where it was not reached."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from nbwarm.honest import OUTPUT_SECONDS

    cell = _failing_cell(executed)
    at = Wording("run.in_cell", cell=cell) if cell else ""
    if error is None:
        return DONE, None, None
    if isinstance(error, CellTimeoutError) and not limit:
        # nbclient calls it a time-out, too, when a cell has ended and its outputs don't come
        return TIMED_OUT, PerflibError("run.outputs_late", at=at, seconds=f"{OUTPUT_SECONDS:g}"), cell
    if isinstance(error, CellTimeoutError):
        return TIMED_OUT, PerflibError("run.timed_out", seconds=f"{limit:g}", at=at), cell
    if isinstance(error, DeadKernelError):
        return DIED, PerflibError("run.kernel_died", at=at), cell
    if isinstance(error, PapermillExecutionError):
        said = redact(f"{error.ename}: {error.evalue}", secrets)
        key = "run.cell_disk_full" if DISK_FULL in said else "run.cell_raised"
        return FAILED, PerflibError(key, at=at, error=said.strip()), cell
    return DIED, PerflibError("run.kernel_did_not_start", error=redact(str(error), secrets)), cell


def _failing_cell(executed) -> int | None:
    """Place, from 1, of the code cell that failed, counted without what papermill added."""
    code = [c for c in executed.cells if c.cell_type == "code"]
    for place, cell in enumerate(code, 1):
        marks = cell.metadata.get("papermill", {})
        if marks.get("exception") is True:
            injected = sum("injected-parameters" in c.metadata.get("tags", []) for c in code[:place])
            return place - injected
    return None
