"""Numbers that a narrative holds of its own: digits, and number words before what they count."""

import re

_DIGITS = r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*\s*[%％‰]?"
_ZH_NUMBER = "[一二两三四五六七八九十半][零〇一二两三四五六七八九十百千万亿]*"
# What a number counts. Words that mostly stand for something else (次 in 上一次, 点 in 一点) are left out.
_ZH_UNIT = (
    "个百分点|百分点|个|项|家|户|人|名|位|笔|件|条|份|处|年(?!度)|个月|月份|季度|倍|成(?!本|果|效|绩|立|为)|万元|亿元|元"
    "|分之|类|种|组|层|页|张|批|轮|天|日|周|次|区(?!域)|县(?!级)"
)
# 一般、一是、统一、进一步…: 一 that counts nothing. "一个" and "一项" do count, and so does 两.
# Nor does it after 上, 每, 某 …: 上一年, 每一个, 某一项 point at something, they do not count.
_ZH_FREE = r"(?<![统唯单同专惟进第上下每某任这那哪])"
_ZH_IDIOMS = (
    "一年一度",
    "一次性",
    "一批又一批",
    "千家万户",
    "百年大计",
    "万元以",
    "一分部署",
    "十分",
    "百分",
)
_EN_NUMBER = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred"
    "|thousand|million|dozens?|half|halves|thirds?|quarters?"
)
_EN_UNIT = (
    "of|a|an|the|per|times|percentage|percent|points?|projects?|departments?|districts?|units?|years?|months?"
    "|quarters?|days?|weeks?|cases?|items?|lines?|indicators?|evaluations?|appraisals?|findings?|cities|countries"
    "|yuan|euros?|million|billion|thousand|hundred|dozen|as|stages?|tables?|pages?|grades?|bands?|people|rows?"
)
_EN_ALONE = "twice|thrice|doubled|tripled|halved|two-thirds|one-third|threefold|twofold|tenfold"
_EN_IDIOMS = ("one of the", "one as", "one per", "one a", "half-open", "third part", "quarter of the year")

_PATTERN = re.compile(
    rf"{_DIGITS}|一半|过半|半数"
    rf"|{_ZH_FREE}{_ZH_NUMBER}(?=(?:{_ZH_UNIT}))(?:个百分点|百分点|分之{_ZH_NUMBER}|{_ZH_UNIT})"
    rf"|(?:{_ZH_NUMBER})成(?=以|的|左|多|，|。|$)"
    rf"|\b(?:{_EN_ALONE})\b|\b(?:{_EN_NUMBER})[ -]+(?:{_EN_UNIT})\b",
    re.IGNORECASE,
)
_TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}|^\s*:::.*$|^#+ ", re.MULTILINE)


def template_text(source: str) -> str:
    """What `source` says by itself: without Jinja tags, so that all facts are blank in every branch."""
    return _ATTRIBUTES.sub("", _TAGS.sub("□", source))


def undeclared_numbers(text: str) -> list[str]:
    """The numbers in `text` from which every fact has been blanked, in order; empty if it has none.

    Found: ASCII and full-width digits; Chinese number words before what they count (三个, 两家,
    一半, 三分之一); English ones before a noun (three projects, half of, twice). Not found, because they
    count nothing: 一般公共预算, 一是, 统一, "one" by itself.

    >>> undeclared_numbers("一般公共预算支出中，一是有三个项目未执行，二是约３成延期。")
    ['三个', '３']
    >>> undeclared_numbers("Half of the projects; one should not conclude that ranks differ.")
    ['Half of']
    """
    lowered = text.lower()
    idioms = [_span for phrase in (*_ZH_IDIOMS, *_EN_IDIOMS) for _span in _spans(phrase, lowered)]
    found = (m for m in _PATTERN.finditer(text) if not any(a <= m.start() < b for a, b in idioms))
    return [m.group().strip() for m in found]


def _spans(phrase: str, text: str) -> list[tuple[int, int]]:
    return [
        m.span() for m in re.finditer(rf"(?<!\w){re.escape(phrase)}" if phrase.isascii() else phrase, text)
    ]
