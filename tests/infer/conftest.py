"""Real projects for the tests of inference: Madrid's district programmes at year's end."""

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def madrid_programmes(shared_data):
    """One row per year, district and programme: `numerator` (obligated), `denominator` (final credit)."""
    columns = ["year", "section", "programme", "chapter", "final", "obligated"]
    rows = pd.read_parquet(
        shared_data / "madrid" / "monthly_budget_lines.parquet",
        columns=columns,
        filters=[("month", "==", 12), ("section", ">=", "201"), ("section", "<=", "221")],
    )
    keys = ["year", "section", "programme"]
    table = rows.groupby(keys, as_index=False)[["final", "obligated"]].sum()
    names = {"section": "district", "final": "budget", "obligated": "executed"}
    return table[table["final"] > 0].rename(columns=names).assign(rate=lambda t: t["executed"] / t["budget"])
