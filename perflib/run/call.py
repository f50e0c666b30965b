"""A function run as a job: in a kernel of its own, as notebooks are, so that limits and logs hold for it too."""

import importlib
import json
from pathlib import Path

from perflib.data.errors import PerflibError

ANSWER = "application/vnd.perflib.answer+json"


def run_call(call: str, parameters: dict, **options) -> dict:
    """What came of "module:function" with `parameters`, as the fields of a job's record."""
    from nbformat.v4 import new_code_cell, new_notebook

    from perflib.run.attempt import both
    from perflib.run.notebook import DONE, execute, judge

    cell = f"from perflib.run.call import answer\nanswer({call!r}, {json.dumps(parameters)!r})"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source = new_notebook(cells=[new_code_cell(cell)], metadata={"kernelspec": kernel})
    run = execute(source, {}, folder=Path.cwd(), **options)
    outputs = run.executed.cells[-1].get("outputs", [])
    told = [o.data[ANSWER] for o in outputs if ANSWER in o.get("data", {})]
    status, reason, _ = judge(run, [])
    answer = told[0] if told else {"status": status, "reason": both(reason)}
    return answer | ({"seconds": run.seconds} if answer["status"] == DONE else {})


def answer(call: str, parameters: str) -> None:
    """In the kernel: call "module:function" with the JSON `parameters`, and tell a fault of the user's."""
    from IPython.display import display

    from perflib.run.attempt import failed

    module, _, function = call.partition(":")
    try:
        getattr(importlib.import_module(module), function)(**json.loads(parameters))
    except PerflibError as error:
        display({ANSWER: failed(error)}, raw=True)
