import pytest

from perflib.show.sentence import undeclared_numbers


@pytest.mark.parametrize(
    "text",
    [
        "一般公共预算执行率最高。",
        "一是加快支付，二是压减低效支出，三是强化结果应用。",
        "统一口径，进一步提高质量，同一部门，唯一来源。",
        "第一，双监控；第二，结果应用。",
        "按项目逐一核对，一并公开，十分重要，百分之，一次性项目。",
        "调整后预算为准；单位为万元；一些项目，一定程度上，万一。",
        "预算执行率按部门、按项目列示，部门之间没有一致的差别。",
        "半年度监控、年度总结、一部分项目",
        "No one should read a rank as a verdict; one can tell the difference.",
        "The two differ. A rate and its base; one of the departments; often, freight, weight.",
        "",
    ],
)
def test_plain_words_hold_no_number(text):
    assert undeclared_numbers(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共有 961 个项目", ["961"]),
        ("执行率９５．３％", ["９５．３％"]),
        ("其中三个项目", ["三个"]),
        ("两家单位", ["两家"]),
        ("近三年", ["三年"]),
        ("增长一倍", ["一倍"]),
        ("约七成的项目", ["七成"]),
        ("一半项目", ["一半"]),
        ("三分之一的资金", ["三分之一"]),
        ("十二项指标", ["十二项"]),
        ("半年", ["半年"]),
        ("Three projects stopped", ["Three projects"]),
        ("half of the money, twice as much", ["half of", "twice"]),
        ("a dozen departments", ["dozen departments"]),
        ("by 3.4 points", ["3.4"]),
    ],
)
def test_numbers_are_found(text, found):
    assert undeclared_numbers(text) == found
