"""`histogram` of `perflib.show.plots` for scores, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.spread import histogram


def score_histogram(frame, *, column, marks, ceiling=100.0, lang, **words):
    """See `perflib.show.plots`."""
    options = {"full": ceiling, "high": ceiling, "marks": marks, "unit": "score"}
    return around(histogram(frame, x=column, lang=lang, **options), lang=lang, **words)
