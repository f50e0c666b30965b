"""Narrative templates: they print facts, and have no number of their own."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import jinja2

from perflib.data.errors import PerflibError
from perflib.data.places import shared_folder
from perflib.show.facts import Fact
from perflib.show.markdown import escape, fact_span
from perflib.show.numbers import format_cell, format_value
from perflib.show.wording import undeclared_numbers

_TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}|^\s*:::.*$|^#+ ", re.MULTILINE)
_MACRO = re.compile(r"\{%-?\s*macro .*?endmacro\s*-?%\}", re.DOTALL)
_HEADLINE = re.compile(r"(\{%-?\s*block headline\s*-?%\})(.*?)(\{%-?\s*endblock[^%]*%\})", re.DOTALL)
_END = re.compile(r"\{%-?\s*endblock[^%]*%\}")
MODES = ("page", "notebook", "plain")


class Name(str):
    """A name from the data: escaped wherever it is printed as Markdown."""


class Shown:
    """A fact as a template sees it: `{{ f.rate }}` prints it; `.value`, `.abs`, `.bare`, `.is_missing` ask it."""

    def __init__(self, fact: Fact, lang: str, mode: str, *, is_abs: bool = False, is_bare: bool = False):
        self._fact, self._lang, self._mode, self._is_abs, self._is_bare = fact, lang, mode, is_abs, is_bare
        self.value, self.is_missing = fact.value, fact.is_missing

    @property
    def abs(self) -> "Shown":
        """The same fact printed without its sign ("3.4 points lower")."""
        return Shown(self._fact, self._lang, self._mode, is_abs=True)

    @property
    def bare(self) -> "Shown":
        """The same fact printed without its unit, which the sentence names once ("from 1.2 to 3.4 points")."""
        return Shown(self._fact, self._lang, self._mode, is_bare=True)

    def printed(self) -> str:
        fact, text = self._fact, self._fact.text(self._lang)
        if self._is_abs and not fact.is_missing:
            value = abs(fact.value if fact.shown is None else fact.shown)
            text = format_value(value, fact.unit, self._lang, currency=fact.currency)
        if self._is_bare and not fact.is_missing:
            text = format_cell(fact.value if fact.shown is None else fact.shown, fact.unit, self._lang)
        if self._mode == "plain":
            return text
        return fact_span(text, fact.id) if self._mode == "page" else escape(text)


class _Facts:
    """`f.rate` or `f["rate"]`; an unknown fact is an error when it is printed or asked."""

    def __init__(self, facts: Mapping[str, Fact], lang: str, mode: str):
        self._show = lambda id: Shown(facts[id], lang, mode)

    def __getitem__(self, id: str) -> Shown:
        return self._show(id)


class Template:
    """The template of one chapter in one language, checked for numbers of its own."""

    def __init__(self, name: str, lang: str, *, folder: Path | None = None):
        self.file = (folder or shared_folder("reports/templates")) / lang / f"{name}.md"
        self.lang = lang
        self._source = _checked_source(self.file)

    def page(self, facts: Mapping[str, Fact], *, figure: Callable, table: Callable, **names) -> str:
        """The whole page as Markdown, each fact a span that bears its id, the headline in a box."""
        # Jinja eats the line's end after a tag: a block that closes on one would run into the heading below.
        framed = _HEADLINE.sub(r"\n::: headline\n\1\2\3\n\n:::\n", _END.sub(r"\n\g<0>", self._source))
        context = self._context(facts, "page", names, figure=figure, table=table)
        return _environment("page").from_string(framed).render(context)

    def block(self, block: str, facts: Mapping[str, Fact], *, mode: str = "notebook", **names) -> str:
        """One block as Markdown for a notebook (or in another of `MODES`); figures and tables print nothing."""
        template = _compiled(self._source, mode)
        if block not in template.blocks:
            raise KeyError(
                f"template {self.file.name} has no block {block!r}; it has {sorted(template.blocks)}"
            )
        context = template.new_context(self._context(facts, mode, names, figure=_nothing, table=_nothing))
        return "".join(template.blocks[block](context)).strip()

    def phrase(self, macro: str, facts: Mapping[str, Fact], **names) -> str | None:
        """What macro `macro` says, as plain text on one line (a figure's title); None if there is none."""
        if f"macro {macro}(" not in self._source:
            return None
        # The macros alone: the page around them may print facts that are not there yet.
        template = _compiled("\n".join(_MACRO.findall(self._source)), "plain")
        context = self._context(facts, "plain", names, figure=_nothing, table=_nothing)
        return " ".join(str(getattr(template.make_module(context), macro)()).split())

    def headline(self, facts: Mapping[str, Fact], **names) -> str:
        """The bottom line as Markdown whose facts are spans; empty where the template has none."""
        template = _environment("page").from_string(self._source)
        context = template.new_context(self._context(facts, "page", names, figure=_nothing, table=_nothing))
        return "".join(template.blocks["headline"](context)).strip() if "headline" in template.blocks else ""

    def title(self) -> str | None:
        """The first heading."""
        return next((ln[2:].strip() for ln in self._source.splitlines() if ln.startswith("# ")), None)

    def _context(self, facts: Mapping[str, Fact], mode: str, names: Mapping, **calls) -> dict:
        said = {k: Name(v) if isinstance(v, str) else v for k, v in names.items()}
        shown = _Facts(facts, self.lang, mode)
        return {**said, **calls, "f": shown, "year": shown["fiscal_year"] if "fiscal_year" in facts else ""}


def template_text(source: str) -> str:
    """What `source` says by itself: without Jinja tags, so that all facts are blank in every branch."""
    return _ATTRIBUTES.sub("", _TAGS.sub("□", source))


def _nothing(*_) -> str:
    return ""


@cache
def _checked_source(file: Path) -> str:
    if not file.is_file():
        raise PerflibError("show_errors.missing_template", file=f"{file.parent.name}/{file.name}")
    source = file.read_text("utf-8")
    if found := undeclared_numbers(template_text(source)):
        raise PerflibError("show_errors.number_in_template", file=file.name, found=", ".join(found))
    return source


@cache
def _environment(mode: str) -> jinja2.Environment:
    assert mode in MODES
    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # names and facts are escaped as Markdown, by `finalize`
        finalize=lambda value: _finalize(value, mode),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _compiled(source: str, mode: str) -> jinja2.Template:
    return _environment(mode).from_string(source)


def _finalize(value, mode: str):
    if isinstance(value, Shown):
        return value.printed()
    return escape(value) if isinstance(value, Name) and mode != "plain" else value
