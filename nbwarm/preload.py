"""What the helper imports once, and what it looks at to know whether its children can be trusted."""

import gc
import importlib
import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

USUAL = (
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
NOT_SAFE_AFTER_FORK = ("polars", "pyarrow.flight")
"""They start threads on import, so only a child may import them; statsmodels would import Polars."""
SAFE_OPENBLAS = (0, 3, 31)
FROZEN_AT_IMPORT = (
    "ARROW_", "COLUMNS", "DUCKDB_", "GOTO_", "HOME", "IPYTHON", "JE_ARROW_", "LANG", "LANGUAGE", "LC_", "LD_",
    "MIMALLOC_", "MKL_", "MPL", "NARWHALS_", "NPY_", "NUMEXPR_", "NUMPY_", "OMP_", "OPENBLAS_", "PANDAS_",
    "PYTHON", "SCIPY_", "TZ", "XDG_",
)  # fmt: skip
"""Variables (by how they begin) that libraries read when they are imported."""


def wanted_modules(text: str) -> tuple[str, ...]:
    """Modules to import, from NBWARM_MODULES: names with commas.

    "usual" (and nothing at all) stands for what most notebooks import, as far as it is installed;
    "package.*" for every module below a package.

    >>> wanted_modules("json, csv")
    ('json', 'csv')
    """
    names = [name.strip() for name in (text or "usual").split(",") if name.strip()]
    return tuple(module for name in names for module in _meant(name))


def _meant(name: str) -> list[str]:
    if name == "usual":
        return [module for module in USUAL if importlib.util.find_spec(module.split(".")[0])]
    if not name.endswith(".*"):
        return [name]
    package = name.removesuffix(".*")
    folder = _folder(package)
    files = [p.relative_to(folder).with_suffix("").parts for p in folder.rglob("*.py")] if folder else []
    return sorted(".".join([package, *(part for part in file if part != "__init__")]) for file in files) or [
        name
    ]


def _folder(package: str) -> Path | None:
    """Where a package lies, found without importing anything of it."""
    first, *rest = package.split(".")
    spec = importlib.util.find_spec(first)
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0], *rest) if places else None


def watched_folders(modules: tuple[str, ...], more: str) -> list[Path]:
    """Folders whose files a kernel would read: packages that are worked on, and those in NBWARM_WATCH.

    What pip has installed is not watched file by file: its folder changes with each installation.
    """
    standard = Path(sysconfig.get_path("stdlib"))
    tops = {module.split(".")[0] for module in modules}
    found = {folder for top in tops if (folder := _folder(top)) and "-packages" not in str(folder)}
    given = {Path(place) for place in more.split(os.pathsep) if place}
    return sorted(given | {f for f in found if not f.is_relative_to(standard)})


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


def code_stamp(folders: list[Path]) -> list:
    """A sign that changes when a package is installed or removed, or a file of `folders` changes."""
    places = sorted({p for p in sys.path if "-packages" in p and os.path.isdir(p)})
    files = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in (".py", ".toml"))
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
