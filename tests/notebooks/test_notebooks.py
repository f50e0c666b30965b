"""The notebooks: the same code in both languages, short cells, prose before code, outputs stored."""

import json
import re

import pytest

from perflib.run.cells import EXPLORE
from perflib.run.parameters import declared_parameters
from perflib.run.refresh import picture
from perflib.run.suite import SCOPE, suite
from tests.conftest import ROOT

CHINESE = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in CHINESE]
BOTH = [*CHINESE, *sorted((ROOT / "notebooks" / "en").glob("*.ipynb"))]
LINES, WORDS = 12, 4  # of code in a cell; of prose for a line of code, over the notebook
RUN, BEFORE = 4, 15  # cells of code without prose between; words of the prose that stands before them
SHARED = ["data", "district", "year", "base", "rules", "edition", "engine", "lang", "output"]
OF_STUDY = {
    "district": "districts",
    "year": "years",
}  # what a notebook about many districts has in their place


def cells(path, kind) -> list[str]:
    found = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def ids(path) -> str:
    return f"{path.parent.name}-{path.stem}"


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code(name):
    chinese, english = (cells(ROOT / "notebooks" / folder / f"{name}.ipynb", "code") for folder in ("", "en"))
    told = [source.replace('lang: str = "en"', 'lang: str = "zh"') for source in english]
    assert chinese == told
    assert english != chinese, "the English notebook must set `lang` to en"


@pytest.mark.parametrize("path", BOTH, ids=ids)
def test_code_calls_and_does_not_compute(path):
    sources = cells(path, "code")
    assert not [s for s in sources if re.search(r"^\s*(def|class|for|while)\s", s, re.M)]
    assert max(len(s.splitlines()) for s in sources) <= LINES


def words(source: str) -> int:
    return len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]+", source))


@pytest.mark.parametrize("path", BOTH, ids=ids)
def test_prose_stands_before_the_code(path):
    before, run = "", []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            before, run = "".join(cell["source"]), []
        elif EXPLORE not in cell["metadata"].get("tags", []):
            run.append(cell["id"])
            assert len(run) <= RUN, run
            assert words(before) >= BEFORE, run


@pytest.mark.parametrize("path", BOTH, ids=ids)
def test_prose_outweighs_code(path):
    lines = sum(len(s.splitlines()) for s in cells(path, "code"))
    assert words(" ".join(cells(path, "markdown"))) >= WORDS * lines


@pytest.mark.parametrize("path", BOTH, ids=ids)
def test_parameters_are_the_shared_ones_in_order(path):
    declared = list(declared_parameters(path))
    shared = [OF_STUDY.get(name, name) if path.name.startswith(SCOPE) else name for name in SHARED]
    assert declared[: len(SHARED) - 1] == shared[:-1]
    assert "output" in declared


@pytest.mark.parametrize("path", BOTH, ids=ids)
def test_outputs_are_stored_and_free_of_paths_and_tracebacks(path):
    stored = json.loads(path.read_text("utf-8"))
    outputs = [o for cell in stored["cells"] if cell["cell_type"] == "code" for o in cell["outputs"]]
    assert outputs, "run `make notebooks`"
    assert not [o for o in outputs if o["output_type"] in ("error", "stream")]
    text = json.dumps(outputs, ensure_ascii=False)
    assert str(ROOT) not in text and "papermill" not in json.dumps(stored["metadata"])


def test_cells_to_explore_in_have_no_outputs_and_are_passed_over_by_nbval():
    told = {}
    for path in BOTH:
        code = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
        told[ids(path)] = [c["metadata"] for c in code if EXPLORE in c["metadata"].get("tags", [])]
        assert not [c for c in code if EXPLORE in c["metadata"].get("tags", []) and c["outputs"]]
        assert all("nbval-skip" in metadata["tags"] for metadata in told[ids(path)])
    assert told["notebooks-00_start_here"] and told["en-00_start_here"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_readme_shows_the_figure_of_the_first_notebook(lang):
    shown = f"notebooks/figures/start.{lang}.png"
    assert shown in (ROOT / "README.md").read_text("utf-8")
    assert (ROOT / shown).read_bytes() == picture(suite(lang)[0])


def test_readme_names_every_notebook_in_both_languages():
    readme = (ROOT / "README.md").read_text("utf-8")
    for path in BOTH:
        assert str(path.relative_to(ROOT)) in readme
