"""The backtest as a page, a table and a file for programs; and as lines for the terminal."""

import html
import json
from pathlib import Path

import pandas as pd

from perflib.data.text import has_text, say
from perflib.run.atomic import told_disk_errors
from perflib.show.outputs import whole_folder

WORDED = ("part", "span", "method", "goal", "state")
SHARES = ("money_error", "median_error", "coverage", "promised", "list_money")
RATIOS = ("versus_straight", "versus_last_year", "false_flags", "list_failing", "aim", "reached")
_STYLE = "body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse}" \
         "td,th{padding:.25rem .7rem;border-bottom:1px solid #d5dbe1;text-align:right}td:first-child,th:first-child" \
         "{text-align:left}"  # fmt: skip


def write_files(output: Path, found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> None:
    """Write `backtest.html`, `backtest.csv` (the errors) and `backtest.json` (everything) as the folder `output`."""
    tables = {"goals": goals.drop(columns="way"), **found}
    records = {name: json.loads(t.to_json(orient="records")) for name, t in tables.items()}
    with told_disk_errors(output), whole_folder(output) as folder:
        (folder / "backtest.html").write_text(page(found, goals, lang), "utf-8")
        (folder / "backtest.csv").write_text("\ufeff" + found["errors"].to_csv(index=False), "utf-8")
        (folder / "backtest.json").write_text(
            json.dumps(records, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
        )


def page(found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> str:
    """The page: goals first, then every table."""
    title = html.escape(say("backtest.title", lang))
    parts = [f"<h1>{title}</h1><p>{html.escape(say('backtest.note', lang))}</p>"]
    for name, table in {"goals": told_goals(goals), **found}.items():
        parts.append(f"<h2>{html.escape(say(f'backtest.{name}', lang))}</h2>")
        parts.append(worded(table, lang).to_html(index=False, border=0, na_rep="—"))
    head = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return head + "".join(parts) + "</html>\n"


def printed_text(found: dict[str, pd.DataFrame], goals: pd.DataFrame, lang: str) -> str:
    """What the terminal shows: errors year by year, alerts, and each goal with met or missed."""
    parts = [say("backtest.note", lang)]
    for name, table in {**found, "goals": told_goals(goals)}.items():
        rows = table[table["group"] == "all"] if name == "coverage" else table
        parts += ["", say(f"backtest.{name}", lang), worded(rows, lang).to_string(index=False, na_rep="—")]
    return "\n".join(parts)


def told_goals(goals: pd.DataFrame) -> pd.DataFrame:
    names = goals["goal"].where(~goals["goal"].isin(RATIOS + SHARES), "goal_" + goals["goal"])
    return goals.assign(goal=names, state=goals["is_met"].map({True: "met", False: "missed"}))[
        ["goal", "aim", "reached", "state"]
    ]


def worded(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`table` as text: codes in words, shares in per cent, ratios with two decimals (three for goals)."""
    shown = {}
    for name in table.columns:
        cells = table[name]
        if name in WORDED:
            told = cells.map(
                lambda code: say(f"backtest.{code}", lang) if has_text(f"backtest.{code}") else code
            )
        elif name in SHARES:
            told = cells.map(lambda v: "—" if pd.isna(v) else f"{v * 100:.1f}%")
        elif name in RATIOS:
            told = cells.map(lambda v: "—" if pd.isna(v) else f"{v:.3f}")
        else:
            told = cells.astype("str")
        key = "coverage_share" if name == "coverage" else name
        shown[say(f"backtest.{key}", lang)] = told
    return pd.DataFrame(shown)
