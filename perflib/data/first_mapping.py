"""A first mapping to edit, from a look at a file or a folder: its fields, and what they may be."""

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from perflib.data.contract import table
from perflib.data.errors import DataError
from perflib.data.fields import text_of, trimmed
from perflib.data.files import KNOWN, Grid, read_grids
from perflib.data.header import factor
from perflib.data.packed import ENDINGS, read_json
from perflib.data.patterns import YEARS
from perflib.data.periods import fiscal_month, fiscal_year
from perflib.data.problems import letter
from perflib.data.text import say
from perflib.data.units import SIGNS, plain, scale_of

WORDS = {
    "month": "month mes miesiac mesic bulan 月份 月",
    "year": "fiscalyear year ejercicio exercic esercizio anio ano anno jahr rok tahun 年度 年",
    "executed": "executed expended spent spending actual paid payment expenditure outturn realis realiz mandat devengad ejecut "
    "ejercid obligad obligacion oblreconoc paga pago paye gastado skutecn wykonan liquid ist 执行 支出 決算 决算 実績",
    "initial_budget": "initial original adopted enacted approved aprob aprov inicial inizial pia schvalen poczatk soll ansatz 年初 当初 原預算",
    "adjusted_budget": "adjusted revised final current amended modified modificad corrigid atualizad pim definitiv vigente upraven pozmian "
    "全年预算 调整后 現額 budget presupuest anggaran rozpocet plan pagu 予算 预算 預算",
    "name": "projectname description title descripcion descrizion libelle label bezeichnung uraian nombre nazev nazwa nama name akun 名称 名稱 事業名",
    "department": "department dept office agency organi centro seccion settore dinas ministry 部门 主管 局",
    "district": "district ward borough region distrito dzielnica kecamatan county municipality municipio comune 区划 区县 区",
    "project": "projectcode projectid code codigo codice cod kod kode id programme program 代码 编号 番号",
}
CODES = (
    "code codigo codice cod kod kode id number no nr num year ejercicio ano anno jahr rok 代码 编号 番号 编码"
)
NUMBERS = ("executed", "initial_budget", "adjusted_budget")
ENCODINGS = ("cp1252", "cp1250", "shift_jis", "big5")
_NUMBER = re.compile(
    rf"[-+(△▲]*(?:{SIGNS}|[A-Z]{{3}})?\.?\s*[-(]?[\d.,\s'’]*\d\)?\s?(?:%|{SIGNS}|[A-Z]{{0,3}})\)?",
    re.IGNORECASE,
)
_YEAR = re.compile(rf"(?<!\d)(?:{YEARS[0]}|{YEARS[1]})(?!\d)|(?<=\bFY)\d\d(?!\d)|{YEARS[2]}")
_FILE_YEAR = re.compile(rf"(?<!\d)(?:{YEARS[0]}|{YEARS[1]})(?!\d{{3}})|{YEARS[2]}")
_MONTH = re.compile(r"[^\W\d_]{3,}")
LOOKED_AT = 200  # rows that are looked at


@dataclass
class Look:
    """What one look at a file found."""

    file: str
    pattern: str
    grid: Grid
    head: int
    # field → label, with {year} or {month} where columns repeat
    labels: dict[str, str] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)
    distinct: dict[str, int] = field(default_factory=dict)  # values among the rows looked at
    roles: dict[str, str] = field(default_factory=dict)  # our column → field
    money: list[str] = field(default_factory=list)  # fields of amounts
    sheets: list[str] = field(default_factory=list)
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
        look.sheets = _sheets(grids, look)
    _name_fields(look)
    look.decimal = _decimal(look)
    _guess(look)
    return look


def _sheets(grids: list[Grid], look: Look) -> list[str]:
    """The sheets that have the header of the largest: as one pattern where their names tell years or months."""
    head = _labels(look.grid.cells, look.head)[0]
    alike = [g.sheet for g in grids if g.cells.size and _labels(g.cells, _head(g.cells))[0] == head]
    year = "*" if "{year}" in look.pattern else "{year}"
    general = {_YEAR.sub(year, _MONTH.sub(_month, name), count=1) for name in alike}
    one = next(iter(general))
    return [one] if len(general) == 1 and len(alike) > 1 and set(one) - set("* ") else alike


