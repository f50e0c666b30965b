"""`scatter` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.points import scatter


def scatter_band(frame, *, x, y, x_label, y_label, band=0.10, label=None, lang, **words):
    """See `perflib.show.plots`."""
    return around(
        scatter(frame, x=x, y=y, label=label, band=band, labels=(x_label, y_label), lang=lang),
        lang=lang,
        **words,
    )
