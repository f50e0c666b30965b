"""Which mark of a column stands before the decimals, told from all its values together."""

import pandas as pd

POINT, COMMA = ".", ","
_SIGN = r"[+-]?"
_OF = {
    POINT: (
        r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,}"  # 1,234.5 and 1,234,567
        r"|\d*\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d{3}|0?\.\d{3}|0\d+\.\d{3}"  # 1.5, 1.2345, 1234.567, 0.125
    ),
    COMMA: (
        r"\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,}"
        r"|\d*,\d{1,2}|\d{5,},\d{3}|0?,\d{3}"  # 12,3456 may be a group of four, and tells nothing
    ),
}
_GROUPS = {POINT: r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", COMMA: r"\d{1,3}(?:\.\d{3})+(?:,\d*)?"}
_PLAIN = {POINT: r"\d*(?:\.\d*)?(?:[eE][+-]?\d+)?", COMMA: r"\d*(?:,\d*)?(?:[eE][+-]?\d+)?"}
_UNSURE = {POINT: r"[1-9]\d{0,2}\.\d{3}", COMMA: r"[1-9]\d{0,2},\d{3}"}
_LONG = {POINT: r"\d*\.\d{4,}|\d{4,}\.\d{3}|0?\.\d{3}", COMMA: r"\d*,\d{4,}|\d{4,},\d{3}|0?,\d{3}"}


def _fits(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.fullmatch(f"{_SIGN}(?:{pattern})")


def evidence(text: pd.Series) -> tuple[int, int]:
    """How many of the numbers `text` can only be read with a decimal point, and only with a comma."""
    marked = text[text.str.contains(r"[.,]", regex=True)]
    return int(_fits(marked, _OF[POINT]).sum()), int(_fits(marked, _OF[COMMA]).sum())


def decide(point: int, comma: int) -> str:
    """The decimal mark that the evidence is for; "" where there is none. The more frequent style wins.

    >>> decide(0, 1), decide(5, 1), decide(0, 0)
    (',', '.', '')
    """
    if not point and not comma:
        return ""
    return COMMA if comma > point else POINT


def ungroup(text: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Numbers with a decimal point and no groups ("?" for what is none in this style), and which had groups."""
    grouped = _fits(text, _GROUPS[decimal])
    is_number = grouped | _fits(text, _PLAIN[decimal])
    group = COMMA if decimal == POINT else POINT
    clean = text.str.replace(group, "", regex=False).str.replace(decimal, ".", regex=False)
    return clean.where(is_number, "?"), grouped


def is_unsure(text: pd.Series, decimal: str) -> pd.Series:
    """Which decimals look like one group of thousands (`1.234`), in a column that has no longer decimals."""
    if _fits(text, _LONG[decimal]).any():
        return pd.Series(False, text.index)
    return _fits(text, _UNSURE[decimal])
