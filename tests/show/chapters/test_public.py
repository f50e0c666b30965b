"""The public edition of the first half's chapters: no working papers, no rater by name, no small cell."""

import pytest

from perflib.data.book import load_book
from perflib.show.chapters.self_evaluation import self_evaluation_chapter
from tests.show.chapters.conftest import OPTIONS


@pytest.fixture(scope="module")
def public():
    return load_book("sample", edition="public")


@pytest.mark.parametrize("function", [self_evaluation_chapter])
def test_public_edition_holds_back_what_is_not_for_all(public, sample, function):
    chapter = function(public, **OPTIONS, lang="zh")
    page = chapter.page()
    assert not chapter._workbooks
    assert not [rater for rater in sample.table("ratings")["rater"].dropna().unique() if rater in page]
    small = [
        f.id for f in chapter.facts.values() if f.unit == "count" and f.value is not None and 0 < f.value < 5
    ]
    assert not small
