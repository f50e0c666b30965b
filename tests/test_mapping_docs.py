"""Every example of docs/mapping.md is run, and every key of a mapping has one."""

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from perflib.data.book import load_book
from perflib.data.mapping import (
    Decimal,
    Field,
    Heading,
    Last,
    Lineage,
    Lookup,
    Mapping,
    Names,
    RowRule,
    Series,
    Subtract,
)

PAGE = (Path(__file__).parents[1] / "docs" / "mapping.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOP = {"currency": '"EUR"', "unit": '"EUR"'}


def examples() -> list[tuple[dict[str, str], str, dict[str, str]]]:
    """(files, mapping, results by table) of each example, in the order of the page."""
    found: list[tuple[dict, str, dict]] = []
    files: dict[str, str] = {}
    for kind, title, text in BLOCK.findall(PAGE):
        if kind == "file":
            files[title] = text
        elif kind == "toml":
            found.append((files, text, {}))
            files = {}
        elif kind == "result":
            found[-1][2][title or "projects"] = text
    return found


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    books: dict[str, dict[str, list]] = {}
    for title, text in files.items():
        name, _, sheet = title.partition(" › ")
        if sheet:
            books.setdefault(name, {})[sheet] = [
                [number(c) for c in row] for row in csv.reader(text.splitlines())
            ]
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    for name, sheets in books.items():
        with xlsxwriter.Workbook(str(folder / name)) as book:
            for sheet, rows in sheets.items():
                made = book.add_worksheet(sheet)
                for at, row in enumerate(rows):
                    made.write_row(at, 0, row)


def number(cell: str) -> object:
    return float(cell) if re.fullmatch(r"\d+", cell) else cell


@pytest.mark.parametrize("at", range(len(examples())))
def test_the_rows_that_the_page_promises_come_out(at, tmp_path):
    files, mapping, results = examples()[at]
    write(tmp_path / "data", files)
    lacking = [
        f"{key} = {value}" for key, value in TOP.items() if not re.search(rf"^{key} =", mapping, re.MULTILINE)
    ]
    (tmp_path / "city.toml").write_text("\n".join([*lacking, mapping]), "utf-8")
    book = load_book(f"{tmp_path}/city.toml:{tmp_path}/data")
    assert results
    for table, text in results.items():
        wanted = list(csv.DictReader(text.splitlines()))
        rows = book.table(table)[list(wanted[0])].sort_values(list(wanted[0])[:3], ignore_index=True)
        assert [{c: told(v) for c, v in row.items()} for row in rows.to_dict("records")] == wanted


def told(value: object) -> str:
    return "" if pd.isna(value) else f"{value:.10g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize(
    "model", [Mapping, Series, Lookup, Subtract, Field, RowRule, Last, Heading, Names, Decimal, Lineage]
)
def test_every_key_has_an_example(model):
    shown = "\n".join(text for _, text, _ in examples())
    keys = {field.alias or name for name, field in model.model_fields.items()}
    assert {k for k in keys if not re.search(rf"\b{k}\b\s*=|\[\[?(?:file\.)?{k}\]", shown)} == set()
