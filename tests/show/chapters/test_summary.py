import html
import io
import re
import zipfile

import pytest

from perflib.show.chapters.summary import summary_chapter
from perflib.show.chapters.summary_items import marked
from perflib.show.summary_word import summary_docx

from .conftest import OPTIONS, project

PUBLISHED = {
    "self_evaluated": 961, "appraised": 3, "appraisal_cut": 9_865_600.00, "midyear_cut": 23_640_000.00,
    "key_finance": 5, "key_evaluated": 5, "spot_checked": 10, "new_indicators": 4, "key_joint": 1,
}  # fmt: skip


def work(item: str, **columns) -> dict:
    row = {
        "district": "330199",
        "year": 2023,
        "item": item,
        "stage": "general",
        "kind": "rule",
        "title": f"办法{item}",
    }
    return {**row, **columns}


def words(docx: bytes) -> str:
    text = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", "\n", text)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sample_prints_the_published_figures(make_chapter, lang):
    facts = make_chapter(summary_chapter, lang).facts
    assert {id: facts[id].value for id in PUBLISHED} == PUBLISHED
    assert round(facts["mean_rate_self"].value, 3) == 0.953
    text = words(make_chapter(summary_chapter, lang)._documents["summary.docx"])
    for id in (
        "self_evaluated",
        "mean_rate_self",
        "appraisal_cut",
        "midyear_cut",
        "key_finance",
        "spot_checked",
    ):
        assert facts[id].text(lang) in text
    assert facts["rules_list"].value in text
    assert facts["firsts_list"].value in text


