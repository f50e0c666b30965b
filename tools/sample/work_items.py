"""The table `work_items`: written by hand in `work_items.toml`; the reform's dates for every district."""

import tomllib
from pathlib import Path

import pandas as pd

from perflib.data.contract import table
from tools.sample.vocabulary import HOME, vocabulary

REFORM = {
    "stage": "general",
    "kind": "reform",
    "title": "绩效结果与预算安排挂钩改革",
    "title_en": "Budget allocation tied to performance results",
    "text": "将绩效评价结果与下年度预算安排直接挂钩，并按季通报执行进度。",
    "text_en": "Evaluations decide on next year's allocations; progress is circulated each quarter.",
}


def make_work_items() -> pd.DataFrame:
    """One row per piece of work, as in the table `work_items`."""
    written = tomllib.loads((Path(__file__).parent / "work_items.toml").read_text("utf-8"))["item"]
    frame = pd.concat([pd.DataFrame(written).assign(district=HOME), _reforms()], ignore_index=True)
    number = (frame.groupby(["district", "year"]).cumcount() + 1).astype(str).str.zfill(2)
    frame["item"] = "G" + frame["year"].astype(str) + number
    for column in ("date", "done_on"):
        frame[column] = pd.to_datetime(frame[column])
    frame["is_first"] = frame["is_first"].astype("boolean").fillna(False).astype(bool)
    return frame.reindex(columns=list(table("work_items").names)).sort_values(
        ["district", "year", "item"], ignore_index=True
    )


def _reforms() -> pd.DataFrame:
    """When each district tied money to results; some never did."""
    rows = [(d["district"], d["reform"]) for d in vocabulary()["districts"] if "reform" in d]
    frame = pd.DataFrame(rows, columns=["district", "year"]).assign(**REFORM)
    return frame.assign(date=frame["year"].astype(str) + "-01-01", is_first=True)
