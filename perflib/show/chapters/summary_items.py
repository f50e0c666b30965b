"""The bureau's own words for the annual summary: pieces of work, last year's plan checked off, next year's plan."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.template import Name
from perflib.show.wording import undeclared_numbers

WORK = ("rule", "system", "mechanism", "training", "reform", "definition_break")
STAGES = ("general", "ex_ante", "targets", "monitoring", "self_evaluation", "spot_check", "key_evaluation",
          "assessment", "audit_linkage", "use_of_results", "comparison")  # fmt: skip


def add_items(chapter: Chapter, items: pd.DataFrame | None) -> None:
    """Give the template the year's sentences by stage and the plans; add the counts and lists as facts."""
    lang, year = chapter.lang, chapter.identity["year"]
    told = items if items is not None else pd.DataFrame(columns=["year", "kind", "stage", "is_first"])
    own = told[(told["year"] == year) & told["kind"].isin(WORK)]
    plan = told[(told["year"] == year) & (told["kind"] == "plan")]
    coming = told[(told["year"] == year + 1) & (told["kind"] == "plan")]
    done = plan[plan["done_on"].notna()] if len(plan) else plan
    rest = plan[plan["done_on"].isna()] if len(plan) else plan
    chapter.tell(
        items={stage: sentences(own[own["stage"] == stage], lang) for stage in STAGES},
        plan_done=headed(done, lang, with_text=False),
        plan_open=headed(rest, lang, with_text=False),
        coming=headed(coming, lang),
        ordinals=say("summary.ordinals", lang).split("|"),
        base_name=say(f"show_bases.{chapter.identity['base']}", lang),
        firstly=say("summary.firstly", lang).split("|"),
    )
    _add_counts(chapter, own, plan, done, coming, is_there=items is not None)
    typed = sum(
        len(undeclared_numbers(t)) for rows in (own, plan, coming) for t in _texts(rows, lang, "text")
    )
    chapter.facts.add("typed_numbers", typed, unit="count", table="work_items", rows=len(own) + len(plan))
    if len(plan):
        shown = plan.assign(plan_state=plan["done_on"].notna(), item_title=_texts(plan, lang, "title"))
        chapter.add_table("plan", shown, columns=["item_title", "stage", "done_on", "plan_state"])


def _add_counts(chapter: Chapter, own, plan, done, coming, *, is_there: bool) -> None:
    add, lang = chapter.facts.add, chapter.lang
    rules, firsts = own[own["kind"] == "rule"], own[own["is_first"].fillna(False).astype(bool)]
    counts = {
        "rules_issued": rules, "trainings": own[own["kind"] == "training"], "firsts": firsts, "plan_total": plan,
        "plan_done": done, "plan_next": coming,
    }  # fmt: skip
    for id, rows in counts.items():
        value = len(rows) if is_there else None
        add(id, value, unit="count", table="work_items", rows=len(rows), reason="no_table")
    comma = say("summary.between", lang)
    lists = {"rules_list": _cited(rules, lang), "firsts_list": _texts(firsts, lang, "title")}
    for id, parts in lists.items():
        text = comma.join(parts) or None
        add(id, text, unit="rule" if id == "rules_list" else "text", table="work_items", rows=len(parts),
            reason="no_table")  # fmt: skip


def sentences(rows: pd.DataFrame, lang: str) -> list[Name]:
    """The bureau's sentences of `rows`, in the order of their dates, each number that was typed in marked as such."""
    order = rows.sort_values(["date", "item"], na_position="last") if len(rows) else rows
    return [Name(marked(_closed(text, lang), lang)) for text in _texts(order, lang, "text")]


def headed(rows: pd.DataFrame, lang: str, *, with_text: bool = True) -> list[Name]:
    """Plans as "title。text" without a full stop at the end, numbers typed in marked."""
    titles, texts = _texts(rows, lang, "title"), _texts(rows, lang, "text")
    stop = say("summary.stop", lang)
    pairs = zip(titles, texts, strict=True)
    # A text that begins with its title needs no title before it.
    whole = [b if b.startswith(a) else f"{a}{stop}{b}" if b else a for a, b in pairs]
    said = whole if with_text else titles
    return [Name(marked(t.rstrip("。. "), lang)) for t in said]


def marked(text: str, lang: str) -> str:
    """`text` with a mark after each number that someone typed: no fact stands behind it.

    >>> marked("培训12次，覆盖三个部门", "zh")
    '培训12次〔手工填写〕，覆盖三个〔手工填写〕部门'
    """
    mark, at = say("summary.typed", lang), 0
    for number in undeclared_numbers(text):
        end = text.index(number, at) + len(number)
        if number[-1].isdigit() and end < len(text) and text[end] in "个项次家人条份处万亿元%":
            end += 1
        text, at = text[:end] + mark + text[end:], end + len(mark)
    return text


def _texts(rows: pd.DataFrame, lang: str, column: str) -> list[str]:
    """The words of `column` in `lang`; the Chinese ones where there are no others."""
    if not len(rows):
        return []
    words = rows[column].fillna("")
    own = words if lang == "zh" else rows[f"{column}_en"].fillna(words)
    return [" ".join(str(w).split()) for w in own]


def _cited(rules: pd.DataFrame, lang: str) -> Sequence[str]:
    """Titles of rules with their document numbers."""
    documents = rules["document"].fillna("") if len(rules) else []
    pairs = zip(_texts(rules, lang, "title"), documents, strict=True)
    return [say("summary.cited" if d else "summary.titled", lang, title=t, document=d) for t, d in pairs]


def _closed(text: str, lang: str) -> str:
    return (
        text
        if not text or text.endswith(("。", ".", "！", "；"))
        else text + say("summary.stop", lang).strip()
    )
