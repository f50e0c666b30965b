"""`perflib backtest`: forecasts as they would have been made in past years, and what came of them."""

import sys
from pathlib import Path

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.text import say
from perflib.infer.alert import is_failing
from perflib.infer.alert_measure import at_workload, false_flags_at_recall
from perflib.infer.backtest import backtest, forecast_errors
from perflib.infer.conformal import coverage
from perflib.infer.conformal_adaptive import yearly_intervals

UNITS = {"lines": ["district", "department", "policy", "type"], "projects": ["district", "project"]}
LEVELS = [["type", "size"], ["type"], []]
SHOCK, GOAL_MONTH = 2020, 6
ALL_YEARS, WITHOUT_SHOCK = "all", "without_2020"
GOALS = {
    "whole_error": 0.60,
    "district_error": 0.50,
    "false_flags": 0.60,
    "list_failing": 1.5,
    "list_money": 0.90,
}
LINES = {4: 0.25, 6: 0.40, 8: 0.60, 10: 0.80}  # the rule in use: Sichuan's lines of 2025


def parse_months(given: str) -> list[int]:
    """Months of "4..11", "6" or "4,6,8". Raises ArgumentError for anything else, or a month outside 1 to 11.

    >>> parse_months("4..6"), parse_months("8,4")
    ([4, 5, 6], [4, 8])
    """
    try:
        if ".." in given:
            first, last = (int(part) for part in given.split(".."))
            months = list(range(first, last + 1))
        else:
            months = sorted({int(part) for part in given.split(",")})
    except ValueError:
        months = []
    if not months or months[0] < 1 or months[-1] > 11:
        raise ArgumentError("backtest.bad_months", given=given)
    return months


def unit_lines(book, units: str, district: str = "") -> pd.DataFrame:
    """The months of the book as rows for `perflib.infer.backtest.backtest`; `lines` adds up what projects share.

    `lines`: district × department × policy × category; `projects`: every project by itself. Columns of the
    contract that the source does not have are NA.
    """
    progress, projects = book.table("progress"), book.table("projects")
    wanted = ["district", "year", "project", "department", "policy", "category"]
    about = projects.reindex(columns=wanted).drop_duplicates(["district", "year", "project"])
    rows = progress.merge(about, on=["district", "year", "project"], how="left", validate="many_to_one")
    rows = rows.rename(columns={"category": "type"})
    if district:
        rows = rows[rows["district"] == district]
    for name in ("department", "policy", "type"):
        rows[name] = rows[name].astype("str").where(rows[name].notna(), "—")
    for name in ("authorised", "committed"):
        if name not in rows:
            rows = rows.assign(**{name: float("nan")})
    return rows.assign(is_district=rows["district"].isin(_districts(book)))


def _districts(book) -> set[str]:
    table = book.tables.get("districts")
    if table is None or "kind" not in table:
        return set()
    return set(table.loc[table["kind"] == "district", "district"])


def run_backtest(lines: pd.DataFrame, *, units: str, years: range, months: list[int], seed: int, tick=None,
                 rounds: int = 150, models: int = 2) -> pd.DataFrame:  # fmt: skip
    """The tested forecasts of `years` and of the year before them, from which the first is calibrated."""
    labels = ["is_district"] if units == "lines" else ["is_district", "type"]
    return backtest(lines, keys=UNITS[units], types="type", years=range(years.start - 1, years.stop),
                    months=months, seed=seed, labels=labels, tick=tick, rounds=rounds, models=models)  # fmt: skip


def summarise(tested: pd.DataFrame, years: range) -> dict[str, pd.DataFrame]:
    """Errors by part, month and year; coverage of the intervals; alerts by month: a frame each."""
    shown = tested[tested["year"].isin(years)]
    return {
        "errors": _errors(shown),
        "coverage": _coverage(tested, years),
        "alerts": _alerts(shown),
    }


def _errors(shown: pd.DataFrame) -> pd.DataFrame:
    """One row per part, month, span (a year, all, all but 2020) and method."""
    parts = {"whole": shown}
    if shown["is_district"].any() and not shown["is_district"].all():
        parts["districts"] = shown[shown["is_district"]]
    spans = [("year", None), (ALL_YEARS, shown["year"].notna()), (WITHOUT_SHOCK, shown["year"] != SHOCK)]
    tables = []
    for part, rows in parts.items():
        for span, keep in spans:
            own = rows if keep is None else rows[keep.reindex(rows.index)]
            by = ["month", "year"] if keep is None else ["month"]
            found = forecast_errors(own, by=by).assign(part=part)
            tables.append(found.assign(span=found["year"].astype("str") if keep is None else span))
    columns = ["part", "month", "span", "method", "units", "money_error", "median_error", "versus_straight",
               "versus_last_year"]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[columns]


def _coverage(tested: pd.DataFrame, years: range) -> pd.DataFrame:
    """Share of outturns inside their intervals, over all units and by type; none if no year came before."""
    scored = tested.assign(scale=tested["adjusted_budget"])
    parts = []
    for promised in (0.8, 0.95):
        spans = yearly_intervals(scored, levels=LEVELS, confidence=promised)
        spans = spans[scored.loc[spans.index, "year"].isin(years)]
        end = scored.loc[spans.index, "outturn"]
        for by in (None, scored.loc[spans.index, "type"]):
            parts.append(coverage(spans, end, by=by).assign(promised=promised))
    return pd.concat(parts, ignore_index=True)[["promised", "group", "counted", "coverage"]]


