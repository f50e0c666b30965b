"""Filled forms of one project each, read by their layouts into projects, indicators and evaluations."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import read_number
from perflib.data.columns import own_piece
from perflib.data.contract import table
from perflib.data.documents import read_document
from perflib.data.errors import DataError
from perflib.data.files import BOOKS, Grid, read_grids, readable
from perflib.data.form_layout import Layout, layouts, read_layout
from perflib.data.header import factor
from perflib.data.marks import PERCENT
from perflib.data.piece import Piece
from perflib.data.stack import made_code
from perflib.data.whole import sha256
from perflib.data.words import normal as plain_words

WORD = (".docx",)
LEAST = 6  # words of a layout that a sheet must have to be such a form
MOST_WAN = 500_000  # an amount above this in a form headed 万元 is one in 元: five thousand million
PLAIN = ("level1", "level2", "indicator_name", "target", "target_number", "target_unit", "sign", "actual",
         "actual_number", "weight", "indicator_score")  # fmt: skip
TICKS = ("√", "✓", "✔", "是", "1", "1.0")
TABLES = ("projects", "indicators", "evaluations")
normal = cache(plain_words)
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年度?")
_CODED = re.compile(r"([0-9A-Za-z]{8,})\s*[-—－_:： ]\s*(\S.*)")
_FILLER = re.compile(r"(?:指标\d*[:：]?|[…\.·]+|无|—+|-+|/)?")
_NUMBERED = re.compile(r"指标\d+[:：]\s*")
_TARGET = re.compile(
    r"([≥≤=＝><＞＜>]|大于等于|小于等于|不少于|不低于|不超过|不高于|等于)?\s*(-?[\d,，]+(?:\.\d+)?)\s*([^\d\s]{0,8})"
)
_FILE_FAULTS = {
    "reading.password": "form_locked",
    "reading.old_word": "form_old_word",
    "forms.no_form": "form_unknown",
}
_SIGNS = {"≥": "at_least", "大于等于": "at_least", "不少于": "at_least", "不低于": "at_least", ">": "at_least",
          "≤": "at_most", "小于等于": "at_most", "不超过": "at_most", "不高于": "at_most", "<": "at_most",
          "=": "equal", "等于": "equal", "定性": "qualitative"}  # fmt: skip


def read_forms(
    files: Sequence[Path], *, kinds: Sequence[str] = ("self_evaluation",)
) -> tuple[list[Piece], list[pd.DataFrame]]:
    """Pieces of `projects`, `indicators` and `evaluations` out of filled forms, and the problems of files.

    Layout files (.toml) beside the forms go before those that ship. Every row knows its file, sheet and row; a file
    that can't be read, is a form of none of `kinds` or holds two projects is a problem of its own, and none is dropped.
    """
    known = _layouts_of(files)
    rows: dict[str, list[dict]] = {name: [] for name in TABLES}
    notes: list[dict] = []
    for path in files:
        try:
            forms = _find_forms(path, known)
            if any(form.layout.of not in kinds for form in forms):
                raise DataError("forms.no_form", file=readable(path.name))
        except DataError as error:
            rule = _FILE_FAULTS.get(error.key, "form_damaged")
            notes.append({"rule": rule, "severity": "error", "file": readable(path.name)})
            continue
        for form in forms:
            about = {"_file": form.grid.file, "_sheet": form.grid.sheet, "_sha": form.grid.sha256}
            for name, found in form.read(notes).items():
                rows[name] += [{**row, **about} for row in found]
    return [_piece(name, found, files) for name, found in rows.items() if found], _reported(notes)


def has_forms(files: Sequence[Path]) -> bool:
    """Whether any of the first files is a form that a layout knows."""
    known = _layouts_of(files)
    for path in files[:20]:
        try:
            return bool(_find_forms(path, known))
        except DataError:
            continue
    return False


def _layouts_of(files: Sequence[Path]) -> list[Layout]:
    """Layouts of forms about one project: those in the files' folder, then those that ship. A mapping is none."""
    places = sorted({file.parent for file in files})
    beside = [path for place in places for path in sorted(place.glob("*.toml"))]
    own = [read_layout(path) for path in beside if re.search(rb"(?m)^of\s*=", path.read_bytes())]
    return [layout for layout in (*own, *layouts().values()) if layout.rows]


