"""Mapping files: how the files of another place become our tables, declared in TOML."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from perflib.data.contract import tables as declared_tables
from perflib.data.derive import slots
from perflib.data.errors import DataError
from perflib.data.header import factor

_FILE_KEYS = {
    "table", "pattern", "fields", "columns", "pad", "decimal", "exclude", "subtract", "merge",
    "from", "until", "unit", "sheet", "rows", "names", "years_back", "optional", "lookup",
}  # fmt: skip
_TOP_KEYS = {
    "about_zh", "about_en", "currency", "unit", "encodings", "separator", "relax", "off", "file", "lineage",
    "year_begins",
}  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One series of files (one a year, or a single one) that fills one table."""

    table: str
    columns: dict[str, object]
    pattern: str = ""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pad: dict[str, int] = field(default_factory=dict)
    decimal: tuple[dict, ...] = ({"mark": "."},)
    exclude: tuple[dict, ...] = ()
    subtract: tuple[dict, ...] = ()
    names: dict | None = None
    rows: tuple[dict, ...] = ()
    merge: bool = False
    sheet: str = ""
    unit: float = 1.0
    first: int = 0
    last: int = 9999
    lookup: tuple[dict, ...] = ()  # fields taken from another file by a key
    optional: bool = False  # a field that a file lacks costs only the columns made from it
    years_back: int | None = None  # how many years before the one asked for are read; None: all

    def wants(self, year: int, asked: int) -> bool:
        """Whether the file of `year` (0: of all years) is read when `asked` is asked for (0: every year)."""
        if not year or not asked or self.years_back is None:
            return True
        return asked - self.years_back <= year <= asked

    def mark(self, year: int) -> str:
        """Decimal mark of the file of `year`."""
        return next(d["mark"] for d in self.decimal if applies(d, year))

    @property
    def needed(self) -> set[str]:
        """Fields without which the file can't be read."""
        if self.optional:
            return set()
        rules = [*self.columns.values(), *(e["when"] for e in self.exclude)]
        return set().union(*(slots(r) for r in rules)) & set(self.fields)

    def files(self, folder: Path) -> list[tuple[int, Path]]:
        """Files of the series that are there, with their year (0 where the pattern has none)."""
        if not self.pattern:
            return []
        shape = re.compile(
            re.escape(self.pattern).replace(re.escape("{year}"), r"(\d{4})").replace(r"\*", "[^/]*")
        )
        found = []
        for path in sorted(folder.glob(self.pattern.replace("{year}", "*"))):
            hit = shape.fullmatch(path.relative_to(folder).as_posix())
            year = int(hit[1]) if hit and hit.groups() else 0
            if hit and (not year or self.first <= year <= self.last):
                found.append((year, path))
        return found


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file."""

    name: str
    series: tuple[Series, ...]
    currency: str = "CNY"
    encodings: tuple[str, ...] = ()
    separator: str = ""
    relax: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    lineage: dict | None = None
    about: dict[str, str] = field(default_factory=dict)
    year_begins: int = 1


def applies(rule: dict, year: int) -> bool:
    """Whether a rule with `from` and `until` (both optional, both inclusive) holds in `year`."""
    return rule.get("from", 0) <= year <= rule.get("until", 9999) or not year


def _fault(path: Path, found: str, expected: str) -> DataError:
    return DataError("reading.mapping_fault", file=path.name, found=found, expected=expected)


def _series(path: Path, spec: dict, top: dict) -> Series:
    table = declared_tables().get(spec.get("table", ""))
    if table is None:
        raise _fault(path, f"table = {spec.get('table')!r}", ", ".join(declared_tables()))
    if unknown := set(spec) - _FILE_KEYS:
        raise _fault(path, ", ".join(sorted(unknown)), ", ".join(sorted(_FILE_KEYS)))
    if unknown := set(spec.get("columns", {})) - set(table.names):
        raise _fault(path, ", ".join(sorted(unknown)), ", ".join(table.names))
    scale = factor(spec.get("unit", top.get("unit", "")))
    if scale is None:
        raise _fault(
            path, f"unit = {spec.get('unit', top.get('unit', ''))!r}", "元, 万元, 亿元, EUR, thousand EUR …"
        )
    fields = {k: tuple([v] if isinstance(v, str) else v) for k, v in spec.get("fields", {}).items()}
    known = set(fields) | {"year"} | {n for rule in spec.get("lookup", []) for n in rule["take"]}
    for name, rule in spec.get("columns", {}).items():
        if missing := slots(rule) - known:
            raise _fault(path, f"{name} = … {{{', '.join(sorted(missing))}}}", ", ".join(sorted(known)))
    return Series(
        table.name, spec.get("columns", {}), spec.get("pattern", ""), fields, spec.get("pad", {}),
        tuple(spec.get("decimal", [{"mark": "."}])), tuple(spec.get("exclude", [])), tuple(spec.get("subtract", [])),
        spec.get("names"), tuple(spec.get("rows", [])), spec.get("merge", "") == "sum", spec.get("sheet", ""),
        scale, spec.get("from", 0), spec.get("until", 9999), tuple(spec.get("lookup", [])),
        spec.get("optional", False), spec.get("years_back"),
    )  # fmt: skip


def load_mapping(path: Path) -> Mapping:
    """The mapping declared in the TOML file at `path`; DataError if it declares what there is not."""
    try:
        spec = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DataError("reading.no_file", file=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault(path, str(error), "TOML, UTF-8") from None
    if unknown := set(spec) - _TOP_KEYS:
        raise _fault(path, ", ".join(sorted(unknown)), ", ".join(sorted(_TOP_KEYS)))
    about = {lang: spec[f"about_{lang}"] for lang in ("zh", "en") if f"about_{lang}" in spec}
    begins = spec.get("year_begins", 1)
    if not isinstance(begins, int) or not 1 <= begins <= 12:
        raise _fault(path, f"year_begins = {begins!r}", "1 … 12")
    series = tuple(_series(path, one, spec) for one in spec.get("file", []))
    return Mapping(
        path.stem, series, spec.get("currency", "CNY"), tuple(spec.get("encodings", ())),
        spec.get("separator", ""), tuple(spec.get("relax", ())), tuple(spec.get("off", ())), spec.get("lineage"),
        about, begins,
    )  # fmt: skip
