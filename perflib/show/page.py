"""A page: what a notebook tells. Each call shows its part in the notebook and adds it to the page, in that order."""

import html
import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from perflib.data.book import Book
from perflib.data.edition import suppress_small_cells
from perflib.data.errors import ArgumentError, PerflibError, nearest
from perflib.data.fonts import printable
from perflib.data.places import shared_folder
from perflib.data.rules import load_rules
from perflib.data.text import LANGUAGES, say
from perflib.data.whole import safe_name, sha256, write_folder
from perflib.measure.rates import check_bases
from perflib.measure.tally import check_columns
from perflib.show.facts import Fact, facts_json
from perflib.show.labels import Column, column, columns_of, headings, place_name, table_label
from perflib.show.markdown import escape
from perflib.show.numbers import format_value
from perflib.show.sentence import Telling, tell, template_text, undeclared_numbers
from perflib.show.tables import csv_text, is_number, markdown_table, plain_frame, rows_behind, styled_table

KINDS = ("title", "say", "words", "adds", "documents", "heads", "asks", "tiles", "tables", "figures", "source",
         "key_facts", "columns")  # fmt: skip
MOST_TILES, TILE = 6, ("value", "label", "note", "verdict", "act")


class NothingToTell(Exception):
    """The data lacks a table that a page needs: its notebook ends here, and that is no failure.

    Papermill takes an exception called SystemExit without words for a good end, so this one is called so.
    """

    def _render_traceback_(self) -> list[str]:
        return []


NothingToTell.__name__ = "SystemExit"


