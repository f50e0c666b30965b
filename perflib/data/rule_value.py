"""Values of a rule file: exact numbers, bands and lines, each converted or refused with its place."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from perflib.data.errors import DataError, Wording
from perflib.data.named import Named


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
    str: "rules.kind_text",
    bool: "rules.kind_flag",
    int: "rules.kind_integer",
    Decimal: "rules.kind_number",
    date: "rules.kind_date",
    int | str: "rules.kind_offset",
    Band: "rules.kind_band",
    Line: "rules.kind_line",
}
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
