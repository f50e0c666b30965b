"""The annual report of the sample district: whole, traced, reconciled, the same each time."""

import hashlib
import json
import re
import zipfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.run.kept import proof_draft
from tests.pdf import fullness, page_texts
from tests.whole.conftest import run_perflib
from tests.whole.made_ledger import ledger
from tests.whole.one_number import check_one_number

FORMATS = (
    *(f"{stem}.{kind}" for stem in ("report", "annex") for kind in ("html", "pdf", "docx")), "report.xlsx",
)  # fmt: skip
CHINESE, ENGLISH = ("--lang", "zh"), ("--lang", "en")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of what a reader gets; the executed notebooks bear their parameters and stay out."""
    files = [
        folder / name for name in (*FORMATS, "facts.json") if (folder / name).is_file()
    ]  # a study has no annex
    files += [f for kind in ("tables", "figures", "lists") for f in sorted((folder / kind).glob("*"))]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


@cache
def all_text(folder: Path) -> dict[str, str]:
    """What can be read in every file of a report, packed ones opened."""
    found = {}
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix not in (".png",)):
        name = str(file.relative_to(folder))
        if file.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(file) as packed:
                found[name] = "".join(packed.read(n).decode("utf-8", "ignore") for n in packed.namelist())
        elif file.suffix == ".pdf":
            found[name] = "".join(page_texts(file))
        else:
            found[name] = file.read_text("utf-8", "ignore")
    return found


def check_trails(folder: Path, content: dict) -> None:
    """Every fact has its words, its input and a value or a reason; every table the bytes that its hash says."""
    assert content["facts"] and content["tables"]
    for fact in content["facts"].values():
        assert fact["label_zh"] and fact["label_en"] and fact["formula_zh"] and fact["formula_en"]
        assert re.fullmatch(r"[0-9a-f]{64}", fact["input_sha256"])
        assert fact["value"] is not None or fact["reason"]
    for name, digest in content["tables"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("options", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_report_has_every_format_and_says_that_it_is_a_sample(make_report, options):
    folder = make_report(*options)
    text = all_text(folder)
    mark = {"zh": "示例数据", "en": "Sample data"}[options[1]]
    for name in FORMATS:
        assert mark in text[name], f"{name} does not say that the data is a sample"
    for name in ("report", "annex"):
        pages = page_texts(folder / f"{name}.pdf")
        assert len(pages) > 5 and all(mark in page for page in pages)


def test_two_runs_on_two_engines_give_the_same_bytes(make_report):
    again = make_report(*CHINESE, "--engine", "duckdb", "--no-warm")
    assert digests(make_report(*CHINESE)) == digests(again)


def test_facts_carry_their_trail_and_the_tables_their_hashes(make_report):
    folder = make_report(*CHINESE)
    content = json.loads((folder / "facts.json").read_text("utf-8"))
    check_trails(folder, content)


def test_facts_of_the_work_year_are_the_calibrated_ones(make_report):
    facts = json.loads((make_report(*CHINESE) / "facts.json").read_text("utf-8"))["facts"]
    assert facts["90_annual_summary/scored.self_evaluated"]["value"] == 961
    assert round(facts["50_self_evaluation/totals.mean_rate"]["value"], 3) == 0.953
    assert facts["20_ex_ante/total.subjects"]["value"] == 3
    assert facts["20_ex_ante/total.cut"]["value"] == 9_865_600


def test_leaders_read_twelve_pages_at_most_and_the_workbook_has_no_more_sheets_than_chapters(make_report):
    for options in (CHINESE, ENGLISH):
        folder = make_report(*options)
        assert len(page_texts(folder / "report.pdf")) <= 12
        assert len(page_texts(folder / "annex.pdf")) <= 60
        assert all((folder / f"{name}.html").stat().st_size <= 4_000_000 for name in ("report", "annex"))
        with zipfile.ZipFile(folder / "report.xlsx") as book:
            sheets = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        assert len(sheets) <= 25


@pytest.mark.parametrize("options", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_every_page_of_the_leaders_is_two_thirds_full(make_report, options):
    pages = enumerate(fullness(make_report(*options) / "report.pdf"), 1)
    assert not [(n, round(full, 2)) for n, full in pages if full < 0.66]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_ledger_of_projects_alone_makes_a_few_full_pages(lang, tmp_path):
    name, projects = next(iter(ledger().items()))
    with pd.ExcelWriter(tmp_path / "ledger.xlsx", engine="xlsxwriter") as book:
        projects.to_excel(book, sheet_name=name, index=False)
    given = (
        "--data",
        "ledger.xlsx",
        "--district",
        "东湖区",
        "--year",
        "2023",
        "--lang",
        lang,
        "--only",
        "leader",
    )
    done = run_perflib("report", *given, "--output", "out", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = fullness(tmp_path / "out" / "东湖区-2023" / "report.pdf")
    assert 3 <= len(pages) <= 5 and min(pages) >= 0.66


def test_year_is_the_sum_of_departments_and_of_projects(make_report):
    facts = json.loads((make_report(*CHINESE) / "facts.json").read_text("utf-8"))["facts"]
    executed = facts["40_execution_rates/own.executed"]["value"]
    book = load_book("sample")
    rows = book.select(book.district, book.year).table("projects")
    by_department = rows.groupby("department")["executed"].apply(lambda s: round(s.sum() * 100))
    assert round(executed * 100) == by_department.sum() == round(rows["executed"].mul(100).round().sum())


def test_page_asks_nothing_of_any_other_address(make_report):
    page = (make_report(*CHINESE) / "report.html").read_text("utf-8")
    asked = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?((?:https?:)?//[^"')\s>]+)""", page)
    assert asked == []


@pytest.mark.parametrize("options", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_one_concept_has_one_number_in_sentences_tables_and_the_official_text(make_report, options, tmp_path):
    folder = make_report(*options)
    assert len(check_one_number(folder).rows) > 5000
    told, _, wrong = proof_draft(folder / "summary.docx", folder, options[1], tmp_path / "proof.xlsx")
    assert wrong == 0, told


def test_nothing_raw_reaches_the_reader(make_report):
    for options in (CHINESE, ENGLISH):
        text = all_text(make_report(*options))
        words = (text["report.pdf"] + text["annex.pdf"]).replace("\u200b", "")  # where a long word may break
        assert re.findall(r"\b(?:[a-z]+_[a-z_]+|nan|NaN|NaT|None)\b(?!\.parquet)|<NA>", words) == []
