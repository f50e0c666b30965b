"""What to act on: the list by money at risk, and the monitoring forms of the departments."""

import numpy as np
import pandas as pd

from perflib.data.text import say
from perflib.infer.alert import freed_money, outlook, propose_action, rank_alerts
from perflib.show.chapter import Chapter

ACTIONS = ("continue", "reallocate", "cut", "stop")
FAILING_FROM = 0.5
WORDS = ("certain", "possible", "impossible")
LIST = ["rank", "department", "project", "project_name", "kind_of_project", "adjusted_budget", "executed_to_date", "spent_share",
        "expected_share", "basis", "goal_progress", "quadrant", "forecast", "forecast_lower", "forecast_upper",
        "money_at_risk", "p_failing", "by_line", "action_reason", "action"]  # fmt: skip
FORM = ["department", "project", "project_name", "initial_budget", "adjusted_budget", "executed_to_date", "spent_share",
        "goal_progress", "forecast", "forecast_lower", "forecast_upper", "forecast_rate", "forecast_deviation",
        "cause", "outlook_money"]  # fmt: skip
IN_PAGE = ["rank", "department", "project_name", "adjusted_budget", "forecast", "forecast_lower", "forecast_upper",
           "money_at_risk", "p_failing", "action"]  # fmt: skip
TOP = 15
FILL, FORM_FILL = (
    ("decision", "decision_note", "decided_by", "decided_on"),
    ("cause_told", "outlook_goal", "measure_taken"),
)


