"""The backtest as a page, a table and a file for programs; and as lines for the terminal."""

import html
import json
from pathlib import Path

import pandas as pd

from perflib.data.text import has_text, say
from perflib.data.whole import told_disk_errors, whole_folder

WORDED = ("part", "span", "method", "goal", "state", "place", "alarm", "order", "type", "way")
SHARES = (
    "money_error",
    "median_error",
    "pinball",
    "coverage",
    "promised",
    "recall",
    "precision",
    "money_share",
)
RATIOS = ("versus_straight", "versus_last_year", "versus_pace", "ratio", "aim", "reached", "missed_by")
POINTS = ("off",)
TENTHS = ("failing_listed",)
MONEY = ("unspent", "made_later")
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
    with told_disk_errors(output), whole_folder(output) as folder:
        (folder / "backtest.html").write_text(page(found, goals, lang), "utf-8")
        (folder / "backtest.csv").write_text("\ufeff" + found["errors"].to_csv(index=False), "utf-8")
        (folder / "backtest.json").write_text(
            json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
        )


def page(found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> str:
    """The page: goals first, then every table, each with a line that says how to read it."""
    title = html.escape(say("backtest.title", lang))
    parts = [f"<h1>{title}</h1><p>{html.escape(say('backtest.note', lang))}</p>"]
    for name, table in {"goals": told_goals(goals, lang), **found}.items():
        parts.append(f"<h2>{html.escape(say(f'backtest.{name}', lang))}</h2>")
        parts.append(f"<p>{html.escape(say(f'backtest.note_{name}', lang))}</p>")
        parts.append(
            f'<div class="box">{_html_table(worded(table, lang), _worded_columns(table, lang))}</div>'
        )
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
    shown = {}
    for name, cells in _named(table).items():
        if name in WORDED:
            told = cells.map(lambda code: _word(code, lang))
        elif name in SHARES:
            told = _numbers(cells, lambda v: f"{v * 100:.1f}%")
        elif name in POINTS:
            told = _numbers(cells, lambda v: f"{v * 100:+.1f}")
        elif name in RATIOS:
            told = _numbers(cells, lambda v: f"{v:.3f}")
        elif name in MONEY:
            told = _numbers(cells, lambda v: f"{v:,.0f}")
        elif name in TENTHS:
            told = _numbers(cells, lambda v: f"{v:.1f}")
        else:
            told = cells.astype("str")
        shown[say(f"backtest.column_{name}", lang)] = told
    return pd.DataFrame(shown)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A list's failing units may be a fraction (ties), an alarm's are whole: they are two columns."""
    return table.rename(columns={"failing": "failing_listed"}) if "length" in table else table


def _worded_columns(table: pd.DataFrame, lang: str) -> set[str]:
    return {say(f"backtest.column_{name}", lang) for name in table.columns if name in WORDED}


def _word(code: str, lang: str) -> str:
    return say(f"backtest.{code}", lang) if has_text(f"backtest.{code}") else str(code)


def _numbers(cells: pd.Series, told) -> pd.Series:
    return cells.map(lambda v: "—" if pd.isna(v) else told(v))
