"""`heat` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.panels import heat


def heat_table(frame, *, row, column, value, unit="share", middle=None, lang, **words):
    """See `perflib.show.plots`."""
    return around(
        heat(frame, y=row, x=column, value=value, unit=unit, middle=middle, lang=lang), lang=lang, **words
    )
