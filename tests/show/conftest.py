"""A made-up chapter whose names are the ones that break things."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perflib.show import facts as facts_module
from perflib.show.chapter import Chapter, missing_chapter
from perflib.show.plots.chart import framed
from perflib.show.plots.spread import histogram
from perflib.show.template import Template

NAME = "40_made_up"
ODD_NAMES = [
    "鄠邑街道",
    "浉河区管委会",
    "猇亭<script>alert(1)</script>",
    "=SUM(A1)",
    "Obras | Área",
    "教育局",
]
PAGES = {
    "zh": """# 预算执行情况

{% block headline %}
{{ district_name }}{{ year }}年执行率为{{ f.rate }}，与上年相差{{ f.gap.abs }}。
{% endblock %}

## 总体

{% block overall %}
共{{ f.projects }}个项目，支出{{ f.executed }}；
未安排预算的为{{ f.undefined }}，依据{{ f.rule }}。
{% endblock %}

{{ figure("rates") }}

{{ table("departments") }}
{% macro title_rates() %}{{ f.full }}的项目恰好执行完毕{% endmacro %}
{% macro caption_departments() %}各部门执行率{% endmacro %}
""",
    "en": """# Budget execution

{% block headline %}
{{ district_name }} executed {{ f.rate }} in {{ year }}, a gap of {{ f.gap.abs }}.
{% endblock %}

## Overall

{% block overall %}
There are {{ f.projects }} projects, {{ f.executed }} was spent;
without a budget: {{ f.undefined }} ({{ f.rule }}).
{% endblock %}

{{ figure("rates") }}

{{ table("departments") }}
{% macro title_rates() %}{{ f.full }} of projects spent all of it{% endmacro %}
{% macro caption_departments() %}Execution by department{% endmacro %}
""",
}


@pytest.fixture
def declared(monkeypatch) -> None:
    """Facts of the made-up chapter, as `perflib/text` would declare them."""
    ids = (
        "fiscal_year",
        "rate",
        "gap",
        "projects",
        "executed",
        "undefined",
        "rule",
        "full",
        "part_a",
        "part_b",
        "part_c",
    )
    words = {"formula_zh": "执行数÷预算数", "formula_en": "executed / budget"}
    entries = {id: {"zh": f"指标{i:x}", "en": f"Fact {id}", **words} for i, id in enumerate(ids)}
    monkeypatch.setattr(facts_module, "declared_facts", lambda chapter: entries)


@pytest.fixture
def template(tmp_path):
    def made(lang: str, text: str | None = None) -> Template:
        folder = tmp_path / "templates"
        (folder / lang).mkdir(parents=True, exist_ok=True)
        (folder / lang / f"{NAME}.md").write_text(text or PAGES[lang], "utf-8")
        return Template(NAME, lang, folder=folder)

    return made


def department_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "department": ODD_NAMES,
            "projects": [120, 98, 3, 40, 77, 15],
            "adjusted_budget": [1e8, 8e7, 6e7, 5e6, 4e6, 0.0],
            "executed": [9e7, 8e7, 3e7, 5e6, 1234.56, 0.0],
            "execution_rate": [0.9, 1.0, 0.5, 1.0, 0.00030864, np.nan],
            "reason": [None] * 5 + ["no_budget"],
        }
    )


@pytest.fixture
def chapter(declared, template):
    def made(
        lang: str = "zh", *, edition: str = "internal", name: str = "鄠邑<script>区", page: str | None = None
    ) -> Chapter:
        c = Chapter(
            NAME,
            district="610118",
            district_name=name,
            year=2022,
            lang=lang,
            currency="CNY",
            is_sample=True,
            input_sha256="ab12" * 16,
            edition=edition,
            base="adjusted",
            rules="cn-2020",
            template=template(lang, page),
        )
        trail = {"table": "projects", "rows": 961, "filter": "year = 2022"}
        c.facts.add("rate", 0.9012, unit="share", **trail)
        c.facts.add("gap", -5.18, unit="points", **trail)
        c.facts.add("projects", 961, unit="count", **trail)
        c.facts.add("executed", 205001234.56, unit="money", table="departments", rows=6)
        c.facts.add("undefined", None, unit="share", reason="no_budget", **trail)
        c.facts.add("rule", "财预〔2020〕10号", unit="rule", **trail)
        c.facts.add("full", 1 / 3, unit="share", **trail)
        c.key_facts("rate", "executed")
        return c

    return made


@pytest.fixture
def full_chapter(chapter):
    """The chapter with its table and its figure."""

    def made(lang: str = "zh", **options) -> Chapter:
        c = chapter(lang, **options)
        c.add_table("departments", department_rows())
        title, subtitle = (
            c.phrase("title_rates"),
            {"zh": "执行率，鄠邑区，2022年", "en": "Rates, Huyi, 2022"}[lang],
        )
        rates = pd.DataFrame({"rate": [1.0] * 20 + list(np.linspace(0.4, 0.99, 40))})
        ax = histogram(rates, x="rate", unit="share", lang=lang)
        figure = framed(ax, title, subtitle, "财政局", lang, is_sample=True)
        c.add_figure("rates", figure)
        return c

    return made


@pytest.fixture
def written(full_chapter, tmp_path):
    """The folders of the written chapter and of one that is missing its tables."""

    def made(lang: str = "zh", *, output: str = "out", **options) -> list[Path]:
        out = tmp_path / output
        full_chapter(lang, **options).write(out)
        missing_chapter(
            "55_spot_checks",
            ["evaluations"],
            district="610118",
            district_name="鄠邑<script>区",
            year=2022,
            lang=lang,
            output=out,
            is_sample=True,
        )
        return sorted((out / "chapters").iterdir())

    return made
