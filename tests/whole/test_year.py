"""An officer's year on a made ledger of 72 projects and 12 departments, in Chinese, command by command.

The tests are the year's steps, in their order. A test that prints what is said: PERFLIB_SAID=1 pytest -s.
"""

import os
from pathlib import Path

import docx
import openpyxl
import pytest

from perflib.data.book import load_book
from perflib.run.command import main
from tests.whole.made_ledger import fill_list, write_ledger

GIVEN = ("--district", "上城区", "--year", "2023", "--lang", "zh")
MONTH, REPORT = "monitor/上城区-2023-10", "reports/上城区-2023"
NEW = "台账-已汇总.xlsx"
COMMANDS: set[str] = set()


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """A folder in which the year is played."""
    return tmp_path_factory.mktemp("year")


@pytest.fixture
def perflib(year, monkeypatch, capsys):
    monkeypatch.chdir(year)

    def run(*arguments: str, expected: int = 0) -> str:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        told = capsys.readouterr()
        said = told.out + told.err
        if os.environ.get("PERFLIB_SAID"):
            with capsys.disabled():
                print("\n$ perflib", *arguments, "\n" + said)
        assert caught.value.code == expected, said
        assert "Traceback" not in said
        assert all(word.count("/") <= 1 for word in arguments), "a path deeper than one folder"
        COMMANDS.add(arguments[0])
        return said

    return run


def returned(year: Path, *sources: Path) -> Path:
    """The folder of what comes back, with nothing in it but `sources`."""
    back = year / "收回"
    back.mkdir(exist_ok=True)
    for old in back.iterdir():
        old.unlink()
    for source in sources:
        (back / source.name).write_bytes(source.read_bytes())
    return back


def test_01_template_and_check(perflib, year):
    assert "先在每张表左上角选定金额单位" in perflib("template", "台账.xlsx", "--lang", "zh")
    assert "已经存在，未作改动" in perflib("template", "台账.xlsx", "--lang", "zh", expected=2)
    write_ledger(year / "台账.xlsx", 10, year_ends=False)
    said = perflib("check", "台账.xlsx", *GIVEN)
    assert "72 个项目，1 个区县" in said and "截至第 10 个月" in said


def test_02_months_are_watched_and_held_against_each_other(perflib, year):
    for month in range(3, 11):
        said = perflib("monitor", "台账.xlsx", "--month", str(month), *GIVEN)
        assert f"2023年{month}月：需要处理的项目" in said and "发给各部门的清单" in said
    said = perflib("diff", "monitor/上城区-2023-09", MONTH, "--lang", "zh")
    assert "变动" in said and (year / "diff.html").is_file()
    assert "11" in perflib("monitor", "台账.xlsx", "--month", "11", *GIVEN, expected=2)


def test_03_lists_with_eleven_kinds_of_faults_come_back(perflib, year):
    perflib("notices", "台账.xlsx", *GIVEN)
    back, lists, letters = returned(year), year / MONTH / "lists", year / "notices"
    goals, cause, action, give = "目标完成进度", "偏差原因", "处理意见", "可交回金额（万元）"
    form = [lists / f"绩效运行监控表-{d}.xlsx" for d in ("教育局", "民政局", "水利局", "卫生健康局")]
    budget = ("全年预算数（万元）", 2)
    fill_list(
        form[0], back / "一.xlsx", {(goals, 1): "八成", budget: 1, (goals, 3): 900, (cause, 1): "招标晚"}
    )
    fill_list(form[1], back / "二.xlsx", {(goals, 1): 0.5})
    fill_list(form[1], back / "二（改）.xlsx", {(goals, 1): 0.6})
    fill_list(form[2], back / "三.xlsx", {("项目名称", 1): "改了名"})
    act = sorted(lists.glob("需要处理的项目清单-*.xlsx"))
    fill_list(act[0], back / "四.xlsx", {(action, 1): "看看再说", (give, 1): 3_000_000, (give, 2): -5})
    book = openpyxl.load_workbook(form[3])
    book.worksheets[0].delete_rows(5)
    book.save(back / "五.xlsx")
    (back / "六.xlsx").write_bytes(b"PK\x03\x04")
    found = sorted(letters.glob("问题整改清单-*.xlsx"))
    fill_list(
        found[0],
        back / "七.xlsx",
        {("销号日期", 1): "年底前", ("编号", 3): "新", ("项目名称", 3): "添的一行"},
    )
    fill_list(found[1], back / "八.xlsx", {("整改状态", 0): "状态"})
    said = perflib("collect", "收回", "台账.xlsx", *GIVEN, expected=3)
    for words in ("应填数字", "此栏为系统填列", "两个不同的版本", "不在选项中", "像是按元填的", "应在 0 至", "缺少“",
                  "六.xlsx", "不是日期", "原来没有这一行", "缺少“整改状态”一栏"):  # fmt: skip
        assert words in said, words
    assert not (year / NEW).exists()


