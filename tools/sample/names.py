"""The table `names`: what the sample's names are in English."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from perflib.data.contract import table
from tools.sample.vocabulary import vocabulary

HAN = re.compile(r"[㐀-鿿]")
PHASES = {"二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
OWN = {
    "districts": ["name_zh", "outline"],
    "work_items": ["title", "text"],
}  # these tables have both languages
CODED = ["grade", "level1", "level2"]  # the contract or the rules put them in words


def make_names(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per Chinese name or phrase that a table of the sample holds, with the English one."""
    found: set[str] = set()
    for name, frame in tables.items():
        for column in frame.columns.difference([*OWN.get(name, ()), *CODED]):
            if table(name)[column].kind in ("text", "code"):
                words = frame[column].dropna().astype(str)
                found |= set(words[words.str.contains(HAN)])
    names = sorted(found)
    return pd.DataFrame({"name": names, "name_zh": None, "name_en": [english(name) for name in names]})


def english(name: str) -> str:
    """`name` in English; KeyError where a part of it has none."""
    words = _words()
    if name in words:
        return words[name]
    if name.endswith("本级"):
        return f"{words[name.removesuffix('本级')]}, own office"
    if person := re.fullmatch(r"(专家|代表|委员|问卷)([\d-]+)", name):
        return f"{words[person[1]]} {person[2]}"
    if document := re.fullmatch(r"示例财〔(\d+)〕(\d+)号", name):
        return f"Sample Finance [{document[1]}] No. {document[2]}"
    return _project(name)


def _project(name: str) -> str:
    scopes = "|".join(vocabulary()["scopes"])
    scope, thing, phase = re.fullmatch(rf"({scopes})(.+?)项目(?:（(.)期）)?", name).groups()
    told = f"{_words()[thing]}, {_words()[scope]}"
    return f"{told}, phase {PHASES[phase]}" if phase else told


@cache
def _words() -> dict[str, str]:
    return tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))
