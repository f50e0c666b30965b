"""The whole report of a district of Madrid, from the city's own files as they are."""

import json

from tests.pdf import fullness, page_texts
from tests.whole.conftest import run_perflib
from tests.whole.one_number import check_one_number


def test_a_district_of_madrid_gets_a_whole_report_in_english(shared_data, tmp_path):
    made = tmp_path / "208-2022"
    done = run_perflib(
        "report", "--data", f"madrid:{shared_data / 'madrid'}", "--district", "208", "--year", "2022",
        "--lang", "en", "--output", str(tmp_path), folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert {f.suffix for f in made.glob("report.*")} == {".html", ".pdf", ".docx", ".xlsx"}
    pages = fullness(made / "report.pdf")
    assert len(pages) <= 12 and min(pages) >= 0.66
    for name in ("report", "annex"):
        text = "".join(page_texts(made / f"{name}.pdf"))
        assert "Fuencarral-El Pardo" in text and "Sample data" not in text
        assert not [c for c in text if "\u4e00" <= c <= "\u9fff"]  # no Chinese rule or term
    assert "None set" in text and "Binjiang" not in text
    assert len(check_one_number(made).rows) > 2000
    facts = json.loads((made / "facts.json").read_text("utf-8"))["facts"]
    rate = facts["40_execution_rates/own.rate"]
    spent, budget = (facts[f"40_execution_rates/own.{k}"]["value"] for k in ("executed", "budget"))
    assert rate["value"] == float(f"{spent / budget:.12g}") and round(rate["value"], 3) == 0.895
