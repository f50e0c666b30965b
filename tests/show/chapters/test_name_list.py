"""Names in a sentence: one way for every chapter."""

from perflib.show.chapters.name_list import MOST_TOLD, join_names


def test_few_names_are_told_and_many_are_counted():
    names = [f"d{i}" for i in range(MOST_TOLD + 1)]
    assert join_names(names[:MOST_TOLD], "en") == "d0, d1, d2, d3, d4 and d5"
    assert join_names(names, "en") == "7 districts" and join_names(names, "zh") == "7个区县"
    assert join_names(names * 200, "en") == "7 districts"  # a name that comes twice is told once
    assert join_names([f"d{i}" for i in range(2843)], "en") == "2,843 districts"


def test_one_name_stands_alone_and_none_gives_nothing():
    assert join_names(["a"], "en") == "a" and join_names([], "zh") is None
