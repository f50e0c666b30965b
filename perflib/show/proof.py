"""Each number of an edited text held against the facts of a report."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from perflib.data.documents import Block
from perflib.show.facts import Fact
from perflib.show.numbers import is_missing

VERDICTS = ("equal", "rounded", "as_printed", "stale", "not_found", "date", "reference", "enumeration")
WRONG = ("stale", "not_found")
_WIDE = str.maketrans("０１２３４５６７８９．，％－", "0123456789.,%-")
_APART = {  # what is no number of the report's, in the order in which it is looked for
    "reference": r"[〔\[(（【]\d{4}[〕\])）】]\s*第?\d*号?|GB/?T?\s*[\d.—-]+|第\s*\d+(?:[—–-]\d+)?\s*[条款章节页号次届批期轮步]"
                 r"|(?:图|表|附件|附表|附录|注|Table|Figure|Annex|Section|page|No\.)\s*\d+(?:[.-]\d+)*",
    "date": r"\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}\s*日?|(?:\d{4}\s*年?\s*[—–~至-]\s*)?(?:19|20)\d\d\s*(?:年度?|财年)"
            r"(?:\s*\d{1,2}\s*(?:[—–~至-]\s*\d{1,2}\s*)?月(?:\s*\d{1,2}\s*日)?)?|(?:\d{1,2}\s*[—–~至-]\s*)?\d{1,2}\s*月份?(?:\s*\d{1,2}\s*日)?"
            r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?"
            r"|(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d|\s*(?:个|项|万|亿|元|家|人|户|条|%))",
    "enumeration": r"(?m)^\s*[（(]?\d{1,2}(?:\.\d{1,2})*[)）.、．](?!\d)|[（(]\d{1,2}[）)]",
}  # fmt: skip
_SCALES = {"亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4, "元": 1, "billion": 10**9, "million": 10**6,
           "thousand": 10**3}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])[-−]?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*"
    r"(个百分点|百分点|percentage points?|%|亿元|万元|元|亿|万|billion|million|thousand)?",
    re.IGNORECASE,
)
_KINDS = {"%": ("share", "limit", "chance", "difference"), "points": ("points", "difference")}
_OTHERS = (
    "count", "score", "ratio", "tested", "places", "points", "chance", "year", "limit", "share",
    "difference",
)  # fmt: skip
_TO_PERCENT = ("share", "limit", "chance", "difference")


@dataclass(frozen=True)
class Number:
    """A number in a text: as written, its size in main units (or per cent), the size of its last digit, its kind."""

    text: str
    value: float
    step: float
    kind: str  # money, %, points or plain
    at: int = 0


def numbers_in(text: str) -> tuple[list[Number], list[tuple[str, str, int]]]:
    """The numbers in `text`, and what only looks like one (verdict, words, place).

    >>> found, apart = numbers_in("2023年，12个部门执行1.5亿元（见表3），比上年高0.8个百分点。")
    >>> [(n.text, n.value, n.kind) for n in found], [words for _, words, _ in apart]
    ([('12', 12.0, 'plain'), ('1.5亿元', 150000000.0, 'money'), ('0.8个百分点', 0.8, 'points')], ['表3', '2023年'])
    """
    text, apart = text.translate(_WIDE), []
    for verdict, pattern in _APART.items():
        for hit in re.finditer(pattern, text):
            apart.append((verdict, hit[0].strip(), hit.start()))
        text = re.sub(pattern, lambda hit: "\x01" * len(hit[0]), text)
    return [_number(hit) for hit in _NUMBER.finditer(text)], apart


def _number(hit: re.Match) -> Number:
    digits, unit = hit[1].replace(",", ""), (hit[2] or "").lower()
    scale = _SCALES.get(unit, 1)
    step = scale * 10.0 ** -len(digits.partition(".")[2])
    kind = "%" if unit == "%" else "money" if unit in _SCALES else "plain"
    if "点" in unit or "point" in unit:
        kind = "points"
    return Number(hit[0].strip(), float(digits) * scale, step, kind, hit.start())


def proof(draft: Sequence[Block], facts: Mapping[str, Fact], *, printed: Iterable[str] = (),
          earlier: Mapping[str, Mapping[str, Fact]] | None = None, lang: str = "zh") -> pd.DataFrame:  # fmt: skip
    """One row per number of `draft`: where it stands (`kind_of_place`, `paragraph`, `cell`), its words and verdict.

    `verdict`: `equal` (as a fact is printed), `rounded`, `as_printed` (no fact, but so in the report's own text
    `printed`, such as a title), `stale` (a fact of one of the `earlier` runs, named in `run`), `not_found`; `date`,
    `reference` and `enumeration` are told apart and not held against anything. `fact`, `label`, `is` say the fact
    meant, or the nearest one where none is.
    """
    pool = _pool(facts, lang)
    old = {run: _pool(those, lang) for run, those in (earlier or {}).items()}
    own = {n.text for text in printed for n in numbers_in(text)[0]}
    rows = []
    for place, text in _places(draft):
        found, apart = numbers_in(text)
        rows += [{**place, "at": at, "words": words, "verdict": verdict} for verdict, words, at in apart]
        rows += [{**place, "at": n.at, "words": n.text, **_judge(n, text, pool, own, old)} for n in found]
    names = ["place_kind", "paragraph", "cell", "at", "words", "verdict", "fact", "label", "is", "run"]
    out = pd.DataFrame(rows).reindex(columns=names).astype({"at": "Int64"})
    if out.empty:
        return out
    return out.sort_values(["at"], kind="stable").sort_values("paragraph", kind="stable", ignore_index=True)


def _places(draft: Sequence[Block]):
    for block in draft:
        if block.grid is None:
            yield {"place_kind": "paragraph", "paragraph": block.number, "cell": ""}, block.text
            continue
        for row, line in enumerate(block.grid.cells, 1):
            for column, text in enumerate(line, 1):
                if text:
                    cell = {"paragraph": block.number, "cell": f"{row}, {column}"}
                    yield {"place_kind": "table", **cell}, str(text)


def _pool(facts: Mapping[str, Fact], lang: str) -> list[tuple[str, Fact, float, str]]:
    """(id, fact, size, words) of every fact that is a number; sizes of shares are per cent."""
    out = []
    for id, fact in facts.items():
        for value in {fact.value, fact.value if fact.shown is None else fact.shown}:
            is_counted = isinstance(value, (int, float)) and fact.unit not in ("text", "date", "rule")
            if is_counted and not is_missing(value):
                out.append((id, fact, abs(value) * (100 if fact.unit in _TO_PERCENT else 1), fact.text(lang)))
    return out


def _judge(number: Number, text: str, pool, own: set[str], old: dict) -> dict:
    if hits := _hits(number, pool):
        best = max(hits, key=lambda hit: _shared(hit[1], text))
        # as exact as it is printed, or more so
        is_equal = any(n.step >= number.step for n in numbers_in(best[3])[0])
        return _told("equal" if is_equal else "rounded", best)
    if number.text in own:
        return {"verdict": "as_printed"}
    for run, facts in old.items():
        if hits := _hits(number, facts):
            best = max(hits, key=lambda hit: _shared(hit[1], text))
            now = next((hit for hit in pool if hit[0] == best[0]), best)
            return _told("stale", now) | {"run": run}
    near = [hit for hit in pool if hit[1].unit in _units(number.kind)]
    if not near:
        return {"verdict": "not_found"}
    return _told("not_found", min(near, key=lambda hit: _distance(number, hit, text)))


def _units(kind: str) -> tuple[str, ...]:
    return ("money",) if kind == "money" else _KINDS.get(kind, _OTHERS)


def _hits(number: Number, pool) -> list:
    """Facts of the right kind whose value rounds to the number."""
    units, reach = _units(number.kind), number.step / 2 * (1 + 1e-9)
    exact = [hit for hit in pool if hit[1].unit in units and abs(hit[2] - number.value) <= reach]
    plain = exact or number.kind != "plain"
    return exact if plain else [h for h in pool if h[1].unit == "money" and abs(h[2] - number.value) <= reach]


def _shared(fact: Fact, text: str) -> int:
    """Pairs of characters that the fact's label and the text share."""
    label = fact.label_zh + fact.label_en.lower()
    return sum(label[i : i + 2] in text for i in range(len(label) - 1))


def _distance(number: Number, hit, text: str) -> float:
    gap = abs(hit[2] - number.value) / max(hit[2], number.value, 1e-12)
    return gap - 0.03 * min(_shared(hit[1], text), 5)


def _told(verdict: str, hit) -> dict:
    return {"verdict": verdict, "fact": hit[0], "label": (hit[1].label_zh, hit[1].label_en), "is": hit[3]}
