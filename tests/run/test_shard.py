import pytest
from hypothesis import given
from hypothesis import strategies as st

from perflib.data.errors import ArgumentError
from perflib.run.many import parse_shard, share


@given(st.lists(st.integers()), st.integers(1, 9))
def test_shares_are_all_and_none_twice(items, count):
    shares = [share(items, (place, count)) for place in range(1, count + 1)]
    assert sorted(item for part in shares for item in part) == sorted(items)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
def test_a_wrong_shard_is_refused(text):
    with pytest.raises(ArgumentError, match="i/n") as caught:
        parse_shard(text)
    assert text in caught.value.sentence("zh")
