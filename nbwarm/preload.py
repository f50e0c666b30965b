"""What the helper imports once, and what it looks at to know whether its children can be trusted."""

import gc
import importlib
import os
import pkgutil
import sys
from pathlib import Path

from perflib.data.places import PACKAGE

STACK = (
    "numpy",
    "pandas",
    "pyarrow",
    "narwhals",
    "scipy.stats",
    "matplotlib.pyplot",
    "seaborn",
    "statsmodels.api",
    "statsmodels.formula.api",
    "duckdb",
)
KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "psutil",
    "faulthandler",
    "_sqlite3",
)
ROOMS = ("data", "measure", "infer", "show")
NOT_SAFE_AFTER_FORK = ("polars", "pyarrow.flight")
"""They start threads on import, so only a child may import them; statsmodels would import Polars."""
SAFE_OPENBLAS = (0, 3, 31)
FROZEN_AT_IMPORT = (
    "ARROW_", "COLUMNS", "DUCKDB_", "GOTO_", "HOME", "IPYTHON", "JE_ARROW_", "LANG", "LANGUAGE", "LC_", "LD_",
    "MIMALLOC_", "MKL_", "MPL", "NARWHALS_", "NPY_", "NUMEXPR_", "NUMPY_", "OMP_", "OPENBLAS_", "PANDAS_",
    "PERFLIB_LANG", "PYTHON", "SCIPY_", "TZ", "XDG_",
)  # fmt: skip
"""Variables (by how they begin) that libraries read when they are imported."""


def wanted_modules(text: str) -> tuple[str, ...]:
    """Modules to import, from PERFLIB_WARM_MODULES: names with commas, "default" for the usual ones.

    >>> wanted_modules("json, csv")
    ('json', 'csv')
    """
    names = [name.strip() for name in (text or "default").split(",") if name.strip()]
    return tuple(m for name in names for m in ((*STACK, *_rooms()) if name == "default" else (name,)))


def import_all(modules: tuple[str, ...]) -> list[str]:
    """Import what a kernel needs and then `modules`; "module: reason" for what could not be imported.

    Stops at the first module after which no fork is safe.
    """
    blocked = {name: None for name in NOT_SAFE_AFTER_FORK if name not in sys.modules}
    sys.modules.update(blocked)
    failed = []
    for name in (*KERNEL, *modules):
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken module fails in the notebook that uses it, not here
            failed.append(f"{name}: {type(error).__name__}: {error}")
        if threads() > 1 or open_sockets_of_zmq():
            failed.append(name)
            break
    for name in blocked:
        sys.modules.pop(name, None)
    gc.collect()
    gc.freeze()
    return failed


def _rooms() -> list[str]:
    found = []
    for room in ROOMS:
        found += [m.name for m in pkgutil.walk_packages([str(PACKAGE / room)], f"perflib.{room}.")]
    return found


def threads() -> int:
    """Threads of this process."""
    return len(os.listdir("/proc/self/task"))


def open_sockets_of_zmq() -> bool:
    """Whether a zmq context exists already, which a child could not use."""
    zmq = sys.modules.get("zmq")
    return bool(zmq and getattr(zmq.Context, "_instance", None))


def frozen_environment(environment: dict[str, str]) -> dict[str, str]:
    """Those variables that were read at import."""
    return {k: v for k, v in environment.items() if k.startswith(FROZEN_AT_IMPORT)}


def code_stamp() -> list:
    """A sign that changes when a package is installed or removed, or a file of perflib changes."""
    places = sorted({p for p in sys.path if "-packages" in p and os.path.isdir(p)})
    files = sorted(p for p in PACKAGE.rglob("*") if p.suffix in (".py", ".toml"))
    found = [(p, os.stat(p).st_mtime_ns) for p in places]
    return [*found, *[(str(p), *_stamp(p)) for p in files]]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def old_openblas() -> str:
    """ "library version" of an OpenBLAS that can hang after a fork, or "".

    Releases before 0.3.31 hang when their threads were started before the fork (OpenBLAS issue
    5520). With one thread there are none, so an older one is fit if it was told to have one.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS")) == "1":
        return ""
    for name in ("numpy", "scipy"):
        module = sys.modules.get(name)
        config = getattr(getattr(module, "__config__", None), "CONFIG", {})
        blas = config.get("Build Dependencies", {}).get("blas", {})
        if "openblas" in blas.get("name", "") and _version(blas.get("version", "")) < SAFE_OPENBLAS:
            return f"{name} {blas['version']}"
    return ""


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(p) for p in text.split(".")[:3] if p.isdigit())
