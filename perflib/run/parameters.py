"""What a notebook can be asked: its annotated `parameters` cell, read without running it."""

import ast
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from perflib.data.errors import ArgumentError, did_you_mean
from perflib.data.inputs import stamp
from perflib.data.text import LANGUAGES
from perflib.run.help import checked_choice

TYPES = {"str": str, "int": int, "float": float, "bool": bool}
TRUE, FALSE = {"true", "yes", "1", "是"}, {"false", "no", "0", "否"}
TAG = "parameters"
CHOICES = {"lang": LANGUAGES, "edition": ("internal", "public")}


@dataclass(frozen=True)
class Parameter:
    """One line of the cell: `name: type = default`, or `name = default` with the default's type."""

    name: str
    type: str
    default: str | int | float | bool


def read_notebook(notebook: Path) -> dict:
    """The notebook's JSON; an ArgumentError when there is none or when it is something else."""
    if not notebook.is_file():
        raise ArgumentError("run.no_notebook", path=notebook)
    return _content(notebook, *stamp(notebook))


@lru_cache(maxsize=256)
def _content(notebook: Path, size: int, changed: int) -> dict:
    """The content, parsed once: a batch asks hundreds of times for the same few notebooks."""
    try:
        content = json.loads(notebook.read_text("utf-8"))
        content["cells"], content["metadata"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArgumentError("run.not_a_notebook", path=notebook) from error
    return content


def declared_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that `notebook` takes, by name, in the order of its cell."""
    content = read_notebook(notebook)
    cells = [c for c in content["cells"] if TAG in c.get("metadata", {}).get("tags", [])]
    if not cells:
        raise ArgumentError("run.no_parameters_cell", path=notebook)
    if not _names_kernel(content["metadata"]):
        raise ArgumentError("run.no_kernel_named", path=notebook)
    source = cells[0]["source"]
    return parse_parameters(source if isinstance(source, str) else "".join(source), notebook)


def _names_kernel(metadata: dict) -> bool:
    """Whether papermill finds the kernel and its language, as any notebook has them that Jupyter saved."""
    kernel, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    return bool(kernel.get("name") and (kernel.get("language") or language.get("name")))


def parse_parameters(source: str, notebook: Path) -> dict[str, Parameter]:
    """The parameters declared in `source`; only literals are allowed there."""
    about = {"path": notebook, "types": ", ".join(TYPES)}
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        line = (error.text or source).strip()
        raise ArgumentError("run.parameter_not_literal", line=line, **about) from error
    found = {}
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        parameter = _parameter(statement)
        if parameter is None:
            raise ArgumentError("run.parameter_not_literal", line=ast.unparse(statement), **about)
        found[parameter.name] = parameter
    return found


def _parameter(statement: ast.stmt) -> Parameter | None:
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, kind = statement.target, ast.unparse(statement.annotation)
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, kind = statement.targets[0], ""
    else:
        return None
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        return None
    kind = kind or type(default).__name__
    if not isinstance(target, ast.Name) or kind not in TYPES or not _fits(default, kind):
        return None
    return Parameter(target.id, kind, default)


def _fits(value, kind: str) -> bool:
    """Exactly the type asked for: True is no int, "2023" is no int; an int may stand for a float."""
    return type(value) is TYPES[kind] or (kind == "float" and type(value) is int)


def check_parameters(notebook: Path, given: dict) -> dict:
    """`given`, when every name is declared in `notebook` and every value has its type.

    Values keep their type, but an int for a float becomes one. Raises ArgumentError otherwise.
    """
    declared = declared_parameters(notebook)
    return {name: _checked(notebook, declared, name, value) for name, value in given.items()}


def _checked(notebook: Path, declared: dict[str, Parameter], name: str, value):
    parameter = _find(notebook, declared, name)
    if not _fits(value, parameter.type):
        raise _wrong_type(notebook, parameter, value)
    return float(value) if parameter.type == "float" else _among(parameter, value)


def _among(parameter: Parameter, value):
    """`value`, when the suite's own parameter of that name may have it; those of others take anything."""
    allowed = CHOICES.get(parameter.name, ())
    is_ours = parameter.default in allowed
    return checked_choice(f"-p {parameter.name}", value, allowed) if is_ours else value


def _find(notebook: Path, declared: dict[str, Parameter], name: str) -> Parameter:
    if name in declared:
        return declared[name]
    known, hint = ", ".join(declared), did_you_mean(name, declared)
    raise ArgumentError("run.unknown_parameter", name=name, notebook=notebook.name, known=known, hint=hint)


def _wrong_type(notebook: Path, parameter: Parameter, value) -> ArgumentError:
    return ArgumentError(
        "run.wrong_type",
        name=parameter.name,
        notebook=notebook.name,
        given=repr(value),
        found=type(value).__name__,
        expected=parameter.type,
        default=repr(parameter.default),
    )


def parse_values(notebook: Path, texts: dict[str, str]) -> dict:
    """What the command line gave as text, each in the type that `notebook` declares."""
    declared = declared_parameters(notebook)
    return {name: _parsed(notebook, _find(notebook, declared, name), text) for name, text in texts.items()}


def _parsed(notebook: Path, parameter: Parameter, text: str):
    if parameter.type == "str":
        return _among(parameter, text)
    if parameter.type == "bool":
        if text.lower() not in TRUE | FALSE:
            raise _wrong_type(notebook, parameter, text)
        return text.lower() in TRUE
    try:
        return TYPES[parameter.type](text)
    except ValueError:
        raise _wrong_type(notebook, parameter, text) from None
