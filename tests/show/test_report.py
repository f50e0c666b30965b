import hashlib
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser

import pandas as pd
import pytest
from openpyxl import load_workbook

from perflib.data.errors import PerflibError
from perflib.show.part import read_parts
from perflib.show.report import FORMATS, write_report
from perflib.show.tables import markdown_table
from tests.pdf import made_for_reading, page_texts

COVER = {"prepared_by": "张三", "checked_by": "", "signed_by": "", "classification": ""}


MADE: dict = {}


@pytest.fixture
def fresh(written, tmp_path):
    """A new folder with the report of the made-up chapter."""

    def made(lang: str = "zh", *, output: str = "out", formats=FORMATS, **options):
        chapters = written(lang, output=output)
        folder = tmp_path / output
        fields = {"district_name": "鄠邑<script>区", "year": 2022, "is_sample": True, **COVER, **options}
        write_report(folder, lang=lang, chapters=chapters, formats=formats, **fields)
        return folder

    return made


@pytest.fixture
def report(fresh):
    """The folder of the whole report in a language, made once; nobody changes it."""

    def made(lang: str = "zh"):
        if lang not in MADE:
            MADE[lang] = fresh(lang)
        return MADE[lang]

    return made


def digests(folder) -> dict[str, str]:
    kept = [f for f in folder.rglob("*") if f.is_file() and "chapters" not in f.parts]
    return {f.relative_to(folder).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in kept}


def test_two_runs_are_the_same_bytes(fresh):
    first, second = digests(fresh(output="a")), digests(fresh(output="b"))
    assert first == second
    assert {f"report.{f}" for f in FORMATS} | {"facts.json", "figures/40_made_up-rates.svg"} <= set(first)


def test_no_file_names_the_folder_it_was_made_in(fresh, tmp_path):
    folder = fresh()
    for file in folder.glob("report.*"):
        content = file.read_bytes()
        if file.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(file) as parts:
                content = b"".join(parts.read(n) for n in parts.namelist())
        assert tmp_path.name.encode() not in content


