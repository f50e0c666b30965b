"""Which projects each stage of a work year looks at, what they owe and what they have."""

from collections.abc import Mapping

import pandas as pd

from perflib.data.rules import Rules
from perflib.measure.calendar import judged_year
from perflib.measure.coverage import STAGES, stage_coverage

NEEDED = {"appraisal": "appraisals", "targets": "indicators", "monitoring": "progress"}


def stage_year(stage: str, rules: Rules, work_year: int) -> int:
    """The budget year that `stage` judges; appraisals of a work year are for the next budget."""
    year = judged_year(rules, stage, work_year)
    return work_year + 1 if year is None else year


def stage_rows(tables: Mapping[str, pd.DataFrame], rules: Rules, work_year: int) -> dict[str, pd.DataFrame]:
    """Per stage its rows of `stage_coverage`; a stage without a table of its own, or without projects, is left out."""
    years = {
        stage: stage_year(stage, rules, work_year)
        for stage in STAGES
        if NEEDED.get(stage, "evaluations") in tables
    }
    found = {year: _year_rows(tables, rules, year) for year in sorted(set(years.values()))}
    rows = {stage: found[year][found[year]["duty"] == stage] for stage, year in years.items()}
    return {stage: own for stage, own in rows.items() if len(own)}


def _year_rows(tables: Mapping[str, pd.DataFrame], rules: Rules, year: int) -> pd.DataFrame:
    projects = tables["projects"]
    return stage_coverage(projects[projects["year"] == year], _catalogue_of(tables, year), tables, rules)


def _catalogue_of(tables: Mapping[str, pd.DataFrame], year: int) -> pd.DataFrame | None:
    """The catalogue, if it speaks of `year`; without it what is owed is unknown, and nothing fails."""
    catalogue = tables.get("catalogue")
    return catalogue if catalogue is not None and (catalogue["year"] == year).any() else None