def test_the_form_is_official_and_in_order(make_chapter):
    text = words(make_chapter(summary_chapter)._documents["summary.docx"])
    parts = [
        "工作总结",
        "一、工作开展情况",
        "（一）",
        "（八）",
        "二、取得成效",
        "一是",
        "三、存在问题",
        "四、下一步打算",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "####" not in text
    assert "不作合计" in text


def test_every_number_is_a_fact_or_the_bureaus_own(make_chapter):
    chapter = make_chapter(summary_chapter)
    page = chapter.block("official")
    bare = re.sub(r"\[.*?\]\{\.fact [^}]*\}", "", page)
    assert not re.findall(r"\d", re.sub(r"^#+ ", "", bare, flags=re.M))
    assert chapter.facts["typed_numbers"].value == 0


def test_the_plan_is_checked_off_and_next_years_listed(make_chapter):
    chapter = make_chapter(summary_chapter)
    assert (chapter.facts["plan_total"].value, chapter.facts["plan_done"].value) == (5, 4)
    page = chapter.block("official")
    assert "年初计划尚有未完成的事项：开展区县横向对比试点" in page
    assert "七是以审计线索确定评价重点" in page


def test_kinds_of_cuts_are_never_merged(make_chapter):
    facts = make_chapter(summary_chapter).facts
    kinds = [facts[f"cut_{k}"].value for k in ("ex_ante", "cost_review", "mid_year", "results", "recovery")]
    sums = {round(a + b, 2) for a in kinds for b in kinds if a != b} | {round(sum(kinds), 2)}
    printed = {round(f.value, 2) for f in facts.values() if f.unit == "money" and not f.is_missing}
    assert not sums & printed


def test_a_number_typed_by_hand_is_marked(tiny):
    book = tiny(projects=[project()], work_items=[work("1", text="培训12次，覆盖三个部门", is_first=True)])
    chapter = summary_chapter(book, lang="zh", **OPTIONS)
    assert chapter.facts["typed_numbers"].value == 2
    text = words(chapter._documents["summary.docx"])
    assert "培训12次〔手工填写〕，覆盖三个〔手工填写〕部门。" in text
    assert "共2处" in text


def test_marks_in_english_and_without_numbers():
    assert (
        marked("Trained 12 units twice.", "en") == "Trained 12 [typed by hand] units twice [typed by hand]."
    )
    assert marked("一般公共预算统一管理", "zh") == "一般公共预算统一管理"


def test_with_projects_alone_it_still_reads(tiny):
    chapter = summary_chapter(tiny(projects=[project()]), lang="zh", **OPTIONS)
    text = words(chapter._documents["summary.docx"])
    assert "没有下一年度的计划" in text
    assert "没有反映出可以列明的问题" in text
    assert "（一）" not in text


def test_a_catalogue_of_another_year_leaves_what_is_owed_unknown_and_nothing_fails(tiny):
    row = {"district": "330199", "year": 2019, "scope": "class", "item": "specific", "self_evaluation": True}
    form = {"district": "330199", "year": 2022, "subject_kind": "project", "subject": "P1", "kind": "self",
            "evaluator": "教育局", "round": 1, "status": "accepted", "score": 95, "grade": "优"}  # fmt: skip
    book = tiny(projects=[project(year=2022), project()], catalogue=[row], evaluations=[form])
    chapter = summary_chapter(book, lang="zh", **OPTIONS)
    stage = chapter._tables["stages"].set_index("stage").loc["self_evaluation"]
    assert (stage["owing"], stage["done"]) == (0, 0) and stage.isna()["coverage_share"]
    assert chapter._tables["coverage_department"].empty


def test_names_and_texts_stay_what_they_are(tiny):
    items = [work("1", title="<b>办法</b>|*1*", text="印发《[办法]{.fact}》")]
    chapter = summary_chapter(tiny(projects=[project()], work_items=items), lang="zh", **OPTIONS)
    text = words(chapter._documents["summary.docx"])
    assert "印发《[办法]{.fact}》。" in text


def test_the_word_file_is_the_same_bytes_in_official_styles():
    options = {"title": "总结", "lang": "zh", "author": "示例区", "mark": "示例数据，非真实数据"}
    made = summary_docx('### 一、工作\n\n#### （一）制度\n\n正文[3]{.fact data-fact="n"}项。', **options)
    assert made == summary_docx(
        '### 一、工作\n\n#### （一）制度\n\n正文[3]{.fact data-fact="n"}项。', **options
    )
    held = zipfile.ZipFile(io.BytesIO(made))
    styles = held.read("word/styles.xml").decode()
    for name in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"):
        assert name in styles
    assert 'w:line="560" w:lineRule="exact"' in styles
    assert "示例数据，非真实数据" in held.read("word/header1.xml").decode()
    document = held.read("word/document.xml").decode()
    assert 'w:val="Heading2"' in document
    assert "titlePg" not in document  # the mark stands on the first page too
    assert "NUMPAGES" not in held.read("word/footer1.xml").decode()
    assert "正文3项。" in words(made)


def test_the_report_copies_the_summary_and_keeps_no_old_one(tiny, tmp_path):
    from perflib.show.report import write_report

    book = tiny(projects=[project()])
    summary_chapter(book, lang="zh", **OPTIONS).write(tmp_path)
    folder = tmp_path / "chapters" / "90_annual_summary"
    options = {"lang": "zh", "district_name": "区", "year": 2023, "is_sample": False, "formats": ()}
    write_report(tmp_path, chapters=[folder], **options)
    assert (tmp_path / "summary.docx").read_bytes() == (folder / "documents" / "summary.docx").read_bytes()
    (folder / "documents" / "summary.docx").unlink()
    write_report(tmp_path, chapters=[folder], **options)
    assert not (tmp_path / "summary.docx").exists()


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("zh", "也含目录没有要求、部门自行开展的"), ("en", "includes work that the catalogue did not ask for")],
)
def test_more_done_than_owed_is_explained_beside_the_table(make_chapter, lang, sentence):
    chapter = make_chapter(summary_chapter, lang)
    stages = chapter._tables["stages"].set_index("stage")
    assert stages.loc["monitoring", "done"] > stages.loc["monitoring", "owing"]
    assert stages.loc["monitoring", "coverage_share"] <= 1
    assert sentence in chapter.block("stages")
