"""The notebooks that travel with perflib: found by name, number or path."""

from pathlib import Path

from perflib.data.errors import ArgumentError, did_you_mean
from perflib.data.places import shared_folder
from perflib.run.parameters import read_notebook

EVERYTHING, DISTRICT = "everything", "district"
COMPARING = ("78_", "80_", "85_")
ALL_ROWS = (*COMPARING, "90_")
"""Notebooks that compare districts: they, and the annual report itself, read the rows of all of them."""
SCOPE = "78_"
"""What a study compares: it opens a study, and no annual report has it."""
INTRODUCTION = "00_"
SUMMARY = "90_"


def suite(lang: str) -> list[Path]:
    """All notebooks of this language, in their order."""
    folder = shared_folder("notebooks")
    return sorted((folder / "en" if lang == "en" else folder).glob("[0-9][0-9]_*.ipynb"))


def report_notebooks(lang: str) -> list[Path]:
    """The notebooks that write the chapters of a report: all but the introduction and a study's scope."""
    return [path for path in suite(lang) if not path.name.startswith((INTRODUCTION, SCOPE))]


def study_notebooks(lang: str) -> list[Path]:
    """The notebooks that write the chapters of a comparison study."""
    return [path for path in suite(lang) if path.name.startswith(COMPARING)]


def find_notebook(name: str, lang: str) -> Path:
    """The notebook at path `name`, or the suite's notebook of that name or number ("40").

    Raises ArgumentError, which lists what there is and what may have been meant.
    """
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    if path.suffix == ".ipynb" and len(path.parts) > 1:
        raise ArgumentError("run.no_notebook", path=path)
    wanted = path.name.removesuffix(".ipynb")
    found = suite(lang)
    for notebook in found:
        if wanted in (notebook.stem, notebook.stem[:2], notebook.stem[3:]):
            return notebook
    known = [notebook.stem for notebook in found]
    hint = did_you_mean(wanted, known)
    raise ArgumentError("run.unknown_notebook", name=name, known=", ".join(known) or "—", hint=hint)


def rows_read(notebook: Path) -> str:
    """Whether `notebook` reads the rows of one district or of all.

    A notebook may say it in its metadata (`{"perflib": {"reads": "district"}}`); those of the
    suite follow `ALL_ROWS`; of any other nothing is known, so a change anywhere counts.
    """
    said = read_notebook(notebook)["metadata"].get("perflib", {}).get("reads")
    if said in (EVERYTHING, DISTRICT):
        return said
    is_ours = notebook.is_relative_to(shared_folder("notebooks"))
    return DISTRICT if is_ours and not notebook.name.startswith(ALL_ROWS) else EVERYTHING
