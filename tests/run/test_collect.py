"""Lists and forms that came back into the data: what changes, what is refused, and that nothing is lost."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from perflib.data.book import load_book
from perflib.data.form_layout import layouts
from perflib.measure.findings import known
from perflib.run.collect import collect_folder
from perflib.run.forms import forms_of
from perflib.show.forms import form_docx
from perflib.show.outgoing import department_lists, list_bytes
from tests.conftest import through_libreoffice
from tests.whole.made_ledger import fill_list, write_ledger

READ: dict = {}
GIVEN = {"district": "上城区", "year": 2023}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return write_ledger(tmp_path_factory.mktemp("ledger") / "台账.xlsx", 10, year_ends=False, size=12)


@pytest.fixture(scope="module")
def book(ledger):
    return load_book(str(ledger), **GIVEN)


@pytest.fixture(scope="module")
def outgoing(book):
    drawn = book.rows("projects").assign(plan_stratum="其他", inclusion_probability=0.5)
    left = known(book.rows("findings"), book.rows("projects"), year=book.year)
    return department_lists(book, {"rectification": left, "spot_check": drawn})


@pytest.fixture(autouse=True)
def read_once(monkeypatch):
    """The same ledger is read once for all tests: reading it is what takes the time."""

    def load(data, **options):
        key = (Path(data).read_bytes(), str(options))
        if key not in READ:
            READ[key] = load_book(data, **options)
        return READ[key]

    monkeypatch.setattr("perflib.run.collect.load_book", load)


@pytest.fixture
def place(tmp_path, ledger):
    shutil.copy(ledger, tmp_path / "台账.xlsx")
    (tmp_path / "收回").mkdir()
    return tmp_path


def collect(place, lang="zh"):
    return collect_folder(place / "收回", str(place / "台账.xlsx"), lang, **GIVEN)


def test_answers_go_into_the_data_beside_the_old_and_twice_gives_the_same(place, outgoing, book):
    name = next(n for n in outgoing if n.startswith("问题整改清单-教育局"))
    fill_list(outgoing[name], place / "收回" / "改名了.xlsx", {("整改状态", 1): "已整改", ("销号日期", 1): "2023-08-31", ("收回金额（万元）", 1): 0.5,
                                                         ("整改措施及结果", 1): "已盘活"})  # fmt: skip
    name = next(n for n in outgoing if n.startswith("绩效自评抽查复核表-教育局"))
    fill_list(
        outgoing[name],
        place / "收回" / name,
        {
            ("复核得分", 1): 80.5,
            ("复核人", 1): "第三方",
            ("复核意见", 1): "目标偏低",
            ("打分前未看自评分", 1): "是",
        },
    )
    old = (place / "台账.xlsx").read_bytes()
    told, files, code = collect(place)
    assert code == 0 and "读回 2 份清单、0 份表，改动 8 处" in told
    assert [f.name for f in files] == ["台账-改动.xlsx", "台账-已汇总.xlsx"] and (
        place / "台账.xlsx"
    ).read_bytes() == old
    new = load_book(str(place / "台账-已汇总.xlsx"))
    changed = new.findings[new.findings["status"] == "closed"]
    assert (
        changed[["recovered"]].values.tolist() == [[5000]]
        and str(changed["closed_on"].iloc[0].date()) == "2023-08-31"
    )
    added = new.evaluations[new.evaluations["kind"] == "spot_check"]
    told = ["score", "evaluator", "note", "is_blind", "stratum", "inclusion_probability"]
    assert added[told].values.tolist() == [[80.5, "第三方", "目标偏低", True, "其他", 0.5]]
    for table in ("projects", "progress", "indicators"):
        pd.testing.assert_frame_equal(
            new.tables[table], book.tables[table], check_dtype=False, check_like=True
        )
    replies = openpyxl.load_workbook(place / "台账-已汇总.xlsx")["部门回复（说明）"]
    assert [c.value for c in replies[1]] == ["清单", "年度", "部门", "编号", "行", "栏目", "现为"]
    assert [c.value for c in replies[2]][-1] == "已盘活"
    first = [f.read_bytes() for f in files]
    assert [f.read_bytes() for f in collect(place)[1]] == first
    _, files, _ = collect_folder(place / "收回", str(place / "台账-已汇总.xlsx"), "zh")
    assert files[1].read_bytes() == first[1]


@pytest.mark.parametrize(
    ("about", "zh", "en"),
    [
        ({"district": "下城区"}, "“下城区”的清单，不是“上城区”的", "a list of `下城区`, not of `上城区`"),
        (
            {"year": 2021},
            "2021 年度的清单，数据中没有该年度",
            "a list of 2021, a year that the data does not have",
        ),
    ],
)
def test_a_list_of_another_district_or_year_is_refused(place, book, about, zh, en):
    rows = book.rows("findings").head(1).assign(project_name="甲")
    content = list_bytes("rectification", rows, "zh", **{"district": "上城区", "year": 2023, **about})
    (place / "收回" / "a.xlsx").write_bytes(content)
    told, files, code = collect(place)
    assert (code, files) == (3, []) and zh in told and en in collect(place, "en")[0]
    assert not (place / "台账-已汇总.xlsx").exists()


def test_every_questionnaire_that_comes_back_is_a_persons(place, book):
    items = pd.DataFrame({"item": ["效果", "及时"], "name": ["效果", "及时"], "stratum": "人大代表"})
    ((name, content),) = department_lists(book, {"questionnaire": items}).items()
    assert name == "代表委员评价问卷-人大代表.xlsx"
    for number, answer in enumerate(("满意", "满意", "很不满意"), 1):
        fill_list(
            content,
            place / "收回" / f"{number}.xlsx",
            {("评价", 1): answer, ("意见建议", 2): f"意见{number % 2}"},
        )
    shutil.copy(place / "收回" / "3.xlsx", place / "收回" / "4.xlsx")
    told, files, code = collect(place)
    assert code == 0 and "读回 3 份清单" in told and "《4.xlsx》与《3.xlsx》内容相同" in told, told
    read = load_book(str(files[1])).ratings
    assert sorted(read["score"].dropna()) == [1, 4, 4] and read["rater"].nunique() == 3
    assert set(read["stratum"]) == {"人大代表"} and set(read["context"]) == {"questionnaire"}


def test_an_amount_in_yuan_and_a_number_in_words_are_told_in_both_languages(place, outgoing):
    name = next(n for n in outgoing if n.startswith("问题整改清单-教育局"))
    fill_list(outgoing[name], place / "收回" / "甲.xlsx", {("收回金额（万元）", 1): 300_000})
    zh, en = collect(place)[0], collect(place, "en")[0]
    assert "甲.xlsx" in zh and "像是按元填的。请按万元填写" in zh
    assert "甲.xlsx" in en and "it looks like yuan. Write it in units of 10,000 yuan" in en


def test_two_versions_are_refused_and_a_copy_counts_once(place, outgoing):
    name = next(n for n in outgoing if n.startswith("问题整改清单-教育局"))
    fill_list(outgoing[name], place / "收回" / "甲.xlsx", {("整改状态", 1): "整改中"})
    shutil.copy(place / "收回" / "甲.xlsx", place / "收回" / "乙.xlsx")
    assert (
        "《甲.xlsx》与《乙.xlsx》内容相同" in collect(place)[0]
        or "《乙.xlsx》与《甲.xlsx》" not in collect(place)[0]
    )
    fill_list(outgoing[name], place / "收回" / "乙.xlsx", {("整改状态", 1): "已整改"})
    told, _, code = collect(place)
    assert code == 3 and "两个不同的版本" in told and "two versions" in collect(place, "en")[0]


def test_what_is_no_list_is_told_and_a_damaged_file_named(place, outgoing):
    name = next(n for n in outgoing if n.startswith("问题整改清单-教育局"))
    fill_list(outgoing[name], place / "收回" / "甲.xlsx", {("整改状态", 1): "整改中"})
    pd.DataFrame({"a": [1]}).to_excel(place / "收回" / "别的.xlsx")
    assert "未读取：别的.xlsx" in collect(place)[0]
    (place / "收回" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    told, _, code = collect(place)
    assert code == 3 and "坏.xlsx" in told


def test_a_filled_monitoring_form_becomes_readings_of_its_month(place, book):
    layout = layouts()["monitoring"]
    values, lines = next((v, ls) for _, v, ls in forms_of(book, layout, month=10).values())
    lines = [{k: v for k, v in line.items() if k != "actual_number"} for line in lines]
    lines[0] |= {"actual_number": 71.5, "reason_people": "人手不足", "possible": "√"}
    (place / "收回" / "表.docx").write_bytes(form_docx(layout, {values["name"]: (values, lines)}, 2023))
    assert "without a project code, matched by unit and name: 1" in collect(place, "en")[0]
    told, files, code = collect(place)
    assert code == 0 and "1 份表，改动 1 处" in told and "1 份表没有项目代码，按实施单位和名称" in told, told
    new = load_book(str(files[1])).indicators
    read = new[new["month"] == 10]
    assert read[["name", "actual"]].values.tolist() == [[lines[0]["indicator_name"], 71.5]]
    of_year = new[(new["month"] == 12) & (new["subject"] == read["subject"].iloc[0])]
    assert read["target"].iloc[0] == of_year["target"].iloc[0] and len(of_year) == len(lines)
    replies = openpyxl.load_workbook(files[1])["部门回复（说明）"]
    assert [c.value for c in replies[2]][-1] == "人员保障：人手不足；有可能"


def test_a_round_trip_through_libreoffice_loses_no_value(place, outgoing):
    name = next(n for n in outgoing if n.startswith("问题整改清单-教育局"))
    fill_list(
        outgoing[name],
        place / "收回" / "甲.xlsx",
        {("整改状态", 1): "已整改", ("收回金额（万元）", 1): 1.25, ("销号日期", 1): "2023-08-31"},
    )
    whole = collect(place)[1][1].read_bytes()
    through_libreoffice(place / "收回" / "甲.xlsx", "ods")
    (place / "收回" / "甲.ods").unlink()
    assert collect(place)[1][1].read_bytes() == whole
