"""A chapter: what one notebook found, gathered and then written in one piece."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data.edition import suppress_small_cells
from perflib.data.errors import PerflibError
from perflib.data.fonts import printable
from perflib.data.text import say
from perflib.data.whole import safe_name, sha256, whole_folder
from perflib.show.facts import Facts, facts_json
from perflib.show.labels import column, table_label
from perflib.show.markdown import escape
from perflib.show.plots.chart import Chart
from perflib.show.tables import csv_text, is_number, markdown_table, styled_table
from perflib.show.template import Template

EDITIONS = ("internal", "public")


class Chapter:
    """The facts, tables and figures of one chapter, and the words around them.

    `name` is that of the notebook ("40_execution_rates"): the narrative is
    `reports/templates/<lang>/<name>.md`, the facts are declared in `perflib/text/facts_<name>.toml`.
    """

    is_missing = False

    def __init__(
        self,
        name: str,
        *,
        district: str,
        district_name: str,
        year: int,
        lang: str,
        currency: str,
        is_sample: bool,
        input_sha256: str,
        edition: str = "internal",
        base: str | None = None,
        rules: str | None = None,
        template: Template | None = None,
    ):
        assert edition in EDITIONS, f"`edition` must be one of {EDITIONS}, not {edition!r}"
        self.name, self.lang, self.currency, self.edition = name, lang, currency, edition
        self.is_sample, self.district_name = is_sample, printable(district_name)
        self.identity = {
            "name": name,
            "district": district,
            "district_name": district_name,
            "year": int(year),
            "lang": lang,
            "currency": currency,
            "is_sample": bool(is_sample),
            "input_sha256": input_sha256,
            "edition": edition,
            "base": base,
            "rules": rules,
        }
        self.facts = Facts(
            name, currency=currency, input_sha256=input_sha256, edition=edition, base=base, rules=rules
        )
        self.facts.add("fiscal_year", year, unit="year", table="projects", rows=0)
        self._template = template or Template(name, lang)
        self._tables: dict[str, pd.DataFrame] = {}
        self._figures: dict[str, Chart] = {}
        self._captions: dict[str, str] = {}
        self._alts: dict[str, str] = {}
        self._key_facts: list[str] = []
        self._off_page: set[str] = set()
        self._ends: dict[str, np.ndarray] = {}
        self._workbooks: dict[str, bytes] = {}
        self._documents: dict[str, bytes] = {}
        self._told: dict[str, object] = {}

    def add_table(
        self,
        id: str,
        frame: pd.DataFrame,
        *,
        columns: list[str] | None = None,
        caption: str | None = None,
        count: str | None = None,
        by: tuple[str, ...] = (),
        is_in_page: bool = True,
        ends: bool | pd.Series = False,
    ) -> None:
        """Add table `id`: the `columns` of `frame`, all of which have a human name (an error otherwise).

        A long list need not stand in the page (`is_in_page`): its CSV and the workbook have it. Of one in order
        the page can show both `ends` rather than the beginning: of all rows, or of those that are marked, so
        that no district stands at an end only because it has few projects.

        The public edition blanks small cells: those of the column `count` (by itself: `projects`, where
        there is one) and the numbers beside them, within the groups of `by`. The caption is
        `caption`, or macro `caption_<id>` of the template.
        """
        chosen = frame[columns] if columns else frame
        for name in chosen.columns:
            column(name)
        self._tables[id] = self._disclosed(chosen, count, by).reset_index(drop=True)
        self._captions[id] = caption or self.phrase(f"caption_{id}") or self.title()
        if ends is not False:
            marked = ends if isinstance(ends, pd.Series) else pd.Series(True, frame.index)
            self._ends[id] = marked.loc[frame.index].to_numpy(dtype=bool)
        if not is_in_page:
            self._off_page.add(id)

    def add_figure(
        self, id: str, figure: Chart, *, alt: str | None = None, caption: str | None = None, **alt_fields
    ) -> None:
        """Add figure `id`. Alternative text: `alt`, or macro `alt_<id>` of the template (which sees
        `alt_fields`), or what the figure says of itself. Caption: `caption`, macro `caption_<id>`, or
        the figure's subtitle.
        """
        self._figures[id] = figure
        self._alts[id] = alt or self.phrase(f"alt_{id}", **alt_fields) or figure.alt_text
        self._captions[id] = caption or self.phrase(f"caption_{id}") or figure.subtitle_text
        assert self._alts[id], f"figure {id} has no alternative text"

    def add_workbook(self, id: str, frames: Mapping[str, pd.DataFrame], *, title: str, **options) -> None:
        """Add a list to work on, a sheet for each of `frames`: `lists/<id>.xlsx` beside the chapter and the report.

        `options` are those of `perflib.show.lists.list_xlsx`. Such lists are working papers: the public
        edition has none.
        """
        from perflib.show.lists import list_xlsx

        if self.edition != "public":
            self._workbooks[safe_name(id)] = list_xlsx(frames, title=title, lang=self.lang, **options)

    def add_list(self, id: str, content: bytes) -> None:
        """Add the workbook `content` as a list to work on; the public edition has none (see `add_workbook`)."""
        if self.edition != "public":
            self._workbooks[safe_name(id)] = content

    def add_document(self, name: str, content: bytes) -> None:
        """Add the file `content` under `documents/<name>`; the report copies it beside its own formats."""
        self._documents[safe_name(name)] = content

    def tell(self, **names) -> None:
        """Give the template further `names` beside the facts: the bureau's own words, never a number of ours."""
        self._told |= names

    def key_facts(self, *ids: str) -> None:
        """Name the facts that stand on the report's first page, in this order."""
        self._key_facts = [id for id in ids if not self.facts[id].is_missing]

    def phrase(self, macro: str, **names) -> str | None:
        """What macro `macro` of the template says, as plain text: a figure's title, for instance."""
        return self._template.phrase(macro, self.facts, **self._names(), **names)

    def say(self, block: str):
        """Block `block` of the template as Markdown, for a notebook to show."""
        from IPython.display import Markdown

        return Markdown(self._template.block(block, self.facts, **self._names()))

    def block(self, block: str, *, mode: str = "page") -> str:
        """Block `block` of the template as Markdown text: facts as spans ("page") or as words ("notebook")."""
        return self._template.block(block, self.facts, mode=mode, **self._names())

    def headline(self):
        """The bottom line: block `headline`."""
        return self.say("headline")

    def table(self, id: str):
        """Table `id` for a notebook to show; a line that says so where the data gave none."""
        if id not in self._tables:
            return self._absent()
        return styled_table(
            self._tables[id], self.lang, caption=self._captions[id], **self._table_options(id)
        )

    def frame(self, id: str) -> pd.DataFrame | None:
        """The rows of table `id` as the chapter holds them (blanked in the public edition); None where there is none."""
        return self._tables.get(id)

    def figure(self, id: str):
        """Figure `id` for a notebook to show; a line that says so where the data gave none."""
        return self._figures[id] if id in self._figures else self._absent()

    def _absent(self):
        from IPython.display import Markdown

        return Markdown(say("show_report.not_in_data", self.lang))

    def title(self) -> str:
        """The chapter's title: the first heading of its template."""
        return self._template.title() or self.name

    def write(self, output: str | Path) -> None:
        """Write `<output>/chapters/<name>/` whole or not at all; nothing when `output` is ""."""
        if not str(output):
            return
        with whole_folder(Path(output) / "chapters" / safe_name(self.name)) as folder:
            hashes = self._write_tables(folder)
            self._write_figures(folder)
            for id, content in self._workbooks.items():
                _write(folder / "lists" / f"{id}.xlsx", content)
            for name, content in self._documents.items():
                _write(folder / "documents" / name, content)
            _write(folder / "facts.json", facts_json(self.facts, hashes))
            _write(folder / "page.md", self.page())
            _write(folder / "chapter.json", _json(self._manifest()))

    def page(self) -> str:
        """The whole page as Markdown: facts as spans, tables and figures where the template puts them.

        What the template does not place comes at the end, so that nothing is left out.
        """
        placed: set[str] = set()

        def place(id: str, there, make) -> str:
            placed.add(id)
            return make(id) if id in there else ""  # data may give no figure: then there is nothing to place

        page = self._template.page(
            self.facts,
            figure=lambda id: place(id, self._figures, self._figure_markdown),
            table=lambda id: place(id, self._tables, self._table_markdown),
            **self._names(),
        )
        rest = [self._figure_markdown(id) for id in self._figures if id not in placed]
        rest += [self._table_markdown(id) for id in self._tables if id not in placed | self._off_page]
        return "\n".join([page.strip(), "", *rest]).strip() + "\n"

    def _disclosed(self, frame: pd.DataFrame, count: str | None, by: tuple[str, ...]) -> pd.DataFrame:
        counted = count or ("projects" if "projects" in frame.columns else None)
        if self.edition != "public" or counted is None:
            return frame
        related = [c for c in frame.columns if c != counted and is_number(column(c))]
        blanked = suppress_small_cells(frame, count=counted, related=related, by=by)
        return blanked.drop(columns="is_suppressed")

    def _names(self) -> dict:
        return {
            "district_name": self.district_name,
            "lang": self.lang,
            "is_sample": self.is_sample,
            "edition": self.edition,
            "is_study": not self.identity["district"],  # a comparison study is no district's own
            "interval_note": say("show_report.interval_note", self.lang),
            **self._told,
        }

    def _uid(self, id: str) -> str:
        return f"{self.name}-{id}".replace("_", "-")

    def _figure_markdown(self, id: str) -> str:
        alt = escape(self._alts[id])
        return f'\n![{escape(self._captions[id])}](figures/{id}.png){{#fig-{self._uid(id)} alt="{alt}"}}\n'

    def _table_markdown(self, id: str) -> str:
        caption = escape(self._captions[id])
        return markdown_table(self._tables[id], self.lang, caption=caption, **self._table_options(id))

    def _table_options(self, id: str) -> dict:
        """What a table is shown with, in a notebook as on the page."""
        return {"currency": self.currency, "id": self._uid(id), "ends": self._ends.get(id)}

    def _write_tables(self, folder: Path) -> dict[str, str]:
        hashes = {}
        for id, frame in self._tables.items():
            content = "\ufeff" + csv_text(frame, self.lang, currency=self.currency)
            _write(folder / "tables" / f"{id}.csv", content)
            hashes[f"tables/{id}.csv"] = sha256(content.encode("utf-8"))
        return hashes

    def _write_figures(self, folder: Path) -> None:
        for id, figure in self._figures.items():
            _write(folder / "figures" / f"{id}.png", figure.png())
            _write(folder / "figures" / f"{id}.svg", figure.svg(alt=self._alts[id]))

    def _manifest(self) -> dict:
        tables = [
            {"id": id, "caption": self._captions[id], "rows": len(frame), "columns": list(frame.columns)}
            for id, frame in self._tables.items()
        ]
        figures = [
            {"id": id, "caption": self._captions[id], "alt": self._alts[id], "title": figure.title_text}
            for id, figure in self._figures.items()
        ]
        headline = self._template.headline(self.facts, **self._names())
        return {
            **self.identity,
            "title": self.title(),
            "headline": headline,
            "is_missing": False,
            "key_facts": self._key_facts,
            "tables": tables,
            "figures": figures,
        }


