"""A month's monitoring on a ledger without history: short pages, and lists for every department."""

import pytest

from perflib.data.errors import ArgumentError
from perflib.data.lists import read_list
from perflib.run.monitor import monitor_month
from tests.pdf import page_texts
from tests.whole.made_ledger import write_ledger

GIVEN = {"district": "上城区", "year": 2023}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return str(write_ledger(tmp_path_factory.mktemp("ledger") / "台账.xlsx", 10, year_ends=False, size=24))


def test_three_pages_at_most_and_two_lists_a_department(ledger, tmp_path):
    told, files = monitor_month(ledger, "zh", tmp_path / "monitor", **GIVEN)
    folder = tmp_path / "monitor" / "上城区-2023-10"
    assert files == [folder / f"report.{kind}" for kind in ("docx", "pdf", "html")]
    pages = page_texts(files[1])
    words = "".join("".join(pages).split())
    assert len(pages) <= 3 and "按规则列入" in words and "绩效运行监控月报" in words
    names = sorted(p.name for p in (folder / "lists").iterdir())
    assert "绩效运行监控表-教育局.xlsx" in names and sum(n.startswith("绩效运行监控表") for n in names) == 12
    found = read_list(folder / "lists" / "绩效运行监控表-教育局.xlsx")
    assert not found.faults and found.head["month"] == 10 and f"清单 {len(names)} 份" in told


def test_december_says_what_was_spent_and_forecasts_nothing(tmp_path):
    ledger = write_ledger(tmp_path / "台账.xlsx", 12, size=12)
    _, files = monitor_month(str(ledger), "zh", tmp_path / "monitor", **GIVEN)
    words = "".join("".join(page_texts(files[1])).split())
    assert files[1].parent.name == "上城区-2023-12" and "没有支出的资金" in words and "预计全年" not in words


def test_a_month_that_is_not_in_the_data_is_told(ledger, tmp_path):
    with pytest.raises(ArgumentError) as caught:
        monitor_month(ledger, "zh", tmp_path, month=11, **GIVEN)
    assert "11" in caught.value.sentence("zh") and "1, 2, 3, 4, 5, 6, 7, 8, 9, 10" in caught.value.sentence(
        "en"
    )
