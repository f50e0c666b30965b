"""One concept, one number: what a whole report tells, and where two places of it differ.

What is told is a label, the scope that its row names (a department, a year) and a value. The report's own district and
year are no scope, so that a sentence about the year meets the row of that year in a table. Of projects with one name
nothing is compared.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pandas as pd

NUMBERS = ("money", "share", "count", "score", "points", "difference", "ratio", "places", "chance", "limit")
PARTS = {
    "owing": ("done",), "findings": ("closed", "overdue"), "n_findings": ("closed", "overdue"), "checked": ("faulty",),
    "before": ("mended",), "found_like": ("mended", "open"), "projects": ("counted", "defined"),
    "defined": ("below_line", "over_budget"), "quantities": ("attained",), "self_evaluated": ("full_marks",),
    "compared": ("outside",), "n_opinions": ("n_adopted",), "planned": ("done", "open"), "tested": ("claimed",),
    "districts": ("above", "below", "alike"), "population": ("drawn",), "flagged": ("failed_listed",),
    "departments": ("departments_below",), "invited": ("answered",), "low_rate": ("low_best",),
}  # fmt: skip
SHARES = {
    "rate": ("executed", "budget"), "closed_share": ("closed", "findings"), "faulty_share": ("faulty", "checked"),
    "attained_share": ("attained", "quantities"), "coverage_share": ("done", "owing"), "cut_rate": ("cut", "requested"),
    "full_marks_share": ("full_marks", "self_evaluated"), "moved_share": ("moved", "indicators"),
}  # fmt: skip
SUMS = {
    ("40 own", "executed"): {"executed": ("40 class", "40 departments", "90 heads", "90 classes")},
    ("40 spread", "below_line_unspent"): {"unspent": ("90 below_line",)},
    ("25 total", "checked"): {"checked": ("25 departments",)},
    ("25 total", "after"): {"after": ("25 rules", "25 departments")},
    ("50 totals", "self_evaluated"): {"self_evaluated": ("50 departments",)},
    ("75 scopes.all", "findings"): {"n_findings": ("75 mending", "90 mending")},
    ("75 scopes.all", "closed"): {"closed": ("75 mending", "90 mending")},
    ("75 scopes.all", "overdue"): {"overdue": ("75 mending", "90 mending")},
    ("75 scopes.all", "recovered"): {"recovered": ("75 mending", "90 mending")},
    ("75 plan", "take_back"): {"take_back": ("75 to_take_back",)},
    ("75 actions.compress", "adjusted_budget"): {"adjusted_budget": ("75 to_cut",)},
    ("80 pool", "executed"): {"executed": ("80 tiers", "90 districts")},
}  # fmt: skip
OF = {  # the part before the whole in English, after it in Chinese
    "zh": re.compile(
        r"(?P<of>[\d,]+)[个条处项名人][^，。；、（）\d]{0,12}中，?[^，。；、（）\d]{0,8}(?P<part>[\d,]+)[个条处项名人]"
    ),
    "en": re.compile(r"(?<![\d.])(?P<part>[\d,]+) of (?:the |its |all )?(?P<of>[\d,]+)(?![\d.,]*[\d%])"),
}


class Told(NamedTuple):
    """One value, where it stands and what it is of."""

    label: str
    scope: tuple[str, ...]
    value: float
    place: str


class Whole:
    """The chapters below `folder`: their facts, tables and words."""

    def __init__(self, folder: Path):
        self.chapters = [c for c in sorted((folder / "chapters").iterdir()) if (c / "chapter.json").is_file()]
        self.about = {c.name: json.loads((c / "chapter.json").read_text("utf-8")) for c in self.chapters}
        first = self.about[self.chapters[-1].name]
        self.lang = first["lang"]
        self.own = {"district_name": first["district_name"], "year": str(first["year"])}
        self.twice: set[str] = set()
        self.rows = list(self._rows())

    def _rows(self):
        """(place, {column: (label, unit, value)}) of each row of facts that sentences print, and of each table's row."""
        for chapter in self.chapters:
            found: dict[str, dict] = defaultdict(dict)
            for id, fact in json.loads((chapter / "facts.json").read_text("utf-8"))["facts"].items():
                row, _, column = id.rpartition(".")
                found[row][column] = (fact[f"label_{self.lang}"], fact["unit"], fact["value"])
            yield from ((f"{chapter.name[:2]} {row}", cells) for row, cells in found.items())
            for table in self.about[chapter.name]["tables"]:
                yield from self._table(chapter, table)

    def _table(self, chapter: Path, about: dict):
        frame = pd.read_csv(chapter / "tables" / f"{about['id']}.csv", dtype=str, encoding="utf-8-sig")
        names = about["columns"]
        units, heads = (dict(zip(names, about[key], strict=True)) for key in ("units", "heads"))
        words = sorted(c for c in names if units[c] not in NUMBERS)
        frame.columns = names
        again = frame.duplicated(words, keep=False) if words else pd.Series(len(frame) > 1, frame.index)
        for name in {"name", "subject_name"} & set(names):
            code = next((c for c in ("project", "subject") if c in names), "")
            several = frame.drop_duplicates([name, code]) if code else frame[again]
            self.twice |= set(several.loc[several.duplicated(name, keep=False), name].dropna())
        for row in frame[~again].to_dict("records"):
            cells = {
                c: (heads[c], units[c], float(v) if units[c] in NUMBERS else v)
                for c, v in row.items()
                if isinstance(v, str)
            }
            if words and not set(words) & cells.keys():
                cells[words[0]] = (heads[words[0]], "text", "—")  # a group without a name is not the whole
            yield f"{chapter.name[:2]} {about['id']}", cells

    def words(self) -> dict[str, str]:
        """The words of each chapter's page, without marks."""
        pages = {c.name: (c / "page.md").read_text("utf-8") for c in self.chapters}
        return {name: re.sub(r"\[([^\[\]]*)\]\{[^}]*\}", r"\1", page) for name, page in pages.items()}

    def told(self):
        """Every number with its label and scope."""
        for place, cells in self.rows:
            words = [(c, str(v)) for c, (_, unit, v) in sorted(cells.items()) if unit not in NUMBERS]
            scope = tuple(word for column, word in words if self.own.get(column) != word)
            if self.twice.intersection(scope):
                continue
            for label, unit, value in cells.values():
                if unit in NUMBERS and value is not None:
                    yield Told(
                        re.sub(r" ?[（(][^（(]*[)）]$", "", label) if unit == "money" else label,
                        scope,
                        value,
                        place,
                    )


