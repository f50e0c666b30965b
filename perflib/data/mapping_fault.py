"""What is wrong with a mapping file: one sentence a fault, with the block, what is allowed, the nearest word."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from perflib.data.errors import DataError
from perflib.data.text import has_text, say

SHOWN = 60  # words that a sentence lists


@dataclass(frozen=True)
class Fault:
    """A fault in one place: `kind` names its sentence, `found` is what stands there."""

    block: str
    found: str
    expected: tuple[str, ...] = ()
    kind: str = "wrong"

    def sentence(self, file: str, lang: str) -> str:
        allowed = self.expected[:SHOWN]
        close = difflib.get_close_matches(self.found.strip("{}"), allowed, n=1, cutoff=0.6)
        hint = say("run.did_you_mean", lang, name=close[0]) if close else ""
        told = [say(f"mapping.{w}", lang) if has_text(f"mapping.{w}") else w for w in allowed]
        known = say("mapping.allowed", lang, words=say("show_report.comma", lang).join(told)) if told else ""
        kind = self.kind if self.found or self.kind != "wrong" else "empty"
        block = self.block or say("mapping.top", lang)
        told = {"file": file, "block": block, "found": self.found, "known": known, "hint": hint}
        return say(f"mapping.{kind}", lang, **told).rstrip()


class MappingError(DataError):
    """All that is wrong with the mapping `file`."""

    def __init__(self, file: str, faults: list[Fault]):
        super().__init__("mapping.faults", file=file, count=len(faults))
        self.file, self.faults = file, faults

    def sentence(self, lang: str) -> str:
        told = list(dict.fromkeys(f.sentence(self.file, lang) for f in self.faults))
        if len(told) == 1:
            return told[0]
        head = say("mapping.faults", lang, file=self.file, count=len(told))
        return "\n".join([head, *(f"  {i}. {s}" for i, s in enumerate(told, 1))])


def refuse(found: object, expected: Iterable[object] = ()) -> NoReturn:
    """Refuse a value inside a model: the words that were expected are listed."""
    words = tuple(sorted(map(str, expected)))
    raise PydanticCustomError("refused", "refused", {"found": str(found), "expected": words})


def faults_of(
    error: ValidationError, model: type[BaseModel], spec: dict, inherited: Iterable[str] = ()
) -> list[Fault]:
    """The faults that pydantic found, each with its block as the file writes it; an inherited key's where it stands."""
    out = []
    for one in error.errors(include_url=False):
        loc, kind, context = one["loc"], one["type"], one.get("ctx", {})
        if _first_unwritten(loc, spec) in inherited:
            continue
        block = block_of(loc, spec)
        if kind == "extra_forbidden":
            keys = tuple(sorted(k for k in _keys(model, loc[:-1]) if k != "name_"))
            out.append(Fault(block_of(loc[:-1], spec), str(loc[-1]), keys, "unknown_key"))
        elif kind == "missing":
            out.append(Fault(block_of(loc[:-1], spec), str(loc[-1]), kind="lacks"))
        elif kind == "refused":
            out.append(Fault(block, context["found"], tuple(context["expected"])))
        elif kind == "literal_error":
            words = context["expected"].replace("' or '", "', '").replace("'", "").split(", ")
            out.append(Fault(block, str(one["input"]), tuple(w or '""' for w in words)))
        else:
            out.append(Fault(block, repr(one["input"])[:80], (_KINDS.get(kind.split("_")[0], "a_table"),)))
    return out


def _first_unwritten(loc: tuple, spec: dict) -> object:
    """The first part of a place that the file does not have: "unit" of a block that takes it from the top."""
    here: Any = spec
    for part in loc:
        if isinstance(here, dict) and part not in here:
            return part
        is_there = isinstance(here, dict) or (isinstance(here, list) and isinstance(part, int))
        here = here[part] if is_there else None
    return None


_KINDS = {
    "int": "a_whole_number", "float": "a_number", "string": "a_text", "bool": "true_false", "tuple": "a_list",
}  # fmt: skip


def block_of(loc: tuple, spec: dict) -> str:
    """A place as a reader finds it: `[[file]] 2 ({year}/budget.csv), exclude 1, when`."""
    words: list[str] = []
    for at, part in enumerate(loc):
        if isinstance(part, int) and loc[:at] == ("file",):
            files = spec.get("file", [])
            pattern = files[part].get("pattern", "") if isinstance(files[part], dict) else ""
            words[-1] = f"[[file]] {part + 1}" + (f" ({pattern})" if pattern else "")
        elif isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        elif part != "[key]" and not str(part).startswith(("function-", "tuple[", "bool", "constrained")):
            words.append(str(part))
    return ", ".join(words)


def _keys(model: type[BaseModel], loc: tuple) -> list[str]:
    """The keys that the model at `loc` has, as a mapping writes them."""
    here: Any = model
    for part in loc:
        if isinstance(part, str) and hasattr(here, "model_fields"):
            field = next((f for n, f in here.model_fields.items() if part in (n, f.alias)), None)
            here = _model_in(field.annotation) if field else None
    return [f.alias or n for n, f in here.model_fields.items()] if here else []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _model_in(a))), None)
