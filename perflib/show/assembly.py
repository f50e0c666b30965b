"""The report or study before it takes a format: its chapters in order, its words, its facts."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property

from perflib.data.places import shared_folder
from perflib.data.text import has_text, say, spans
from perflib.show.facts import Fact
from perflib.show.labels import place_name, table_label
from perflib.show.markdown import escape, fact_span, pipe_table
from perflib.show.part import SUMMARY, Part

CJK = "\u2e80"  # the first of their characters: what is before runs into a number


@dataclass(frozen=True)
class Report:
    """A report's cover fields and its parts, in the order in which they are read."""

    lang: str
    district_name: str
    year: int
    edition: str
    classification: str
    prepared_by: str
    checked_by: str
    signed_by: str
    status: str
    is_sample: bool
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()  # the years that a study compares; an annual report has none
    kind: str = ""  # "leader", "month": short ones; "annex": the chapters behind the leader's; "": all in one

    def say(self, key: str, **fields) -> str:
        """The report's own word for `key`: a study has some of its own."""
        own = [f"study_{self.kind}_{key}", f"study_{key}"] if self.years else [f"{self.kind}_{key}"]
        found = next((name for name in own if has_text(f"show_report.{name}")), key)
        return say(f"show_report.{found}", self.lang, **fields)

    @property
    def look(self) -> str:
        """The layout: a month's report has that of the leader's, without cover, contents and notes."""
        return "leader" if self.kind == "month" else self.kind

    @property
    def title(self) -> str:
        gap = " " if self.place[-1:] < CJK else ""  # Latin letters do not run into the year
        district = f"{self.place}{gap}" if self.lang == "zh" else ""
        return self.say("title", district=district, year=self.year).strip()

    @property
    def place(self) -> str:
        """The district as a head names it; a mere code says that it is one."""
        return place_name(self.district_name, self.lang)

    @property
    def running(self) -> str:
        """The title with the place before it, where it does not name it."""
        return self.title if self.place in self.title else f"{self.place} · {self.title}"

    @property
    def period(self) -> str:
        """The line of the cover that says which year or years are meant."""
        return self.say("fiscal_year", year=spans(self.years, self.lang) if self.years else self.year)

    @property
    def told(self) -> list[Part]:
        return [p for p in self.parts if not p.is_missing]

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """All facts by "<chapter>/<id>"."""
        return {f"{p.name}/{id}": fact for p in self.parts for id, fact in p.facts.items()}

    @property
    def cover_fields(self) -> list[tuple[str, str]]:
        """What the cover lists, label and value; what was not given is left for the pen."""
        given = {"edition": self.say(self.edition), "status": self.say(self.status)}
        pen = ("prepared_by", "checked_by", "signed_by")
        written = {"classification": self.classification, **{k: getattr(self, k) for k in pen}}
        filled = {k: v for k, v in {**given, **written}.items() if v or k in pen}
        return [(self.say(k), v) for k, v in filled.items()]

    @property
    def methods(self) -> list[str]:
        """What holds for all figures of the report."""
        keys = ["method_rate", "method_money", "interval_note", "method_trail"]
        return [self.say(k) for k in keys + ["method_suppressed"] * (self.edition == "public")]

    @property
    def marks(self) -> list[str]:
        """What stands in the head of every page: sample, draft, classification."""
        said = [self.say("sample")] if self.is_sample else []
        said += [self.say("draft")] if self.status == "draft" else []
        return said + ([self.classification] if self.classification else [])


def report_markdown(report: Report) -> str:
    """The whole report below its cover, as Markdown for pandoc."""
    if report.look == "leader":
        return "\n\n".join(re.sub(r"^##(?=#* )", "#", _body(p), flags=re.M) for p in report.told) + "\n"
    if report.kind == "annex":
        sections = [_chapter(p) for p in report.told]
        sections += [_not_covered(report), _methods(report), _glossary(report)]
        return "\n\n".join([s for s in sections if s] + [_sources(report)]) + "\n"
    sections = [_glance(report), *[_chapter(p) for p in report.told], _not_covered(report), _methods(report)]
    return "\n\n".join([*sections, _sources(report)]) + "\n"


def _glance(report: Report) -> str:
    # The summary names what the year comes to; without it each chapter's own key facts stand there.
    named = [p for p in report.told if p.name.startswith(SUMMARY)] or report.told
    cards = [_card(report, p, id) for p in named for id in p.manifest["key_facts"]]
    found = [
        f"- [{escape(p.title)}](#ch-{p.name}){report.say('colon')}{_one_line(p)}"
        for p in report.told
        if p.manifest["headline"] and not p.name.startswith(SUMMARY)
    ]
    lead = [_one_line(p) for p in report.told if p.name.startswith(SUMMARY) and p.manifest["headline"]]
    lines = [f"# {report.say('glance')} {{#glance}}", ""]
    lines += ["::: headline", *lead, ":::", ""] if lead else []
    lines += ["::::: cards", *cards, ":::::", ""] if cards else []
    return "\n".join([*lines, f"## {report.say('findings')} {{#findings}}", "", *found])


