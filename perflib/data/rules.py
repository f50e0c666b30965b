"""Evaluation rules as data: one TOML file per set, read, checked and frozen, its numbers exact."""

import tomllib
from dataclasses import MISSING, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, get_args

from perflib.data.errors import DataError, Wording
from perflib.data.places import PACKAGE
from perflib.data.rule_check import check_rules
from perflib.data.rule_shape import (
    CHECKS,
    STAGES,
    WEIGHTS,
    Band,
    Check,
    Deviation,
    Downgrade,
    ExAnte,
    Line,
    Official,
    Rating,
    Reasons,
    Rules,
    Scoring,
    Source,
    Warnings,
    Words,
)

FOLDER = PACKAGE / "rules"


def rule_names() -> tuple[str, ...]:
    """Names of the sets that come with perflib.

    >>> "binjiang-2023" in rule_names()
    True
    """
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def read_chain(name_or_path: str | Path) -> list[tuple[Path, dict]]:
    """The file asked for and each of its ancestors, nearest first, as they stand in TOML.

    Numbers with a point are read as Decimal. Raises DataError for an unknown name, a file that is
    no TOML, an unknown parent, and a set that inherits from itself in the end.
    """
    file = _find(name_or_path)
    chain: list[tuple[Path, dict]] = []
    while True:
        spec = _read_toml(file)
        chain.append((file, spec))
        parent = spec.get("inherits")
        if parent is None:
            return chain
        nearest, file = file, _find_parent(file, parent)
        if file in [seen for seen, _ in chain]:
            path = " → ".join([*(seen.stem for seen, _ in chain), file.stem])
            raise DataError("rules.cycle", file=nearest.name, path=path)


def _find(name_or_path: str | Path) -> Path:
    if str(name_or_path) in rule_names():
        return FOLDER / f"{name_or_path}.toml"
    file = Path(name_or_path)
    if file.suffix == ".toml" and file.is_file():
        return file.resolve()
    raise DataError("rules.no_such_set", name=name_or_path, names=", ".join(rule_names()))


def _find_parent(file: Path, parent: str) -> Path:
    """The parent beside the file, or among those that come with perflib."""
    beside = [p for p in sorted(file.parent.glob("*.toml")) if p.stem == parent]
    shipped = [FOLDER / f"{name}.toml" for name in rule_names() if name == parent]
    if not beside and not shipped:
        raise DataError("rules.unknown_parent", file=file.name, found=parent, names=", ".join(rule_names()))
    return (beside or shipped)[0].resolve()


def _read_toml(file: Path) -> dict:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise DataError("rules.not_toml", file=file.name, found=str(fault)) from None


def load_rules(name_or_path: str | Path) -> Rules:
    """The set of rules named (see `rule_names`) or in a TOML file, with what it inherits, checked.

    Raises DataError that names the file, the key, what was found and expected, and the remedy.

    >>> load_rules("binjiang-2023")["ex_ante"].threshold
    Decimal('5000000')
    """
    chain = read_chain(name_or_path)
    parts: dict[str, Any] = {}
    for file, spec in reversed(chain):  # the oldest ancestor first
        _merge(parts, _read(file, spec), file)
    rules = _build(parts, tuple(file for file, _ in chain))
    check_rules(rules, parts["_from"])
    return rules


# a child replaces these as a whole
_WHOLE = {"weights", "weights_with_cost", "downgrade", "title", "source", "source_of"}
_PLAIN = {"id": str, "inherits": str, "valid_from": date, "valid_to": date}
_SECTIONS: dict[str, Any] = {
    "title": Words, "source": Source, "ex_ante": ExAnte, "scoring": Scoring, "deviation": Deviation,
    "reasons": Reasons, "rating": Rating, "warning": Warnings, "downgrade": Downgrade,
    "official": Official,
}  # fmt: skip
_BANDS = ("grades", "qualitative", "verdicts")
_MAPS = {
    "calendar": (STAGES, int | str),
    "weights": (WEIGHTS, Decimal),
    "weights_with_cost": (WEIGHTS, Decimal),
    "consequences": (None, str),
}
_GROUPS = {"checks": Check, "source_of": Source}


def _read(file: Path, spec: dict) -> dict:
    """The sections of one file with their values converted; anything unknown is an error."""
    allowed = [*_PLAIN, *_SECTIONS, *_BANDS, *_MAPS, *_GROUPS]
    _refuse_unknown(file, "", spec, allowed)
    for key in ("id", "title", "source", "valid_from"):
        if key not in spec:
            raise DataError("rules.missing_key", file=file.name, place=key)
    return {key: _read_section(file, key, value) for key, value in spec.items()}