def _find_forms(path: Path, known: Sequence[Layout]) -> list["_Form"]:
    """The sheets (of a Word file, the tables) of `path` that are forms, each by the layout that fits it best."""
    if path.suffix.lower() in WORD:
        blocks = read_document(path)
        grids = [b.grid for b in blocks if b.grid is not None]
        title = " ".join(b.text for b in blocks if b.text)
    else:
        grids, title = read_grids(path), ""
    tries = ([_Form(grid, layout, title) for layout in known] for grid in grids if grid.cells.size)
    best = [max(forms, key=lambda f: f.score) for forms in tries]
    if found := [form for form in best if form.score >= LEAST]:
        return found
    raise DataError("forms.no_form", file=readable(path.name))


def _reported(notes: list[dict]) -> list[pd.DataFrame]:
    """Notes as reports, those of one rule and column together."""
    blank = {"file": "", "sheet": "", "row": pd.NA, "cell": "", "found": "", "expected": ""}
    kinds: dict[tuple, list[dict]] = {}
    for note in notes:
        about = (note["rule"], note["severity"], note.get("table", "projects"), note.get("column", ""))
        kinds.setdefault(about, []).append(blank | note)
    return [problems.report(*about, count=len(own), **{c: [n[c] for n in own] for c in blank})
            for about, own in kinds.items()]  # fmt: skip


