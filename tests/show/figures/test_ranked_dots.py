"""Dots in order of their values, or of the rows where the order means something."""

import pandas as pd

from perflib.show.figures.ranked_dots import ranked_dots

FRAME = pd.DataFrame({"label": ["2019 a", "2019 b", "2020 a"], "value": [1.0, 3.0, 2.0]})
WORDS = {"title": "t", "subtitle": "s", "source": "q", "lang": "en", "unit": "score"}


def _names(**options) -> list[str]:
    chart = ranked_dots(FRAME, label="label", value="value", **WORDS, **options)
    texts = [t.get_text() for t in chart.figure.axes[0].get_yticklabels()]
    return [t for t in texts if t]


def test_rows_are_ranked_unless_told_otherwise():
    assert _names() == ["2019 b", "2020 a", "2019 a"]
    assert _names(is_ranked=False) == ["2019 a", "2019 b", "2020 a"]


def test_the_alternative_text_names_highest_and_lowest_in_any_order():
    alts = {
        ranked_dots(FRAME, label="label", value="value", is_ranked=r, **WORDS).alt_text for r in (True, False)
    }
    assert len(alts) == 1
    assert alts.pop().index("2019 b") >= 0
