"""Who organised an evaluation: the district itself, or the city above it."""

import pandas as pd


def own_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The rows that the district organised itself; what the city evaluated is compared with them elsewhere.

    A row that does not tell its level is the district's own.
    """
    return evaluations[~_by_city(evaluations)]


def city_evaluations(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The rows that the city organised."""
    return evaluations[_by_city(evaluations)]


def _by_city(evaluations: pd.DataFrame) -> pd.Series:
    if "level" not in evaluations:
        return pd.Series(False, index=evaluations.index)
    return (evaluations["level"] == "city").fillna(False).astype(bool)
