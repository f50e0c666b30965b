"""The results of a notebook's cells, run in this process one after the other: what the form shows below itself."""

import ast
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from perflib.data.errors import PerflibError
from perflib.data.text import say
from perflib.run.parameters import TAG, read_notebook
from perflib.run.suite import suite

EXPLORE = "explore"
"""Tag of cells with widgets: they are for a person at the screen, and no run has them."""


def shown(notebook: Path, values: dict, lang: str) -> Iterator[dict]:
    """What `notebook` shows with `values`, part by part as it comes: its headings and its results, as Jupyter's
    `display_data`. A cell that fails ends it with a sentence, and so does a page that has nothing to tell. Plain
    frames of the suite's notebooks are left out: they are there for who reads the code.
    """
    names: dict = {"__name__": "__main__"}
    is_ours = notebook in suite(lang)
    code = 0
    for cell in read_notebook(notebook)["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            yield from (_part({"text/markdown": h}) for h in source.splitlines() if h.startswith("#"))
        if cell["cell_type"] != "code" or EXPLORE in tags:
            continue
        code += 1
        try:
            yield from _results(source, names, f"<{notebook.stem}, {code}>", is_ours)
        except SystemExit:
            return
        except PerflibError as error:
            yield _ended(error.sentence(lang), lang)
            return
        except Exception as error:
            at = say("run.in_cell", lang, cell=code)
            yield _ended(say("run.cell_raised", lang, at=at, error=f"{type(error).__name__}: {error}"), lang)
            return
        if TAG in tags:
            names |= values


def _results(source: str, names: dict, where: str, is_ours: bool) -> Iterator[dict]:
    """What a cell displays, its last expression and the figures that it left open."""
    from IPython.utils.capture import capture_output

    stop: BaseException | None = None
    with capture_output() as caught:
        try:
            last = _run(source, names, where)
        except (Exception, SystemExit) as error:
            stop = error
    if caught.stdout:
        yield _part({"text/plain": caught.stdout})
    yield from (_part(out.data or {}, out.metadata) for out in caught.outputs)
    if stop:
        raise stop
    for value in (last, *_open_figures()):
        if not (value is None or (is_ours and type(value).__name__ == "DataFrame")):
            yield _formatted(value)


def _run(source: str, names: dict, where: str):
    """Run `source` among `names`; the value of its last line, where that is an expression."""
    from IPython.core.inputtransformer2 import TransformerManager

    plain = TransformerManager().transform_cell(source)
    body = ast.parse(plain, where).body
    is_quiet = plain.rstrip().endswith(";")
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), where, "exec"), names)
    value = eval(compile(ast.Expression(last.value), where, "eval"), names) if last else None
    return None if is_quiet else value


def _open_figures() -> Iterator:
    """Figures that pyplot still holds, as the notebook itself would show them at the end of the cell."""
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        yield from map(pyplot.figure, pyplot.get_fignums())
        pyplot.close("all")


def _formatted(value) -> dict:
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return _part(*(shell.display_formatter if shell else DisplayFormatter()).format(value))


def _part(data: dict, metadata: dict | None = None) -> dict:
    """What a cell displays; pictures as base64, which is what travels."""
    told = {k: b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}
    return {"output_type": "display_data", "data": told, "metadata": metadata or {}}


def _ended(sentence: str, lang: str) -> dict:
    return _part({"text/markdown": "> " + say("form.ended", lang, sentence=sentence)})
