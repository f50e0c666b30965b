"""A first mapping to edit, from a look at a file or a folder: its fields, and what they may be."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from perflib.data.contract import table
from perflib.data.errors import DataError
from perflib.data.files import KNOWN, Grid, read_grids
from perflib.data.header import factor
from perflib.data.packed import ENDINGS, read_json
from perflib.data.patterns import YEARS
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.text import say
from perflib.data.units import plain, scale_of

WORDS = {
    "month": "month mes miesiac mesic bulan 月份 月",
    "year": "fiscalyear year ejercicio exercic esercizio anio ano rok tahun 年度 年",
    "executed": "executed expended spent spending actual paid payment expenditure outturn realis realiz mandat devengad ejecut "
    "obligad obligacion oblreconoc pagado pagato paye gastado skutecn wykonan liquid 执行 支出 決算 决算 実績",
    "initial_budget": "initial original adopted enacted approved inicial inizial pia schvalen poczatk 年初 当初",
    "adjusted_budget": "adjusted revised final current amended modified atualizad pim definitiv vigente upraven pozmian 全年预算 "
    "调整后 現額 budget presupuest anggaran rozpocet plan pagu 予算 预算",
    "name": "projectname description title descripcion descrizion libelle uraian nombre nazev nazwa nama name akun 名称 事業名",
    "department": "department dept office agency organi centro seccion settore dinas ministry 部门 主管 局",
    "district": "district ward borough region distrito dzielnica kecamatan county municipality 区划 区县 区",
    "project": "projectcode projectid code codigo codice cod kod kode id programme program 代码 编号 番号",
}
NUMBERS = ("executed", "initial_budget", "adjusted_budget")
ENCODINGS = ("cp1252", "cp1250", "shift_jis", "big5")
_YEAR = re.compile(rf"(?<!\d)(?:{YEARS[0]}|{YEARS[1]})(?!\d)|(?<=\bFY)\d\d(?!\d)|{YEARS[2]}")
LOOKED_AT = 200  # rows that are looked at


@dataclass
class Look:
    """What one look at a file found."""

    file: str
    pattern: str
    grid: Grid
    head: int
    labels: dict[str, str] = field(
        default_factory=dict
    )  # field → label, with {year} or {month} where columns repeat
    samples: dict[str, list[str]] = field(default_factory=dict)
    distinct: dict[str, int] = field(default_factory=dict)  # values among the rows looked at
    roles: dict[str, str] = field(default_factory=dict)  # our column → field
    sheet: str = ""
    unit: str = ""
    decimal: str = "."


def first_mapping(place: Path, lang: str) -> str:
    """Text of a first mapping for the file (or the files of the folder) at `place`; DataError if none can be read."""
    return _written(look_at(place), lang)


def look_at(place: Path) -> Look:
    """The header, the fields and the guesses of the file at `place`; of a folder, of its largest series."""
    path, pattern = _choose(place)
    grids = read_json(path) if path.suffix.lower() in ENDINGS else _grids(path)
    grids = [g if g.frame is None else _from_frame(g) for g in grids]
    grid = max((g for g in grids if g.cells.size), key=lambda g: g.cells.size, default=None)
    if grid is None:
        raise DataError("reading.empty_file", file=path.name)
    look = Look(path.name, pattern, grid, _head(grid.cells))
    if len(grids) > 1:
        years = [g.sheet for g in grids if _YEAR.search(g.sheet)]
        look.sheet = _YEAR.sub("{year}", years[0], count=1) if len(years) > 1 else grid.sheet
    _name_fields(look)
    look.decimal = _decimal(look)
    _guess(look)
    return look


def _grids(path: Path) -> list[Grid]:
    """The sheets of a file; of a text in none of the usual encodings, by the one that makes most letters of it."""
    try:
        return read_grids(path)
    except DataError as error:
        if error.key != "reading.encoding":
            raise
        content, shares = path.read_bytes(), {}
        for name in ENCODINGS:
            with suppress(UnicodeDecodeError):
                foreign = [c for c in content.decode(name) if not c.isascii()]
                shares[name] = sum(map(str.isalpha, foreign)) / len(foreign)
        if not shares:
            raise
        return read_grids(path, (max(shares, key=shares.get),))


def _choose(place: Path) -> tuple[Path, str]:
    if place.is_file():
        return place, _series(place.name)
    files = [p for p in sorted(place.rglob("*")) if p.suffix.lower() in (*KNOWN, *ENDINGS) and p.is_file()]
    if not files:
        raise DataError("reading.no_file", file=str(place))
    groups: dict[str, list[Path]] = {}
    for path in files:
        groups.setdefault(_series(path.relative_to(place).as_posix()), []).append(path)
    pattern = max(groups, key=lambda p: (len(groups[p]), sum(f.stat().st_size for f in groups[p])))
    return groups[pattern][-1], pattern


def _series(name: str) -> str:
    return re.sub(r"(?<!\d)(?:19|20)\d\d(?!\d)", "{year}", name, count=1)


def _from_frame(grid: Grid) -> Grid:
    grid.cells = np.vstack(
        [np.array(grid.frame.columns, dtype=object), grid.frame.head(LOOKED_AT).astype(object)]
    )
    return grid


def _head(cells: np.ndarray) -> int:
    """The first row with as many texts as any, under which numbers stand."""
    texts = [
        sum(isinstance(c, str) and c.strip() != "" and not _is_number(c) for c in row) for row in cells[:40]
    ]
    most = max(texts[:40], default=0)
    return next((r for r, n in enumerate(texts) if n * 2 > most and n > 1), 0)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or bool(
        re.fullmatch(r"[-+(]?[$€£¥]?[\d.,\s]*\d\)?\s?(?:%|[a-zA-Z]{0,2})", str(cell))
    )


def _name_fields(look: Look) -> None:
    cells, (labels, first) = look.grid.cells, _labels(look.grid.cells, look.head)
    seen: set[str] = set()
    for at, label in enumerate(labels):
        if not label:
            continue
        general = _general(label)
        if general in look.labels.values():
            continue
        ascii_name = re.sub(r"[^a-z0-9]+", "_", plain_words(general)).strip("_") or f"c{at + 1}"
        name = ascii_name if not ascii_name[0].isdigit() else f"c{at + 1}"
        while name in seen:
            name += "_2"
        seen.add(name)
        look.labels[name] = general
        values = [c for c in cells[first : first + LOOKED_AT, at] if c != "" and c is not None]
        distinct = list(dict.fromkeys(str(v) for v in values))
        look.samples[name], look.distinct[name] = distinct[:4], len(distinct)
        unit = re.search(r"[(（\[]([^()（）\[\]]+)[)）\]]\s*$", label)
        if unit and (factor(unit[1]) or scale_of(unit[1])) and not look.unit:
            look.unit = unit[1]


def _labels(cells: np.ndarray, row: int) -> tuple[list[str], int]:
    """Labels of the columns, with the head above them where the header has two rows; the first row of data."""
    upper = [str(int(c)) if isinstance(c, float) and c.is_integer() else str(c).strip() for c in cells[row]]
    lower = cells[row + 1] if row + 1 < len(cells) else []
    is_double = any(str(c).strip() and not u for c, u in zip(lower, upper, strict=False))
    if not is_double or any(_is_number(c) for c in lower if c != "" and fiscal_year(c) is None):
        return upper, row + 1
    out, above = [], ""
    for up, low in zip(upper, lower, strict=True):
        above = up or above
        low = str(low).strip()
        out.append(f"{above} / {low}" if low and above else low or up)
    return out, row + 2


def plain_words(label: str) -> str:
    """`label` in small letters without accents, words apart."""
    return " ".join(
        w for w in (re.sub(r"[^a-z0-9]", "", plain(part)) for part in re.split(r"[\W_]+", label)) if w
    )


def _general(label: str) -> str:
    """The label with its year or month as a placeholder, so that columns that repeat are one field."""
    if _YEAR.search(label):
        return _YEAR.sub("{year}", label, count=1)
    for word in re.findall(r"[^\W\d_]{3,}", label):
        if fiscal_month(word) and fiscal_year(word) is None and len(plain(label)) > len(plain(word)) - 1:
            return label.replace(word, "{month}", 1)
    return label


def _decimal(look: Look) -> str:
    if look.grid.is_typed:
        return "."
    texts = [t for values in look.samples.values() for t in values]
    commas = sum(bool(re.fullmatch(r"-?[\d.]*\d,\d{1,2}", t)) for t in texts)
    points = sum(bool(re.fullmatch(r"-?[\d,]*\d\.\d{1,2}", t)) for t in texts)
    return "," if commas > points else "."


def _guess(look: Look) -> None:
    """Which field each of our columns may be, by the words of its label; money only where numbers stand."""
    taken: set[str] = set()
    for column, words in WORDS.items():
        found = [
            name
            for word in words.split()
            for name, label in look.labels.items()
            if name not in taken
            and plain(word) in plain(label.replace("{year}", "").replace("{month}", ""))
            and _is_money(look, name) == (column in NUMBERS)
        ]
        if found:  # a code tells projects apart: the one of most values is it
            best = max(found, key=look.distinct.get) if column == "project" else found[0]
            look.roles[column] = best
            taken.add(best)


def _is_money(look: Look, name: str) -> bool:
    values = look.samples[name]
    is_number = 2 * sum(map(_is_number, values)) > len(values)
    is_code = all(re.fullmatch(r"0\d+|\d{1,8}(?:\.0)?", v) for v in values)
    words = plain(look.labels[name])
    is_amount = any(plain(w) in words for n in NUMBERS for w in WORDS[n].split())
    return is_number and (is_amount or not is_code)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _written(look: Look, lang: str) -> str:
    def note(key: str, **fields) -> str:
        return "# " + say(f"first_mapping.{key}", lang, **fields)

    has_yuan = "元" in look.unit
    lines = [
        note("top", file=look.file),
        f'currency = "{"CNY" if has_yuan else ""}"  {note("currency")}',
        f"unit = {_quoted(look.unit)}  {note('unit')}",
    ]
    if look.grid.encoding not in ("", "utf-8", "utf-8-bom"):
        lines.append(f"encodings = [{_quoted(look.grid.encoding)}]  {note('encodings')}")
    lines += ["", "[[file]]", 'table = "projects"', f"pattern = {_quoted(look.pattern)}  {note('pattern')}"]
    lines += [f"sheet = {_quoted(look.sheet)}"] if look.sheet else []
    lines += [f'decimal = "{look.decimal}"'] if look.decimal == "," else []
    first = next(iter(look.labels), "name")
    lines += [
        note("exclude"),
        f'# exclude = [{{ reason = "totals_row", when = {{ {first} = "Tot*" }} }}]',
        "",
    ]
    lines += ["[file.fields]  " + note("fields")]
    for name, label in look.labels.items():
        shown = " | ".join(v[:24].replace("\n", " ") for v in look.samples[name])
        lines.append(f"{name} = {_quoted(label)}  # {shown}".rstrip(" #"))
    lines += ["", "[file.columns]  " + note("columns")]
    return "\n".join([*lines, *_columns(look, lang, note)]) + "\n"


def _columns(look: Look, lang: str, note) -> list[str]:
    holes = {h for label in look.labels.values() for h in re.findall(r"\{(\w+)\}", label)}
    holes |= set(re.findall(r"\{(\w+)\}", look.pattern + look.sheet))
    out = []
    for column in ("district", "year", "project", "name", "department", *NUMBERS[1:], "executed"):
        name = look.roles.get(column)
        label = table("projects")[column]
        if column == "year" and "year" in holes:
            out.append('year = "{year}"')
        elif name:
            out.append(f'{column} = "{{{name}}}"')
        elif column in ("district", "year"):
            out.append(f'{column} = ""  {note("state")}')
        elif column == "project" and "name" in look.roles:
            out.append(f'project = "{{{look.roles["name"]}}}"  {note("no_code")}')
        else:
            out.append(f'# {column} = "{{…}}"  # {label.label(lang)}')
    if "month" in holes:
        out.append(note("months"))
    return out