def test_04_corrected_they_go_into_new_data(perflib, year):
    back, lists = returned(year), year / MONTH / "lists"
    answers = {("目标完成进度", 1): "８０%", ("偏差原因", 1): "招标晚"}
    fill_list(lists / "绩效运行监控表-教育局.xlsx", back / "一.xlsx", answers)
    answers = {("处理意见", 1): "调减", ("可交回金额（万元）", 1): "30000元"}
    fill_list(sorted(lists.glob("需要处理的项目清单-*.xlsx"))[0], back / "二.xlsx", answers)
    said = perflib("collect", "收回", "台账.xlsx", *GIVEN)
    assert "读回 2 份清单、0 份表，改动 4 处" in said
    assert "72 个项目" in perflib("check", NEW, "--lang", "zh")


def test_05_the_year_ends_and_what_came_back_is_read_into_the_new_extract(perflib, year):
    write_ledger(year / "台账.xlsx", 12)
    assert "改动 4 处" in perflib("collect", "收回", "台账.xlsx", *GIVEN)
    for month in ("11", "12"):
        assert f"2023年{month}月" in perflib("monitor", NEW, "--month", month, "--lang", "zh")
    said = perflib("diff", "monitor/上城区-2023-11", "monitor/上城区-2023-12", "--lang", "zh")
    assert "变动" in said


def test_06_self_evaluation_forms_go_out_and_come_back(perflib, year):
    said = perflib("forms", NEW, "--layout", "self_evaluation", "--lang", "zh")
    assert (
        "项目支出绩效自评表 72 份" in said and (year / "forms" / "项目支出绩效自评表-教育局.docx").is_file()
    )
    back = returned(year, year / "forms" / "项目支出绩效自评表-教育局.xlsx")
    path = back / "项目支出绩效自评表-教育局.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    score = next(c for row in sheet.iter_rows() for c in row if c.value == "总分")
    sheet.cell(score.row, 8).value = 77.5
    book.save(path)
    said = perflib("collect", "收回", NEW, "--lang", "zh")
    assert (
        "读回 0 份清单、6 份表，改动 7 处" in said and "按实施单位和名称" in said
    )  # the score, and six rates that forms report
    own = load_book(str(year / NEW)).evaluations
    assert own["score"].eq(77.5).sum() == 1 and len(own) == 72


def test_07_the_report_tells_what_was_forecast_in_june_and_what_came(perflib, year):
    said = perflib("report", "--data", NEW, "--lang", "zh")
    assert "先打开" in said and "summary.docx" in said and "未编入“部门考核”" in said
    words = "\n".join(p.text for p in docx.Document(year / REPORT / "report.docx").paragraphs)
    assert "6月底执行" in words and "预计年底" in words and "实际80.5%" in words
    purposes = {f.stem.partition("-")[0] for f in (year / REPORT / "lists").iterdir()}
    assert purposes == {
        "绩效目标整改清单",
        "绩效运行监控表",
        "需要处理的项目清单",
        "绩效自评抽查复核表",
        "问题整改清单",
        "下年度预算安排建议表",
    }