class Page:
    """The page of notebook `name` on the district and year of `book`; its words stand in `text/<name>.toml`.

    `needs` are the tables without which there is nothing to tell: if one is missing, the page is one line that names
    it, and the notebook ends. `rules` is a set by name or file ("": the data's own), read as `page.rules`. `output` is
    the folder that `write` writes to ("": none).

    A notebook of one's own needs no such file: its sentences, titles and labels stand in its calls, and its columns
    go by the names they have.

    >>> import pandas as pd, perflib as pf
    >>> page = pf.Page("mine", pf.load("sample", lang="en"), rules="national-2020")
    >>> page.say("{{ mine.projects }} projects", mine=pd.DataFrame({"projects": [7]})).data
    '7 projects'
    """

    def __init__(
        self, name: str, book: Book, *, rules: str = "", base: str | None = None, output: str | Path = "",
        needs: Sequence[str] = ("projects",),
    ):  # fmt: skip
        if base:
            check_bases([base])
        self.name, self.book, self.lang, self.output = name, book, book.lang, output
        lang = book.lang
        self.text = page_text(name) or {"title": dict.fromkeys(LANGUAGES, name.replace("_", " "))}
        self._is_own = "say" not in self.text
        self._own_words = own_words(self.text)
        self.rules = load_rules(rules or book.rule_set)
        self.identity = {
            "name": name, "district": book.district, "year": int(book.year), "lang": lang,
            "district_name": printable(book.district_name(book.district, lang)), "currency": book.currency,
            "is_sample": bool(book.is_sample), "input_sha256": book.select(book.district).sha256,
            "edition": book.edition, "base": base, "rules": self.rules.id,
            "rules_title": self.rules.title.label(lang),
        }  # fmt: skip
        self._frames: dict[str, pd.DataFrame] = {}
        self._names: dict[str, object] = {
            **{k: self.identity[k] for k in ("lang", "is_sample", "edition")},
            "district_name": place_name(self.identity["district_name"], lang),
            "is_study": not book.district,  # a comparison study is no district's own
            "interval_note": say("show_report.interval_note", lang),
        }
        self._parts: dict[tuple[str, str], dict] = {}
        self._files: dict[str, bytes] = {}
        self._head = ""
        self._head_facts: dict[str, Fact] = {}
        rows = len(book.rows("projects", year=book.year))
        self._frames["year"] = pd.DataFrame({"fiscal_year": [self.identity["year"]], "rows": [rows]})
        self._filter = book.rows("districts", year=book.year).attrs["filter"]
        self._missing = [table for table in needs if not book.has(table)]
        if self._missing:
            tables = say("show_report.comma", lang).join(table_label(t, lang) for t in self._missing)
            self._end(say("show_report.missing_chapter", lang, tables=escape(tables)))

    # What is told

    def say(self, id: str, /, **frames):
        """Sentence `id`, the cells of `frames` (and of those given before) filled in; the one called "headline"
        is the page's bottom line. Text and lists of names may be given too, but no number: it comes in a frame.
        """
        words = self._words("say", id)
        self._know(frames)
        page, facts = self._told(words, "page")
        notebook, _ = self._told(words, "notebook")
        if id == "headline" and self.book.is_in_course:  # to which month the figures are
            month = format_value(self.book.last_day.month, "month", self.lang)
            note = say("show_report.to_month", self.lang, year=self.book.year, month=month)
            page, notebook = page and f"{note}{page}", f"{note}{notebook}"
        look = "headline" if id == "headline" else self.text.get("say", {}).get(id, {}).get("look", "")
        framed = f"\n::: {look}\n{page}\n\n:::\n" if look else f"\n{page}\n"
        self._keep("say", id, framed if page else "", facts, told=page)
        return _markdown(notebook)

    def need(self, frame: pd.DataFrame, id: str, /) -> None:
        """End the notebook with sentence `id` where `frame` has no row: there is nothing to tell of."""
        if frame.empty:
            self._end(self._told(self._words("say", id), "page")[0])

    def word(self, id: str, /, **frames) -> str:
        """A few words for a label or a mark in a figure, as plain text."""
        self._know(frames)
        return self._told(self._words("words", id), "plain")[0]

    def ask(self, id: str, /, **frames):
        """Question `id`, answered in a heading: it is printed with the next part that has something to tell."""
        words = self._section("asks", id)
        self._know(frames)
        page, facts = self._told(words[self.lang], "page")
        notebook, _ = self._told(words[self.lang], "notebook")
        kicker, _ = self._told(words["question"][self.lang], "plain") if "question" in words else ("", {})
        mark = f"\n::: kicker\n{escape(kicker)}\n:::\n" if kicker else ""
        self._head = f"{mark}\n## {page} {{#ask-{id}}}\n" if page else ""
        self._head_facts = facts
        return _markdown(f"### {notebook}" if page else "")

    def tiles(self, **frames):
        """The tiles of the first page, in the order of their words: a number, what it is, a note, and a verdict or
        what calls for action. One whose number is missing is left out.
        """
        from IPython.display import HTML

        self._know(frames)
        pages, plain, facts = [], [], {}
        for tile in self.text["tiles"].values():
            if len(pages) == MOST_TILES or not self._told(tile["value"][self.lang], "plain")[0]:
                continue
            told = {part: self._told(tile[part][self.lang], "page") for part in TILE if part in tile}
            facts |= {id: fact for _, printed in told.values() for id, fact in printed.items()}
            lines = [f"[{text}]{{.{part}}}" for part, (text, _) in told.items() if text]
            pages.append("\n:::: card\n" + "\n\n".join(lines) + "\n::::\n")
            words = [self._told(tile[part][self.lang], "plain")[0] for part in TILE if part in tile]
            cell = "<br>".join(map(html.escape, filter(None, words)))
            plain.append(f"<td style='text-align:left;vertical-align:top'>{cell}")
        self._keep("tiles", "tiles", f"\n::::: cards\n{''.join(pages)}\n:::::\n" if pages else "", facts)
        return HTML(f"<table><tr>{''.join(plain)}</table>")

    def figure(self, id: str, ax, /, *, title: str = "", subtitle: str = "", **frames):
        """Figure `id`: what stands on `ax`, with title, subtitle, source, sample mark and alternative text.

        Nothing for None, which a plot gives where there is nothing to draw. `title` and `subtitle` are for a
        notebook of one's own.
        """
        from perflib.show.plots import framed

        if ax is None:
            self._keep("figure", id, "", {})
            return _markdown("")
        own = {"title": {self.lang: title or id}, "subtitle": {self.lang: subtitle}}
        said = own if self._is_own else self._section("figures", id)
        self._know(frames)
        told = {key: self._told(sides[self.lang], "plain") for key, sides in said.items()}
        words = {key: " ".join(text.split()) for key, (text, _) in told.items()}
        source = "" if self._is_own else self._told(self.text["source"][self.lang], "plain")[0]
        named = words["title"], words.get("subtitle", ""), source, self.lang
        called = words.get("caption") or words.get("subtitle", "")
        chart = framed(ax, *named, is_sample=self.book.is_sample, called=called)
        if chart is None:
            return self.figure(id, None)
        alt = words.get("alt") or chart.alt_text
        caption = words.get("caption") or words.get("subtitle") or words["title"]
        assert alt, f"figure {id} has no alternative text"
        markdown = f'\n![{escape(caption)}](figures/{id}.png){{#fig-{self._uid(id)} alt="{escape(alt)}"}}\n'
        facts = {key: fact for _, printed in told.values() for key, fact in printed.items()}
        self._keep("figure", id, markdown, facts, chart=chart, caption=caption, alt=alt)
        return chart

    def table(
        self, id: str, frame: pd.DataFrame | None, columns: str | Sequence[str] = "", /, *, count: str = "projects",
        by: Sequence[str] = (), in_page: bool = True, ends: bool | pd.Series = False, title: str = "",
        labels: Mapping[str, str] | None = None, **frames,
    ):  # fmt: skip
        """Table `id`: the `columns` of `frame` (names with blanks between) that hold anything; nothing where `frame` has no row.

        The public edition blanks small cells of the column `count` and the numbers beside them, within groups of
        `by`. Of a long table the page shows its beginning, or both `ends` (of the marked rows only); a list need
        not stand in the page (`in_page`). The CSV and the workbook have every row. `title`, and `labels` for columns
        that nobody declared, are for a notebook of one's own.
        """
        self._know(frames)
        chosen = columns.split() if isinstance(columns, str) else list(columns)
        if frame is None or not len(frame):
            self._keep("table", id, "", {})
            return _markdown("")
        check_columns(frame, chosen)
        shown = self.named((frame[chosen] if chosen else frame).dropna(axis=1, how="all"))
        words = {**self._own_words.get(id, {}), **(undeclared(shown, labels or {}) if self._is_own else {})}
        shown = self._disclosed(shown, columns_of(shown, words), count, by).reset_index(drop=True)
        if not len(shown):
            return self.table(id, None)
        shown.attrs = {"columns": words}
        caption, facts = self._told(title or id if self._is_own else self._words("tables", id), "plain")
        caption = " ".join(caption.split())
        marks = ends if isinstance(ends, pd.Series) else pd.Series(True, frame.index)
        shown_ends = None if ends is False else marks.loc[frame.index].to_numpy(dtype=bool)
        options = {"currency": self.identity["currency"], "id": self._uid(id), "ends": shown_ends}
        markdown = markdown_table(shown, self.lang, caption=escape(caption), **options) if in_page else ""
        behind = rows_behind(shown, self.lang, in_page=in_page, ends=shown_ends)
        self._keep("table", id, markdown, facts, frame=shown, caption=caption, behind=behind)
        return styled_table(shown, self.lang, caption=caption, **options)

    def list(self, purpose: str, frame: pd.DataFrame, /, **about: int) -> None:
        """Workbooks of list `purpose` (data/lists.toml), one a department in `lists/`, which `perflib collect` reads.

        `frame` has the list's columns; `about` is the year, and the month, that it is of. None of no row, and none in
        the public edition.
        """
        from perflib.show.outgoing import department_lists

        for name, content in department_lists(self.book, {purpose: frame}, **about).items():
            self.file(f"lists/{name}", content)

    def file(self, name: str, content: bytes, /) -> None:
        """A file of the page's own: a list (`lists/…`, a working paper that the public edition lacks) or a document."""
        if self.book.edition != "public" or not name.startswith("lists/"):
            self._files[name] = content

    def document(self, id: str, /, *, title: str, **frames):
        """The official text `id` as a Word file of its own, `<id>.docx`: it is to be edited, and is no part of the page.

        Its words see the pieces of work of the bureau (`told`), beside `frames` and what was given before.
        """
        from perflib.show.official import bureau_words, official_docx

        self._know(frames)
        told = bureau_words(self.named(self.book.rows("work_items")), year=self.book.year, lang=self.lang)
        text, _ = self._told(self._section("documents", id)[self.lang], "notebook", told=told)
        mark = say("show_report.sample", self.lang) if self.book.is_sample else ""
        place = self.identity["district_name"]
        heads = f"{place}\n{title}" if not place.isdigit() else title
        made = official_docx(text, title=heads, lang=self.lang, author=place, mark=mark)
        self.file(f"documents/{id}.docx", made)
        return _markdown(text)

    def cell(self, name: str, value) -> str:
        """What a cell of column `name` prints: a code in words."""
        return column(name).cell(self.named(value), self.lang)

    def named(self, told):
        """`told` (a frame, a list or a text) with the names that the page's language has for those in the data.

        Sentences and tables do so by themselves; a figure is given the names that it shows.
        """
        return self.book.named(told)

    def disclosed(self, frame: pd.DataFrame, *, count: str) -> pd.DataFrame:
        """`frame` as this edition may show it: without small cells of `count` where it is public.

        Tables do so by themselves; a figure is given the rows that it may show.
        """
        if self.book.edition != "public":
            return frame
        numbers = [c for c in frame.select_dtypes("number") if c != count]
        return suppress_small_cells(frame, count=count, related=numbers).drop(columns="is_suppressed")

    # What is written

    def write(self) -> None:
        """Write `<output>/chapters/<name>/` whole or not at all; nothing where there is no output."""
        if not str(self.output):
            return
        facts = self.facts()
        files: dict[str, str | bytes] = {"page.md": self.markdown(), **self._files}
        frames = {}
        for part in self._of("table"):
            plain = plain_frame(part["frame"], self.lang, currency=self.identity["currency"])
            files[f"tables/{part['id']}.csv"] = "\ufeff" + csv_text(plain)
            frames[part["id"]] = {"heads": list(plain.columns), "rows": plain.to_numpy().tolist()}
        files["frames.json"] = json.dumps(frames, ensure_ascii=False)
        for part in self._of("figure"):
            files[f"figures/{part['id']}.png"] = part["chart"].png()
            files[f"figures/{part['id']}.svg"] = part["chart"].svg(alt=part["alt"])
        hashes = {n: sha256(_bytes(c)) for n, c in files.items() if n.startswith("tables/")}
        files |= {"facts.json": facts_json(facts, hashes), "chapter.json": _json(self._manifest(facts))}
        self._write(files)

    def _write(self, files: Mapping[str, str | bytes]) -> None:
        folder = Path(self.output) / "chapters" / safe_name(self.name)
        write_folder(folder, {name: _bytes(content) for name, content in files.items()})

    def _end(self, line: str) -> None:
        """Show and write the one line of a page that has nothing to tell, and end the notebook."""
        from IPython.display import display

        title = self.text["title"][self.lang]
        if str(self.output):
            told = {"title": title, "headline": line, "is_missing": True, "missing_tables": self._missing}
            manifest = {**self.identity, **told, "key_facts": [], "tables": [], "figures": []}
            page = f"# {escape(title)}\n\n{line}\n"
            self._write({"page.md": page, "facts.json": facts_json({}, {}), "chapter.json": _json(manifest)})
        display(_markdown(line))
        raise NothingToTell

    def markdown(self) -> str:
        """All that was said, drawn and tabled, as `page.md` has it."""
        parts = "\n".join(part["markdown"] for part in self._parts.values() if part["markdown"])
        return f"# {self.text['title'][self.lang]}\n\n{parts.strip()}\n"

    def _manifest(self, facts: Mapping[str, Fact]) -> dict:
        tables = [
            {
                "id": p["id"], "caption": p["caption"], "rows": len(p["frame"]), "columns": list(p["frame"].columns),
                "units": [known.unit for known in columns_of(p["frame"]).values()], "behind": p["behind"],
                "heads": list(headings(p["frame"], self.lang, self.identity["currency"]).values()),
            }
            for p in self._of("table")
        ]  # fmt: skip
        figures = [{"id": p["id"], "caption": p["caption"], "alt": p["alt"], "title": p["chart"].title_text}
                   for p in self._of("figure")]  # fmt: skip
        headline = self._parts.get(("say", "headline"), {}).get("told", "")
        key_facts = [id for id in self.text.get("key_facts", ()) if id in facts and not facts[id].is_missing]
        return {**self.identity, "title": self.text["title"][self.lang], "headline": headline, "is_missing": False,
                "key_facts": key_facts, "tables": tables, "figures": figures}  # fmt: skip

    def facts(self) -> dict[str, Fact]:
        """All facts that were printed, by id; one that two sentences print with two values is refused."""
        facts: dict[str, Fact] = {}
        for part in self._parts.values():
            for id, fact in part["facts"].items():
                if id in facts and facts[id] != fact:
                    raise PerflibError("show_errors.two_values", fact=id, page=self.name, one=facts[id].text(self.lang),
                                       other=fact.text(self.lang))  # fmt: skip
                facts[id] = fact
        return facts

    def _of(self, kind: str) -> Sequence[dict]:
        made = "frame" if kind == "table" else "chart"
        return [part for (k, _), part in self._parts.items() if k == kind and made in part]

    def _keep(self, kind: str, id: str, markdown: str, facts: Mapping[str, Fact], **more) -> None:
        """Keep a part in the place of its first call: a cell that is run again replaces what it told."""
        is_first = not any(told == id for _, told in self._parts)
        if is_first and (head := self.text.get("heads", {}).get(id)):
            self._head = f"\n## {escape(head[self.lang])}\n"
        before = self._parts.get((kind, id), {})
        head, head_facts = before.get("head", ""), before.get("head_facts", {})
        if markdown and not head:
            head, self._head = self._head, ""
            head_facts, self._head_facts = self._head_facts, {}
        told = f"{head}{markdown}" if markdown else ""
        facts = {**(head_facts if markdown else {}), **facts}
        more |= {"head": head, "head_facts": head_facts}
        self._parts[kind, id] = {"id": id, "facts": facts, "markdown": told, **more}

    def _told(self, words: str, mode: str, **more) -> tuple[str, dict[str, Fact]]:
        trail = {
            "base": self.identity["base"], "rules": self.identity["rules"], "table": "projects", "filter": self._filter,
            "input_sha256": self.identity["input_sha256"], "rows": len(self.book.tables.get("projects", ())),
        }  # fmt: skip
        about = self.lang, mode, self.book.currency, self.book.edition, trail, self._own_words
        telling = Telling(*about, named=self.named)
        names = {**self._names, **more, "at": lambda id: self._at(id) if mode == "page" else ""}
        return tell(words, telling, self._frames, names), telling.facts

    def _at(self, id: str) -> str:
        """The way to the page that answers question `id`."""
        question = self._section("asks", id)["question"][self.lang]
        return f" [{escape(question)}](#ask-{id}){{.at}}"

    def _know(self, given: Mapping[str, object]) -> None:
        for name, value in given.items():
            if isinstance(value, pd.DataFrame | pd.Series):
                self._frames[name] = value
                if self._is_own:
                    self._own_words[name] = undeclared(value, {})
            elif isinstance(value, int | float) and not isinstance(value, bool):
                raise PerflibError("show_errors.bare_number", name=name, page=self.name)
            else:
                self._names[name] = self.named(value)

    def _words(self, kind: str, id: str) -> str:
        return id if self._is_own else self._section(kind, id)[self.lang]

    def _section(self, kind: str, id: str) -> Mapping:
        there = self.text.get(kind, {})
        if id not in there:
            raise ArgumentError("show_errors.unknown_id", kind=kind, id=id, page=self.name,
                                known=", ".join(there) or "—", near=nearest(id, there))  # fmt: skip
        return there[id]

    def _disclosed(self, frame: pd.DataFrame, known: Mapping, count: str, by: Sequence[str]) -> pd.DataFrame:
        if self.book.edition != "public" or count not in frame.columns:
            return frame
        numbers = [c for c in frame.columns if c != count and is_number(known[c])]
        told = suppress_small_cells(frame, count=count, related=numbers, by=by).drop(columns="is_suppressed")
        return told if told[count].notna().any() else told[:0]  # names without a number are no table

    def _uid(self, id: str) -> str:
        return f"{self.name}-{id}".replace("_", "-")


