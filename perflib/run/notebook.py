"""Running one notebook with papermill: what came of it, and the executed copy on disk."""

import codecs
import logging
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbwarm import Reason
from perflib.data.errors import PerflibError, Wording
from perflib.data.whole import write_whole
from perflib.run.cells import EXPLORE
from perflib.run.kernels import Host
from perflib.run.parameters import check_parameters

MARK = "***"
FOLDERS = ("PWD", "OLDPWD")
"""The shell's working folders, which are no passwords."""
SECRET = re.compile(
    r"(?i)(?:^|[_\-.])(?:pass(?:word|wd|phrase)?|pwd|secrets?|tokens?|credentials?|"
    r"api_?keys?|access_?keys?|private_?keys?)(?:$|[_\-.])"
)
SHORTEST_TO_HIDE = 6
"""Shorter values of the environment also occur in ordinary text; secret parameters are always hidden."""
DONE, FAILED, TIMED_OUT, DIED, OUT_OF_MEMORY = "done", "failed", "timed_out", "died", "out_of_memory"
ENGINE = "nbwarm"
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
    fallback: Reason | None = None


@dataclass(frozen=True)
class Run:
    """A notebook as far as it got, the error that stopped it or None, and how it was run."""

    executed: Any
    error: Exception | None
    seconds: float
    time_limit: float
    memory_limit: float
    manager: Any = None

    @property
    def provisioner(self) -> Any:
        """What started the kernel; None where none came."""
        return self.manager and self.manager.provisioner


def run_notebook(
    notebook: Path, output: Path, *, parameters: dict | None = None, folder: Path | None = None, **options
) -> Outcome:
    """Run `notebook` with `parameters` and write the executed copy to `output` in one step.

    The kernel works in `folder` (default: the notebook's own), wherever perflib was started; `options`
    are those of `execute`. The copy holds no time and no path of this run: the same input gives the
    same bytes. A failing notebook is written too, with the status of each cell. Nothing is raised for
    a notebook that fails; ArgumentError for wrong parameters.
    """
    import nbformat

    given = check_parameters(notebook, parameters or {})
    secrets = secret_values(given, dict(os.environ))
    source = nbformat.read(notebook, as_version=4)
    run = execute(source, given, folder=folder or notebook.parent, **options)
    marks = (cell.metadata.get("papermill", {}) for cell in run.executed.cells)
    cell_seconds = sum(mark.get("duration") or 0.0 for mark in marks)
    write_executed(run.executed, output, failed=run.error is not None, secrets=secrets)
    status, reason, cell = judge(run, secrets)
    kind = "warm" if getattr(run.provisioner, "warm", False) else "ordinary"
    fallback = getattr(run.provisioner, "fallback", None)
    return Outcome(status, reason, cell, run.seconds, cell_seconds, kind, fallback)


def execute(
    source,
    parameters: dict,
    *,
    folder: Path,
    host: Host | None = None,
    log=None,
    time_limit: float = 0,
    memory_limit: float = 0,
) -> Run:
    """Run the notebook `source` with papermill, in a kernel on `host` (an ordinary one where there is none).

    Cells tagged `explore` are left out: their widgets are for a person at the screen.

    `log`, an open file, takes what the kernel prints past the notebook, and why it stopped. `time_limit` in seconds,
    `memory_limit` in bytes; 0: none. Raises PerflibError when the host was closed meanwhile.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    kept, managers = [], []

    def on_kernel(manager) -> None:
        managers.append(manager)
        if host:
            host.started(manager)

    launch = {"env": host.environment} if host else {}
    told = logging.Logger("job", logging.WARNING)
    told.addHandler(logging.StreamHandler(codecs.getwriter("utf-8")(log)) if log else logging.NullHandler())
    began, stopped = time.monotonic(), None
    try:
        execute_notebook(
            source,
            None,
            parameters=parameters,
            engine_name=ENGINE,
            progress_bar=False,
            resources={"metadata": {"path": str(folder.resolve())}},
            warm=bool(host and host.warm),
            helper=host.helper if host else "",
            folder=str(host.folder) if host else "",
            launch=launch | ({"stdout": log, "stderr": log} if log else {}),
            time_limit=float(time_limit),
            memory_limit=float(memory_limit),
            on_kernel=on_kernel,
            keep=kept,
            log=told,
            skip_cells_with_tag=EXPLORE,
        )
    except (PapermillExecutionError, DeadKernelError, CellTimeoutError, RuntimeError) as error:
        stopped = error
    finally:
        for manager in managers if host else []:
            host.ended(manager)
    if host and host.is_closed:
        raise PerflibError("run.not_run")
    seconds = time.monotonic() - began
    manager = managers[0] if managers else None
    return Run(kept[0] if kept else source, stopped, seconds, time_limit, memory_limit, manager)


def write_executed(executed, output: Path, *, failed: bool = False, secrets: list[str] = ()) -> None:
    """Write `executed` to `output` in one step, without secrets and without marks of this run."""
    import nbformat

    plain = without_run_marks(redact(executed, list(secrets)), keep_status=failed)
    write_whole(output, nbformat.writes(plain))


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


def judge(run: Run, secrets: list[str]) -> tuple[str, PerflibError | None, int | None]:
    """(status, the sentence for it, place of the failing cell)."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from nbwarm.notebook import OUTPUT_SECONDS

    error, cell = run.error, _failing_cell(run.executed)
    at = Wording("run.in_cell", cell=cell) if cell else ""
    if error is None:
        return DONE, None, None
    if isinstance(error, CellTimeoutError) and not (run.time_limit and run.seconds >= run.time_limit):
        # nbclient calls it a time-out, too, when a cell has ended and its outputs don't come
        return TIMED_OUT, PerflibError("run.outputs_late", at=at, seconds=f"{OUTPUT_SECONDS:g}"), cell
    if isinstance(error, CellTimeoutError):
        return TIMED_OUT, PerflibError("run.timed_out", seconds=f"{run.time_limit:g}", at=at), cell
    if isinstance(error, DeadKernelError) and getattr(run.manager, "ended_for_memory", False):
        megabytes = f"{run.memory_limit / 2**20:,.0f}"
        return OUT_OF_MEMORY, PerflibError("run.out_of_memory", megabytes=megabytes), cell
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


def is_secret(name: str) -> bool:
    """Whether a parameter or variable of this name holds what nobody else should read.

    >>> is_secret("db_password"), is_secret("district")
    (True, False)
    """
    return name not in FOLDERS and SECRET.search(name) is not None


def secret_values(parameters: dict, environment: dict[str, str]) -> list[str]:
    """The values to hide, longest first, so that one inside another leaves no rest."""
    given = {str(v) for k, v in parameters.items() if is_secret(k) and str(v)}
    around = {v for k, v in environment.items() if is_secret(k) and len(v) >= SHORTEST_TO_HIDE}
    return sorted(given | around, key=lambda v: (-len(v), v))


def redact(content, secrets: list[str]):
    """`content` (text, list or dict, nested) with every secret replaced by `***`."""
    if not secrets:
        return content
    if isinstance(content, str):
        for secret in secrets:
            content = content.replace(secret, MARK)
        return content
    if isinstance(content, dict):
        return type(content)({k: redact(v, secrets) for k, v in content.items()})
    if isinstance(content, list):
        return [redact(v, secrets) for v in content]
    return content


def shown_parameters(parameters: dict) -> dict:
    """The parameters as they may be shown: secret ones by their name only."""
    return {k: MARK if is_secret(k) else v for k, v in parameters.items()}
