"""`scores` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.spread import scores


def score_histogram(frame, *, column, marks, ceiling=100.0, lang, **words):
    """See `perflib.show.plots`."""
    return around(scores(frame, x=column, marks=marks, full=ceiling, lang=lang), lang=lang, **words)
