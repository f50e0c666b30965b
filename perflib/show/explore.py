"""Explore a result without writing code: a grouping, a filter, a measure and a level; table, figure and their code."""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from types import SimpleNamespace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from perflib.data.errors import PerflibError
from perflib.data.text import say
from perflib.measure.rates import BASES
from perflib.show.labels import column, columns_of
from perflib.show.tables import is_number

LEVELS = (0.8, 0.9, 0.95, 0.99)
MOST_GROUPS = 60
WAN = 10_000  # Chinese tables have 万元
# table and figure side by side, or one below the other
HALF = {"flex": "1 1 24em", "min_width": "0", "max_width": "100%"}
MEASURES = ("rate", "mean_rate", "value", "budget", "executed")
SHOWN = ("rate", "value", "low", "high", "projects", "budget", "executed", "rank_low", "rank_high", "tier")
TABLE_WORDS = ("search", "info", "infoEmpty", "infoFiltered", "zeroRecords")  # as DataTables calls them


@dataclass(frozen=True)
class Inquiry:
    """What is asked of `rows` (called `name` in the notebook): `make` makes a frame of them, `plot` draws it.

    `by` is the column to group by, with `within` (a column or "") beside it; only rows whose `where` is `equals` (at
    least that, for an amount; anything else with the `sign` "!=") count; `measure` is the column that is drawn, `marked` the groups that stand out.
    """

    rows: pd.DataFrame
    name: str
    make: Callable[..., pd.DataFrame]
    plot: Callable[..., Axes]
    lang: str = "zh"
    by: str = ""
    within: str = ""
    where: str = ""
    sign: str = "=="
    equals: Any = None
    base: str = "adjusted"
    measure: str = "rate"
    confidence: float = 0.95
    marked: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def asked(self, **changes) -> "Inquiry":
        """The same inquiry with other choices; one that no longer makes sense goes with what it hung on."""
        if "where" in changes:
            changes.setdefault("equals", next(iter(v for _, v in replace(self, **changes).values()), None))
            changes.setdefault("sign", "==")
        if {"by", "where", "sign", "equals"} & changes.keys():
            changes.setdefault("marked", ())
        return replace(self, **changes)

    # What is offered

    def groups(self) -> list[tuple[str, str]]:
        """(words, column) to group by: codes, names and years with two to sixty values."""
        alone = {"project", "name", self.within, *(["district"] if "district_name" in self.rows else [])}
        kinds = [c for c in self.rows if c not in alone and self._is_kind(c)]
        few = [c for c in kinds if 2 <= self.rows[c].nunique() <= MOST_GROUPS]
        return [(column(c).label(self.lang), c) for c in few]

    def filters(self) -> list[tuple[str, str]]:
        """(words, column) to filter by: no filter, the columns to group by, and amounts."""
        amounts = [c for c in self.rows if (known := column(c, or_none=True)) and known.unit == "money"]
        least = [(say("explore.at_least", self.lang, label=column(c).label(self.lang)), c) for c in amounts]
        return [(say("explore.all_rows", self.lang), ""), *self.groups(), *least]

    def signs(self) -> list[tuple[str, str]]:
        """(words, sign) of what is kept: the rows of a value or all others; of an amount there is one way."""
        if not self.where or column(self.where).unit == "money":
            return []
        return [(say(f"explore.{key}", self.lang), sign) for key, sign in (("is", "=="), ("is_not", "!="))]

    def values(self) -> list[tuple[str, Any]]:
        """(words, value) that the column filtered by may have; of an amount the steps 1, 10, … million."""
        if not self.where:
            return []
        known = column(self.where)
        held = self.rows[self.where].dropna()
        offered = sorted(held.unique().tolist())
        if known.unit == "money":
            offered = [v for v in (10**5, 10**6, 10**7, 10**8) if v < held.max()]
        return [(known.cell(v, self.lang), v) for v in offered]

    def bases(self) -> list[tuple[str, str]]:
        """(words, base) on which there is a budget; none where `make` asks for no base."""
        there = [b for b, c in BASES.items() if c in self.rows and (self.rows[c].fillna(0) > 0).any()]
        return [(say(f"show_bases.{b}", self.lang), b) for b in there if "base" in _takes(self.make)]

    def measures(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        """(words, column) of `frame` that the figure can show."""
        can = "x" in _takes(self.plot) and "low" in _takes(self.plot) and self._axis == "y"
        return [
            (column(c).label(self.lang), c) for c in MEASURES if c in frame and (can or c == self.measure)
        ]

    def marks(self, frame: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
        """(words, groups) that may stand out: none, or one of those in `frame`; the table can choose several."""
        if self.by not in frame or "mark" not in _takes(self.plot):
            return []
        known = column(self.by)
        groups = frame[self.by].dropna().unique().tolist()
        return [(say("explore.no_mark", self.lang), ()), *((known.cell(g, self.lang), (g,)) for g in groups)]

    def levels(self) -> list[tuple[str, float]]:
        return [(f"{level:.0%}", level) for level in LEVELS if "confidence" in _takes(self.make)]

    def _is_kind(self, name: str) -> bool:
        known = column(name, or_none=True)
        return known is not None and not is_number(known) and known.unit != "date"

    # What comes of it

    def lines(self) -> list[str]:
        """The three lines of Python that make frame and figure, over the notebook's own names."""
        keep = self.name
        if self.where:
            sign = ">=" if column(self.where).unit == "money" else self.sign
            keep = f"{self.name}[{self.name}[{_text(self.where)}] {sign} {_text(self.equals)}]"
        by = [self.by, self.within] if self.within else self.by
        options = {"by": by, "base": self.base, "confidence": self.confidence, **self.options}
        asked = {k: v for k, v in options.items() if k in _takes(self.make)}
        drawn = {self._axis: self.by, "mark": list(self.marked), **self._drawn(), "lang": self.lang}
        drawn = {k: v for k, v in drawn.items() if k in _takes(self.plot) and v != []}
        return [f"rows = {keep}", f"frame = {_called(self.make, 'pf')}(rows, {_said(asked)})",
                f"{_called(self.plot, 'pf.plot')}(frame, {_said(drawn)})"]  # fmt: skip

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows that are left, and the frame that is made of them: what the first two lines make."""
        names = self._names()
        exec("\n".join(self.lines()[:2]), names)
        return names["rows"], names["frame"]

    def axes(self, frame: pd.DataFrame) -> Axes:
        """What the third line draws of `frame`."""
        names = self._names() | {"frame": frame}
        return eval(self.lines()[2], names)

    def _names(self) -> dict:
        """What the lines call `pf`, and the frame by its name."""
        plots = SimpleNamespace(**{self.plot.__name__: self.plot})
        public = SimpleNamespace(**{self.make.__name__: self.make, "plot": plots})
        own = {f.__name__: f for f in (self.make, self.plot) if not _is_ours(f)}
        return {"pf": public, self.name: self.rows, **own}

    @property
    def _axis(self) -> str:
        """The option of `plot` that takes the names of the groups."""
        needed = [k for k, p in _takes(self.plot).items() if p.default is inspect.Parameter.empty]
        return next((k for k in ("y", "label") if k in needed), "by")

    def _drawn(self) -> dict:
        """How the measure is drawn: an interval belongs to the rate alone."""
        if self.measure not in ("rate", "value"):
            return {"x": self.measure, "low": None, "high": None}
        return {"x": self.measure} if self._axis == "y" else {}


def _takes(function: Callable) -> Mapping:
    return inspect.signature(function).parameters


def _is_ours(function: Callable) -> bool:
    return function.__module__.startswith("perflib.")


def _called(function: Callable, place: str) -> str:
    return f"{place}.{function.__name__}" if _is_ours(function) else function.__name__


def _said(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{k}={_text(v)}" for k, v in options.items())


def _text(value) -> str:
    """`value` as Python has it, with double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"[{', '.join(map(_text, value))}]" if isinstance(value, list) else repr(value)


def worded(frame: pd.DataFrame, groups: Sequence[str], lang: str, currency: str) -> pd.DataFrame:
    """`frame` for a table that sorts: groups in words, shares in per cent, the columns under their headings."""
    shown = frame[[c for c in (*groups, *SHOWN) if c in frame]]
    known = columns_of(shown)
    cells = {}
    for name, told in known.items():
        heading = told.heading(lang, currency)
        if name in groups:
            cells[heading] = shown[name].map(lambda v, told=told: told.cell(v, lang))
        elif told.unit == "share":
            cells[f"{heading} (%)" if lang == "en" else f"{heading}（%）"] = (100 * shown[name]).round(1)
        elif told.unit == "money":
            cells[heading] = (shown[name] / (WAN if lang == "zh" else 1)).round(2)
        else:
            cells[heading] = shown[name].round(1)
    return pd.DataFrame(cells).reset_index(drop=True)


def explore(
    make: Callable[..., pd.DataFrame], plot: Callable[..., Axes], /, *, by: str = "", within: str = "", lang: str = "zh",
    currency: str = "CNY", options: Mapping[str, Any] | None = None, **rows: pd.DataFrame,
):  # fmt: skip
    """Widgets that ask `make` (`pf.rates`, `pf.funnel`: a function of rows with `by`) of the one frame in `rows`.

    The frame is given by the name that it has in the notebook. To choose: a grouping, a filter, the base, what is
    drawn, a confidence level. Shown: the frame as a table that sorts and searches, the figure that `plot` draws
    of it, and the three lines of Python that make both. Groups chosen in the table stand out in the figure.
    `by` is the grouping to begin with, `within` a column to group by beside it (year), `options` more for `make`,
    which tests no verdicts unless they ask for them.

    >>> import perflib as pf
    >>> projects = pf.load("sample", lang="en").rows("projects", year=2023)
    >>> box = pf.explore(pf.rates, pf.plot.dots, projects=projects, by="class", lang="en")
    >>> type(box).__name__
    'VBox'
    """
    ((name, frame),) = rows.items()
    quick = {"verdicts": False} if "verdicts" in _takes(make) else {}  # tests of every group take seconds
    inquiry = Inquiry(frame, name, make, plot, lang=lang, within=within, options=quick | dict(options or {}))
    groups = [c for _, c in inquiry.groups()]
    if not groups:  # thin data: a sentence, as the notebook goes on
        from ipywidgets import HTML

        return HTML(_line(say("explore.no_groups", lang)))
    bases = [b for _, b in inquiry.bases()] or ["adjusted"]
    first = next((g for g in (by, "department", "district_name", "district") if g in groups), groups[0])
    base = "adjusted" if "adjusted" in bases else bases[0]
    return Explorer(inquiry.asked(by=first, base=base), currency).box


class Explorer:
    """The widgets around an `Inquiry`."""

    def __init__(self, inquiry: Inquiry, currency: str):
        import ipywidgets as widgets
        from itables.widget import ITable

        self.inquiry, self.currency, self.is_filling = inquiry, currency, False
        style = {"description_width": "6em"}
        names = ("by", "where", "equals", "sign", "base", "measure", "confidence", "marked")
        self.controls = {name: widgets.Dropdown(style=style) for name in names}
        for name, control in self.controls.items():
            control.description = say(f"explore.{name}", inquiry.lang)
            control.observe(lambda change, name=name: self._choose(name, change["new"]), "value")
        self.told, self.code = widgets.HTML(), widgets.HTML()
        self.looks = _table_options(inquiry.lang)
        self.table = ITable(pd.DataFrame({"": []}), select=True, **self.looks)
        self.table.observe(self._mark, "selected_rows")
        self.figure = widgets.Image(format="png", layout=HALF | {"max_width": "640px"})
        choices = widgets.HBox(list(self.controls.values()), layout={"flex_flow": "row wrap"})
        beside = [widgets.Box([self.table], layout=HALF | {"overflow": "auto"}), self.figure]
        self.results = widgets.HBox(beside, layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        self.box = widgets.VBox([choices, self.told, self.results, self.code])
        self.answer()

    def _choose(self, name: str, value) -> None:
        if not self.is_filling:
            self.inquiry = self.inquiry.asked(**{name: value})
            if name == "marked":
                self.is_filling = True
                chosen = self.frame[self.inquiry.by].isin(value)
                self.table.selected_rows = [place for place, is_one in enumerate(chosen) if is_one]
                self.is_filling = False
                self._draw()
            else:
                self.answer()

    def answer(self) -> None:
        """Ask anew, and show what comes: the choices that are left, table, figure and lines."""
        try:
            rows, self.frame = self.inquiry.frames()
            if self.frame.empty or self.frame[self.inquiry.by].isna().all():
                raise PerflibError("explore.no_rows")
        except PerflibError as error:
            self._fill(pd.DataFrame())
            self.told.value = _line(error.sentence(self.inquiry.lang))
            return
        self._fill(self.frame)
        groups = [c for c in (self.inquiry.by, self.inquiry.within) if c]
        shown = worded(self.frame, groups, self.inquiry.lang, self.currency)
        self.is_filling = True
        with pd.option_context("display.float_format", "{:,.1f}".format):
            self.table.update(shown, selected_rows=[], **self.looks)
        self.is_filling = False
        count = {"rows": f"{len(rows):,}", "groups": f"{len(self.frame):,}"}
        self.told.value = _line(say("explore.told", self.inquiry.lang, **count))
        self._draw()

    def _fill(self, frame: pd.DataFrame) -> None:
        asked = self.inquiry
        offered = {"by": asked.groups(), "where": asked.filters(), "sign": asked.signs(), "equals": asked.values(), "base": asked.bases(),
                   "measure": asked.measures(frame), "confidence": asked.levels(), "marked": asked.marks(frame)}  # fmt: skip
        self.is_filling = True
        for name, options in offered.items():
            control = self.controls[name]
            if control.options != tuple(options):
                control.options = options
            if options:
                value = getattr(asked, name)
                control.value = value if value in [v for _, v in options] else None
            control.layout.display = "" if len(options) > 1 else "none"
        self.is_filling = False

    def _mark(self, change: dict) -> None:
        if not self.is_filling:
            names = self.frame[self.inquiry.by].iloc[change["new"]]
            self.inquiry = self.inquiry.asked(marked=tuple(dict.fromkeys(names.tolist())))
            self._fill(self.frame)
            self._draw()

    def _draw(self) -> None:
        from perflib.show.plots import framed

        words = {k: column(getattr(self.inquiry, k)).label(self.inquiry.lang) for k in ("by", "measure")}
        words["by"] = words["by"][:1].lower() + words["by"][1:]  # within a phrase
        title = say("explore.title", self.inquiry.lang, **words)
        chart = framed(self.inquiry.axes(self.frame), title, "", "", self.inquiry.lang)
        self.figure.value = chart.png() if chart else b""
        self.figure.layout.display = "" if chart else "none"
        self.code.value = f"<pre>{escape(chr(10).join(self.inquiry.lines()))}</pre>"


def _line(sentence: str) -> str:
    return f'<p role="status">{escape(sentence)}</p>'


def _table_options(lang: str) -> dict:
    words = {key: say(f"explore.table_{key}", lang) for key in TABLE_WORDS}
    # what is asked stands at the left, in sight however wide the table is
    places = {"topStart": "search", "topEnd": None, "bottomStart": "paging", "bottomEnd": "info"}
    return {"language": words, "showIndex": False, "maxBytes": "1MB", "layout": places, "pageLength": 15}
