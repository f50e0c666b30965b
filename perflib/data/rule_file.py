"""Rule files on disk: finding one by name, reading it, and following what it inherits."""

import tomllib
from decimal import Decimal
from pathlib import Path

from perflib.data.errors import DataError
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
