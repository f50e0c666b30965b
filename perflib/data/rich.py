"""Text cells of which parts are set above the line or struck out, as people read them."""

import html
import re
from collections.abc import Iterable

_RUN = re.compile(rb"<(?:\w+:)?r>(.*?)</(?:\w+:)?r>", re.DOTALL)
_PROPERTIES = re.compile(rb"P(?<=rP)r")  # begins with a letter that is rare: searched faster
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<")
_RAISED = re.compile(rb"""vertAlign\s+val=["']superscript""")
_STRUCK = re.compile(rb"""strike(?!\s+val=["'](?:0|false))""")
_ITEM = re.compile(rb"<(?:\w+:)?si(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", "()[]（）")


def as_read(runs: Iterable[tuple[str, bool, bool]]) -> str:
    """The text of `runs` (text, whether it is raised, whether struck out): raised digits are superscripts.

    >>> as_read([("90000", False, False), ("(1)", True, False), ("80000", False, True)])
    '90000¹'
    """
    return "".join(text.translate(_ABOVE) if raised else text for text, raised, struck in runs if not struck)


def is_rich(xml: bytes) -> bool:
    """Whether strings of an .xlsx may have such parts."""
    return bool(_PROPERTIES.search(xml)) and (b"superscript" in xml or b"strike" in xml)


def read_runs(xml: bytes) -> str | None:
    """The text of a string of an .xlsx as people read it; None where no part of it is raised or struck out."""
    if not is_rich(xml):
        return None
    runs = _RUN.findall(xml)
    texts = (html.unescape(b"".join(_TEXT.findall(run)).decode("utf-8")) for run in runs)
    marks = ((bool(_RAISED.search(run)), bool(_STRUCK.search(run))) for run in runs)
    return as_read((text, *own) for text, own in zip(texts, marks, strict=True)) if runs else None


def shared_texts(xml: bytes) -> dict[bytes, str]:
    """Shared strings with such parts, by their number in the file."""
    items = enumerate(_ITEM.finditer(xml)) if is_rich(xml) else ()
    found = {str(at).encode(): read_runs(item[1] or b"") for at, item in items}
    return {at: text for at, text in found.items() if text is not None}
