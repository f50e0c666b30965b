"""Templates, cases and conditions of a mapping."""

import numpy as np

from perflib.data.derive import derive, fill, slots, where

FIELDS = {
    "a": np.array(["001", "503", ""], dtype=object),
    "b": np.array(["201", "222", "41002"], dtype=object),
}


def test_template_with_slices_and_text_around():
    assert fill("x{a}-{b:1:3}.", FIELDS, 3).tolist() == ["x001-01.", "x503-22.", "x-10."]
    assert fill("same", FIELDS, 3).tolist() == ["same"] * 3


def test_conditions():
    assert where({"a": "001"}, FIELDS, 3).tolist() == [True, False, False]
    assert where({"b": ["410*", "222"]}, FIELDS, 3).tolist() == [False, True, True]
    assert where({"a": "001", "b": "201..221"}, FIELDS, 3).tolist() == [True, False, False]
    assert where({"a": ""}, FIELDS, 3).tolist() == [False, False, True]


def test_range_compares_codes_of_one_length_only():
    fields = {"b": np.array(["20", "205", "2051"], dtype=object)}
    assert where({"b": "201..221"}, fields, 3).tolist() == [False, True, False]


def test_first_case_that_holds():
    cases = [{"when": {"a": "001"}, "is": "{b}"}, {"is": "other"}]
    assert derive(cases, FIELDS, 3).tolist() == ["201", "other", "other"]
    assert derive(cases[:1], FIELDS, 3).tolist() == ["201", None, None]


def test_slots():
    assert slots([{"when": {"a": "1"}, "is": "{b:0:3}"}, {"is": "x"}]) == {"a", "b"}