def _alerts(shown: pd.DataFrame) -> pd.DataFrame:
    """By month: false flags at the rule's recall (line months only), and what a list of a tenth catches."""
    rows = []
    for month, part in shown.groupby("month"):
        live = part[(part["adjusted_budget"] > 0) & part["outturn"].notna()]
        fails = is_failing(live["outturn"], live["adjusted_budget"]).astype(bool)
        unspent = (live["adjusted_budget"] - live["outturn"]).clip(lower=0)
        budget = live["adjusted_budget"]
        orders = pd.DataFrame({"chance": live["p_failing"], "money_at_risk": budget - live["value"],
                               "straight_line": budget - live["straight_line"]})  # fmt: skip
        found = at_workload(orders, fails, unspent).set_index("order")
        straight = found.loc["straight_line", "failing"]
        row = {"month": month, "units": len(live), "failing": int(fails.sum()),
               "list_failing": found.loc["chance", "failing"] / straight if straight else float("nan"),
               "list_money": found.loc["money_at_risk", "money_share"]}  # fmt: skip
        if month in LINES:
            flagged = live["executed"] < LINES[month] * budget
            row["false_flags"] = false_flags_at_recall(live["p_failing"], fails, flagged)["ratio"].iloc[0]
        rows.append(row)
    return pd.DataFrame(rows).reindex(
        columns=["month", "units", "failing", "false_flags", "list_failing", "list_money"]
    )


def judge_goals(found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Each goal at June: `goal`, `aim`, `reached`, `is_met`; rows that the data can't judge are left out."""
    errors, alerts = (found[name][found[name]["month"] == GOAL_MONTH] for name in ("errors", "alerts"))
    pooled = errors[errors["method"] == "pooled"]
    rows = []
    for part, goal in (("whole", "whole_error"), ("districts", "district_error")):
        own = pooled[pooled["part"] == part].set_index("span")
        if len(own):
            rows.append((goal, GOALS[goal], own.loc[ALL_YEARS, "versus_straight"], "most"))
            yearly = own.drop(index=[ALL_YEARS, WITHOUT_SHOCK], errors="ignore")["versus_last_year"]
            rows.append((f"{part}_each_year", 1.0, yearly.max(), "below"))
    for goal, way in (("false_flags", "most"), ("list_failing", "least"), ("list_money", "least")):
        if len(alerts) and pd.notna(alerts[goal].iloc[0]):
            rows.append((goal, GOALS[goal], alerts[goal].iloc[0], way))
    whole = found["coverage"][found["coverage"]["group"] == "all"].set_index("promised")["coverage"]
    rows += [(f"coverage_{round(p * 100)}", 0.02, abs(seen - p), "most") for p, seen in whole.items()]
    table = pd.DataFrame(rows, columns=["goal", "aim", "reached", "way"])
    met = {"most": table["reached"] <= table["aim"], "below": table["reached"] < table["aim"],
           "least": table["reached"] >= table["aim"]}  # fmt: skip
    is_met = sum(
        ((table["way"] == way) & held for way, held in met.items()), start=pd.Series(False, table.index)
    )
    return table.assign(is_met=is_met.astype(bool))


def backtest_data(data: str, lang: str, output: Path, *, first: int, last: int, months: str, units: str,
                  district: str = "", seed: int = 1) -> str:  # fmt: skip
    """Read, test, write the three files into `output`, and give the text to print."""
    from perflib.data.book import load_book, resolve_district
    from perflib.run.backtest_page import printed_text, write_files

    chosen = parse_months(months)
    if first > last:
        raise ArgumentError("backtest.bad_years", first=first, last=last)
    book = load_book(data)
    lines = unit_lines(book, units, resolve_district(book, district) if district else "")
    years = range(first, last + 1)
    _check_years(lines, years)
    tested = run_backtest(lines, units=units, years=years, months=chosen, seed=seed,
                          tick=_Ticker(lang, (len(years) + 1) * len(chosen)))  # fmt: skip
    found = summarise(tested, years)
    goals = judge_goals(found)
    write_files(output, found, goals, lang)
    return printed_text(found, goals, lang)


def _check_years(lines: pd.DataFrame, years: range) -> None:
    ended = sorted(
        int(y) for y in lines.loc[(lines["month"] == 12) & lines["executed"].notna(), "year"].unique()
    )
    usable = ended[1:]  # the first has no year to learn from
    if not set(years) <= set(usable):
        found = ", ".join(map(str, usable)) or "—"
        raise ArgumentError("backtest.no_years", first=years.start, last=years.stop - 1, found=found)


class _Ticker:
    """Says after each year and month how far it is: one line that is written over on a terminal."""

    def __init__(self, lang: str, total: int):
        self.lang, self.total, self.done = lang, total, 0

    def __call__(self, year: int, month: int) -> None:
        self.done += 1
        is_last = self.done >= self.total
        words = say("backtest.tick", self.lang, done=self.done, total=self.total, year=year, month=month)
        is_tty = sys.stderr.isatty()
        print(
            f"\r{words}" if is_tty else words,
            end="" if is_tty and not is_last else "\n",
            file=sys.stderr,
            flush=True,
        )
