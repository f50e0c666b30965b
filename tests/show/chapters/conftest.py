"""Chapters on the sample, each made once, and a tiny book for the faults that a real file brings."""

import pandas as pd
import pytest

from perflib.data.book import load_book

OPTIONS = {"base": "adjusted", "rules": "binjiang-2023"}


@pytest.fixture(scope="session")
def sample():
    """The sample's own district, work year 2023."""
    return load_book("sample")


@pytest.fixture(scope="session")
def make_chapter(sample):
    """A function from a chapter's own function and a language to the chapter on the sample, made once each."""
    made = {}

    def make(function, lang: str = "zh"):
        if (function, lang) not in made:
            made[function, lang] = function(sample, **OPTIONS, lang=lang)
        return made[function, lang]

    return make


@pytest.fixture
def tiny(tmp_path):
    """A function from tables (lists of rows) to a book: written as CSV and read like any user's folder."""

    def make(**tables):
        for name, rows in tables.items():
            pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
        return load_book(str(tmp_path))

    return make


def project(code: str = "P1", **columns) -> dict:
    """One project of 2023 that has everything a chapter asks for."""
    row = {"district": "330199", "year": 2023, "project": code, "name": f"项目{code}", "department": "教育局",
           "initial_budget": 1_000_000, "adjusted_budget": 1_000_000, "executed": 900_000}  # fmt: skip
    return {**row, **columns}
