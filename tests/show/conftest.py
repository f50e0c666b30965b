"""A made-up page whose names are the ones that break things."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perflib.data.book import Book
from perflib.show import page as page_module
from perflib.show.page import NothingToTell, Page
from perflib.show.plots.spread import histogram

NAME = "40_made_up"
ODD_NAMES = [
    "鄠邑街道",
    "浉河区管委会",
    "猇亭<script>alert(1)</script>",
    "=SUM(A1)",
    "Obras | Área",
    "教育局",
]
COLUMNS = {
    "own.rate": {"unit": "share", "zh": "执行率", "en": "Rate", "zh_how": "执行数÷预算数", "en_how": "spent / budget"},
    "own.gap": {"unit": "points", "zh": "差距", "en": "Gap", "zh_how": "与上年之差", "en_how": "from last year"},
    "own.full": {"unit": "share", "zh": "执行完毕", "en": "All", "zh_how": "执行完毕÷全部", "en_how": "all of it / all"},
    "own.rule": {"unit": "rule", "zh": "依据", "en": "Rule", "zh_how": "规则集", "en_how": "the rule set"},
    "own.executed": {"unit": "money", "zh": "支出", "en": "Spent", "zh_how": "合计", "en_how": "total"},
}  # fmt: skip
TEXT = {
    "title": {"zh": "预算执行情况", "en": "Budget execution"},
    "key_facts": ["own.rate", "own.executed"],
    "source": {"zh": "财政局", "en": "Finance bureau"},
    "heads": {"overall": {"zh": "总体", "en": "Overall"}, "rates": {"zh": "分布", "en": "Spread"}},
    "columns": COLUMNS,
    "say": {
        "headline": {
            "zh": "{{ district_name }}{{ year }}年执行率为{{ own.rate }}，与上年相差{{ own.gap.abs }}。",
            "en": "{{ district_name }} executed {{ own.rate }} in {{ year }}, a gap of {{ own.gap.abs }}.",
        },
        "overall": {
            "zh": "共{{ own.projects }}个项目，支出{{ own.executed }}，{{ own.full }}执行完毕，依据{{ own.rule }}。",
            "en": "Of {{ own.projects }} projects {{ own.full }} spent all, {{ own.executed }} in all ({{ own.rule }}).",
        },
    },
    "tables": {"departments": {"zh": "各部门执行率", "en": "Execution by department"}},
    "figures": {
        "rates": {
            "title": {"zh": "{{ own.rate }}的项目", "en": "{{ own.rate }} of projects"},
            "subtitle": {"zh": "执行率，鄠邑区", "en": "Rates, Huyi"},
        }
    },
}


def department_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "department": ODD_NAMES,
            "projects": [120, 98, 3, 40, 77, 15],
            "adjusted_budget": [1e8, 8e7, 6e7, 5e6, 4e6, 0.0],
            "executed": [9e7, 8e7, 3e7, 5e6, 1234.56, 0.0],
            "rate": [0.9, 1.0, 0.5, 1.0, 0.00030864, np.nan],
            "reason": [None] * 5 + ["no_budget"],
        }
    )


@pytest.fixture
def book(monkeypatch):
    """The book of the made-up district, in a language and an edition."""
    monkeypatch.setattr(page_module, "page_text", lambda name: TEXT)
    projects = pd.DataFrame({"district": ["610118"], "year": [2022], "project": ["p"], "executed": [5.0]})
    names = pd.DataFrame(
        {"district": ["610118"], "name_zh": ["鄠邑<script>区"], "name_en": ["鄠邑<script>区"]}
    )

    def made(lang: str = "zh", edition: str = "internal") -> Book:
        made = Book({"projects": projects, "districts": names}, district="610118", year=2022, lang=lang)
        return replace(made, is_sample=True, edition=edition)

    return made


@pytest.fixture
def full_page(book):
    """The made-up page with its sentences, its table and its figure."""

    def made(lang: str = "zh", *, output: str | Path = "", **options) -> Page:
        page = Page(NAME, book(lang, **options), rules="national-2020", base="adjusted", output=output)
        own = {
            "rate": [0.9012],
            "gap": [-5.18],
            "full": [1 / 3],
            "projects": [961],
            "executed": [205001234.56],
            "rule": ["财预〔2020〕10号"],
            "rows": [961],
        }
        own = pd.DataFrame(own)
        own.attrs = {"table": "projects", "filter": "year = 2022"}
        page.say("headline", own=own)
        page.say("overall")
        rates = pd.DataFrame({"rate": [1.0] * 20 + list(np.linspace(0.4, 0.99, 40))})
        page.figure("rates", histogram(rates, x="rate", unit="share", lang=lang))
        page.table("departments", department_rows())
        return page

    return made


@pytest.fixture
def written(full_page, book, tmp_path):
    """The folders of the written page and of one whose tables are missing."""

    def made(lang: str = "zh", *, output: str = "out", **options) -> list[Path]:
        out = tmp_path / output
        full_page(lang, output=out, **options).write()
        with pytest.raises(NothingToTell):
            needs = ("projects", "evaluations")
            Page("55_spot_checks", book(lang), rules="national-2020", output=out, needs=needs)
        return sorted((out / "chapters").iterdir())

    return made