def two_values(whole: Whole) -> dict:
    """The labels that have two values at one scope, with the places of each."""
    found: dict = defaultdict(lambda: defaultdict(set))
    for told in whole.told():
        found[told.label, told.scope][float(f"{told.value:.9g}")].add(told.place)
    return {key: dict(values) for key, values in found.items() if len(values) > 1}


def above_the_whole(whole: Whole) -> list[str]:
    """Counts above what they are part of, in a row or in the words of a page."""
    found = []
    for place, cells in whole.rows:
        values = {c: v for c, (_, unit, v) in cells.items() if unit == "count" and v is not None}
        found += [
            f"{place}: {part} {values[part]:g} of {of} {values[of]:g}"
            for of, parts in PARTS.items()
            for part in parts
            if part in values and of in values and values[part] > values[of]
        ]
    for chapter, words in whole.words().items():
        for said in OF[whole.lang].finditer(words):
            part, of = (int(said[name].replace(",", "")) for name in ("part", "of"))
            found += [f"{chapter}: {said[0]}"] * (part > of)
    return found


def not_dividing(whole: Whole) -> list[str]:
    """Shares that are not their part over their whole, in a row that tells all three."""
    found = []
    for place, cells in whole.rows:
        for share, (part, of) in SHARES.items():
            told = [cells[c][2] for c in (share, part, of) if c in cells and cells[c][2] is not None]
            if len(told) == 3 and told[2] and abs(told[0] - told[1] / told[2]) > 1e-9:
                found.append(f"{place}: {share} {told[0]:g} is not {part} {told[1]:g} / {of} {told[2]:g}")
    return found


def not_adding_up(whole: Whole) -> list[str]:
    """Totals of sentences that are not the sum of the table that lists them."""
    told: dict = {}
    sums: dict = defaultdict(float)
    for place, cells in whole.rows:
        for column, (_, _, value) in cells.items():
            told[place, column] = value
            if isinstance(value, float):
                sums[place, column] += value
    return [
        f"{place}.{total} {told[place, total]:g}, {table}.{column} {sums[table, column]:g}"
        for (place, total), columns in SUMS.items()
        for column, tables in columns.items()
        for table in tables
        if told.get((place, total)) is not None and (table, column) in sums
        if abs(told[place, total] - sums[table, column]) > 0.006
    ]


def check_one_number(folder: Path) -> Whole:
    """Hold the report in `folder` to all of it."""
    whole = Whole(folder)
    for look in (two_values, above_the_whole, not_dividing, not_adding_up):
        found = look(whole)
        assert not found, f"{look.__name__}: {found}"
    return whole