def test_08_spot_checks_and_findings_come_back(perflib, year):
    back, lists = returned(year), year / REPORT / "lists"
    checks = sorted(lists.glob("绩效自评抽查复核表-*.xlsx"))
    for number, path in enumerate(checks):
        answers = {
            ("复核得分", 1): 70 + number,
            ("复核人", 1): "第三方",
            ("复核日期", 1): "2024年3月1日",
            ("打分前未看自评分", 1): "是",
        }
        fill_list(path, back / f"抽查{number}.xlsx", answers)
    found = sorted(lists.glob("问题整改清单-*.xlsx"))
    answers = {("整改状态", 1): "已整改", ("销号日期", 1): "2024-01-31", ("整改措施及结果", 1): "已盘活"}
    fill_list(found[0], back / "整改.xlsx", answers)
    mended = {("整改情况", 1): "已整改", ("整改后的目标", 1): "增设成本指标"}
    fill_list(lists / "绩效目标整改清单-教育局.xlsx", back / "目标.xlsx", mended)
    said = perflib("collect", "收回", NEW, "--lang", "zh")
    assert f"读回 {len(checks) + 2} 份清单" in said
    new = load_book(str(year / NEW))
    looks = new.evaluations[new.evaluations["kind"] == "spot_check"]
    assert (
        len(looks) == len(checks) and looks["inclusion_probability"].notna().all() and looks["is_blind"].all()
    )
    assert (new.findings["status"] == "closed").sum() == 1
    assert "已逾期 7 项，已销号 1 项" in perflib("notices", NEW, "--lang", "zh")


def test_09_next_years_proposals(perflib, year):
    back, lists = returned(year), year / REPORT / "lists"
    source = lists / "下年度预算安排建议表-教育局.xlsx"
    fill_list(source, back / "建议.xlsx", {("处理意见", 1): "取消", ("决定压减（万元）", 1): None})
    said = perflib("collect", "收回", NEW, "--lang", "zh", expected=3)
    assert "处理意见为“取消”，须填写“决定压减”" in said and "处理意见为“压减”，须填写“决定压减”" in said
    fill_list(
        source,
        back / "建议.xlsx",
        {("处理意见", 1): "取消", ("决定压减（万元）", 1): 20, ("决定压减（万元）", 4): 5},
    )
    said = perflib("collect", "收回", NEW, "--lang", "zh")
    assert "教育局　取消：1 个，压减 20.00 万元" in said and "合计　取消：1 个" in said


def test_10_the_leaders_report_anew_with_what_came_back(perflib, year):
    perflib("report", "--data", NEW, "--only", "leader", "--lang", "zh")
    words = "\n".join(p.text for p in docx.Document(year / REPORT / "report.docx").paragraphs)
    assert "自评分平均比复核分高" in words and "历次抽评12个" in words


def test_11_an_edited_text_with_three_wrong_numbers(perflib, year):
    text = docx.Document(year / REPORT / "summary.docx")
    text.add_paragraph("其中执行率71.3%的项目有5.55亿元，涉及1,234.56万元。")
    text.save(year / "改稿.docx")
    said = perflib("proof", "改稿.docx", REPORT, "--lang", "zh", expected=3)
    assert "找不到依据 3 个" in said and all(n in said for n in ("71.3%", "5.55亿元", "1,234.56万元"))


def test_12_the_years_commands_are_few(year):
    assert len(COMMANDS) <= 12, COMMANDS
    log = openpyxl.load_workbook(year / "台账-改动.xlsx").worksheets[0]
    assert {"文件", "单元格", "原为", "现为"} <= {c.value for row in log.iter_rows() for c in row}