def judge(placed: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`placed` ranked by money at risk, with the proposed action, the reason in words and the outlooks."""
    ranked = rank_alerts(placed, keys=["project"])
    budget = ranked["adjusted_budget"].where(ranked["adjusted_budget"] > 0)
    table = ranked.assign(
        action=propose_action(ranked, failing_from=FAILING_FROM),
        outlook_money=outlook(1 - ranked["p_failing"]),
        forecast=ranked["value"],
        forecast_lower=ranked["low"].clip(lower=0),
        forecast_upper=ranked["high"].clip(lower=0),
        forecast_rate=ranked["value"] / budget,
        forecast_deviation=ranked["value"] / budget - 1,
        executed_to_date=ranked["executed"],
        project_name=ranked["name"],
        kind_of_project=ranked["type"],
    )
    return table.assign(cause=_causes(table, lang), action_reason=_reasons(table, lang))


def _causes(table: pd.DataFrame, lang: str) -> pd.Series:
    """The cause in a phrase: what the data shows; the department tells why."""
    budget = table["adjusted_budget"]
    bound = table[["committed", "executed"]].max(axis=1)
    conditions = [
        ~(budget > 0),
        table["executed"] > budget,
        (table["executed"].fillna(0) == 0) & (bound.fillna(0) <= 0),
        table["quadrant"] == "money_late",
        table["quadrant"] == "both_late",
        table["quadrant"] == "goals_late",
        table["money_gap"] < 0,
    ]
    codes = ["no_budget", "overspent", "not_begun", "money_late", "both_late", "goals_late", "slow"]
    found = np.select(conditions, codes, default="none")
    words = {code: say(f"monitoring.cause_{code}", lang) for code in [*codes, "none"]}
    return pd.Series(found, index=table.index).map(words)


def _reasons(table: pd.DataFrame, lang: str) -> pd.Series:
    """One sentence a row for those that are not to go on as they are; NA for the others."""
    chance = (table["p_failing"] * 100).round().astype("Int64").astype("str")
    share = (table["forecast_rate"] * 100).round().astype("Int64").astype("str")
    first, middle, last = say("monitoring.reason", lang, chance="\0", share="\0").split("\0")[:3]
    told = first + chance + middle + share + last + _causes(table, lang)
    return told.where(table["action"] != "continue")


def add_lists(chapter: Chapter, judged: pd.DataFrame) -> None:
    """Add the list to act on, the monitoring forms, their facts and workbooks."""
    act = judged[judged["action"] != "continue"].reset_index(drop=True)
    act = act.assign(rank=np.arange(1, len(act) + 1))
    add, rows = chapter.facts.add, len(judged)
    add("to_act", len(act), unit="count", table="act", rows=rows)
    add("at_risk", float(act["money_at_risk"].sum()), unit="money", table="act", rows=rows)
    for action in ACTIONS:
        add(f"do_{action}", int((judged["action"] == action).sum()), unit="count", table="act", rows=rows)
    for word in WORDS:
        known = judged["outlook_money"].notna().any()
        count = int((judged["outlook_money"] == word).sum()) if known else None
        add(f"money_{word}", count, unit="count", table="form", rows=rows, reason="no_history")
    chapter.add_table("act_top", act[IN_PAGE].head(TOP))
    chapter.add_table("act", act[LIST], is_in_page=False)
    form = judged.sort_values(["department", "project"], ignore_index=True)[FORM]
    chapter.add_table("form", form, is_in_page=False)
    _add_workbooks(chapter, act, form)


def _add_workbooks(chapter: Chapter, act: pd.DataFrame, form: pd.DataFrame) -> None:
    lang = chapter.lang
    choices = {"decision": [say(f"monitoring.{a}", lang) for a in ACTIONS]}
    if len(act):
        name = say("monitoring.list_act", lang)
        chapter.add_workbook(
            name, {name: act[LIST]}, title=chapter.phrase("title_act"), fill=FILL, choices=choices
        )
    # What becomes of the goals is the department's to say: where they stand tells too little of where they end.
    goals = {"outlook_goal": [say(f"monitoring.{word}", lang) for word in WORDS]}
    name = say("monitoring.list_form", lang)
    nobody = say("monitoring.no_department", lang)
    sheets = form.groupby(form["department"].fillna(nobody), sort=True)
    frames = {str(n): rows.reset_index(drop=True) for n, rows in sheets}
    chapter.add_workbook(name, frames, title=chapter.phrase("title_form"), fill=FORM_FILL, choices=goals)


def add_hindsight(chapter: Chapter, past: pd.DataFrame, judged: pd.DataFrame) -> None:
    """Add, by year, what the list of that year would have freed, beside what was cut after it.

    Only years whose end is known and whose forecasts had a past to learn from. The year itself is
    among them where its December is in the data, and marked by its year like the others.
    """
    whole = pd.concat([past[past["p_failing"].notna()], judged[past.columns]], ignore_index=True)
    whole = whole[whole["outturn"].notna() & whole["p_failing"].notna()]
    rows = []
    for year, part in whole.groupby("year"):
        flagged = part.assign(is_flagged=propose_action(part, failing_from=FAILING_FROM) != "continue")
        row = freed_money(flagged).iloc[0].to_dict()
        failed = flagged["outturn"] < 0.8 * flagged["adjusted_budget"]
        hits = int((failed & flagged["is_flagged"]).sum())
        rows.append({"listed_year": year, **row, "failed_listed": hits, "failed": int(failed.sum())})
    table = pd.DataFrame(rows)
    add = chapter.facts.add
    earlier = table[table["listed_year"] < chapter.identity["year"]] if len(table) else table
    for id, column in (("freed", "unspent"), ("cut_then", "actually_cut"), ("idle", "still_idle")):
        value = float(earlier[column].sum()) if len(earlier) else None
        add(id, value, unit="money", table="hindsight", rows=len(whole), reason="no_history")
    for id, column in (
        ("listed_before", "flagged"),
        ("hit_before", "failed_listed"),
        ("failed_before", "failed"),
    ):
        value = int(earlier[column].sum()) if len(earlier) else None
        add(id, value, unit="count", table="hindsight", rows=len(whole), reason="no_history")
    if len(table):
        columns = [
            "listed_year",
            "flagged",
            "failed_listed",
            "failed",
            "unspent",
            "actually_cut",
            "still_idle",
        ]
        chapter.add_table("hindsight", table.astype({"flagged": "int64"}), columns=columns, count="flagged")
    _add_kept_word(chapter, past)


def _add_kept_word(chapter: Chapter, past: pd.DataFrame) -> None:
    """How often the words of the forms on money came true in earlier years."""
    came = (past["outturn"] >= 0.8 * past["adjusted_budget"]).astype("float64")
    said = 1 - past["p_failing"]
    frame = pd.DataFrame({"outlook_word": outlook(said), "said": said, "came_true": came})
    frame = frame[said.notna() & past["outturn"].notna()].assign(projects=1)
    sums = frame.groupby("outlook_word").agg({"projects": "sum", "said": "mean", "came_true": "mean"})
    table = sums.reindex([w for w in WORDS if w in sums.index]).reset_index()
    if len(table):
        chapter.add_table("kept_word", table, columns=["outlook_word", "projects", "said", "came_true"])