def missing_chapter(
    name: str,
    tables: list[str] | tuple[str, ...],
    *,
    district: str,
    district_name: str,
    year: int,
    lang: str,
    output: str | Path = "",
    title: str | None = None,
    is_sample: bool = False,
    edition: str = "internal",
    line: str = "",
):
    """The one-line page of a chapter whose `tables` are missing (or that says `line`), as Markdown for the notebook.

    Written to `<output>/chapters/<name>/` too, unless `output` is ""; the report lists it as not covered.
    """
    from IPython.display import Markdown

    names = (say("show_report.comma", lang)).join(table_label(t, lang) for t in tables)
    line = escape(line) if line else say("show_report.missing_chapter", lang, tables=escape(names))
    called = title or _template_title(name, lang)
    if str(output):
        manifest = {
            "name": name,
            "district": district,
            "district_name": district_name,
            "year": int(year),
            "lang": lang,
            "is_sample": is_sample,
            "edition": edition,
            "title": called,
            "headline": line,
            "is_missing": True,
            "missing_tables": list(tables),
            "tables": [],
            "figures": [],
            "key_facts": [],
        }
        with whole_folder(Path(output) / "chapters" / safe_name(name)) as folder:
            _write(folder / "page.md", f"# {escape(called)}\n\n{line}\n")
            _write(folder / "facts.json", facts_json({}, {}))
            _write(folder / "chapter.json", _json(manifest))
    return Markdown(line)


def _template_title(name: str, lang: str) -> str:
    try:
        return Template(name, lang).title() or name
    except PerflibError:  # a chapter that is not written yet can be missing too
        return name.partition("_")[2].replace("_", " ") or name


def _json(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _write(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
