"""`histogram` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.spread import histogram


def rates_histogram(frame, *, column, lang, **words):
    """See `perflib.show.plots`."""
    return around(histogram(frame, x=column, unit="share", lang=lang), lang=lang, **words)
