import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.whole import safe_name


@pytest.mark.parametrize(
    "name", ["城东区-2023", "Chamartín-2022", "a.b", "330199-2023", "Culture, Tourism and Sport"]
)
def test_a_harmless_name_stays(name):
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name", ["../etc", "<script>alert(1)</script>", "=1+1", "..", "", "con", "a/b", "a\\b", "-rf"]
)
def test_a_harmful_name_becomes_harmless(name):
    found = safe_name(name)
    assert found not in ("", ".", "..", name)
    assert not set(found) & set('/\\<>:"|?*=\0 ')
    assert found[0] not in "-=."


@given(st.text())
def test_every_name_is_one_part_of_a_path(name):
    found = safe_name(name)
    assert 0 < len(found.encode()) <= 255
    assert "/" not in found
    assert ".." not in found


@given(st.text(), st.text())
def test_two_names_never_share_a_file(one, other):
    assert one == other or safe_name(one) != safe_name(other)
