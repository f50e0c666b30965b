"""Madrid's months as long frames with perflib's columns, for benchmarks and tests that have the files."""

from pathlib import Path

import numpy as np
import pandas as pd

NAMES = {
    "initial": "initial_budget",
    "final": "adjusted_budget",
    "obligated": "executed",
    "authorised": "authorised",
    "committed": "committed",
}
UNIT = ["center", "section", "programme", "chapter"]
FAMILY = ["family", "programme", "chapter"]
PEERS = [["family", "chapter"], ["is_district", "programme", "chapter"], ["is_district", "chapter"]]


def read_units(folder: Path) -> pd.DataFrame:
    """Budget units (section × programme × chapter): one row per year, month and economic line."""
    columns = ["year", "month", *UNIT, *NAMES]
    lines = pd.read_parquet(folder / "monthly_budget_lines.parquet", columns=columns).rename(columns=NAMES)
    is_district = (lines["center"] == "001") & lines["section"].between("201", "221")
    # A district keeps its section; elsewhere sections are renamed at each change of government,
    # and a programme goes on under another one.
    family = lines["center"].where(~is_district, "D" + lines["section"])
    return lines.assign(
        chapter=lines["chapter"].astype("str"),
        is_district=is_district,
        family=family,
        type=np.where(is_district, "district-", "city-") + lines["chapter"].astype("str"),
    )


def read_investments(folder: Path) -> pd.DataFrame:
    """Investment projects: one row per year, month, project and line of its budget."""
    columns = ["year", "month", "section", "programme", "project_id", "line_code", *NAMES]
    lines = pd.read_parquet(folder / "monthly_investment_projects.parquet", columns=columns).rename(
        columns=NAMES
    )
    first = lines.drop_duplicates("project_id").set_index("project_id")
    return lines.rename(columns={"project_id": "project"}).assign(
        type=lines["project_id"].map(first["line_code"]).astype("str"),
        area=lines["project_id"].map(first["section"]).astype("str"),
    )