class Page(HTMLParser):
    """Tags with their attributes, in order."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_asks_nothing_of_any_other_address(report, lang):
    text = (report(lang) / "report.html").read_text("utf-8")
    tags = Page(text).tags
    assert not [t for t, _ in tags if t in ("link", "iframe", "object")]
    assert [a for t, a in tags if t == "script"] == [
        {}
    ] and "script-src 'sha256-" in text  # the page's own alone
    sources = [a.get(k, "") for _, a in tags for k in ("src", "href")]
    assert all(s == "" or s.startswith(("data:image/png;base64,", "#", "tables/")) for s in sources)
    assert not re.search(r"url\(|@import|https?://", text)
    assert all(a.get("alt") for t, a in tags if t == "img")


def test_links_inside_the_page_lead_somewhere(report):
    folder = report()
    tags = Page((folder / "report.html").read_text("utf-8")).tags
    ids = {a["id"] for _, a in tags if "id" in a}
    links = [a["href"] for t, a in tags if t == "a"]
    assert len(links) > 10
    assert all(h[1:] in ids if h.startswith("#") else (folder / h).is_file() for h in links)


def test_each_printed_number_shows_its_trail_by_keyboard_too(report):
    folder = report()
    text = (folder / "report.html").read_text("utf-8")
    spans = [a for t, a in Page(text).tags if t == "span" and a.get("class") == "fact"]
    facts = json.loads((folder / "facts.json").read_text("utf-8"))["facts"]
    assert {a["data-fact"] for a in spans} <= set(facts)
    assert {"40_made_up/own.rate", "40_made_up/own.executed", "40_made_up/own.rule"} <= {
        a["data-fact"] for a in spans
    }
    assert all(a["tabindex"] == "0" for a in spans)
    assert "执行数÷预算数" in text and "year = 2022" in text
    assert ".fact:focus-within > .trail" in text


def test_names_are_text_and_nothing_else(report):
    text = (report() / "report.html").read_text("utf-8")
    assert text.count("<script") == 1 and "猇亭&lt;script&gt;" in text and "鄠邑&lt;script&gt;区" in text


@pytest.mark.parametrize(("lang", "mark"), [("zh", "示例数据"), ("en", "Sample data, not real")])
def test_sample_data_says_so_on_every_page(report, lang, mark):
    folder = report(lang)
    assert (folder / "report.html").read_text("utf-8").count(mark) >= 2
    assert all(mark in page for page in page_texts(folder / "report.pdf"))
    with zipfile.ZipFile(folder / "report.docx") as parts:
        assert (
            mark in parts.read("word/header1.xml").decode()
            and mark in parts.read("word/document.xml").decode()
        )
    for sheet in load_workbook(folder / "report.xlsx"):
        assert any(mark in str(c.value) for row in sheet["A1:C4"] for c in row)
        assert mark in sheet.oddHeader.right.text


def test_real_data_does_not(fresh):
    folder = fresh(is_sample=False, status="final", formats=["html", "docx"])
    with zipfile.ZipFile(folder / "report.docx") as parts:
        assert "示例" not in parts.read("word/header1.xml").decode()


@pytest.mark.parametrize(("lang", "language"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_the_pdf_names_its_standards_and_language(report, lang, language):
    folder = report(lang)
    file = folder / "report.pdf"
    metadata = file.read_bytes()  # the part that tells of standards is never packed
    assert b"<pdfuaid:part>1<" in metadata and b"<pdfaid:part>2<" in metadata
    is_tagged, told, fonts = made_for_reading(file)
    assert is_tagged and told == language
    assert fonts and all("NotoSansSC" in f for f in fonts)
    text = "".join(page_texts(file))
    assert "猇亭<script>" in text.replace("\n", "") and "image(" not in text


def test_a_character_that_the_font_lacks_does_not_cost_the_report(written, tmp_path):
    write_report(
        tmp_path / "r",
        lang="zh",
        chapters=written(),
        district_name="x",
        year=2022,
        is_sample=True,
        prepared_by="Łódź 한",
        formats=["pdf"],
    )
    assert "Łódź □" in "".join(page_texts(tmp_path / "r" / "report.pdf"))


@pytest.mark.parametrize(
    ("lang", "figure", "table", "contents"),
    [("zh", "图", "表", "目录"), ("en", "Figure", "Table", "Contents")],
)
def test_word_has_native_captions_and_filled_contents(report, lang, figure, table, contents):
    folder = report(lang)
    with zipfile.ZipFile(folder / "report.docx") as parts:
        body = parts.read("word/document.xml").decode("utf-8")
        assert all(i.date_time == (2020, 1, 1, 0, 0, 0) for i in parts.infolist())
    words = re.sub(r"<w:instrText.*?</w:instrText>|<[^>]+>", "", body)
    assert "SEQ Figure" in body and "SEQ Table" in body and "TOC \\o" in body
    told = re.findall(r'PAGEREF.*?"separate"/></w:r>(.*?)<w:r><w:fldChar w:fldCharType="end"', body)
    assert told and not any(told)  # a page is blank until Word knows it, and never a number that is not so
    end = {"zh": "\u3000", "en": r"\. "}[lang]
    assert (
        re.search(rf"{figure}\s*1{end}", words)
        and re.search(rf"{table}\s*1{end}", words)
        and contents in words
    )
    assert {"zh": "二、预算执行情况", "en": "2 Budget execution"}[lang] in body.split('w:name="glance"')[0]
    assert 'w:w="11906"' in body and "w:headerReference" in body and "titlePg" in body
    assert re.findall(r'descr="([^"]+)"', body)[0].startswith({"zh": "直方图", "en": "Histogram"}[lang])


def test_the_workbook_has_no_formula_and_its_numbers_are_numbers(report):
    folder = report()
    book = load_workbook(folder / "report.xlsx")
    assert (book.sheetnames[0], book.sheetnames[-1], len(book.sheetnames)) == ("目录", "指标", 3)
    cells = [c for s in book for row in s.iter_rows() for c in row if c.value is not None]
    assert not [c for c in cells if c.data_type == "f"]
    sheet = book[book.sheetnames[1]]
    assert sheet[4][0].value == "各部门执行率"
    heads = ["主管部门", "项目数", "全年预算数（元）", "全年执行数（元）", "执行率", "不适用原因"]
    assert [c.value for c in sheet[5]] == heads
    assert [c.value for c in sheet[9]][:3] == ["=SUM(A1)", 40, 5_000_000]
    assert sheet[9][0].data_type == "s" and sheet.freeze_panes == "B6"
    assert [table.autoFilter is not None for table in sheet.tables.values()] == [True]


def test_missing_chapters_are_listed_as_not_covered(report):
    text = (report("en") / "report.html").read_text("utf-8")
    assert "Not covered" in text and "no data on Evaluations" in text


def test_a_failed_format_leaves_the_old_report(fresh, monkeypatch):
    folder = fresh(formats=["html"])
    before = digests(folder)
    monkeypatch.setattr("perflib.show.html.report_html", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(
            folder,
            lang="zh",
            chapters=sorted((folder / "chapters").iterdir()),
            district_name="x",
            year=2022,
            is_sample=True,
            formats=["html"],
        )
    assert digests(folder) == before
    assert not list(folder.glob(".report-*"))


def test_a_folder_that_is_no_chapter_is_named(tmp_path):
    (tmp_path / "40_x").mkdir()
    with pytest.raises(PerflibError, match="No chapters to put together in 40_x"):
        write_report(
            tmp_path / "r",
            lang="en",
            chapters=[tmp_path / "40_x"],
            district_name="x",
            year=2022,
            is_sample=True,
        )


def test_a_study_says_what_it_is_and_has_a_chapter_once_a_source(written, tmp_path):
    folders = [written("en", output=f"study/{source}")[0] for source in "ab"]
    sources = {str(folders[0]): ("Ours", " (currency: CNY)"), str(folders[1]): ("Theirs", " (currency: EUR)")}
    fields = {"district_name": "A, B", "year": 2022, "years": [2020, 2021, 2022], "is_sample": True, **COVER}
    write_report(tmp_path / "out", lang="en", chapters=folders, sources=sources, **fields)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    for words in (
        "District comparison study",
        "Fiscal years compared: 2020–2022.",
        "not a district",
        "The study at a glance",
    ):
        assert words in page
    text = " ".join("".join(page_texts(tmp_path / "out" / "report.pdf")).split())
    for words in (": Ours", ": Theirs", "(currency: CNY)", "(currency: EUR)", "comparison study, not a"):
        assert words in text
    facts = json.loads((tmp_path / "out" / "facts.json").read_text("utf-8"))
    own = {id.partition("/")[0] for id in facts["facts"]}
    assert own == {"40_made_up-1", "40_made_up-2"}
    assert all((tmp_path / "out" / name).is_file() for name in facts["tables"])
    assert set(re.findall(r'href="(tables/[^"]+)"', page)) == set(facts["tables"])


def test_what_opens_a_study_is_its_report_and_the_rest_its_annex(written, tmp_path):
    folders = [written("en", output=f"volumes/{name}")[0] for name in "ab"]
    fields = {"district_name": "A, B", "year": 2022, "years": [2021, 2022], "is_sample": True, **COVER}
    names = {str(folders[0]): "78_scope", str(folders[1]): "80_all"}
    write_report(tmp_path / "out", lang="en", chapters=folders, names=names, **fields)
    assert {f.name for f in (tmp_path / "out").glob("annex.*")} == {
        f"annex.{e}" for e in ("html", "pdf", "docx")
    }
    for name, title in (
        ("report", "District comparison study"),
        ("annex", "District comparison study: annex"),
    ):
        assert f"<h1>{title}</h1>" in (tmp_path / "out" / f"{name}.html").read_text("utf-8")
        first = " ".join(page_texts(tmp_path / "out" / f"{name}.pdf")[0].split())
        assert title in first and "Fiscal years compared: 2021–2022" in first and "not a district" in first
        with zipfile.ZipFile(tmp_path / "out" / f"{name}.docx") as packed:
            assert "Fiscal years compared: 2021–2022" in packed.read("word/document.xml").decode("utf-8")


def test_the_year_comes_first_and_the_data_last(written, tmp_path):
    for name in ("10_data_quality", "40_execution_rates", "90_annual_summary"):
        shutil.copytree(written()[0], tmp_path / "read" / name)
        told = json.loads((tmp_path / "read" / name / "chapter.json").read_text("utf-8"))
        (tmp_path / "read" / name / "chapter.json").write_text(json.dumps(told | {"name": name}), "utf-8")
    parts = read_parts(sorted((tmp_path / "read").iterdir()))
    assert [p.name[:2] for p in parts] == ["90", "40", "10"]


@pytest.mark.parametrize(("rows", "printed"), [(18, 18), (19, 15)])
def test_a_long_table_is_cut_short_and_says_so(rows, printed):
    frame = pd.DataFrame({"department": [f"X{i}" for i in range(rows)], "projects": range(rows)})
    page = markdown_table(frame, "en", currency="EUR", caption="All", id="x")
    assert page.count("| X") == printed
    assert ("The first 15 of 19 rows" in page) == (rows > printed)


def test_heads_stay_with_their_rows_in_word(report):
    with zipfile.ZipFile(report("zh") / "report.docx") as parts:
        body = parts.read("word/document.xml").decode("utf-8")
    table = next(t for t in re.findall(r"<w:tbl>.*?</w:tbl>", body, re.DOTALL) if "w:tblHeader" in t)
    head, *rows = table.split("</w:tr>")[:-1]
    assert head.count("<w:keepNext/>") == head.count("<w:tc>") > 1
    assert rows and all("<w:cantSplit/>" in row for row in rows)


@pytest.mark.parametrize("name", ["Puente de Vallecas", "Chamberí"])
def test_a_name_in_latin_letters_does_not_run_into_the_year(fresh, name):
    folder = fresh("zh", output="latin", formats=("html",), district_name=name)
    assert f"{name} 2022年度" in (folder / "report.html").read_text("utf-8")
