"""Rule files on disk: finding one by name, reading it, and following what it inherits."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from perflib.data.contract import Named
from perflib.data.errors import DataError, Wording
from perflib.data.places import PACKAGE

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


@dataclass(frozen=True)
class Band(Named):
    """One half-open band [lower, upper) with its words; None means no limit on that side."""

    key: str
    zh: str
    en: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """Execution below `share` at the end of `month` is warned."""

    month: int
    share: Decimal


_KINDS = {
    str: "rules.kind_text", bool: "rules.kind_flag", int: "rules.kind_integer",
    Decimal: "rules.kind_number", date: "rules.kind_date", int | str: "rules.kind_offset",
    Band: "rules.kind_band", Line: "rules.kind_line",
}  # fmt: skip
_PARTS: dict[type, dict[str, Any]] = {
    Band: {"key": str, "zh": str, "en": str, "lower": Decimal, "upper": Decimal, "words": tuple[str, ...]},
    Line: {"month": int, "share": Decimal},
}


def convert(file: Path, key: str, value: Any, kind: Any) -> Any:
    """`value` as `kind`; DataError naming file, key, what was found and expected if it is none."""
    if getattr(kind, "__origin__", None) is tuple:
        inner = get_args(kind)[0]
        if not isinstance(value, list):
            raise wrong_type(file, key, value, "rules.kind_list")
        return tuple(convert(file, f"{key}[{i}]", part, inner) for i, part in enumerate(value, 1))
    if kind in _PARTS:
        return _convert_parts(file, key, value, kind)
    if not _fits(value, kind):
        raise wrong_type(file, key, value, _KINDS[kind])
    return Decimal(value) if kind is Decimal else value


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    if kind is Decimal:
        return isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
    return isinstance(value, kind)


def _convert_parts(file: Path, key: str, value: Any, kind: type) -> Any:
    if not isinstance(value, dict):
        raise wrong_type(file, key, value, _KINDS[kind])
    known = _PARTS[kind]
    for name in value:
        if name not in known:
            raise DataError(
                "rules.unknown_key", file=file.name, place=f"{key}.{name}", allowed=", ".join(known)
            )
    required = ("key", "zh", "en") if kind is Band else tuple(known)
    for name in required:
        if name not in value:
            raise DataError("rules.missing_key", file=file.name, place=f"{key}.{name}")
    return kind(**{name: convert(file, f"{key}.{name}", part, known[name]) for name, part in value.items()})


def wrong_type(file: Path, key: str, value: Any, expected: str) -> DataError:
    """The error that says what stands at `key` of `file` and what kind of value it must be."""
    found = str(value) if isinstance(value, Decimal) else repr(value)
    return DataError("rules.wrong_type", file=file.name, place=key, found=found, expected=Wording(expected))