def _month(word: re.Match) -> str:
    return "{month}" if fiscal_month(word[0]) else word[0]


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
                shares[name] = sum(c.isalpha() or c in "£€" for c in foreign) / len(foreign)
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
        name = _series(path.relative_to(place).as_posix())
        groups.setdefault(_MONTH.sub(_month, name) if "{year}" in name else name, []).append(path)
    pattern = max(groups, key=lambda p: (len(groups[p]), sum(f.stat().st_size for f in groups[p])))
    return groups[pattern][-1], pattern


def _series(name: str) -> str:
    return re.sub(r"(?<={year})(?:0[1-9]|1[0-2])(?=\D)", "{month}", _FILE_YEAR.sub("{year}", name, count=1))


def _from_frame(grid: Grid) -> Grid:
    head = np.array(grid.frame.columns, dtype=object)
    grid.cells = np.vstack([head, grid.frame.head(LOOKED_AT).astype(object)])
    return grid


def _head(cells: np.ndarray) -> int:
    """The first row with as many texts as any, under which numbers stand; the row above it where labels repeat."""
    words = [[c for c in row if isinstance(c, str) and c.strip()] for row in cells[:40]]
    texts = [sum(not _is_number(word) for word in row) for row in words]
    most = max(texts, default=0)
    row = next((r for r, n in enumerate(texts) if n * 2 > most and n > 1), 0)
    labels = [c for c in cells[row] if c not in ("", None)]
    return row - 1 if row and texts[row - 1] > 1 and len(set(labels)) < len(labels) else row


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or bool(_NUMBER.fullmatch(str(cell).strip()))


def _bears(label: str, words: str) -> list[str]:
    """Which of `words` the label bears: short ones as a word of its own, others as the beginning of one."""
    whole, tokens = plain(label), plain_words(label).split()

    def is_there(word: str) -> bool:
        if (not word.isascii() and plain(word) in whole) or (len(word) > 5 and word in whole):
            return True
        return word in tokens or (len(word) > 3 and any(token.startswith(word) for token in tokens))

    return list(filter(is_there, words.split()))


def _name_fields(look: Look) -> None:
    cells, (labels, first) = look.grid.cells, _labels(look.grid.cells, look.head)
    numbers = sum(_is_number(c) and fiscal_year(c) is None for c in labels if c)
    if 2 * numbers > len([c for c in labels if c]):  # no header: the columns go by their number
        labels, first, look.head = [f"#{at + 1}" for at in range(len(labels))], look.head, -1
    monthly = Counter(_MONTH.sub(_month, label) for label in labels)
    for at, label in enumerate(labels):
        month = _MONTH.sub(_month, label)
        general = _YEAR.sub("{year}", month if monthly[month] > 1 else label, count=1)
        if not label or general in look.labels.values():
            continue
        ascii_name = re.sub(r"[^a-z0-9]+", "_", plain_words(general)).strip("_") or f"c{at + 1}"
        name = ascii_name if not ascii_name[0].isdigit() else f"c{at + 1}"
        name = "amount" if name in ("year", "month") and "{" in general else name
        while name in look.labels:
            name += "_2"
        look.labels[name] = general
        values = [c for c in cells[first : first + LOOKED_AT, at] if c != "" and c is not None]
        distinct = list(dict.fromkeys(trimmed(np.array(values, object))[0]))
        look.samples[name], look.distinct[name] = distinct[:4], len(distinct)
        unit = re.search(r"[(（\[]([^()（）\[\]]+)[)）\]]\s*$", label)
        if unit and (factor(unit[1]) or scale_of(unit[1])) and not look.unit:
            look.unit = unit[1]


def _labels(cells: np.ndarray, row: int) -> tuple[list[str], int]:
    """Labels of the columns, with the head above them where the header has two rows; the first row of data."""
    upper = [text_of(c) for c in cells[row]]
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
    parts = re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", label)
    return " ".join(w for w in (re.sub(r"[^a-z0-9]", "", plain(part)) for part in parts) if w)


