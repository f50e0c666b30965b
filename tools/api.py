"""Write docs/api.md from the docstrings of perflib's public names: `python tools/api.py`."""

import inspect
from pathlib import Path

import perflib

FILE = Path(__file__).resolve().parents[1] / "docs" / "api.md"
ROOMS = {
    "data": "Read",
    "measure": "Measure: what is",
    "infer": "Infer: what may be said",
    "show": "Show",
    "run": "Run",
}


def api_markdown() -> str:
    """Every public name with its signature and docstring, by room."""
    lines = ["# Public names", "", "Made from the docstrings by `tools/api.py`; `import perflib as pf`."]
    for room, title in ROOMS.items():
        lines += ["", f"## {title}"]
        for name in (n for n in perflib.__all__ if _room(n) == room):
            lines += _entry(f"pf.{name}", getattr(perflib, name))
        if room == "show":
            for name in perflib.plot.__all__:
                lines += _entry(f"pf.plot.{name}", getattr(perflib.plot, name))
    return "\n".join(lines) + "\n"


def _room(name: str) -> str:
    return perflib.PUBLIC[name].split(".")[1]


def _entry(name: str, found) -> list[str]:
    if inspect.ismodule(found):
        return ["", f"### {name}", "", inspect.getdoc(found), "", *_functions(name, found)]
    call = f"{name}{_signature(found)}" if callable(found) else name
    said = inspect.getdoc(found) if callable(found) else f"{found!r}"
    return ["", f"### {name}", "", f"```python\n{call}\n```", "", said]


def _functions(name: str, module) -> list[str]:
    """A line for each function that `module` has of its own: its call, and the first sentence of what it says."""
    own = [f for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__
           and not n.startswith("_")]  # fmt: skip
    told = {f: " ".join((inspect.getdoc(f) or "").split("\n\n")[0].split()) for f in own}
    return [f"- `{name}.{f.__name__}({', '.join(inspect.signature(f).parameters)})`: {told[f]}" for f in own]


def _signature(function) -> str:
    kinds = ("DataFrame", "LazyFrame", "Ibis")
    frame = " | ".join(f"narwhals._native.Native{kind}" for kind in kinds)
    return str(inspect.signature(function)).replace(frame, "narwhals.typing.IntoFrame")


if __name__ == "__main__":
    FILE.write_text(api_markdown(), "utf-8")
