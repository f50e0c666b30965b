"""What alarms would have caught in past years: ours, the rule's, the straight line's and last year's.

An order is judged at the rule's own recall and at a fixed workload.
"""

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.infer.alert import is_failing
from perflib.infer.backtest_errors import spans_of
from perflib.measure.warning import warn_lines, warn_pace


def false_flags_at_recall(score: pd.Series, failing: pd.Series, flagged: pd.Series) -> pd.DataFrame:
    """One row: what the order by `score` (high first) needs to catch as many as the rule's `flagged` do.

    `caught` failing units, `recall`, `rule_false` and `order_false` flags, and their `ratio` (order / rule;
    NA where the rule raises no false flag). Ties of the score go in the order of the rows.
    """
    hit = failing.astype("bool").to_numpy()
    rule = flagged.astype("bool").to_numpy()
    caught, rule_false = int((rule & hit).sum()), int((rule & ~hit).sum())
    ordered = hit[np.argsort(-score.to_numpy("float64"), kind="stable")]
    needed = int(np.searchsorted(np.cumsum(ordered), caught) + 1) if caught else 0
    row = {
        "caught": caught,
        "recall": caught / hit.sum() if hit.any() else np.nan,
        "rule_false": rule_false,
        "order_false": needed - caught,
        "ratio": (needed - caught) / rule_false if rule_false else np.nan,
    }
    return pd.DataFrame([row])


def at_workload(
    orders: pd.DataFrame, failing: pd.Series, unspent: pd.Series, *, share: float = 0.1
) -> pd.DataFrame:
    """One row per column of `orders` (scores, high first): what a list of `share` of the units catches.

    Units that tie for the last places count by the share of them that the list has room for: the mean over all
    ways to break the tie, so that the order of the rows decides nothing.
    `length`, `failing` in the list, `precision`, `recall`, `unspent` in the list and `money_share` of what
    the perfect list of that length holds (the units with the most unspent money).
    """
    length = round(share * len(failing))
    hit, money = failing.astype("float64").to_numpy(), unspent.to_numpy("float64")
    perfect = np.sort(money)[::-1][:length].sum()
    rows = [_list_row(orders[name].to_numpy("float64"), hit, money, length, perfect) for name in orders]
    return pd.DataFrame(rows).assign(order=list(orders))[
        ["order", "length", "failing", "precision", "recall", "unspent", "money_share"]
    ]


def _list_row(score: np.ndarray, hit: np.ndarray, money: np.ndarray, length: int, perfect: float) -> dict:
    weight = _places(score, length)
    failing, unspent = float(weight @ hit), float(weight @ money)
    return {
        "length": length,
        "failing": failing,
        "precision": failing / length if length else np.nan,
        "recall": failing / hit.sum() if hit.any() else np.nan,
        "unspent": unspent,
        "money_share": unspent / perfect if perfect > 0 else np.nan,
    }


def _places(score: np.ndarray, length: int) -> np.ndarray:
    """1 for a unit that is in the list for sure, 0 for one that is not, a share for those that tie at its end."""
    if not length:
        return np.zeros(len(score))
    last = np.partition(score, len(score) - length)[len(score) - length]
    above, ties = score > last, score == last
    return above + ties * ((length - above.sum()) / ties.sum())


RED, LINE = "red", "line"
LIST_SHARE = 0.1