@cache
def page_text(name: str) -> dict:
    """All that page `name` says, from `text/<name>.toml` (nothing where there is none, as for a page of one's own).

    PerflibError where a sentence holds a number of its own.
    """
    file = shared_folder("text") / f"{name}.toml"
    if not file.is_file():
        return {}
    text = tomllib.loads(file.read_text("utf-8"))
    assert not (unknown := text.keys() - set(KINDS)), f"{file.name}: unknown {unknown}"
    figures = [sides for figure in text.get("figures", {}).values() for sides in figure.values()]
    others = [sides for kind in ("say", "words", "tables") for sides in text.get(kind, {}).values()]
    for sides in (*others, *figures):
        for words in (said for side, said in sides.items() if side != "look"):
            if found := undeclared_numbers(template_text(words)):
                raise PerflibError("show_errors.number_in_template", file=file.name, found=", ".join(found))
    return text


def own_words(text: Mapping) -> dict[str, dict[str, Column]]:
    """What a page declares of single cells: by frame or table ("rates", or "rates.initial" for a row) and column."""
    found: dict[str, dict[str, Column]] = {}
    for key, words in text.get("columns", {}).items():
        at, dot, name = key.rpartition(".")
        if dot:
            found.setdefault(at, {})[name] = Column(name, **words)
    return found


def undeclared(frame: pd.DataFrame | pd.Series, labels: Mapping[str, str]) -> dict[str, Column]:
    """The columns of `frame` that nobody declared, or that have `labels`: their own names, units by their type."""
    found = {}
    for name in frame.columns if isinstance(frame, pd.DataFrame) else frame.index:
        if name in labels or column(name, or_none=True) is None:
            kind = getattr(frame[name], "dtype", None) or type(frame[name])
            is_whole, is_number = pd.api.types.is_integer_dtype(kind), pd.api.types.is_float_dtype(kind)
            unit = "count" if is_whole else "ratio" if is_number else "text"
            known, label = column(name, or_none=True), labels.get(name, name)
            unit = known.unit if known else unit
            found[name] = Column(name, label, label, unit, zh_how=label, en_how=label)
    return found


def _markdown(text: str):
    from IPython.display import Markdown

    return Markdown(text)


def _json(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content
