"""An officer's year on a made ledger of 72 projects and 12 departments, in Chinese, command by command."""

import docx
import openpyxl
import pytest

from perflib.run.command import main
from tests.whole.made_ledger import fill_list, write_ledger

GIVEN = ("--district", "上城区", "--year", "2023", "--lang", "zh")
MONTH = "monitor/上城区-2023-10"


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """A folder in which the year is played; the tests below are its steps, in their order."""
    return tmp_path_factory.mktemp("year")


@pytest.fixture
def perflib(year, monkeypatch, capsys):
    monkeypatch.chdir(year)

    def run(*arguments: str, expected: int = 0) -> str:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        told = capsys.readouterr()
        said = told.out + told.err
        assert caught.value.code == expected, said
        assert "Traceback" not in said and all("/" not in word or word.count("/") <= 3 for word in arguments)
        return said

    return run


def test_1_template_and_check(perflib, year):
    assert "先在每张表左上角选定金额单位" in perflib("template", "台账.xlsx", "--lang", "zh")
    assert "已经存在，未作改动" in perflib("template", "台账.xlsx", "--lang", "zh", expected=2)
    write_ledger(year / "台账.xlsx", 10, year_ends=False)
    said = perflib("check", "台账.xlsx", *GIVEN)
    assert "72 个项目，1 个区县" in said and "截至第 10 个月" in said


def test_2_months_are_watched_and_held_against_each_other(perflib, year):
    for month in ("9", "10"):
        assert "需要处理的项目" in perflib("monitor", "台账.xlsx", "--month", month, *GIVEN)
    said = perflib("diff", "monitor/上城区-2023-09", MONTH, "--lang", "zh")
    assert "变动" in said and (year / "diff.html").is_file()
    assert "11" in perflib("monitor", "台账.xlsx", "--month", "11", *GIVEN, expected=2)


def test_3_lists_with_ten_kinds_of_faults_come_back(perflib, year):
    back = year / "收回"
    back.mkdir()
    lists = year / MONTH / "lists"
    goals, cause, action, give = "目标完成进度", "偏差原因", "处理意见", "可交回金额（万元）"
    form = [lists / f"绩效运行监控表-{d}.xlsx" for d in ("教育局", "民政局", "水利局", "卫生健康局")]
    fill_list(
        form[0],
        back / "一.xlsx",
        {(goals, 1): "八成", ("全年预算数（万元）", 2): 1, (goals, 3): 900, (cause, 1): "招标晚"},
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
    said = perflib("collect", "收回", "台账.xlsx", *GIVEN, expected=3)
    for words in (
        "应填数字",
        "此栏为系统填列",
        "两个不同的版本",
        "不在选项中",
        "像是按元填的",
        "应在 0 至",
        "缺少“",
        "六.xlsx",
    ):
        assert words in said, words
    assert not (year / "台账-已汇总.xlsx").exists()


def test_4_corrected_they_go_into_new_data(perflib, year):
    back, lists = year / "收回", year / MONTH / "lists"
    for old in back.iterdir():
        old.unlink()
    fill_list(
        lists / "绩效运行监控表-教育局.xlsx",
        back / "一.xlsx",
        {("目标完成进度", 1): "８０%", ("偏差原因", 1): "招标晚"},
    )
    fill_list(
        sorted(lists.glob("需要处理的项目清单-*.xlsx"))[0],
        back / "二.xlsx",
        {("处理意见", 1): "调减", ("可交回金额（万元）", 1): "30000元"},
    )
    said = perflib("collect", "收回", "台账.xlsx", *GIVEN)
    assert "读回 2 份清单、0 份表，改动 4 处" in said
    assert "72 个项目" in perflib("check", "台账-已汇总.xlsx", "--lang", "zh")


def test_5_forms_and_notices(perflib, year):
    said = perflib("forms", "台账-已汇总.xlsx", "--layout", "self_evaluation", "--lang", "zh")
    assert (
        "项目支出绩效自评表 72 份" in said and (year / "forms" / "项目支出绩效自评表-教育局.docx").is_file()
    )
    assert "整改通知书" in perflib("notices", "台账-已汇总.xlsx", "--lang", "zh")


def test_6_an_edited_text_with_three_wrong_numbers(perflib, year):
    text = docx.Document()
    text.add_paragraph("截至2023年10月末，72个项目支出2.08亿元，资金进度64.9%，需要处理42个。")
    text.add_paragraph("其中执行率71.3%的有5.55亿元，涉及1,234.56万元。")
    text.save(year / "改稿.docx")
    said = perflib("proof", "改稿.docx", MONTH, "--lang", "zh", expected=3)
    assert "找不到依据 3 个" in said and all(n in said for n in ("71.3%", "5.55亿元", "1,234.56万元"))
