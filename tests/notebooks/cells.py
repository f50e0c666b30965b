"""A notebook's cells run in this process, and what its page wrote."""

import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pandas as pd

from perflib.run.suite import find_notebook
from perflib.show.page import NothingToTell


def run_cells(name: str, *, lang: str = "zh", **parameters) -> dict:
    """The names that the cells of notebook `name` ("40") leave behind; it may end early where there is nothing to tell."""
    plt.close("all")  # a kernel closes the figures of a cell at its end
    names: dict = {}
    for cell in json.loads(find_notebook(name, lang).read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        try:
            exec("".join(cell["source"]), names)
        except NothingToTell:
            return names
        if "parameters" in cell["metadata"].get("tags", []):
            names |= {"output": "", **parameters}
    return names


class Written:
    """The folder of a page that was written: its words, facts and tables."""

    def __init__(self, output: Path, name: str):
        self.folder = Path(output) / "chapters" / name
        self.page = (self.folder / "page.md").read_text("utf-8")
        self.facts = json.loads((self.folder / "facts.json").read_text("utf-8"))["facts"]

    def value(self, fact: str):
        return self.facts[fact]["value"]

    def table(self, id: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "tables" / f"{id}.csv")

    def has(self, id: str) -> bool:
        return (self.folder / "tables" / f"{id}.csv").exists()


def write_notebook(name: str, output: Path, **parameters) -> Written:
    """Run notebook `name` and give what it wrote below `output`."""
    matplotlib.use("Agg")
    run_cells(name, output=str(output), **parameters)
    return Written(output, name)


def folder_of(path: Path, **tables: list[dict]) -> str:
    """A folder of CSV files, a table each, as a user's would be."""
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(path / f"{name}.csv", index=False)
    return str(path)


def project(code: str = "P1", **columns) -> dict:
    """One project of 2023 that has everything a page asks for."""
    row = {"district": "330199", "year": 2023, "project": code, "name": f"项目{code}", "department": "教育局",
           "initial_budget": 1_000_000, "adjusted_budget": 1_000_000, "executed": 900_000}  # fmt: skip
    return {**row, **columns}


def indicator(code: str = "Z1", **columns) -> dict:
    """One sound indicator of that project."""
    row = {"district": "330199", "year": 2023, "subject_kind": "project", "subject": "P1", "indicator": code,
           "level1": "产出", "level2": "数量", "name": f"指标{code}", "unit": "次", "direction": "at_least",
           "target": 10, "weight": 45, "basis": "年度计划"}  # fmt: skip
    return {**row, **columns}


def without_trail(written: Written) -> list[str]:
    """The facts that do not say how they were worked out, from which table and filter, and of how many rows."""
    parts = ("formula_zh", "formula_en", "table", "filter")
    return [
        id for id, fact in written.facts.items() if not all(fact[part] for part in parts) or not fact["rows"]
    ]