def flag_table(shown: pd.DataFrame, *, pace_rules: Rules, line_rules: Rules) -> pd.DataFrame:
    """One row per month, span, alarm of the rules and order: false flags needed to catch as many as the alarm.

    Alarms: "red" (the pace bands of `pace_rules`) and "line" (the lines of `line_rules`, months that have one).
    Orders, the most likely to fail first: "ours" (chance of failing), "last_year" (its rate) and "straight_line"
    (share of the budget left over). Columns also `flagged, failing, caught, recall, rule_false, order_false, ratio`.
    """
    rows = []
    for month, part in live_rows(shown).groupby("month"):
        alarms = rule_alarms(part, pace_rules, line_rules)
        for span, own, _ in _spans(part):
            orders, at = orders_of(own), own.index
            for alarm, flagged in alarms.items():
                for name in ("ours", "last_year", "straight_line"):
                    found = false_flags_at_recall(orders[f"{name}_share"], own["fails"], flagged[at]).iloc[0]
                    rows.append({"month": month, "span": span, "alarm": alarm, "order": name,
                                 "flagged": int(flagged[at].sum()), "failing": int(own["fails"].sum()),
                                 **found.to_dict()})  # fmt: skip
    columns = ["month", "span", "alarm", "order", "flagged", "failing", "caught", "recall", "rule_false",
               "order_false", "ratio"]  # fmt: skip
    whole = {c: "int64" for c in ("caught", "rule_false", "order_false")}
    return pd.DataFrame(rows, columns=columns).astype(whole)


def rule_alarms(part: pd.DataFrame, pace_rules: Rules, line_rules: Rules) -> dict[str, pd.Series]:
    """Whom each alarm of the rules flags; an alarm that the rules don't have for this month is left out."""
    alarms = {}
    if pace_rules.warning.pace_bands:
        colour = warn_pace(part, pace_rules)["colour"]
        alarms[RED] = (colour == RED).fillna(False).astype("bool")
    warned = warn_lines(part, line_rules)
    if warned["line"].notna().any():
        alarms[LINE] = warned["is_below_line"].astype("bool")
    return alarms


def list_table(shown: pd.DataFrame, *, share: float = LIST_SHARE) -> pd.DataFrame:
    """One row per month, span and order: what a list of `share` of the units catches.

    Orders: "chance" (of failing, ours), "pace" (the slowest against time first: the rule in use), and by money
    left over of the present budget "money_at_risk" (ours), "straight_line" and "last_year". `length, failing,
    precision, recall, unspent, money_share` as in `at_workload`, `versus_pace` = failing / those by pace.
    """
    parts = []
    for month, part in live_rows(shown).groupby("month"):
        for span, own, _ in _spans(part):
            orders = orders_of(own)
            lists = pd.DataFrame({"chance": own["p_failing"], "pace": orders["straight_line_share"],
                                  "money_at_risk": orders["ours_money"],
                                  "straight_line": orders["straight_line_money"],
                                  "last_year": orders["last_year_money"]})  # fmt: skip
            unspent = (own["adjusted_budget"] - own["outturn"]).clip(lower=0)
            found = at_workload(lists, own["fails"], unspent, share=share)
            paced = found.loc[found["order"] == "pace", "failing"].iloc[0]
            ratio = found["failing"] / paced if paced else float("nan")
            parts.append(found.assign(month=month, span=span, versus_pace=ratio))
    columns = ["month", "span", "order", "length", "failing", "versus_pace", "precision", "recall",
               "unspent", "money_share"]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def live_rows(shown: pd.DataFrame) -> pd.DataFrame:
    """Units with a budget and a known end, with `fails`."""
    live = shown[(shown["adjusted_budget"] > 0) & shown["outturn"].notna()]
    return live.assign(fails=is_failing(live["outturn"], live["adjusted_budget"]).astype("bool"))


def orders_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores, high first, by money left over and by its share of the budget; ours by the chance of failing."""
    budget = rows["adjusted_budget"]
    left = {
        "ours": budget - rows["value"],
        "straight_line": budget - rows["straight_line"],
        "last_year": budget - rows["last_year"],
    }
    table = pd.DataFrame({f"{name}_money": money for name, money in left.items()})
    shares = {f"{name}_share": money / budget for name, money in left.items()}
    return table.assign(**{**shares, "ours_share": rows["p_failing"]}).fillna(float("-inf"))


def _spans(part: pd.DataFrame):
    years = [(str(year), rows, []) for year, rows in part.groupby("year")]
    return years + spans_of(part)[1:]
