"""`perflib backtest`: forecasts as they would have been made in past years, and what came of them."""

import sys
from pathlib import Path

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.infer.backtest import backtest
from perflib.infer.backtest_alerts import flag_table, list_table
from perflib.infer.backtest_errors import coverage_table, error_table, join_table, judge_goals
from perflib.infer.forecast_panel import LAST_MONTH
from perflib.infer.forecast_pooled import MODELS, ROUNDS
from perflib.measure.monitored import FAMILIES, KEYS, LABELS, PEERS, SMALLEST_KIND, monitored_rows
from perflib.measure.oddities import count_oddities

PACE_RULES, LINE_RULES = "incumbent", "sichuan-2025"  # the two that print an alarm for spending


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


def run_backtest(rows: pd.DataFrame, *, units: str, years: range, months: list[int], seed: int, tick=None,
                 rounds: int = ROUNDS, models: int = MODELS) -> pd.DataFrame:  # fmt: skip
    """The tested forecasts of `years` and of the year before them, from which the first is calibrated."""
    return backtest(rows, keys=KEYS[units], types="kind", years=range(years.start - 1, years.stop),
                    months=months, seed=seed, family=FAMILIES[units], peers=PEERS[units],
                    labels=LABELS[units], tick=tick, rounds=rounds, models=models)  # fmt: skip


def summarise(tested: pd.DataFrame, years: range, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Errors, coverage, alarms, lists and joins of `years`: a frame each; `rows` is what was tested."""
    ends = rows[rows["month"] == LAST_MONTH]
    shown = tested[tested["year"].isin(list(years))]
    return {
        "errors": error_table(tested, years),
        "coverage": coverage_table(tested, years),
        "flags": flag_table(shown, pace_rules=load_rules(PACE_RULES), line_rules=load_rules(LINE_RULES)),
        "lists": list_table(shown),
        "joins": join_table(shown, ends.groupby("year")["executed"].sum()),
    }


def backtest_data(data: str, lang: str, output: Path, *, first: int, last: int, months: str, units: str,
                  district: str = "", seed: int = 1) -> str:  # fmt: skip
    """Read, test, write the three files into `output`, and give the text to print."""
    from perflib.data.book import load_book, resolve_district
    from perflib.run.backtest_page import printed_text, write_files

    chosen = parse_months(months)
    if first > last:
        raise ArgumentError("backtest.bad_years", first=first, last=last)
    book = load_book(data)
    book.table("progress"), book.table("projects")  # a missing one is told by name
    rows = monitored_rows(book.tables, smallest_kind=SMALLEST_KIND[units])
    if district:
        rows = rows[rows["district"] == resolve_district(book, district)]
    years = range(first, last + 1)
    check_years(rows, years, chosen)
    tested = run_backtest(rows, units=units, years=years, months=chosen, seed=seed,
                          tick=_Ticker(lang, (len(years) + 1) * len(chosen)))  # fmt: skip
    found = summarise(tested, years, rows) | {"oddities": count_oddities(rows, keys=KEYS[units], years=years)}
    goals = judge_goals(found)
    write_files(output, found, goals, lang)
    return printed_text(found, goals, lang)


def check_years(rows: pd.DataFrame, years: range, months: list[int]) -> None:
    """Raises ArgumentError where a year can't be tested, or none of `months` is in the data."""
    ended = sorted(
        int(y) for y in rows.loc[(rows["month"] == 12) & rows["executed"].notna(), "year"].unique()
    )
    usable = ended[1:]  # the first has no year to learn from
    if not set(years) <= set(usable):
        found = ", ".join(map(str, usable)) or "—"
        raise ArgumentError("backtest.no_years", first=years.start, last=years.stop - 1, found=found)
    for month in months:
        there = rows.loc[rows["month"] == month, "year"].unique()
        lacking = sorted(set(years) - set(there))
        if lacking:
            have = ", ".join(str(m) for m in sorted(rows.loc[rows["year"] == lacking[0], "month"].unique()))
            raise ArgumentError("backtest.no_month", month=month, year=lacking[0], found=have)


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
