"""Departments that changed their name are known by the functions they keep."""

import pandas as pd

from perflib.data.lineage import find_renamed


def projects(**names: str) -> pd.DataFrame:
    rows = [
        ("d", int(y[1:]), n.split(":")[0], f)
        for y, text in names.items()
        for n in text.split()
        for f in n.split(":")[1]
    ]
    return pd.DataFrame(rows, columns=["district", "year", "department", "function"])


def test_new_name_with_the_same_functions():
    frame = projects(y2021="parks:abc roads:de", y2022="gardens:abx roads:de")
    assert find_renamed(frame, least=0.5).values.tolist() == [["parks", "gardens", 2022]]  # 2 of 4 functions
    assert find_renamed(frame, least=0.51).empty


def test_name_that_goes_on_is_never_renamed():
    assert find_renamed(projects(y2021="parks:abc", y2022="parks:abc gardens:abc"), least=0.5).empty


def test_best_partner_wins_and_serves_once():
    frame = projects(y2021="a:klmn b:klm", y2022="c:klmn")
    assert find_renamed(frame, least=0.5).values.tolist() == [["a", "c", 2022]]


def test_first_and_last_year_give_nothing():
    assert find_renamed(projects(y2021="a:k"), least=0.5).empty
