"""The table `assessment`: departments' marks, worked out from the other tables where these hold the value."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from tools.sample.chance import stream
from tools.sample.vocabulary import HOME

ASSESSED = (2022, 2023)
# Value at which marks start, and value of full marks.
SCALE = {
    "execution_rate": (0.55, 0.98),
    "progress": (0.25, 0.50),
    "adjustment_control": (0.0, 0.95),
    "carry_over": (0.5, 0.97),
    "numeric_targets": (0.5, 1.0),
    "sound_targets": (0.5, 1.0),
    "accepted_first": (0.4, 1.0),
    "mended": (0.0, 1.0),
    "drawn": (0.0, 1.0),
}


def make_assessment(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per department, year and indicator; `tables` holds those that the values come from."""
    menu = tomllib.loads((Path(__file__).parent / "assessment.toml").read_text("utf-8"))["indicator"]
    parts = []
    for year in ASSESSED:
        values = _values(tables, year)
        for spec in menu:
            if str(year) in spec["weight"]:
                parts.append(_marked(spec, year, values))
    columns = ["district", "year", "department", "indicator", "phase", "orientation", "is_new", "weight"]
    frame = pd.concat(parts, ignore_index=True).assign(district=HOME)
    frame["base_count"] = frame["base_count"].astype("Int64")
    frame = frame[[*columns, "max_score", "value", "score", "base_count"]]
    return frame.sort_values(["year", "department", "indicator"], ignore_index=True)


def _marked(spec: dict, year: int, values: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One indicator of one year: value, marks between its two ends, cases behind it."""
    source, weight = spec["source"], spec["weight"][str(year)]
    homes = values["execution_rate"].index
    if source == "drawn":
        rng = stream("assessment", spec["name"], year)
        value = np.clip(rng.normal(spec["level"], 0.05, len(homes)), 0.5, 1).round(3)
        found = pd.DataFrame({"value": value, "base_count": pd.NA}, index=homes)
    else:
        found = values[source].reindex(homes)
    low, high = SCALE[source]
    share = ((found["value"] - low) / (high - low)).clip(0, 1).fillna(1.0)
    return pd.DataFrame(
        {
            **{"year": year, "department": homes, "indicator": spec["name"], "phase": spec["phase"]},
            **{"orientation": spec["orientation"][str(year)], "is_new": "2022" not in spec["weight"]},
            **{
                "weight": float(weight),
                "max_score": float(weight),
                "value": found["value"].round(4).to_numpy(),
            },
            **{"score": (share * weight).round(2).to_numpy(), "base_count": found["base_count"].to_numpy()},
        }
    )


def _values(tables: dict[str, pd.DataFrame], year: int) -> dict[str, pd.DataFrame]:
    """Value and number of cases by department for every source that the tables hold."""
    projects = tables["projects"]
    rows = projects[
        (projects["year"] == year) & (projects["district"] == HOME) & (projects["class"] == "specific")
    ]
    home = (
        projects[projects["district"] == HOME]
        .drop_duplicates("project", keep="last")
        .set_index("project")["department"]
    )
    return {
        **_money(rows, tables["progress"]),
        **_targets(tables["indicators"], year, home),
        "accepted_first": _first_time(tables["evaluations"], year - 1, home),
        "mended": _mended(tables["findings"], year),
    }


def _money(rows: pd.DataFrame, progress: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Execution, half-year progress, steadiness of the budget and small leftovers, by department."""
    half = progress[(progress["month"] == 6) & (progress["year"] == rows["year"].iloc[0])].set_index(
        "project"
    )
    rows = rows.assign(
        moved=(rows["adjusted_budget"] - rows["initial_budget"] - rows["carried_in"]).abs(),
        left=rows["carried_over"] + rows["lapsed"],
        june=rows["project"].map(half["executed"]),
        june_budget=rows["project"].map(half["adjusted_budget"]),
    )
    sums = rows.groupby("department")[
        ["initial_budget", "adjusted_budget", "executed", "moved", "left", "june", "june_budget"]
    ].sum()
    n = rows.groupby("department").size()
    return {
        "execution_rate": _frame(sums["executed"] / sums["adjusted_budget"], n),
        "progress": _frame(sums["june"] / sums["june_budget"], n),
        "adjustment_control": _frame(1 - (sums["moved"] / sums["initial_budget"]).clip(0, 1), n),
        "carry_over": _frame(1 - sums["left"] / sums["adjusted_budget"], n),
    }


def _targets(indicators: pd.DataFrame, year: int, home: pd.Series) -> dict[str, pd.DataFrame]:
    """Share of indicators with a number, and share that is also sound: a unit and a stated basis."""
    rows = indicators[(indicators["year"] == year) & (indicators["subject_kind"] == "project")]
    rows = rows.assign(department=rows["subject"].map(home), number=rows["target_initial"].notna())
    rows["sound"] = rows["number"] & rows["unit"].notna() & rows["basis"].notna()
    by = rows.groupby("department")
    return {
        "numeric_targets": _frame(by["number"].mean(), by.size()),
        "sound_targets": _frame(by["sound"].mean(), by.size()),
    }


def _first_time(evaluations: pd.DataFrame, year: int, home: pd.Series) -> pd.DataFrame:
    """Share of self-evaluations accepted the first time."""
    rows = evaluations[
        (evaluations["kind"] == "self") & (evaluations["year"] == year) & (evaluations["round"] == 1)
    ]
    by = (rows["status"] == "accepted").groupby(rows["subject"].map(home))
    return _frame(by.mean(), by.size())


def _mended(findings: pd.DataFrame, year: int) -> pd.DataFrame:
    """Share of findings due this year that were closed in time."""
    rows = findings[findings["due_on"].dt.year == year]
    by = (rows["closed_on"] <= rows["due_on"]).groupby(rows["responsible"])
    return _frame(by.mean(), by.size())


def _frame(value: pd.Series, n: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"value": value, "base_count": n})
