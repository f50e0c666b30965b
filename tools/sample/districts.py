"""The twelve made-up districts."""

import pandas as pd

from tools.sample.outlines import make_outlines
from tools.sample.vocabulary import CITY, vocabulary


def make_districts() -> pd.DataFrame:
    """One row per district, as in the table `districts`."""
    columns = ["district", "name_zh", "name_en", "parent", "population", "area", "revenue"]
    frame = pd.DataFrame(vocabulary()["districts"]).assign(parent=CITY)
    frame = frame.assign(outline=frame["district"].map(make_outlines()).astype("str"))
    return frame[[*columns, "industry_share", "kind", "outline"]].sort_values("district", ignore_index=True)


def district_shape(code: str) -> dict:
    """Number of projects, mix, own shortfall and reform year of one district."""
    return next(d for d in vocabulary()["districts"] if d["district"] == code)
