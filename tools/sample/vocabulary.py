"""Names and shapes that the sample is made from, read from `vocabulary.toml`."""

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

YEARS = (2019, 2020, 2021, 2022, 2023)
HOME = "330199"
CITY = "示例市"


@cache
def vocabulary() -> dict:
    """Everything in `vocabulary.toml`."""
    return tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text("utf-8"))


@cache
def policies() -> pd.DataFrame:
    """One row per policy with its department, section, function, category and weight."""
    words = vocabulary()
    frame = pd.DataFrame([{"policy": name, **p} for name, p in words["policies"].items()])
    homes = pd.DataFrame([{"department": n, **d} for n, d in words["departments"].items()])
    return frame.merge(homes, on="department", validate="many_to_one")


@cache
def categories() -> pd.DataFrame:
    """One row per spending category: class, size, share fully spent, shortfall, share carried over."""
    return pd.DataFrame.from_dict(vocabulary()["categories"], orient="index").rename_axis("category")


def say(key: str, lang: str) -> str:
    """Sentence `key` of `words.toml` in `lang`, "zh" or "en"."""
    return _words()[key][lang]


@cache
def _words() -> dict:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