class _Form:
    """One filled form: where each word of its layout stands, and what stands beside it."""

    def __init__(self, grid: Grid, layout: Layout, title: str = ""):
        self.grid, self.layout, self.cells, self.title = grid, layout, grid.cells, title
        self.words = layout.words
        self.at: dict[str, list[tuple[int, int]]] = {}
        for (row, column), value in np.ndenumerate(self.cells):
            if isinstance(value, str) and value:
                word = normal(value)
                if word in self.words:
                    self.at.setdefault(word, []).append((row, column))
        self.score = len(self.at)
        self.rate: float | None = None

    def read(self, notes: list[dict]) -> dict[str, list[dict]]:
        """Rows of each table, each value with its place; faults go to `notes`."""
        self.notes = notes
        names = self._beside("name", every=True)
        if len({str(v) for v, _ in names}) > 1:
            cells = ", ".join(_cell(at) for _, at in names)
            self._fault(
                "form_two_projects", "error", None, found="、".join(str(v) for v, _ in names), cell=cells
            )
            return {}
        if not names:
            self._fault("form_no_name", "error", None)
            return {}
        project = self._project(names[0])
        indicators = self._indicators(project)
        if self.layout.of == "monitoring":
            month = read_number(re.sub("[月末份]", "", self._text("month")))[0]
            if month not in range(1, 13):
                self._fault("form_no_month", "error", None, found=self._text("month"))
            return {"projects": [project], "indicators": [line | {"month": month} for line in indicators]}
        evaluation = self._evaluation(project, indicators)
        return {"projects": [project], "indicators": indicators, "evaluations": evaluation}

    def _fault(self, rule: str, severity: str, at, **fields) -> None:
        place = {"cell": _cell(at), "row": at[0] + 1} if at else {}
        where = {"file": self.grid.file, "sheet": self.grid.sheet}
        self.notes.append({"rule": rule, "severity": severity, **where, **place, **fields})

    def _project(self, name: tuple) -> dict:
        text, at = str(name[0]).strip(), name[1]
        coded = _CODED.fullmatch(text)
        row = {"name": coded[2].strip() if coded else text, "_row": at[0] + 1, "year": self._year()}
        row["project"] = coded[1] if coded else self._text("project")
        row |= {"department": self._text("department"), "unit": self._text("unit")}
        row |= self._money(at)
        if not row["project"]:  # told by `code_made`, as of any other table
            owner = row["unit"] or row["department"] or row["name"]
            row |= {"project": made_code(owner, row["name"]), "is_code_made": True}
        return row

    def _year(self) -> int | None:
        head = [str(c) for c in self.cells[:4].ravel() if isinstance(c, str)]
        hit = _YEAR.search(" ".join([*head, self.title]))
        return int(hit[1]) if hit else None

    def _text(self, name: str) -> str:
        found = self._beside(name)
        return str(found[0][0]).strip() if found else ""

    def _beside(self, name: str, *, every: bool = False) -> list[tuple]:
        """(value, place) to the right of a label, or behind it in its own cell; the first or every one."""
        found = []
        for word in (normal(w) for w in self.layout.labels.get(name, ())):
            for row, column in self.at.get(word, ()):
                right = [(v, (row, c)) for c, v in enumerate(self.cells[row]) if c > column and not _blank(v)]
                if right and normal(right[0][0]) not in self.words:
                    found.append(right[0])
            if not found:
                found += self._inside(word)
            if found and not every:
                return found[:1]
        return found

    def _inside(self, word: str) -> list[tuple]:
        """Values that stand in the label's own cell: 项目名称：道路养护."""
        out = []
        for (row, column), value in np.ndenumerate(self.cells):
            is_it = isinstance(value, str) and normal(value).startswith(word)
            if is_it and re.match(r"[^:：]{2,12}[:：]\s*\S", value):
                out.append((re.split("[:：]", value, maxsplit=1)[1].strip(), (row, column)))
        return out

    def _heads(self, part: str, least: int) -> tuple[int, dict[str, int]]:
        """The row with most heads of `part`, and the column of each; heads in two rows stand in that or the next."""
        best: tuple[int, dict[str, int]] = (-1, {})
        below: dict[str, int] = {}
        for row in range(len(self.cells))[::-1]:
            found: dict[str, int] = {}
            for column, value in enumerate(self.cells[row]):
                word = normal(value) if isinstance(value, str) else ""
                for name, words in getattr(self.layout, part).items():
                    if word and name not in found and word in map(normal, words):
                        found[name] = column
            if len(found) >= max(least, len(best[1])):
                best = (row, below | found)
            below = found
        return best

    def _money(self, at) -> dict:
        """The project's amounts in main units: of the total row or, where that says nothing, of the rows below it."""
        head, columns = self._heads("money", 2)
        scale, rows = self._scale(head), {}
        own = {normal(v): name for name, words in self.layout.sources.items() for v in words}
        names = [n for n in columns if n in table("projects").names]
        for row in range(head + 1, len(self.cells)) if head >= 0 else ():
            words = (normal(v) for v in self.cells[row] if isinstance(v, str))
            source = next((own[word] for word in words if word in own), "")
            if not source and rows:
                break
            if source:
                rows[source] = {n: self._amount(row, columns, n, scale) for n in names}
        total, parts = rows.pop("total", {}), list(rows.values())
        out = {}
        for name in names:
            known = [p[name] for p in parts if p[name] is not None]
            summed = round(sum(known), 2) if known else None
            value = total.get(name)
            if not value and summed:
                out[name], told = summed, ("form_total_zero" if value == 0 else "form_total_blank")
                meant = f"{summed / scale:g}"
                self._fault(told, "warning", (head + 1, columns[name]), column=name, expected=meant)
            else:
                out[name] = value
                if value and summed and abs(summed - value) > 0.005 * scale:
                    self._fault("form_total_differs", "warning", (head + 1, columns[name]), column=name,
                                found=f"{value / scale:g}", expected=f"{summed / scale:g}")  # fmt: skip
        self._check_size(out, scale, (max(head, 0) + 1, 0))
        self.rate = self._rate(head, columns)
        return out

    def _rate(self, head: int, columns: dict[str, int]) -> float | None:
        """The execution rate as the form tells it, a fraction; None where it tells none."""
        if "rate" not in columns or head + 1 >= len(self.cells):
            return None
        value, is_percent, _, is_bad = read_number(self._value(head + 1, columns["rate"]))
        if is_bad or value is None:
            return None
        return value if is_percent or value <= 1.5 else value / 100

    def _scale(self, head: int) -> float:
        """Main units of the form's amounts: as its heads say, else as the layout has it."""
        texts = [str(c) for c in self.cells[: head + 2].ravel() if isinstance(c, str)]
        for text in texts:
            hit = re.search(r"[（(:：]\s*(元|千元|万元|百万元|亿元)\s*[)）]?\s*$", text)
            if hit:
                return factor(hit[1])
        return self.layout.scale

    def _amount(self, row: int, columns: dict[str, int], name: str, scale: float) -> float | None:
        start = columns[name]
        end = min((c for c in columns.values() if c > start), default=self.cells.shape[1])
        for column in range(start, end):
            value = self.cells[row, column]
            if _blank(value) or (isinstance(value, str) and _FILLER.fullmatch(value.strip())):
                continue
            number, is_percent, own, is_bad = read_number(value)
            if is_bad or is_percent:
                self._fault("unreadable", "error", (row, column), column=name, found=str(value))
                return None
            return None if number is None else round(number * (own or scale), 2)
        return None

    def _check_size(self, amounts: dict, scale: float, at) -> None:
        """An amount in 元 in a form headed 万元: too large by itself, or ten thousand times the others."""
        known = {n: v for n, v in amounts.items() if v}
        if scale < 1000 or not known:
            return
        least = min(known.values())
        for name, value in known.items():
            if value / scale > MOST_WAN or value / least > 2000:
                self._fault("form_magnitude", "error", at, column=name, found=f"{value / scale:g}")

    def _indicators(self, project: dict) -> list[dict]:
        head, columns = self._heads("indicators", 3)
        out, above = [], {}
        for row in range(head + 1, len(self.cells)) if head >= 0 else ():
            texts = [v for v in self.cells[row] if isinstance(v, str) and v.strip()]
            if any(self.words.get(normal(v), ("", ""))[1] == "score" for v in texts):
                break
            value = {n: self._value(row, c) for n, c in columns.items()}
            name = str(value.get("indicator_name") or "").strip()
            above |= {k: str(value[k]).strip() for k in ("level1", "level2") if not _blank(value.get(k))}
            bare = _NUMBERED.sub("", name)
            if _FILLER.fullmatch(bare):
                continue
            line = {"subject": project["project"], "year": project["year"], "indicator": str(len(out) + 1), "name": bare,
                    "_row": row + 1, **above}  # fmt: skip
            told = [(n, str(v).strip()) for n, v in value.items() if n not in PLAIN and not _blank(v)]
            words = [v if n == "deviation" else self._ticked(n, v) for n, v in told]
            line["told"] = "；".join(words)
            out.append(line | self._goal(value, row, columns))
        return out

    def _ticked(self, name: str, words: str) -> str:
        """What stands below a head of its own (a box of reasons, an outlook), with that head; a tick says its head only."""
        head = self.layout.indicators[name][0]
        return head if words in TICKS else f"{head}：{words}"

    def _value(self, row: int, column: int) -> object:
        value = self.cells[row, column]
        if self.grid.marks.formats.get((row, column)) == PERCENT and isinstance(value, (int, float)):
            return f"{value * 100:g}%"
        return value

    def _goal(self, value: dict, row: int, columns: dict[str, int]) -> dict:
        """Target and actual as numbers where they are numbers, else as words; weight and marks."""
        words = value.get("target", value.get("target_number", ""))
        target, actual = goal_of(words), goal_of(value.get("actual", value.get("actual_number", "")))
        sign = _SIGNS.get(str(value.get("sign") or "").strip().translate({0xFF1D: "="}), target["sign"])
        out = {"direction": sign if target["number"] is not None else "qualitative",
               "unit": str(value.get("target_unit") or "").strip() or target["unit"] or None}  # fmt: skip
        out |= {"target": target["number"], "actual": actual["number"]}
        out |= {f"{k}_text": g["words"] for k, g in (("target", target), ("actual", actual))}
        if out["direction"] == "qualitative":
            out |= {"target": None, "actual": None}
            out |= {f"{k}_text": g["words"] or g["text"] for k, g in (("target", target), ("actual", actual))}
        for field, name in (("weight", "weight"), ("indicator_score", "score")):
            cell = "" if _blank(value.get(field)) else value[field]
            out[name], _, _, is_bad = read_number(cell)
            if is_bad:
                place = (row, columns[field])
                self._fault("unreadable", "error", place, table="indicators", column=name, found=str(cell))
        return out

    def _evaluation(self, project: dict, indicators: list[dict]) -> list[dict]:
        numbers = self._right_of_score()
        row = {"subject": project["project"], "year": project["year"], "kind": "self", "_row": project["_row"],
               "evaluator": project["unit"] or project["department"] or None, "note": self._text("conclusion") or None}  # fmt: skip
        weights = sum(line["weight"] or 0 for line in indicators)
        if indicators and round(weights, 2) not in (0, 90, 100):
            self._fault("form_weights", "warning", None, found=f"{weights:g}")
        row["reported_rate"] = self.rate
        if not numbers:
            return [row] if row["note"] else []
        value, at = numbers[-1]
        score = read_number(value)[0]
        if score is None or not 0 <= score <= 100:
            self._fault("unreadable", "error", at, table="evaluations", column="score", found=str(value))
            return []
        return [{**row, "score": score, "_row": at[0] + 1}]

    def _right_of_score(self) -> list[tuple]:
        """The numbers right of the total's label, in the column of marks where the indicators have one."""
        first = self._heads("indicators", 3)[1].get("indicator_score", 0)
        for word in (normal(w) for w in self.layout.labels.get("score", ())):
            for row, column in self.at.get(word, ())[::-1]:
                right = [(v, (row, c)) for c, v in enumerate(self.cells[row]) if c > column and c >= first]
                right = [(v, at) for v, at in right if not _blank(v)]
                if values := [r for r in right if not isinstance(r[0], str) or re.match(r"\s*-?\d", r[0])]:
                    return values
        return []


