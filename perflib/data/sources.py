"""Which files `--data` means, and which table each sheet of them is."""

import os
from collections.abc import Collection
from pathlib import Path

from perflib.data import problems
from perflib.data.contract import Table
from perflib.data.contract import tables as declared_tables
from perflib.data.errors import DataError
from perflib.data.files import BOOKS, KNOWN, Grid, read_grids
from perflib.data.header import find_header
from perflib.data.inputs import SAMPLE, SAMPLE_ABROAD, split_data
from perflib.data.load import Source
from perflib.data.outline_file import add_outlines
from perflib.data.places import PACKAGE, shared_folder
from perflib.data.reading import read_piece
from perflib.data.words import normal

FORM = {
    "年度资金总额", "年度总体目标", "预算执行情况", "一级指标", "三级指标", "绩效指标", "项目资金", "总体目标", "年度指标值",
}  # fmt: skip
MARK = "示例数据"  # stands on every sheet of the sample workbook


def read_source(data: str, *, year: int = 0) -> Source:
    """Everything that `data` names, read and typed, not yet checked.

    With `year`, a mapping may leave out the rows of other years that it declares dispensable.
    """
    if data == SAMPLE:
        source = _read_folder(shared_folder("data") / "sample")
        source.is_sample = True
        return source
    is_abroad = data == SAMPLE_ABROAD
    name, path = (data, shared_folder("data") / data) if is_abroad else split_data(data)
    if name:
        from perflib.data.mapped import read_mapped

        source = add_outlines(read_mapped(_mapping_file(name), path, year=year), path)
        source.is_sample = is_abroad
        return source
    if os.path.isdir(path):
        return add_outlines(_read_folder(path), path)
    return _read_file(path)


def _mapping_file(name: str) -> Path:
    own = PACKAGE / "data" / "mappings" / f"{name}.toml"
    if name.endswith(".toml"):
        return Path(name).expanduser()
    if os.path.isfile(own):
        return own
    known = sorted(p.stem for p in own.parent.glob("*.toml") if p.stem != SAMPLE_ABROAD)
    raise DataError("reading.no_mapping", name=name, known=", ".join([*known, "*.toml"]))


def which_table(name: str) -> Table | None:
    """The table that a sheet or file name means: code, Chinese or English label, with or without a suffix."""
    words = {normal(part) for part in [name, *name.replace("|", "/").split("/")]}
    for declared in declared_tables().values():
        if words & {normal(declared.name), normal(declared.zh), normal(declared.en)}:
            return declared
    first = name.replace("–", "-").split("-")[0]
    head = normal(first.rstrip("0123456789_ ")).rstrip("_")
    return next((t for t in declared_tables().values() if head in (t.name, normal(t.zh), normal(t.en))), None)


def files_in(folder: Path, endings: Collection[str]) -> list[Path]:
    """Files of `folder` that end so, those of an open program and hidden ones aside."""
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in endings)
    return [p for p in files if not p.name.startswith(("~", "."))]


def _read_folder(folder: Path) -> Source:
    files = files_in(folder, KNOWN)
    known = [(p, which_table(p.stem)) for p in files if p.suffix.lower() not in BOOKS]
    if not any(t and t.is_required for _, t in known):
        if forms := _forms(folder):
            return forms
        books = [p for p in files if p.suffix.lower() in BOOKS]
        if len(books) == 1:
            return _read_file(books[0])
        found = ", ".join(p.name for p in files)[:300] or "—"
        raise DataError("reading.no_projects_file", folder=str(folder), found=found)
    other = [p for p, t in known if t is None] + [p for p in files if p.suffix.lower() in BOOKS]
    notes = [problems.report("unknown_file", "warning", "", file=p.name) for p in other]
    pieces = [read_piece(read_grids(p)[0], t) for p, t in known if t]
    return Source(pieces, notes=notes)


def _forms(folder: Path) -> Source | None:
    """A folder of filled forms, of one project each; None where none of its files is one."""
    from perflib.data.form_reading import FORMS, has_forms, read_forms

    files = files_in(folder, FORMS)
    if not files or not has_forms(files):
        return None
    pieces, notes = read_forms(files)
    return Source(pieces, notes=notes)


def _read_file(path: Path) -> Source:
    grids = [g for g in read_grids(path) if g.frame is not None or g.cells.size]
    if not grids:
        raise DataError("reading.empty_file", file=path.name)
    if len(grids) == 1 and not grids[0].sheet:
        return Source([read_piece(grids[0], which_table(path.stem) or declared_tables()["projects"])])
    return _read_sheets(path, grids)


def _read_sheets(path: Path, grids: list[Grid]) -> Source:
    """Every sheet that is named like a table; a lone sheet with a header of projects will do."""
    named = [(g, which_table(g.sheet)) for g in grids]
    projects = declared_tables()["projects"]
    if not any(t and t.is_required for _, t in named):
        if form := next((g for g, _ in named if _is_form(g)), None):
            raise DataError("reading.is_form", file=path.name, sheet=form.sheet)
        like = [g for g, t in named if t is None and _looks_like(g, projects)]
        if len(like) != 1:
            raise DataError(
                "reading.missing_sheet", file=path.name, sheet=f"{projects.zh} / {projects.en}",
                found=", ".join(g.sheet for g in grids),
            )  # fmt: skip
        named = [(g, projects if g is like[0] else t) for g, t in named]
    pieces = [read_piece(g, t) for g, t in named if t and not _is_hollow(g, t)]
    other = [g for g, t in named if t is None and not is_cover(g.sheet)]
    notes = [problems.report("unknown_sheet", "warning", "", file=g.file, sheet=g.sheet) for g in other]
    is_sample = any(MARK in str(c) for g in grids for c in g.cells[:3].ravel())
    return Source(pieces, is_sample=is_sample, notes=notes)


def _is_form(grid: Grid) -> bool:
    """Whether a sheet is a form about one project, with its labels beside its cells, and no table."""
    words = {normal(c) for c in grid.cells[:40].ravel() if isinstance(c, str)}
    return "项目名称" in words and len(words & FORM) >= 2


def _looks_like(grid: Grid, declared: Table) -> bool:
    header = find_header(grid.cells, declared)
    return bool(header) and len({"name", "project", "adjusted_budget", "executed"} & set(header.columns)) >= 2


def _is_hollow(grid: Grid, declared: Table) -> bool:
    """An optional sheet of the template that nobody has filled in."""
    if declared.is_required:
        return False
    header = find_header(grid.cells, declared)
    return header is not None and not (grid.cells[header.first_data :] != "").any()


def is_cover(sheet: str) -> bool:
    """Whether a sheet's name says that it holds no data: cover, notes, lists of the template."""
    return any(word in normal(sheet) for word in ("封面", "说明", "cover", "readme", "选项", "choices"))
