"""A chapter that was written to a folder, read back for the report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from perflib.data.errors import PerflibError
from perflib.data.text import say
from perflib.show.facts import Fact, read_facts

SUMMARY, SCOPE, DATA = "90_", "78_", "10_"
LEADERS = (SUMMARY, SCOPE)
"""What leaders read of an annual report and of a study; the other chapters are its annex."""


@dataclass(frozen=True)
class Part:
    """One written chapter, read back."""

    folder: Path
    manifest: dict
    page: str
    facts: dict[str, Fact]
    source: str = ""  # a study of several sources has a chapter once for each
    mark: str = ""  # what tells the parts of one chapter apart in names of files and anchors
    declared: str = ""  # what every caption of a figure or table says of the source

    @property
    def name(self) -> str:
        return self.manifest["name"] + self.mark

    @property
    def title(self) -> str:
        own = self.manifest["title"]
        if not self.source:
            return own
        return say("show_report.title_of_source", self.manifest["lang"], title=own, source=self.source)

    @cached_property
    def frames(self) -> dict[str, dict[str, list]]:
        """The cells of each table as values, by its id: `heads` and `rows`."""
        return json.loads((self.folder / "frames.json").read_text("utf-8"))

    @property
    def is_missing(self) -> bool:
        return self.manifest["is_missing"]


def read_parts(
    chapters: Sequence[Path],
    sources: Mapping[str, tuple[str, str]] | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[Part, ...]:
    """The chapters that were written to the folders `chapters`: the summary of the year, the stages in their
    order, and what there is to say of the data last.

    `sources` gives the source of a chapter by its folder: its name, and what is declared of it in every caption
    (currency, what a row is). The same chapter may stand there once a source. `names` gives a chapter another name
    than its page has, by its folder: it takes its place in the order by that.
    """
    given, named = sources or {}, names or {}
    marks = {name: f"-{i}" for i, name in enumerate(dict.fromkeys(name for name, _ in given.values()), 1)}
    parts = []
    for folder in chapters:
        source, declared = given.get(str(folder), ("", ""))
        part = _read_part(Path(folder), source, marks.get(source, ""), declared)
        parts.append(_renamed(part, named[str(folder)]) if str(folder) in named else part)
    return tuple(sorted(parts, key=lambda part: (_place(part.name), part.manifest["name"], part.mark)))


def _place(name: str) -> int:
    return 0 if name.startswith(SUMMARY) else 2 if name.startswith(DATA) else 1


def _read_part(folder: Path, source: str, mark: str, declared: str) -> Part:
    if not (folder / "chapter.json").is_file():
        raise PerflibError("show_errors.no_chapters", folder=folder.name)
    texts = {f: (folder / f).read_text("utf-8") for f in ("chapter.json", "page.md", "facts.json")}
    manifest, facts = json.loads(texts["chapter.json"]), read_facts(texts["facts.json"])
    page = _anchored(texts["page.md"], manifest["name"], manifest["name"] + mark)
    return Part(folder, manifest, page, facts, source, mark, declared)


def _renamed(part: Part, name: str) -> Part:
    old = part.manifest["name"]
    return replace(part, manifest={**part.manifest, "name": name}, page=_anchored(part.page, old, name))


def _anchored(page: str, old: str, new: str) -> str:
    """`page` with the anchors of its figures and tables named by `new` in place of `old`."""
    was, now = old.replace("_", "-"), new.replace("_", "-")
    for kind in ("fig", "tbl"):
        page = page.replace(f"{{#{kind}-{was}-", f"{{#{kind}-{now}-")
    return page