def goal_of(cell: object) -> dict:
    """What a cell of a form says of a goal: number, sign and unit, or words.

    >>> goal_of("≥50个") == {"number": 50.0, "sign": "at_least", "unit": "个", "words": None, "text": "≥50个"}
    True
    >>> goal_of("达成预期指标")["words"], goal_of("100%")["number"]
    ('达成预期指标', 100.0)
    """
    text = "" if _blank(cell) else (f"{cell:g}" if isinstance(cell, (int, float)) else str(cell).strip())
    bare = text.translate({0xFF1D: "=", 0xFF1E: ">", 0xFF1C: "<", 0xFF05: "%"})
    hit = _TARGET.fullmatch(bare)
    if hit is None:
        words = text or None
        return {"number": None, "sign": "qualitative", "unit": "", "words": words, "text": words}
    number, sign = float(re.sub("[,，]", "", hit[2])), _SIGNS.get(hit[1] or "", "at_least")
    return {"number": number, "sign": sign, "unit": hit[3], "words": None, "text": text}


def _blank(value: object) -> bool:
    return bool(pd.isna(value)) or (isinstance(value, str) and not value.strip())


def _cell(at: tuple[int, int]) -> str:
    return f"{problems.letter(at[1])}{at[0] + 1}"


def _piece(name: str, rows: list[dict], files: Sequence[Path]) -> Piece:
    """The rows of one table, typed as any other sheet's are; each knows its own file and row."""
    declared = table(name)
    names = [c for c in declared.names if any(r.get(c) is not None for r in rows)]
    told = {n: ["" if r.get(n) is None else r[n] for r in rows] for n in names}
    cells = {n: np.array(values, dtype=object) for n, values in told.items()}
    digest = sha256("".join(r["_sha"] for r in rows).encode())
    grid = Grid(readable(files[0].parent.name), "", np.empty((0, 0), object), digest, line_count=0)
    piece = own_piece(declared, grid, cells, np.array([r["_row"] for r in rows]), unit=1.0)
    piece.files = np.array([r["_file"] for r in rows], dtype=object)
    piece.told = [r.get("told") or "" for r in rows]
    piece.sheets = np.array([r["_sheet"] for r in rows], dtype=object)
    return piece


FORMS = (*BOOKS, *WORD)
