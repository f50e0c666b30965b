"""`perflib backtest`: forecasts as they would have been made in past years, and what came of them."""

import html
import json
import sys
from pathlib import Path

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.data.rules import load_rules
from perflib.data.text import has_text, say
from perflib.data.whole import told_disk_errors, whole_folder
from perflib.infer.backtest import (
    backtest,
    coverage_table,
    error_table,
    flag_table,
    join_table,
    judge_goals,
    list_table,
)
from perflib.infer.forecast import MODELS, ROUNDS
from perflib.infer.forecast_panel import LAST_MONTH
from perflib.measure.monitored import (
    FAMILIES,
    KEYS,
    LABELS,
    PEERS,
    SMALLEST_KIND,
    count_oddities,
    monitored_rows,
)

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
        end = "" if is_tty and not is_last else "\n"
        print(f"\r{words}" if is_tty else words, end=end, file=sys.stderr, flush=True)


WORDED = ("part", "span", "method", "goal", "state", "place", "alarm", "order", "type", "way")
SHARES = (
    "money_error", "median_error", "pinball", "coverage", "promised", "recall", "precision",
    "money_share",
)  # fmt: skip
RATIOS = ("versus_straight", "versus_last_year", "versus_pace", "ratio", "aim", "reached", "missed_by")
NUMBERS = {
    **dict.fromkeys(SHARES, "{:.1%}".format), **dict.fromkeys(RATIOS, "{:.3f}".format),
    "off": lambda share: f"{share * 100:+.1f}", "failing_listed": "{:.1f}".format,
    **dict.fromkeys(("unspent", "made_later"), "{:,.0f}".format),
}  # fmt: skip
_STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2733}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}th{font-weight:600;color:#43505c}"
    "td,th{padding:.25rem .7rem;border-bottom:1px solid #d5dbe1;text-align:right;vertical-align:bottom}"
    "td.w,th.w{text-align:left}.box{overflow-x:auto}"
)


def write_files(output: Path, found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> None:
    """Write `backtest.html`, `backtest.csv` (the errors) and `backtest.json` (everything) as the folder `output`."""
    tables = {"goals": goals, **found}
    records = {name: json.loads(t.to_json(orient="records")) for name, t in tables.items()}
    told = json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    with told_disk_errors(output), whole_folder(output) as folder:
        (folder / "backtest.html").write_text(page(found, goals, lang), "utf-8")
        (folder / "backtest.csv").write_text("\ufeff" + found["errors"].to_csv(index=False), "utf-8")
        (folder / "backtest.json").write_text(told, "utf-8")


def page(found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> str:
    """The page: goals first, then every table, each with a line that says how to read it."""
    title = html.escape(say("backtest.title", lang))
    parts = [f"<h1>{title}</h1><p>{html.escape(say('backtest.note', lang))}</p>"]
    for name, table in {"goals": told_goals(goals, lang), **found}.items():
        parts.append(f"<h2>{html.escape(say(f'backtest.{name}', lang))}</h2>")
        parts.append(f"<p>{html.escape(say(f'backtest.note_{name}', lang))}</p>")
        shown = _html_table(worded(table, lang), _worded_columns(table, lang))
        parts.append(f'<div class="box">{shown}</div>')
    head = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return head + "".join(parts) + "</html>\n"


def _html_table(table: pd.DataFrame, words: set[str]) -> str:
    def cells(values, tag: str) -> str:
        marks = (f'<{tag} class="w">' if name in words else f"<{tag}>" for name in table.columns)
        return "".join(f"{m}{html.escape(str(v))}</{tag}>" for m, v in zip(marks, values, strict=True))

    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.itertuples(index=False))
    return f"<table><thead><tr>{cells(table.columns, 'th')}</tr></thead><tbody>{rows}</tbody></table>"


def printed_text(found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> str:
    """What the terminal shows: errors by year, coverage by type, alarms and lists, the data, and each goal."""
    parts = [say("backtest.note", lang)]
    for name, table in {**found, "goals": told_goals(goals, lang)}.items():
        parts += ["", say(f"backtest.{name}", lang), say(f"backtest.note_{name}", lang)]
        parts.append(worded(table, lang).to_string(index=False))
    return "\n".join(parts)


def told_goals(goals: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Each goal in words: what was aimed at, what was reached, and met, or missed by how much."""
    states = goals["is_met"].map({True: "met", False: "missed"})
    missed = goals["missed_by"].where(~goals["is_met"])
    return goals.assign(goal="goal_" + goals["goal"], state=states, missed_by=missed)[
        ["goal", "way", "aim", "reached", "state", "missed_by"]
    ]


def worded(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`table` as text: codes in words, shares in per cent, ratios with three decimals, money in whole units."""
    if "length" in table:  # a list's failing units may be a fraction (ties), an alarm's are whole
        table = table.rename(columns={"failing": "failing_listed"})
    shown = {}
    for name, cells in table.items():
        if name in WORDED:
            told = cells.map(lambda code: _word(code, lang))
        elif name in NUMBERS:
            told = _numbers(cells, NUMBERS[name])
        else:
            told = cells.astype("str")
        shown[say(f"backtest.column_{name}", lang)] = told
    return pd.DataFrame(shown)


def _worded_columns(table: pd.DataFrame, lang: str) -> set[str]:
    return {say(f"backtest.column_{name}", lang) for name in table.columns if name in WORDED}


def _word(code: str, lang: str) -> str:
    return say(f"backtest.{code}", lang) if has_text(f"backtest.{code}") else str(code)


def _numbers(cells: pd.Series, told) -> pd.Series:
    return cells.map(lambda v: "—" if pd.isna(v) else told(v))
