"""Notebook 90, the report that leaders read: one number for one concept, and nothing untrue of thin data."""

import io
import re

import pytest
from docx import Document

from tests.pdf import page_texts
from perflib.show.report import write_report
from tests.notebooks.cells import Written, folder_of, project, write_notebook

THIN = {
    "projects only": [project(f"P{n}", executed=n * 100_000) for n in range(4, 11)],
    "one year": [project(f"P{n}", carried_over=0, lapsed=50_000) for n in range(3)],
    "one department": [project("P1", executed=500_000), project("P2")],
    "one project": [project()],
    "all budgets zero": [project(f"P{n}", initial_budget=0, adjusted_budget=0, executed=0) for n in range(3)],
    "amounts partly blank": [
        project("P1", executed=None),
        project("P2", adjusted_budget=None),
        project("P3"),
    ],
    "no year before": [project("P1"), project("P2", department="卫生局", executed=1_000_000)],
}
NOTHING = re.compile(r"：无[。；]|没有数据|请补充|\bnone\b|no data|nan|不适用|n/a", re.IGNORECASE)


@pytest.fixture(scope="module", params=THIN, ids=lambda name: name.replace(" ", "-"))
def thin(request, tmp_path_factory):
    """The folder of the report of a thin data set, in every format."""
    folder = tmp_path_factory.mktemp("thin")
    data = folder_of(folder, projects=THIN[request.param])
    lang = "en" if request.param in ("one project", "all budgets zero") else "zh"
    written = write_notebook("90_annual_summary", folder, data=data, lang=lang)
    options = {"lang": lang, "district_name": "330199", "year": 2023, "is_sample": False}
    write_report(folder, chapters=[written.folder], **options)
    return written, folder


def test_thin_data_tells_less_and_nothing_untrue(thin):
    written, folder = thin
    text = "\n".join(p.text for p in Document(folder / "summary.docx").paragraphs)
    for words in (written.page, text):
        assert not NOTHING.findall(words)
    lines = [line for line in written.page.splitlines() if line.strip()]
    heads = [place for place, line in enumerate(lines) if line.startswith("#")]
    assert all(place + 1 < len(lines) for place in heads)
    assert not [lines[p] for p in heads if p + 1 in heads]  # no heading over nothing
    assert not [id for id in written.facts if id.startswith(("all.", "faults."))]  # nobody looked for any


def test_the_numbers_of_its_first_sentence_divide(thin):
    facts = thin[0].facts
    if "now.rate" in facts:
        spent = facts["now.executed"]["value"]
        left = facts["now.left"]["value"] if "now.left" in facts else 0
        assert facts["now.rate"]["value"] == pytest.approx(spent / (spent + left), rel=1e-12)
        if "now.adjusted_budget" in facts:  # that of the same projects
            assert facts["now.adjusted_budget"]["value"] == pytest.approx(spent + left)


def test_every_format_is_made_and_no_head_runs_code_and_year_together(thin):
    _, folder = thin
    assert {f.name for f in folder.glob("report.*")} == {
        f"report.{k}" for k in ("html", "pdf", "docx", "xlsx")
    }
    pages = page_texts(folder / "report.pdf")
    assert 1 <= len(pages) <= 5
    told = " ".join(pages) + (folder / "report.html").read_text("utf-8")
    assert "3301992023" not in told.replace(" ", "")


def test_one_label_has_one_value_and_no_fault_a_second_number(run_cells):
    facts = run_cells("90", lang="en")["page"].facts()
    values: dict[str, set] = {}
    for fact in facts.values():
        if not fact.id.startswith("below."):  # a row for each department
            values.setdefault(fact.label_en, set()).add(fact.value)
    assert {label: found for label, found in values.items() if len(found) > 1} == {}
    for name in ("25", "75"):
        others = run_cells(name, lang="en")["page"].facts()
        for mine, theirs in SAME[name].items():
            assert facts[mine].value == others[theirs].value, mine


SAME = {
    "25": {"faults.after": "total.after", "faults.faulty": "total.faulty", "faults.checked": "total.checked"},
    "75": {"all.findings": "scopes.all.findings", "all.overdue": "scopes.all.overdue", "plan.lowered": "plan.lowered",
           "compress.projects": "actions.compress.projects", "plan.take_back": "plan.take_back"},
}  # fmt: skip


def test_an_achievement_is_one_only_above_its_line(tmp_path):
    data = folder_of(tmp_path, projects=[project(executed=960_000)])
    text = summary_of(write_notebook("90_annual_summary", tmp_path / "good", data=data))
    assert "预算执行情况良好" in text and "存在问题" not in text
    data = folder_of(tmp_path, projects=[project(executed=940_000)])
    text = summary_of(write_notebook("90_annual_summary", tmp_path / "fair", data=data))
    assert "成效" not in text and "〔待补充：下一年度工作安排〕" in text
    data = folder_of(tmp_path, projects=[project(executed=1_040_000)])
    assert "成效" not in summary_of(write_notebook("90_annual_summary", tmp_path / "over", data=data))


def summary_of(written: Written) -> str:
    made = (written.folder / "documents" / "summary.docx").read_bytes()
    return "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs)


def test_a_bare_ledger_claims_no_work_and_no_concentration(tmp_path):
    rows = [project(f"P{n}", executed=n * 300_000) for n in range(3)]
    written = write_notebook("90_annual_summary", tmp_path, data=folder_of(tmp_path, projects=rows))
    text = summary_of(written)
    assert "贯穿" not in text and "〔待补充：当年预算绩效管理工作的总体情况〕" in text
    assert text.index("执行90万元") < text.index("存在问题")
    assert not re.search("集中|少数大项目|个项目占|数据截至", written.page + text)


def test_a_change_that_chance_explains_says_so_and_one_across_a_break_is_not_told(tmp_path):
    def year(number, *spent):
        return [project(f"P{n}", year=number, executed=of * 10_000) for n, of in enumerate(spent)]

    rows = [*year(2022, 90, 70, 95, 80, 60, 85), *year(2023, 85, 72, 90, 83, 58, 88)]
    told = write_notebook("90_annual_summary", tmp_path, data=folder_of(tmp_path, projects=rows)).page
    assert re.search("比上年.*可能出于偶然", told)
    item = {"district": "330199", "year": 2023, "item": "W1", "kind": "definition_break", "title": "全年预算数包含上年结转"}
    data = folder_of(tmp_path, projects=rows, work_items=[item])
    told = write_notebook("90_annual_summary", tmp_path / "break", data=data).page
    assert "2023年全年预算数包含上年结转，变化前后不作比较" in re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", told)
    assert "比上年" not in told and "历年预算执行情况" not in told