def _card(report: Report, part: Part, id: str) -> str:
    fact = part.facts[id]
    value = fact_span(fact.text(report.lang), f"{part.name}/{id}")
    label = fact.label(report.lang)
    if part.source:
        label = report.say("label_of_source", label=label, source=part.source)
    return f"\n:::: card\n{value}\n\n{escape(label)}\n::::\n"


def _one_line(part: Part) -> str:
    """The first paragraph of a chapter's headline."""
    return _prefixed(" ".join(part.manifest["headline"].split("\n\n")[0].splitlines()), part.name)


def _chapter(part: Part) -> str:
    return f"# {escape(part.title)} {{#ch-{part.name}}}\n\n{_body(part)}"


def _body(part: Part) -> str:
    lines = part.page.splitlines()
    first = next((i for i, ln in enumerate(lines) if ln.startswith("# ")), None)
    body = "\n".join(ln for i, ln in enumerate(lines) if i != first)
    told = _prefixed(body.replace("](figures/", f"](figures/{part.name}-"), part.name)
    if not part.declared:
        return told
    gap = " " * part.declared.startswith(" ")
    return f"::: declared\n[]{{}}{gap}{escape(part.declared)}\n\n{told}\n\n:::"


def _prefixed(markdown: str, chapter: str) -> str:
    return markdown.replace('{.fact data-fact="', f'{{.fact data-fact="{chapter}/')


def _not_covered(report: Report) -> str:
    lines = [f"# {report.say('not_covered')} {{#not-covered}}", ""]
    colon, missing = report.say("colon"), [p for p in report.parts if p.is_missing]
    if not missing and report.kind == "annex":
        return ""
    told = [f"- {escape(part.title)}{colon}{_why(report, part)}" for part in missing]
    return "\n".join([*lines, *(told or [report.say("all_covered")])])


def _why(report: Report, part: Part) -> str:
    """The tables that a missing chapter lacks, or the sentence that it says instead."""
    if not part.manifest["missing_tables"]:
        return part.manifest["headline"]
    names = report.say("comma").join(table_label(t, report.lang) for t in part.manifest["missing_tables"])
    return escape(report.say("missing_table_of", tables=names))


def _methods(report: Report) -> str:
    lines = [f"# {report.say('methods')} {{#methods}}", "", *[f"- {escape(m)}" for m in report.methods]]
    notes = [f"- {escape(note)}" for note in report.notes]
    return "\n".join([*lines, "", f"## {report.say('engine_notes')}", "", *notes] if notes else lines)


def _glossary(report: Report) -> str:
    """Words that a reader may not know, with what they mean: those that the annex prints."""
    words = tomllib.loads((shared_folder("text") / "glossary.toml").read_text("utf-8"))
    told = " ".join(p.page for p in report.told).lower()
    known = [sides for sides in words.values() if sides[report.lang][0].lower() in told]
    pairs = (sides[report.lang] for sides in known)
    lines = [f"{escape(name)}\n\n:   {escape(meaning)}\n" for name, meaning in pairs]
    return "\n".join([f"# {report.say('glossary')} {{#glossary}}", "", *lines]) if lines else ""


def _sources(report: Report) -> str:
    heads = [report.say(f"source_{k}") for k in ("chapter", "base", "rules", "input")]
    used: dict[tuple[str, ...], list[str]] = {}
    for part in report.told:
        base = _base_words(part.manifest.get("base"), report.lang)
        rules, sha256 = (part.manifest.get(k) or "—" for k in ("rules_title", "input_sha256"))
        used.setdefault((base, rules, sha256), []).append(part.title)
    rows = [[report.say("comma").join(titles), *rest] for rest, titles in used.items()]
    table = pipe_table(heads, rows, right=[False] * 4)
    lead = escape(report.say("sources_lead"))
    said = report.say("sources")
    return f"# {said} {{#sources}}\n\n{lead}\n\n{table}\n\n: {said} {{#tbl-sources}}\n"


def _base_words(base: str | None, lang: str) -> str:
    return say(f"show_bases.{base}", lang) if base and has_text(f"show_bases.{base}") else base or "—"


def trail(id: str, report: Report) -> list[tuple[str, str]]:
    """Label and value of each thing that leads from fact `id` back to the input; nothing empty."""
    fact = report.facts[id]
    part = next(part for part in report.parts if part.name == id.partition("/")[0])
    values = {
        "formula": fact.formula(report.lang),
        "table": table_label(fact.table, report.lang),
        "filter": fact.filter,
        "rows": f"{fact.rows:,}" if fact.rows else "",
        "base": _base_words(fact.base, report.lang) if fact.base else "",
        "rules": part.manifest.get("rules_title", ""),
        "input": fact.input_sha256[:16],
    }
    return [(report.say(f"trail_{k}"), str(v)) for k, v in values.items() if v]
