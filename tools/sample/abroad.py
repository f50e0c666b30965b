"""A second made-up source, of another kind: budget lines in euro of the districts of a city that isn't there.

It is there to show a study of several sources without any real data. Sample, not real (示例数据).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from tools.sample.chance import stream

FOLDER = "sample-abroad"
YEARS = (2021, 2022, 2023)
DISTRICTS = {"A1": "Old Harbour", "A2": "Mill Hill", "A3": "Riverside", "A4": "Northgate", "A5": "Lakeview"}
OFFICES = ("Streets", "Parks", "Schools", "Sports", "Libraries", "Social care")
KINDS = {"Staff": 0.97, "Supplies": 0.88, "Grants": 0.90, "Works": 0.68}
LINES = 9  # lines of an office in a district


def make_lines() -> pd.DataFrame:
    """One row per district, year and budget line, in euro; the same on every call."""
    names = [
        (code, district, office, kind, number)
        for code, district in DISTRICTS.items()
        for office in OFFICES
        for number in range(1, LINES + 1)
        for kind in [list(KINDS)[(number - 1) % len(KINDS)]]
    ]
    columns = ["code", "district", "office", "kind", "number"]
    rows = pd.DataFrame(names, columns=columns).merge(pd.DataFrame({"year": YEARS}), how="cross")
    rng = stream("abroad")
    size = np.exp(rng.normal(11.2, 1.0, len(rows) // len(YEARS))).repeat(len(YEARS))
    initial = np.round(size * np.exp(rng.normal(0, 0.1, len(rows))), -2)
    final = np.round(
        initial * (1 + np.where(rng.random(len(rows)) < 0.3, rng.normal(0.05, 0.15, len(rows)), 0)), -2
    )
    mean = rows["kind"].map(KINDS).to_numpy() - np.where(rows["code"].eq("A4"), 0.12, 0)
    paid = np.round(final * rng.beta(mean * 18, (1 - mean) * 18), 2)
    line = rows["code"] + "-" + rows["office"].str[:3].str.upper() + rows["number"].astype(str).str.zfill(2)
    name = rows["office"] + ", " + rows["kind"].str.lower() + " " + rows["number"].astype(str)
    return rows.assign(line=line, name=name, initial=initial, final=final, paid=paid)[
        ["code", "district", "year", "office", "kind", "line", "name", "initial", "final", "paid"]
    ]


def write_lines(folder: Path) -> None:
    """Write the lines as a foreign office would: semicolons, decimal commas, one file."""
    folder.mkdir(parents=True, exist_ok=True)
    table = make_lines()
    text = table.to_csv(sep=";", decimal=",", index=False, float_format="%.2f", lineterminator="\n")
    (folder / "lines.csv").write_text(text, "utf-8")