def _read_section(file: Path, key: str, value: Any) -> Any:
    if key in _PLAIN:
        return _convert(file, key, value, _PLAIN[key])
    if key in _BANDS:
        return _convert(file, key, value, tuple[Band, ...])
    if not isinstance(value, dict):
        raise _wrong_type(file, key, value, "rules.kind_table")
    if key in _SECTIONS:
        return _read_fields(file, key, value, _SECTIONS[key])
    if key in _GROUPS:
        _refuse_unknown(file, key, value, CHECKS if key == "checks" else SOURCED)
        return {name: _read_fields(file, f"{key}.{name}", part, _GROUPS[key]) for name, part in value.items()}
    allowed, kind = _MAPS[key]
    _refuse_unknown(file, key, value, allowed or list(value))
    return {name: _convert(file, f"{key}.{name}", part, kind) for name, part in value.items()}


SOURCED = [*(name for name in _SECTIONS if name not in ("title", "source")), *_BANDS, *_MAPS, "checks"]


def _read_fields(file: Path, where: str, value: dict, kind: type) -> dict:
    if not isinstance(value, dict):
        raise _wrong_type(file, where, value, _KINDS.get(kind, "rules.kind_table"))
    known = {f.name: f.type for f in fields(kind)}
    _refuse_unknown(file, where, value, known)
    if kind in (Band, Line):  # a section may have the rest from its parent
        _check_required(file, where, value, kind)
    return {
        name: _convert(file, f"{where}.{name}", part, _plain(known[name])) for name, part in value.items()
    }


_KINDS = {
    str: "rules.kind_text", bool: "rules.kind_flag", int: "rules.kind_integer",
    Decimal: "rules.kind_number", date: "rules.kind_date", int | str: "rules.kind_offset",
    Band: "rules.kind_band", Line: "rules.kind_line",
}  # fmt: skip


def _convert(file: Path, key: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`; DataError naming file, key, what was found and expected if it is none."""
    if getattr(kind, "__origin__", None) is tuple:
        inner = get_args(kind)[0]
        if not isinstance(value, list):
            raise _wrong_type(file, key, value, "rules.kind_list")
        return tuple(_convert(file, f"{key}[{i}]", part, inner) for i, part in enumerate(value, 1))
    if kind in (Band, Line):
        return kind(**_read_fields(file, key, value, kind))
    if not _fits(value, kind):
        raise _wrong_type(file, key, value, _KINDS[kind])
    return Decimal(value) if kind is Decimal else value


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is Decimal:
        return isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
    return isinstance(value, kind)


def _wrong_type(file: Path, key: str, value: Any, expected: str) -> DataError:
    """The error that says what stands at `key` of `file` and what kind of value it must be."""
    found = str(value) if isinstance(value, Decimal) else repr(value)
    return DataError("rules.wrong_type", file=file.name, place=key, found=found, expected=Wording(expected))


def _plain(kind: Any) -> Any:
    """`X` of a field declared `X | None`."""
    return next(k for k in get_args(kind) if k is not type(None)) if isinstance(kind, UnionType) else kind


def _refuse_unknown(file: Path, where: str, found, allowed) -> None:
    for key in found:
        if key not in allowed:
            full = f"{where}.{key}" if where else key
            raise DataError("rules.unknown_key", file=file.name, place=full, allowed=", ".join(allowed))


def _merge(parts: dict, child: dict, file: Path) -> None:
    """Put `child` over `parts`, section by section, and keep which file and source each section is of."""
    origins, sources = parts.setdefault("_from", {}), parts.setdefault("_sources", {})
    for key, value in child.items():
        keeps = isinstance(value, dict) and key in parts and key not in _WHOLE
        parts[key] = {**parts[key], **value} if keeps else value
        origins[key] = file
        sources[key] = child["source"]
    sources.update(child.get("source_of", {}))
    origins.update({f"source_of.{key}": file for key in child.get("source_of", {})})


def _build(parts: dict, files: tuple[Path, ...]) -> Rules:
    made: dict[str, Any] = {key: parts[key] for key in ("id", "valid_from", "valid_to") if key in parts}
    made |= {key: tuple(parts[key]) for key in _BANDS if key in parts}
    made |= {key: MappingProxyType(parts[key]) for key in _MAPS if key in parts}
    for key, kind in _SECTIONS.items():
        if key in parts:
            made[key] = _make(kind, parts[key], files[0], key)
    said, cited = parts.get("checks", {}), parts["_sources"]
    checks = {name: _make(Check, part, files[0], f"checks.{name}") for name, part in said.items()}
    made["checks"] = MappingProxyType(checks)
    sources = {key: _make(Source, part, files[0], f"source_of.{key}") for key, part in cited.items()}
    return _make(Rules, {**made, "sources": MappingProxyType(sources), "files": files}, files[0], "")


def _make(kind: type, values: dict, file: Path, where: str) -> Any:
    _check_required(file, where, values, kind)
    return kind(**values)


def _check_required(file: Path, where: str, found: dict, kind: type) -> None:
    required = (f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
    if lacking := next((name for name in required if name not in found), ""):
        full = f"{where}.{lacking}" if where else lacking
        raise DataError("rules.missing_key", file=file.name, place=full)