def _decimal(look: Look) -> str:
    if look.grid.is_typed:
        return "."
    texts = [re.sub(r"[^\d.,-]", "", t) for v in look.samples.values() for t in v if _is_number(t)]
    commas = sum(bool(re.fullmatch(r"-?[\d.]*\d,\d{1,2}", t)) for t in texts)
    points = sum(bool(re.fullmatch(r"-?[\d,]*\d\.\d{1,2}", t)) for t in texts)
    return "," if commas > points else "."


def _guess(look: Look) -> None:
    """Which field each of our columns may be, by the words of its label; money only where numbers stand.

    The code and the name that tell most rows apart are the project's; a department is rather a text.
    """
    order = list(look.labels)
    look.money = [n for n in order if _is_money(look, n)]
    for column, words in WORDS.items():
        free = [n for n in order if n not in look.roles.values() and (n in look.money) == (column in NUMBERS)]
        found = {n: hits for n in free if (hits := _bears(re.sub(r"{\w+}", "", look.labels[n]), words))}
        if column == "name" and not found:
            texts = [n for n in free if not all(map(_is_number, look.samples[n]))]
            found = {n: [] for n in texts if look.distinct[n] > 1}
        if not found:
            continue
        if column in ("name", "project"):
            best = max(found, key=lambda n: (look.distinct[n], order.index(n)))
        elif column == "department":
            best = min(found, key=lambda n: all(map(_is_number, look.samples[n])))
        else:
            best = min(found, key=lambda n: words.split().index(found[n][0]))
        look.roles[column] = best


def _is_money(look: Look, name: str) -> bool:
    values, label = look.samples[name], look.labels[name]
    is_number = 2 * sum(map(_is_number, values)) > len(values)
    is_code = all(re.fullmatch(r"0\d+|\d{1,8}", v) for v in values)
    is_amount = any(_bears(label, WORDS[n]) for n in NUMBERS) or "{" in label
    plain_label = re.sub(r"{\w+}", "", label)
    return is_number and (is_amount or not is_code) and not _bears(plain_label, CODES) and "%" not in label


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
    sheets = ", ".join(map(_quoted, look.sheets))
    lines += [f"sheet = {sheets if len(look.sheets) == 1 else f'[{sheets}]'}"] if sheets else []
    lines += ["header = 0"] if look.head < 0 else []
    lines += [f'decimal = "{look.decimal}"'] if look.decimal == "," else []
    first = next(iter(look.labels), "name")
    lines += [note("exclude"), f'# exclude = [{{ reason = "totals_row", when = {{ {first} = "Tot*" }} }}]']
    lines += ["", "[file.fields]  " + note("fields")]
    for row, at in np.argwhere(look.grid.cells[: max(look.head, 0)] != "")[:4]:
        text = str(look.grid.cells[row, at] or "").strip().replace("\n", " ")
        if text:
            lines += [f'# title_{letter(at).lower()}{row + 1} = "#{letter(at)}{row + 1}"  # {text[:60]}']
    for name, label in look.labels.items():
        shown = " | ".join(v[:24].replace("\n", " ") for v in look.samples[name])
        lines.append(f"{name} = {_quoted(label)}  # {shown}".rstrip(" #"))
    lines += ["", "[file.columns]  " + note("columns")]
    return "\n".join([*lines, *_columns(look, lang, note)]) + "\n"


def _columns(look: Look, lang: str, note) -> list[str]:
    holes = {h for label in look.labels.values() for h in re.findall(r"\{(\w+)\}", label)}
    holes |= set(re.findall(r"\{(\w+)\}", look.pattern + "".join(look.sheets)))
    out = []
    for column in ("district", "year", "project", "name", "department", *NUMBERS[1:], "executed"):
        name = look.roles.get(column)
        label = table("projects")[column]
        if column == "year" and "year" in holes:
            out.append('year = "{year}"')
        elif name:
            out.append(f'{column} = "{{{name}}}"')
        elif column == "project" and "name" in look.roles:
            out.append(f'project = "{{{look.roles["name"]}}}"  {note("no_code")}')
        elif column in ("district", "year", "project", "name"):
            out.append(f'{column} = ""  {note("state")}')
        else:
            free = [n for n in look.money if n not in look.roles.values()] if column in NUMBERS else []
            likely = max(free, key=look.distinct.get, default="…")
            out.append(f'# {column} = "{{{likely}}}"  # {label.label(lang)}')
    if "month" in holes:
        out.append(note("months"))
    return out
