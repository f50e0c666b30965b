"""The report's web page in a real browser, from its file, with no server: sort, filter, pick, print."""

import re

import pandas as pd
import pytest

import perflib as pf
from perflib.show.report import write_report
from tests.pdf import page_texts

RATES = [0.91, 0.62, 0.75, 0.98, 0.70, 0.83, 0.66, 0.95, 0.88, 0.79,
         0.73, 0.85, 0.60, 0.97, 0.69, 0.81, 0.93, 0.77, 0.64, 0.89, None]  # fmt: skip
WORDS = {
    "zh": ("比较Dept 07", "筛选本表", "全部21行", "清除勾选"),
    "en": ("Compare Dept 07", "Filter this table", "All 21 rows", "Clear"),
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The web page by language: one table of 21 departments, the last without a rate, and one of three years."""
    made = {}
    for lang in ("zh", "en"):
        folder = tmp_path_factory.mktemp(lang)
        page = pf.Page(
            "mine", pf.load("sample", lang=lang), rules="national-2020", output=folder, needs=["projects"]
        )
        rates = pd.Series(RATES)
        frame = pd.DataFrame({"department": [f"Dept {i:02}" for i in range(21)], "projects": range(10, 31),
                              "rate": rates, "low": rates - 0.05, "high": rates + 0.02})  # fmt: skip
        page.table("departments", frame, title="Departments")
        years = pd.DataFrame({"year": [2021, 2022, 2023], "rate": [0.8, 0.7, 0.9]})
        page.table("years", years, title="Years")
        page.table(
            "behind", frame.assign(department="Other " + frame["department"]), in_page=False, title="Behind"
        )
        many = pd.DataFrame({"district": [f"D{i:02}" for i in range(50)], "projects": range(50)})
        page.table("ends", many, ends=True, title="Both ends")
        page.write()
        fields = {"district_name": "A", "year": 2023, "is_sample": True, "formats": ["html"]}
        chapters = [folder / "chapters" / "mine"]
        write_report(folder, lang=lang, chapters=chapters, **fields)
        made[lang] = folder / "report.html"
    return made


def first_cells(table) -> list[str]:
    return [row.split("\t")[0].strip() for row in table.locator("tbody tr:visible").all_inner_texts()]


@pytest.fixture(params=["zh", "en"])
def opened(request, page, reports):
    page.goto(reports[request.param].as_uri())
    return page, WORDS[request.param]


def table_of(page, caption: str):
    return page.locator(".wrap", has=page.locator("caption", has_text=caption)).locator("table")


def test_the_filter_and_the_heads_search_rows_that_the_page_does_not_print(opened):
    page, (_, find, whole, _) = opened
    table = table_of(page, "Departments")
    assert len(first_cells(table)) == 15
    box = page.get_by_label(find).first
    box.fill("Dept 17")
    assert first_cells(table) == ["Dept 17"] and "1" in page.locator("output").first.inner_text()
    box.fill("")
    assert len(first_cells(table)) == 15
    rate = table.locator("th button").nth(2)
    rate.press("Enter")
    assert first_cells(table)[:2] == ["Dept 12", "Dept 01"] and len(first_cells(table)) == 21
    rate.press("Enter")
    assert first_cells(table)[:2] == ["Dept 03", "Dept 13"]
    assert first_cells(table)[-1] == "Dept 20"  # without a rate: last in both orders
    page.get_by_label(whole).uncheck()
    assert first_cells(table) == [f"Dept {i:02}" for i in range(15)]


def test_rows_are_picked_by_keyboard_and_drawn_from_their_own_cells(opened):
    page, (compare, _, _, clear) = opened
    table, panel = table_of(page, "Departments"), page.locator(".picked").first
    assert panel.is_hidden() and table_of(page, "Years").locator("input").count() == 0
    page.get_by_label(compare, exact=True).first.press("Space")
    table.locator("tbody tr:visible input").nth(3).press("Space")
    lines = panel.locator("li")
    assert lines.nth(0).inner_text().split("\n") == ["Dept 03", "98.0% (93.0% – 100.0%)"]
    assert lines.nth(1).inner_text().split("\n") == ["Dept 07", "95.0% (90.0% – 97.0%)"]
    assert lines.nth(2).inner_text().split("\n")[1] == "60.0% – 98.0%"
    place = [
        float(lines.nth(i).locator(".dot").evaluate("dot => parseFloat(dot.style.left)")) for i in (0, 1)
    ]
    span = 96 / (1.00 - 0.55)  # from the lowest end of an interval to the highest
    assert place == pytest.approx([2 + span * (rate - 0.55) for rate in (0.98, 0.95)], abs=0.01)
    panel.locator("select").select_option(index=1)
    assert [lines.nth(i).inner_text().split("\n")[1] for i in (0, 1)] == ["13", "17"]
    panel.get_by_role("button", name=clear).press("Enter")
    assert panel.is_hidden()


def test_a_table_of_both_ends_has_its_middle_in_place(opened):
    page, _ = opened
    table = table_of(page, "Both ends")
    ends = [f"D{i:02}" for i in (*range(10), *range(40, 50))]
    assert first_cells(table) == [*ends[:10], "…", *ends[10:]]
    box = page.get_by_label(re.compile("全部50行|All 50 rows"))
    box.check()
    assert first_cells(table) == [f"D{i:02}" for i in range(50)]
    box.uncheck()
    assert first_cells(table) == [*ends[:10], "…", *ends[10:]]


def test_a_table_that_no_page_prints_is_folded_in(opened):
    page, _ = opened
    table = table_of(page, "Behind")
    assert not table.is_visible()
    page.locator("details.folded summary").press("Enter")
    assert len(first_cells(table)) == 21


def test_the_printed_page_is_the_same_whatever_was_chosen(opened, browser):
    page, (compare, find, _, _) = opened
    table = table_of(page, "Departments")
    table.locator("th button").nth(2).click()
    page.get_by_label(compare, exact=True).first.check()
    page.get_by_label(find).first.fill("Dept 0")
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page.url)
    one, other = (page_texts(p.pdf()) for p in (plain, page))
    assert one == other
    told = " ".join(" ".join(other).split())
    assert "Dept 14" in told and "Dept 15" not in told
    assert len(first_cells(table)) == 10  # and afterwards the choice still stands
