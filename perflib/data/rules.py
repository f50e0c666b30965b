"""Evaluation rules as data: one TOML file per set, read, checked and frozen, its numbers exact."""

from dataclasses import MISSING, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, get_args

from perflib.data.errors import DataError
from perflib.data.rule_check import check_rules
from perflib.data.rule_file import Band, convert, read_chain, wrong_type
from perflib.data.rule_shape import (
    CHECKS,
    STAGES,
    WEIGHTS,
    Check,
    Deviation,
    Downgrade,
    ExAnte,
    Official,
    Rating,
    Reasons,
    Rules,
    Scoring,
    Source,
    Warnings,
    Words,
)


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
        return convert(file, key, value, _PLAIN[key])
    if key in _BANDS:
        return convert(file, key, value, tuple[Band, ...])
    if not isinstance(value, dict):
        raise wrong_type(file, key, value, "rules.kind_table")
    if key in _SECTIONS:
        return _read_fields(file, key, value, _SECTIONS[key])
    if key in _GROUPS:
        _refuse_unknown(file, key, value, CHECKS if key == "checks" else SOURCED)
        return {name: _read_fields(file, f"{key}.{name}", part, _GROUPS[key]) for name, part in value.items()}
    allowed, kind = _MAPS[key]
    _refuse_unknown(file, key, value, allowed or list(value))
    return {name: convert(file, f"{key}.{name}", part, kind) for name, part in value.items()}


SOURCED = [*(name for name in _SECTIONS if name not in ("title", "source")), *_BANDS, *_MAPS, "checks"]


def _read_fields(file: Path, where: str, value: dict, kind: type) -> dict:
    if not isinstance(value, dict):
        raise wrong_type(file, where, value, "rules.kind_table")
    known = {f.name: f.type for f in fields(kind)}
    _refuse_unknown(file, where, value, known)
    return {name: convert(file, f"{where}.{name}", part, _plain(known[name])) for name, part in value.items()}


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
    try:
        return kind(**values)
    except TypeError:
        required = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
        key = next(name for name in required if name not in values)
        full = f"{where}.{key}" if where else key
        raise DataError("rules.missing_key", file=file.name, place=full) from None
