"""Sentences that print cells of frames: each cell that is printed is a fact, and nobody registers it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import jinja2
import pandas as pd

from perflib.data.edition import SMALLEST, is_small, small_cells
from perflib.data.errors import ArgumentError, nearest
from perflib.data.text import say
from perflib.show.facts import KINDS, Fact, round_to_sum, stored
from perflib.show.labels import Column, column, declared
from perflib.show.markdown import escape, fact_span
from perflib.show.numbers import format_cell, format_value, is_missing

SPLIT = ("mix_effect", "rate_effect")  # the parts of a difference: what is printed of them adds up to it
MOST_NAMES = 25  # names that a sentence can carry
SOME = float("nan")
"""The value of a count that the public edition does not show: a condition takes it as some, not as none."""
ROWS = ("counted", "rows", "projects", "defined", "subjects")
"""The first of these columns that a row has says how many input rows stand behind it."""


@dataclass
class Telling:
    """What a sentence needs to know besides its frames, and the facts that it has printed."""

    lang: str
    mode: str  # "page": facts are spans; "notebook": escaped words; "plain": words for a figure
    currency: str
    edition: str
    # base, rules, input_sha256, and the table, filter and rows where a frame has none
    trail: Mapping[str, object]
    # the page's own words, by frame
    columns: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    named: Callable[[object], object] = lambda value: value  # what the language calls a name of the data


class Name(str):
    """A name from the data: escaped wherever it is printed as Markdown."""


class Shown:
    """A fact in a sentence: `{{ rates.rate }}` prints it, `{% if rates.rate %}` asks whether there is one."""

    def __init__(self, fact: Fact, telling: Telling, look: str = "", is_some: bool = False):
        self._fact, self._telling, self._look = fact, telling, look
        self.value, self.is_missing = SOME if is_some else fact.value, fact.is_missing

    def __bool__(self) -> bool:
        return not self.is_missing

    @property
    def abs(self) -> "Shown":
        """The same fact printed without its sign ("3.4 points lower")."""
        return Shown(self._fact, self._telling, "abs")

    @property
    def bare(self) -> "Shown":
        """The same fact printed without its unit, which the sentence names once ("from 1.2 to 3.4 points")."""
        return Shown(self._fact, self._telling, "bare")

    def __str__(self) -> str:
        fact, telling = self._fact, self._telling
        telling.facts[fact.id] = fact
        value = fact.value if fact.shown is None else fact.shown
        text = fact.text(telling.lang)
        if self._look == "abs" and self:
            text = format_value(abs(value), fact.unit, telling.lang, currency=fact.currency)
        if self._look == "bare" and self:
            text = format_cell(value, fact.unit, telling.lang)
        if telling.mode == "plain":
            return text
        return fact_span(text, fact.id) if telling.mode == "page" else escape(text)


class Cells:
    """One row of a frame, as a sentence sees it: an attribute is the fact of that column."""

    def __init__(
        self, path: str, label: object, row: pd.Series, attrs: dict, telling: Telling, shown: Mapping,
        hidden: Collection[str] = (),
    ):  # fmt: skip
        self._path, self._label, self._row, self._attrs = path, label, row, attrs
        self._frame, self._hidden = path.partition(".")[0], hidden
        self._telling, self._shown = telling, shown

    def __getattr__(self, name: str) -> Shown:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._row.index:
            fact = self._fact(name)
            value = self._row[name]
            is_hidden = fact.is_missing and fact.unit == "count" and not is_missing(value)
            return Shown(fact, self._telling, is_some=is_hidden and value > 0)
        if name == str(self._label):  # the only row of a frame, asked for by its label
            return self
        raise _unknown("cell", self._path, name, self._row.index)

    def __getitem__(self, name):
        return getattr(self, str(name))

    def __contains__(self, label) -> bool:
        return str(label) == str(self._label)

    def __iter__(self) -> Iterator["Cells"]:
        return iter([self])

    def __len__(self) -> int:
        return 1

    def _fact(self, name: str) -> Fact:
        row, telling = self._row, self._telling
        own = {c: w for at in (self._frame, self._path) for c, w in telling.columns.get(at, {}).items()}
        known = declared(name, row.index, own)
        trail = {**telling.trail, **{k: v for k, v in self._attrs.items() if k in telling.trail}}
        rows = next((int(row[c]) for c in ROWS if c in row and not is_missing(row[c])), int(trail["rows"]))
        value, reason = row[name], row.get("reason")
        unit = known.unit or "text"
        if unit == "text" and not is_missing(value):
            value = known.cell(telling.named(value), telling.lang)
        is_counted = unit == "count" and not known.open
        hides = is_counted and (is_small(value) or name in self._hidden)
        if telling.edition == "public" and (is_small(rows) or hides):
            is_more = is_counted and not is_missing(value) and value >= SMALLEST  # of fewer rows
            value, rows, reason = None, 0, "few_rows" if is_more else "suppressed"
        gone = is_missing(value)
        base = row.get("base")
        return Fact(
            id=f"{self._path}.{name}", value=stored(value, unit), unit=unit, label_zh=known.zh,
            label_en=known.en, formula_zh=known.zh_how, formula_en=known.en_how,
            table=str(trail["table"]), filter=str(trail["filter"]), rows=rows,
            base=trail["base"] if is_missing(base) else str(base), rules=trail["rules"],
            input_sha256=trail["input_sha256"], kind=KINDS.get(unit, "number"), currency=telling.currency,
            reason=str(reason) if gone and not is_missing(reason) else None,
            shown=None if gone else self._shown.get(name),
        )  # fmt: skip


class Rows:
    """A frame of several rows: `rates.adjusted` or `rates["2023"]` is the row of that label, a loop gives each.

    Labels are those of the index or, of a plain one, the values of the first column.
    """

    def __init__(self, path: str, frame: pd.DataFrame, telling: Telling):
        self._path, self._frame, self._telling = path, frame, telling
        index = frame.index if not isinstance(frame.index, pd.RangeIndex) else frame.iloc[:, 0]
        self._labels = [str(label) for label in index]
        self._shown = adding_up(frame)
        # the sum may be known: as in a table, a small count is protected by another
        is_public = telling.edition == "public"
        counts = [c for c in frame if pd.api.types.is_integer_dtype(frame[c])] if is_public else []
        self._hidden = {name: small_cells(frame[name].reset_index(drop=True)) for name in counts}

    def __getattr__(self, label: str):
        if label.startswith("_"):
            raise AttributeError(label)
        return self[label]

    def __getitem__(self, label):
        if str(label) in self._labels:
            return self._row(self._labels.index(str(label)))
        if not len(self._frame) and str(label) in self._frame.columns:
            return getattr(self._none(), str(label))
        raise _unknown("row", self._path, label, self._labels[:40])

    def __contains__(self, label) -> bool:
        return str(label) in self._labels

    def __len__(self) -> int:
        return len(self._frame)

    def __iter__(self) -> Iterator[Cells]:
        return (self._row(place) for place in range(len(self._frame)))

    def _row(self, place: int) -> Cells:
        label = self._labels[place]
        safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in label)
        path = self._path if len(self._frame) == 1 else f"{self._path}.{safe}"
        shown = {name: values[place] for name, values in self._shown.items()}
        row = self._frame.iloc[place]
        if {*SPLIT} <= set(row.index):
            shown |= dict(zip(SPLIT, round_to_sum([row[name] for name in SPLIT]), strict=True))
        hidden = {name for name, flags in self._hidden.items() if flags[place]}
        return Cells(path, label, row, self._frame.attrs, self._telling, shown, hidden)

    def _none(self) -> Cells:
        row = pd.Series(None, self._frame.columns, dtype=object)
        return Cells(self._path, "", row, self._frame.attrs, self._telling, {})


def _unknown(kind: str, path: str, name: object, there) -> ArgumentError:
    known = [str(word) for word in there]
    about = {"path": path, "name": name, "known": ", ".join(known), "near": nearest(name, known)}
    return ArgumentError(f"show_errors.unknown_{kind}", **about)


def adding_up(frame: pd.DataFrame) -> dict[str, list]:
    """The shares of `frame` that are parts of one whole, by column, rounded so that what is printed adds up."""
    found = {}
    for name in frame.columns if len(frame) > 1 else ():
        known = column(name, or_none=True) if isinstance(name, str) else None
        is_whole = known and known.unit == "share" and abs(frame[name].sum() - 1) < 1e-9
        if is_whole and frame[name].ge(0).all():
            found[name] = round_to_sum(frame[name].tolist())
    return found


def tell(
    words: str, telling: Telling, frames: Mapping[str, pd.DataFrame], names: Mapping[str, object]
) -> str:
    """`words` with the cells of `frames` and the `names` filled in; what was printed is in `telling.facts`.

    A number of its own is no name: it comes in a frame, so that it knows where it is from.
    """
    seen = {name: _seen(name, frame, telling) for name, frame in frames.items() if name in words}
    known = {k: Name(v) if isinstance(v, str) else v for k, v in names.items()}
    if "year" in seen:
        seen["year"] = seen["year"].fiscal_year
    told = _compiled(words, telling.mode, telling.lang).render({**known, **seen}).strip()
    return _ONE.sub(_of_one, told) if telling.lang == "en" else told


_ONES = {
    "projects and policies": "project or policy", "policies and projects": "policy or project", "policies": "policy",
    "people": "person", "themselves": "itself", "are": "is", "were": "was", "have": "has", "remain": "remains",
    "rate": "rates",
} | {f"{noun}s": noun for noun in ["project", "department", "district", "unit", "indicator", "finding", "review", "check", "score", "appraisal", "evaluation", "self-evaluation", "expert", "fault", "task", "item", "one", "place", "warning", "subject", "tier", "lead", "opinion", "year", "row", "case", "auditor", "question"]}  # fmt: skip
"""What English says of several, and of one: sentences are written for several."""
_WORD_OF_ONE = re.compile(rf"(?<![\w-])(?:{'|'.join(_ONES)})(?![\w-])")
_ONE = re.compile(
    r"(?<![\w.,/±−-])(\[?1(?:\]\{\.fact [^}]*\})?\*{0,2})((?: projects and policies| policies and projects)?"
    r"(?: (?!(?:of|in|to|and|with|on|or|for|at|by|from|than|as)\b)[a-z-]+){0,4})"
)


def _of_one(found: re.Match) -> str:
    """The few words after a printed 1 as they are said of one thing ("1 project is", not "1 projects are")."""
    return found[1] + _WORD_OF_ONE.sub(lambda word: _ONES[word.group()], found[2])


def _seen(name: str, frame, telling: Telling):
    if isinstance(frame, pd.Series):
        frame = frame.to_frame().T.set_axis(pd.RangeIndex(1)).infer_objects()
    rows = Rows(name, frame, telling)
    return rows._row(0) if len(frame) == 1 else rows


@cache
def _environment(mode: str, lang: str) -> jinja2.Environment:
    made = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # names and facts are escaped as Markdown, by `finalize`
        finalize=lambda value: escape(value) if isinstance(value, Name) and mode != "plain" else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["names"] = lambda rows, name="": _names(rows, name, mode, lang)
    return made


@cache
def _compiled(words: str, mode: str, lang: str) -> jinja2.Template:
    return _environment(mode, lang).from_string(words)


def _names(rows, name: str, mode: str, lang: str) -> str:
    """The names in column `name` of `rows` (or a list of names), joined as `lang` joins them; of very many the first."""
    values = [str(row._telling.named(row._row[name])) for row in rows] if name else [str(v) for v in rows]
    comma = say("show_report.comma", lang)
    told = comma.join(v if mode == "plain" else escape(v) for v in values[:MOST_NAMES])
    return told if len(values) <= MOST_NAMES else say("show_names.others", lang, names=told)


_DIGITS = r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*\s*[%％‰]?"
_ZH_NUMBER = "[一二两三四五六七八九十半][零〇一二两三四五六七八九十百千万亿]*"
# What a number counts. Words that mostly stand for something else (次 in 上一次, 点 in 一点) are left out.
_ZH_UNIT = (
    "个百分点|百分点|个|项|家|户|人|名|位|笔|件|条|份|处|年(?!度)|个月|月份|季度|倍|成(?!本|果|效|绩|立|为)|万元|亿元|元"
    "|分之|类|种|组|层|页|张|批|轮|天|日|周|次|区(?!域)|县(?!级)"
)
# 一般、一是、统一、进一步…: 一 that counts nothing. "一个" and "一项" do count, and so does 两.
# Nor does it after 上, 每, 某 …: 上一年, 每一个, 某一项 point at something, they do not count.
_ZH_FREE = r"(?<![统唯单同专惟进第上下每某任这那哪])"
_ZH_IDIOMS = (
    "一年一度", "一次性", "一批又一批", "千家万户", "百年大计", "万元以", "一分部署", "十分", "百分",
)  # fmt: skip
_EN_NUMBER = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred"
    "|thousand|million|dozens?|half|halves|thirds?|quarters?"
)
_EN_UNIT = (
    "of|a|an|the|per|times|percentage|percent|points?|projects?|departments?|districts?|units?|years?|months?"
    "|quarters?|days?|weeks?|cases?|items?|lines?|indicators?|evaluations?|appraisals?|findings?|cities|countries"
    "|yuan|euros?|million|billion|thousand|hundred|dozen|as|stages?|tables?|pages?|grades?|bands?|people|rows?"
)
_EN_ALONE = "twice|thrice|doubled|tripled|halved|two-thirds|one-third|threefold|twofold|tenfold"
_EN_IDIOMS = ("one of the", "one as", "one per", "one a", "half-open", "third part", "quarter of the year")

_PATTERN = re.compile(
    rf"{_DIGITS}|一半|过半|半数"
    rf"|{_ZH_FREE}{_ZH_NUMBER}(?=(?:{_ZH_UNIT}))(?:个百分点|百分点|分之{_ZH_NUMBER}|{_ZH_UNIT})"
    rf"|(?:{_ZH_NUMBER})成(?=以|的|左|多|，|。|$)"
    rf"|\b(?:{_EN_ALONE})\b|\b(?:{_EN_NUMBER})[ -]+(?:{_EN_UNIT})\b",
    re.IGNORECASE,
)
_IDIOMS = re.compile("|".join([*_ZH_IDIOMS, *(rf"(?<!\w){re.escape(idiom)}" for idiom in _EN_IDIOMS)]))
_TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}|^\s*:::.*$|^#+ ", re.MULTILINE)


def template_text(source: str) -> str:
    """What `source` says by itself: without Jinja tags, so that all facts are blank in every branch."""
    return _ATTRIBUTES.sub("", _TAGS.sub("□", source))


def undeclared_numbers(text: str) -> list[str]:
    """The numbers in `text` from which every fact has been blanked, in order; empty if it has none.

    Found: ASCII and full-width digits; Chinese number words before what they count (三个, 两家,
    一半, 三分之一); English ones before a noun (three projects, half of, twice). Not found, because they
    count nothing: 一般公共预算, 一是, 统一, "one" by itself.

    >>> undeclared_numbers("一般公共预算支出中，一是有三个项目未执行，二是约３成延期。")
    ['三个', '３']
    >>> undeclared_numbers("Half of the projects; one should not conclude that ranks differ.")
    ['Half of']
    """
    lowered = text.lower()
    idioms = [m.span() for m in _IDIOMS.finditer(lowered)]
    found = (m for m in _PATTERN.finditer(text) if not any(a <= m.start() < b for a, b in idioms))
    return [m.group().strip() for m in found]
